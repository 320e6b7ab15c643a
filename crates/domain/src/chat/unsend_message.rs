//! A message taken back.

use entity::{message, reaction};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use wire::MessageId;
use wire::live::ServerFrame;

use super::stored_message::StoredMessage;
use super::{ChatError, key_of};
use crate::limits::Limit;
use crate::search::index_changed_message;
use crate::{Caller, Services, clock, tx::Tx};

/// Takes the caller's message back, whenever it was written. Its text and its reactions are gone from
/// the database; its number stays, so that nobody sees a hole. Doing it again changes nothing.
///
/// # Errors
/// [`ChatError::NotFound`] for a message the caller cannot read, [`ChatError::Forbidden`] for somebody
/// else's.
pub async fn unsend_message(
    services: &Services,
    caller: &Caller,
    id: MessageId,
) -> Result<(), ChatError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let stored = StoredMessage::find(&tx, caller, id).await?;
    stored.is_own()?;
    if stored.row.unsent_at.is_some() {
        return Ok(());
    }
    wipe(&tx, id).await?;
    index_changed_message(&tx, id.0).await?;
    stored.count_change(&tx).await?;
    let frame = ServerFrame::MessageUnsent {
        conversation_id: key_of(wire::ConversationId(stored.row.conversation_id)),
        message_id: id,
        seq: stored.row.seq,
    };
    let message = stored.read_again(&tx).await?;
    stored.tell_changed(&mut tx, &frame, &message);
    Ok(tx.commit_or_find_out(services).await?)
}

async fn wipe(tx: &Tx<'_>, id: MessageId) -> Result<(), ChatError> {
    message::Entity::update_many()
        .col_expr(message::Column::Content, Expr::value(""))
        .col_expr(message::Column::UnsentAt, Expr::value(clock::now().0))
        .filter(message::Column::Id.eq(id.0))
        .exec(tx.rows())
        .await?;
    let of_it = reaction::Column::MessageId.eq(id.0);
    reaction::Entity::delete_many().filter(of_it).exec(tx.rows()).await?;
    Ok(())
}
