//! Who has read how far.

use entity::message;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use wire::conversations::SeenBy;
use wire::{ConversationId, MessageId, UserId};

use super::ChatError;
use super::conversation_view::exchanges_receipts;
use super::talks::{Place, blocks_of, talk};
use crate::{Caller, Services};

/// How far each other member has read, of those with whom the caller exchanges receipts. Empty while a
/// request waits.
///
/// # Errors
/// [`ChatError::NotFound`] for a conversation that the caller does not belong to.
pub async fn receipts(
    services: &Services,
    caller: &Caller,
    id: ConversationId,
) -> Result<Vec<SeenBy>, ChatError> {
    let rows = &services.store.read;
    let talk = talk(rows, id).await?;
    let own = talk.reader(caller.user_id)?;
    if talk.is_pending() {
        return Ok(Vec::new());
    }
    let blocks = blocks_of(rows, caller.user_id).await?;
    let shown = |place: &&Place| {
        place.account != own.account
            && exchanges_receipts(own, place)
            && !blocks.between(own.account, place.account)
    };
    let seen = |place: &Place| SeenBy { user: place.author(), last_read_seq: place.last_read_seq };
    Ok(talk.active().filter(shown).map(seen).collect())
}

/// Who has seen a message, its author and the caller left out.
///
/// # Errors
/// [`ChatError::NotFound`] for a message that is not in a conversation of the caller's.
pub async fn seen_by(
    services: &Services,
    caller: &Caller,
    id: ConversationId,
    message: MessageId,
) -> Result<Vec<SeenBy>, ChatError> {
    let mut receipts = receipts(services, caller, id).await?;
    let (seq, author) = place_and_author(services, id, message).await?;
    receipts.retain(|receipt| receipt.last_read_seq >= seq && receipt.user.id != author);
    Ok(receipts)
}

/// As [`seen_by`], where only the message is known.
///
/// # Errors
/// As [`seen_by`]; so too for a message of the global room, where nobody tells how far they have read.
pub async fn readers_of(
    services: &Services,
    caller: &Caller,
    message: MessageId,
) -> Result<Vec<SeenBy>, ChatError> {
    let row = message::Entity::find_by_id(message.0).one(&services.store.read).await?;
    let id = ConversationId(row.ok_or(ChatError::NotFound)?.conversation_id);
    seen_by(services, caller, id, message).await
}

async fn place_and_author(
    services: &Services,
    id: ConversationId,
    message: MessageId,
) -> Result<(i64, UserId), ChatError> {
    let row = message::Entity::find_by_id(message.0)
        .filter(message::Column::ConversationId.eq(id.0))
        .one(&services.store.read)
        .await?
        .ok_or(ChatError::NotFound)?;
    Ok((row.seq, UserId(row.sender_id)))
}
