//! A group's name.

use entity::conversation;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use wire::ConversationId;
use wire::conversations::Role;

use super::ChatError;
use super::conversation_broadcasts::tell_renamed;
use super::group_rules::{group_for, title_of};
use crate::limits::Limit;
use crate::{Caller, Services, tx::Tx};

/// Gives the group another name; its members are told.
///
/// # Errors
/// A name that is none, [`ChatError::NotFound`] for somebody else's group, [`ChatError::Forbidden`]
/// without the role of an admin.
pub async fn rename_group(
    services: &Services,
    caller: &Caller,
    id: ConversationId,
    title: &str,
) -> Result<(), ChatError> {
    let title = title_of(title)?;
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let (group, _) = group_for(&tx, caller, id, Role::Admin).await?;
    if group.title.as_deref() == Some(title) {
        return Ok(());
    }
    conversation::Entity::update_many()
        .col_expr(conversation::Column::Title, Expr::value(title))
        .filter(conversation::Column::Id.eq(id.0))
        .exec(tx.rows())
        .await?;
    tell_renamed(&mut tx, &group, title, caller.user_id);
    Ok(tx.commit().await?)
}
