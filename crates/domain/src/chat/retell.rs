//! Telling again what was told when it was written, for sockets that could not hear it then.

use std::collections::BTreeSet;

use realtime::Place;
use wire::ConversationId;
use wire::chat::Message;

use super::broadcasts::tell_new_message;
use super::conversation_broadcasts::tell_message;
use super::talks::{Talk, blocks_among, talks};
use super::{ChatError, conversation_of};
use crate::tx::Tx;

/// Tells stored messages of one conversation, as their writing did.
///
/// # Errors
/// Where the database does not answer.
pub(crate) async fn tell_stored_messages(
    tx: &mut Tx<'_>,
    conversation: ConversationId,
    messages: &[Message],
) -> Result<(), ChatError> {
    let found = talks(tx.rows(), &BTreeSet::from([conversation])).await?;
    let talk = found.get(&conversation);
    let pair = talk.filter(|talk| talk.is_direct()).map(Talk::accounts);
    let blocks = blocks_among(tx.rows(), pair.unwrap_or_default()).await?;
    for message in messages {
        tx.stand_at(Some(place_of(message)));
        match talk {
            Some(talk) => tell_message(tx, talk, &blocks, message),
            None => tell_new_message(tx, message),
        }
    }
    tx.stand_at(None);
    Ok(())
}

/// Where a message stands among those of its conversation.
pub(super) fn place_of(message: &Message) -> Place {
    let series = conversation_of(message.conversation_id).0.as_u128();
    Place { series, number: message.seq }
}
