//! Other words for one's own message.

use entity::message;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use wire::chat::{Message, message_content};
use wire::conversations::EDIT_WINDOW_MILLIS;
use wire::live::ServerFrame;
use wire::{MessageId, UnixMillis};

use super::ChatError;
use super::stored_message::StoredMessage;
use super::tell_named::tell_named;
use crate::limits::Limit;
use crate::search::index_changed_message;
use crate::{Caller, Services, clock, tx::Tx};

/// Changes the text of the caller's message within a day of its writing; those who can read it are
/// told. The same text again changes nothing.
///
/// # Errors
/// A text that cannot be a message, [`ChatError::NotFound`] for a message the caller cannot read,
/// [`ChatError::Forbidden`] for somebody else's, [`ChatError::EditTooLate`], [`ChatError::Unsent`],
/// [`ChatError::CannotMessage`] across a block, or too many at once.
pub async fn edit_message(
    services: &Services,
    caller: &Caller,
    id: MessageId,
    content: &str,
) -> Result<Message, ChatError> {
    let limit = services.settings.message_max_length;
    let content = message_content(content, limit).map_err(ChatError::Content)?;
    services.limits.check(Limit::Messages, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let stored = StoredMessage::find(&tx, caller, id).await?;
    stored.is_own()?;
    stored.may_touch()?;
    in_time(&stored, clock::now())?;
    if stored.row.content == content {
        return stored.read_again(&tx).await;
    }
    message::Entity::update_many()
        .col_expr(message::Column::Content, Expr::value(content))
        .col_expr(message::Column::EditedAt, Expr::value(clock::now().0))
        .filter(message::Column::Id.eq(id.0))
        .exec(tx.rows())
        .await?;
    index_changed_message(&tx, id.0).await?;
    stored.count_change(&tx).await?;
    let message = stored.read_again(&tx).await?;
    stored.tell_changed(
        &mut tx,
        &ServerFrame::MessageEdited { message: message.clone() },
        &message,
    );
    tell_named(&mut tx, stored.talk(), &message, &stored.row.content).await?;
    tx.commit_or_find_out(services).await?;
    Ok(message)
}

fn in_time(stored: &StoredMessage, now: UnixMillis) -> Result<(), ChatError> {
    let age = now.0.saturating_sub(stored.row.created_at);
    if age > EDIT_WINDOW_MILLIS { Err(ChatError::EditTooLate) } else { Ok(()) }
}
