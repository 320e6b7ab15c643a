//! How far somebody has read.

use entity::{conversation, membership, message};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;
use wire::conversations::UpTo;
use wire::{ConversationKey, MessageId};

use super::broadcasts::tell_read;
use super::{ChatError, conversation_of};
use crate::{Caller, Services, tx::Tx};

/// Moves the caller's mark forward to `up_to`, or to the end; it never moves back. Their other
/// devices are told.
///
/// # Errors
/// [`ChatError::NotFound`] for a conversation that the caller does not belong to.
pub async fn mark_read(
    services: &Services,
    caller: &Caller,
    key: ConversationKey,
    up_to: Option<UpTo>,
) -> Result<(), ChatError> {
    let id = conversation_of(key).0;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let place = membership::Entity::find_by_id((id, caller.user_id.0)).one(tx.rows()).await?;
    let place = place.filter(|row| row.state == "active").ok_or(ChatError::NotFound)?;
    let conversation = conversation::Entity::find_by_id(id).one(tx.rows()).await?;
    let last_seq = conversation.ok_or(ChatError::NotFound)?.last_seq;
    let seq = wanted(&tx, id, up_to, last_seq).await?.clamp(0, last_seq);
    if seq <= place.last_read_seq {
        return Ok(());
    }
    // Another device may have moved it between the look and now.
    let moved = membership::Entity::update_many()
        .col_expr(membership::Column::LastReadSeq, Expr::value(seq))
        .filter(membership::Column::ConversationId.eq(id))
        .filter(membership::Column::AccountId.eq(caller.user_id.0))
        .filter(membership::Column::LastReadSeq.lt(seq))
        .exec(tx.rows())
        .await?;
    if moved.rows_affected > 0 {
        tell_read(&mut tx, key, caller.user_id, seq, seq - place.last_read_seq);
    }
    Ok(tx.commit().await?)
}

async fn wanted(
    tx: &Tx<'_>,
    conversation: Uuid,
    up_to: Option<UpTo>,
    last_seq: i64,
) -> Result<i64, ChatError> {
    match up_to {
        None => Ok(last_seq),
        Some(UpTo::Seq(seq)) => Ok(seq),
        Some(UpTo::Message(id)) => place_of(tx.rows(), conversation, id).await,
    }
}

/// The number of a message of this conversation.
pub(super) async fn place_of(
    rows: &impl sea_orm::ConnectionTrait,
    conversation: Uuid,
    id: MessageId,
) -> Result<i64, ChatError> {
    let row = message::Entity::find_by_id(id.0)
        .filter(message::Column::ConversationId.eq(conversation))
        .one(rows)
        .await?;
    Ok(row.ok_or(ChatError::NotFound)?.seq)
}
