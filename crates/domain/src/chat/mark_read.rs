//! How far somebody has read.

use entity::{membership, message};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;
use wire::conversations::UpTo;
use wire::{ConversationKey, MessageId};

use super::broadcasts::tell_read;
use super::conversation_broadcasts::tell_read_here;
use super::own_place::OwnPlace;
use super::talks::{blocks_of, talk};
use super::{ChatError, conversation_of};
use crate::limits::Limit;
use crate::{Caller, Services, tx::Tx};

/// Moves the caller's mark forward to `up_to`, or to the end; it never moves back. Their other
/// devices are told, and those with whom they exchange receipts.
///
/// # Errors
/// [`ChatError::NotFound`] for a conversation that the caller does not belong to, or a message that is
/// not in it.
pub async fn mark_read(
    services: &Services,
    caller: &Caller,
    key: ConversationKey,
    up_to: Option<UpTo>,
) -> Result<(), ChatError> {
    // Most marks say what is known: they must not queue for the one writer.
    let known = OwnPlace::of(&services.store.read, caller, key).await?;
    let seq = wanted(&services.store.read, &known, up_to).await?.clamp(0, known.last_seq);
    if seq <= known.row.last_read_seq && known.row.unread_from_seq.is_none() {
        return Ok(());
    }
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let mut place = OwnPlace::of(tx.rows(), caller, key).await?;
    let was_unread = place.unread();
    let has_moved = move_mark(&tx, &mut place, seq).await?;
    let was_marked = take_back_marks(&tx, &mut place, seq).await?;
    let count = was_unread - place.unread();
    if has_moved {
        tell_mark(&mut tx, caller, key, seq, count).await?;
    } else if was_marked {
        place.tell_state(&mut tx, caller);
    }
    Ok(tx.commit_or_find_out(services).await?)
}

/// Shows the caller's conversation as unread from `from` on. What others know of how far the caller
/// has read stays as it is.
///
/// # Errors
/// As [`mark_read`].
pub async fn mark_unread(
    services: &Services,
    caller: &Caller,
    key: ConversationKey,
    from: UpTo,
) -> Result<(), ChatError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let mut place = OwnPlace::of(tx.rows(), caller, key).await?;
    let from = wanted(tx.rows(), &place, Some(from)).await?;
    if place.last_seq == 0 {
        return Ok(());
    }
    place.row.unread_from_seq = Some(from.clamp(1, place.last_seq));
    place.set(&tx, membership::Column::UnreadFromSeq, place.row.unread_from_seq).await?;
    place.tell_state(&mut tx, caller);
    Ok(tx.commit_or_find_out(services).await?)
}

/// Whether the mark moved. Another device may have moved it between the look and now.
async fn move_mark(tx: &Tx<'_>, place: &mut OwnPlace, seq: i64) -> Result<bool, ChatError> {
    if seq <= place.row.last_read_seq {
        return Ok(false);
    }
    let moved = place
        .update()
        .col_expr(membership::Column::LastReadSeq, Expr::value(seq))
        .filter(membership::Column::LastReadSeq.lt(seq))
        .exec(tx.rows())
        .await?;
    place.row.last_read_seq = seq;
    Ok(moved.rows_affected > 0)
}

/// Reading past what was marked as unread takes that mark back, as far as was read.
async fn take_back_marks(tx: &Tx<'_>, place: &mut OwnPlace, seq: i64) -> Result<bool, ChatError> {
    let Some(_) = place.row.unread_from_seq.filter(|from| *from <= seq) else { return Ok(false) };
    place.row.unread_from_seq = Some(seq + 1).filter(|from| *from <= place.row.last_read_seq);
    place.set(tx, membership::Column::UnreadFromSeq, place.row.unread_from_seq).await?;
    Ok(true)
}

async fn tell_mark(
    tx: &mut Tx<'_>,
    caller: &Caller,
    key: ConversationKey,
    seq: i64,
    count: i64,
) -> Result<(), ChatError> {
    if key == ConversationKey::Global {
        tell_read(tx, key, caller.user_id, seq, count);
        return Ok(());
    }
    let talk = talk(tx.rows(), conversation_of(key)).await?;
    let blocks = blocks_of(tx.rows(), caller.user_id).await?;
    let reader = talk.reader(caller.user_id)?;
    tell_read_here(tx, &talk, &blocks, reader, seq, count);
    Ok(())
}

async fn wanted(
    rows: &impl ConnectionTrait,
    place: &OwnPlace,
    up_to: Option<UpTo>,
) -> Result<i64, ChatError> {
    match up_to {
        None => Ok(place.last_seq),
        Some(UpTo::Seq(seq)) => Ok(seq),
        Some(UpTo::Message(id)) => place_of(rows, place.row.conversation_id, id).await,
    }
}

/// The number of a message of this conversation.
pub(super) async fn place_of(
    rows: &impl ConnectionTrait,
    conversation: Uuid,
    id: MessageId,
) -> Result<i64, ChatError> {
    let row = message::Entity::find_by_id(id.0)
        .filter(message::Column::ConversationId.eq(conversation))
        .one(rows)
        .await?;
    Ok(row.ok_or(ChatError::NotFound)?.seq)
}
