//! Being made to go, for now or for good.

use std::collections::BTreeSet;

use wire::UserId;
use wire::communities::{CommunityRight, CommunityRole, Deed, Standing};

use super::CommunityError;
use super::acts::note;
use super::leave::see_off;
use super::rows::{Held, Which, hold, person, seat, standing, unseat};
use crate::chat::parted;
use crate::limits::Limit;
use crate::{Caller, Services, tx::Tx};

/// Takes a member of a lower role out, and out of the room; they may come back.
///
/// # Errors
/// [`CommunityError::NotFound`] where they are not in it, [`CommunityError::Forbidden`] without the role.
pub async fn remove(
    services: &Services,
    caller: &Caller,
    slug: &str,
    username: &str,
) -> Result<(), CommunityError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let held = hold(&tx, Which::Slug(slug), caller).await?;
    let own = held.permit(CommunityRight::Remove)?;
    let who = person(tx.rows(), username).await?;
    match standing(tx.rows(), held.id, who).await? {
        Standing::Member(role) if role < own => {}
        Standing::Member(_) => return Err(CommunityError::Forbidden),
        _ => return Err(CommunityError::NotFound),
    }
    let knew = see_off(&mut tx, &held, who, caller.user_id).await?;
    unseat(&tx, held.id, who).await?;
    note(&tx, held.id, caller, Deed::Removed, Some(who), "").await?;
    tx.commit().await?;
    parted(services, who, knew);
    Ok(())
}

/// Keeps somebody out who is a member of a lower role, has asked, or never was here. Banning again
/// changes nothing.
///
/// # Errors
/// [`CommunityError::NotFound`] for nobody, [`CommunityError::Forbidden`] without the role, and for
/// oneself.
pub async fn ban(
    services: &Services,
    caller: &Caller,
    slug: &str,
    username: &str,
) -> Result<(), CommunityError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let held = hold(&tx, Which::Slug(slug), caller).await?;
    let own = held.permit(CommunityRight::Ban)?;
    let who = person(tx.rows(), username).await?;
    let knew = match standing(tx.rows(), held.id, who).await? {
        Standing::Member(role) if role >= own => return Err(CommunityError::Forbidden),
        Standing::Member(_) => see_off(&mut tx, &held, who, caller.user_id).await?,
        Standing::Banned => return Ok(()),
        Standing::Requested | Standing::Stranger => BTreeSet::new(),
    };
    write_ban(&tx, &held, caller, who).await?;
    tx.commit().await?;
    parted(services, who, knew);
    Ok(())
}

async fn write_ban(
    tx: &Tx<'_>,
    held: &Held,
    caller: &Caller,
    who: UserId,
) -> Result<(), CommunityError> {
    seat(tx, held.id, who, "banned", CommunityRole::Member).await?;
    Ok(note(tx, held.id, caller, Deed::Banned, Some(who), "").await?)
}

/// Takes a ban back: they may join or ask like anybody.
///
/// # Errors
/// [`CommunityError::NotFound`] where they are not banned, [`CommunityError::Forbidden`] without the role.
pub async fn unban(
    services: &Services,
    caller: &Caller,
    slug: &str,
    username: &str,
) -> Result<(), CommunityError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let tx = Tx::begin(&services.store, &services.hub).await?;
    let held = hold(&tx, Which::Slug(slug), caller).await?;
    held.permit(CommunityRight::Ban)?;
    let who = person(tx.rows(), username).await?;
    if standing(tx.rows(), held.id, who).await? != Standing::Banned {
        return Err(CommunityError::NotFound);
    }
    unseat(&tx, held.id, who).await?;
    note(&tx, held.id, caller, Deed::Unbanned, Some(who), "").await?;
    Ok(tx.commit().await?)
}
