//! Messages that reach somebody who is not here: the first that waits for them in a conversation is pushed, and
//! then the next one that comes after a while of quiet.

use std::collections::{BTreeMap, BTreeSet};

use wire::chat::Message;
use wire::conversations::Role;
use wire::{ConversationId, UserId};

use super::talks::{Place, Talk};
use super::{ChatError, conversation_of};
use crate::notifications::{QUIET_MS, Waiting, plan_message_pushes};
use crate::{clock, tx::Tx};

/// Plans the pushes of messages that were just stored. `talks` is as it was read before them; in the global room
/// nobody is addressed.
pub(super) async fn plan_pushes(
    tx: &mut Tx<'_>,
    talks: &BTreeMap<ConversationId, Talk>,
    messages: &[Message],
) -> Result<(), ChatError> {
    let mut told = BTreeSet::new();
    let mut waiting = Vec::new();
    for message in messages {
        let Some(talk) = talks.get(&conversation_of(message.conversation_id)) else { continue };
        if !addresses_everybody(talk) {
            continue;
        }
        for place in talk.active().filter(|place| is_addressed(talk, place, message)) {
            if told.insert((talk.id, place.account)) {
                let (conversation, to) = (talk.id, UserId(place.account));
                waiting.push(Waiting { to, conversation, seq: message.seq });
            }
        }
    }
    Ok(plan_message_pushes(tx, &waiting).await?)
}

/// In the room of a community, where nobody is an owner, only who is named is called.
fn addresses_everybody(talk: &Talk) -> bool {
    talk.is_direct() || talk.active().any(|place| place.role == Role::Owner)
}

/// Whether it is the first that waits for them, or comes after so long without a word that they may have forgotten
/// what waits. Nobody is told of what they said themselves, or of a conversation that they have muted.
fn is_addressed(talk: &Talk, place: &Place, message: &Message) -> bool {
    let now = clock::now().0;
    let is_muted = place.muted_until.is_some_and(|until| until > now);
    let had_read = place.unread(message.seq - 1) == 0;
    let is_quiet = now - talk.updated_at > QUIET_MS;
    place.account != message.sender.id.0 && !is_muted && (had_read || is_quiet)
}
