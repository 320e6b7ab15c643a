//! Telling again what was told when it was written, for sockets that could not hear it then.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::message;
use realtime::{Hub, Place};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;
use wire::ConversationId;
use wire::chat::Message;

use super::broadcasts::tell_new_message;
use super::conversation_broadcasts::tell_message;
use super::talks::{Talk, blocks_among, hold_conversation, talks};
use super::{ChatError, conversation_of};
use crate::Store;
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

/// Tells those of `messages` that are stored. What is under way in another transaction is waited for: it
/// holds their conversations until it has ended, either way.
///
/// # Errors
/// Where the database does not answer: then nothing was told.
pub(super) async fn tell_if_stored(
    store: &Store,
    hub: &Hub,
    messages: &[Message],
) -> Result<(), ChatError> {
    let mut conversations = BTreeMap::<ConversationId, Vec<Message>>::new();
    for message in messages {
        let id = conversation_of(message.conversation_id);
        conversations.entry(id).or_default().push(message.clone());
    }
    let mut tx = Tx::begin(store, hub).await?;
    for (conversation, mut messages) in conversations {
        hold_conversation(&tx, conversation.0).await?;
        let stored = stored_among(&tx, &messages).await?;
        messages.retain_mut(|message| match stored.get(&message.id.0) {
            Some(seq) => {
                message.seq = *seq;
                true
            }
            None => false,
        });
        messages.sort_by_key(|message| message.seq);
        tell_stored_messages(&mut tx, conversation, &messages).await?;
    }
    Ok(tx.commit().await?)
}

/// The numbers of those that are stored: where no answer came, nobody has told them yet.
async fn stored_among(tx: &Tx<'_>, messages: &[Message]) -> Result<HashMap<Uuid, i64>, ChatError> {
    let ids = messages.iter().map(|message| message.id.0);
    let columns = [message::Column::Id, message::Column::Seq];
    let query = message::Entity::find().select_only().columns(columns);
    let query = query.filter(message::Column::Id.is_in(ids)).into_tuple();
    Ok(query.all(tx.rows()).await?.into_iter().collect())
}

/// Where a message stands among those of its conversation.
pub(super) fn place_of(message: &Message) -> Place {
    let series = conversation_of(message.conversation_id).0.as_u128();
    Place { series, number: message.seq }
}
