//! A new community.

use sea_orm::Value;
use wire::CommunityId;
use wire::activity::Measure;
use wire::communities::{Community, CommunityForm, CommunityRole, Deed};

use super::CommunityError;
use super::acts::note;
use super::lists::community;
use super::naming::{checked, name_key, slugs};
use super::rows::{execute, number, seat};
use crate::activity::earn;
use crate::limits::Limit;
use crate::search::index_community;
use crate::{Caller, Services, clock, tx::Tx};

/// Makes a community of the caller, who owns it. Its address comes from its name.
///
/// # Errors
/// [`CommunityError::Invalid`] with the field, [`CommunityError::NameTaken`], or too many at once.
pub async fn create(
    services: &Services,
    caller: &Caller,
    form: &CommunityForm,
) -> Result<Community, CommunityError> {
    let form = checked(form)?;
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    services.limits.check(Limit::Beginnings, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let id = CommunityId::new();
    let slug = insert(&tx, caller, id, &form).await?;
    seat(&tx, id, caller.user_id, "active", CommunityRole::Owner).await?;
    note(&tx, id, caller, Deed::Created, None, "").await?;
    index_community(&tx, id.0).await?;
    earn(&mut tx, caller.user_id, Measure::Communities).await?;
    tx.commit().await?;
    community(services, Some(caller), &slug).await
}

/// The first address that is nobody's. Whoever takes one at the same moment is waited for, by the index.
async fn insert(
    tx: &Tx<'_>,
    caller: &Caller,
    id: CommunityId,
    form: &CommunityForm,
) -> Result<String, CommunityError> {
    let key = name_key(&form.name);
    for slug in slugs(&form.name, id) {
        if try_insert(tx, caller, id, form, [&key, &slug]).await? {
            return Ok(slug);
        }
        let sql = "SELECT COUNT(*) AS n FROM community WHERE name_key = $1";
        if number(tx.rows(), sql, [key.as_str().into()]).await? > 0 {
            return Err(CommunityError::NameTaken);
        }
    }
    Err(CommunityError::NameTaken)
}

async fn try_insert(
    tx: &Tx<'_>,
    caller: &Caller,
    id: CommunityId,
    form: &CommunityForm,
    [key, slug]: [&str; 2],
) -> Result<bool, CommunityError> {
    let sql = "INSERT INTO community (id, name, name_key, slug, description, rules, created_by, \
         is_private, slow_mode_seconds, members_count, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10) ON CONFLICT DO NOTHING";
    let values: [Value; 10] = [
        id.0.into(),
        form.name.as_str().into(),
        key.into(),
        slug.into(),
        form.description.as_str().into(),
        form.rules.as_str().into(),
        caller.user_id.0.into(),
        form.is_private.into(),
        form.slow_mode_seconds.into(),
        clock::now().0.into(),
    ];
    Ok(execute(tx.rows(), sql, values).await? == 1)
}
