//! Who is what in a community.

use wire::UserId;
use wire::communities::{CommunityRight, CommunityRole, Deed, Standing};

use super::CommunityError;
use super::acts::note;
use super::rows::{Held, Which, hold, person, set_role, standing};
use crate::limits::Limit;
use crate::{Caller, Services, tx::Tx};

/// Gives a member of a lower role another one below the caller's own. The role of an owner is handed over.
///
/// # Errors
/// [`CommunityError::NotFound`] where they are no member, [`CommunityError::Forbidden`] without the role
/// for it.
pub async fn change_role(
    services: &Services,
    caller: &Caller,
    slug: &str,
    username: &str,
    role: CommunityRole,
) -> Result<(), CommunityError> {
    if role == CommunityRole::Owner {
        return hand_over(services, caller, slug, username).await;
    }
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let tx = Tx::begin(&services.store, &services.hub).await?;
    let held = hold(&tx, Which::Slug(slug), caller).await?;
    let own = held.permit(CommunityRight::GiveRole)?;
    let (who, before) = member(&tx, &held, username).await?;
    if before >= own || role >= own {
        return Err(CommunityError::Forbidden);
    }
    if before == role {
        return Ok(());
    }
    set_role(&tx, held.id, who, role).await?;
    note(&tx, held.id, caller, Deed::GaveRole, Some(who), role.as_str()).await?;
    Ok(tx.commit().await?)
}

/// Makes another member the owner; who was it becomes an admin.
///
/// # Errors
/// [`CommunityError::NotFound`] where they are no member, [`CommunityError::Forbidden`] for everybody but
/// the owner, and for the owner themself.
pub async fn hand_over(
    services: &Services,
    caller: &Caller,
    slug: &str,
    username: &str,
) -> Result<(), CommunityError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let tx = Tx::begin(&services.store, &services.hub).await?;
    let held = hold(&tx, Which::Slug(slug), caller).await?;
    held.permit(CommunityRight::HandOver)?;
    let (who, _) = member(&tx, &held, username).await?;
    if who == caller.user_id {
        return Err(CommunityError::Forbidden);
    }
    // In this order: there is one owner at most, at every moment.
    set_role(&tx, held.id, caller.user_id, CommunityRole::Admin).await?;
    set_role(&tx, held.id, who, CommunityRole::Owner).await?;
    note(&tx, held.id, caller, Deed::HandedOver, Some(who), "").await?;
    Ok(tx.commit().await?)
}

async fn member(
    tx: &Tx<'_>,
    held: &Held,
    username: &str,
) -> Result<(UserId, CommunityRole), CommunityError> {
    let who = person(tx.rows(), username).await?;
    match standing(tx.rows(), held.id, who).await? {
        Standing::Member(role) => Ok((who, role)),
        _ => Err(CommunityError::NotFound),
    }
}
