//! What a community is called, says of itself and asks of its members.

use sea_orm::{SqlErr, Value};
use wire::communities::{Community, CommunityChange, CommunityForm, CommunityRight, Deed};

use super::CommunityError;
use super::acts::note;
use super::lists::{community, seen};
use super::naming::{checked, name_key};
use super::rows::{Held, Which, execute, hold};
use crate::chat::rename_room;
use crate::limits::Limit;
use crate::search::index_community;
use crate::{Caller, Services, tx::Tx};

/// Changes what is named; its address stays. Its room is renamed with it.
///
/// # Errors
/// [`CommunityError::NotFound`], [`CommunityError::Forbidden`] for everybody but owner and admins,
/// [`CommunityError::Invalid`] with the field, [`CommunityError::NameTaken`].
pub async fn change(
    services: &Services,
    caller: &Caller,
    slug: &str,
    change: CommunityChange,
) -> Result<Community, CommunityError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let held = hold(&tx, Which::Slug(slug), caller).await?;
    held.permit(CommunityRight::Change)?;
    let before = seen(tx.rows(), Some(caller), slug).await?;
    let form = checked(&merged(before, change))?;
    write(&tx, &held, &form).await?;
    index_community(&tx, held.id.0).await?;
    note(&tx, held.id, caller, Deed::Changed, None, "").await?;
    if let Some(room) = held.room.filter(|_| held.name != form.name) {
        rename_room(&mut tx, room, &form.name, caller.user_id).await?;
    }
    tx.commit().await?;
    community(services, Some(caller), slug).await
}

fn merged(before: Community, change: CommunityChange) -> CommunityForm {
    CommunityForm {
        name: change.name.unwrap_or(before.name),
        description: change.description.unwrap_or(before.description),
        rules: change.rules.unwrap_or(before.rules),
        is_private: change.is_private.unwrap_or(before.is_private),
        slow_mode_seconds: change.slow_mode_seconds.unwrap_or(before.slow_mode_seconds),
    }
}

async fn write(tx: &Tx<'_>, held: &Held, form: &CommunityForm) -> Result<(), CommunityError> {
    let sql = "UPDATE community SET name = $2, name_key = $3, description = $4, rules = $5, \
         is_private = $6, slow_mode_seconds = $7 WHERE id = $1";
    let values: [Value; 7] = [
        held.id.0.into(),
        form.name.as_str().into(),
        name_key(&form.name).into(),
        form.description.as_str().into(),
        form.rules.as_str().into(),
        form.is_private.into(),
        form.slow_mode_seconds.into(),
    ];
    match execute(tx.rows(), sql, values).await {
        Ok(_) => Ok(()),
        Err(error) => match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => Err(CommunityError::NameTaken),
            _ => Err(error.into()),
        },
    }
}
