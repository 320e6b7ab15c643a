//! Coming into a community.

use wire::communities::{CommunityRole, Joined, Standing};

use super::CommunityError;
use super::rows::{Held, Which, count_members, hold, seat};
use crate::limits::Limit;
use crate::{Caller, Services, tx::Tx};

/// The caller joins a public community at once, and asks a private one to be let in. Whoever is in it or
/// has asked stays as they are.
///
/// # Errors
/// [`CommunityError::NotFound`], [`CommunityError::Forbidden`] for those who are banned.
pub async fn join(
    services: &Services,
    caller: &Caller,
    slug: &str,
) -> Result<Joined, CommunityError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let held = hold(&tx, Which::Slug(slug), caller).await?;
    let joined = match held.standing {
        Standing::Banned => return Err(CommunityError::Forbidden),
        Standing::Member(role) => return Ok(Joined::Member(role)),
        Standing::Requested if held.is_private => return Ok(Joined::Requested),
        Standing::Requested | Standing::Stranger if held.is_private => {
            ask(&mut tx, &held, caller).await?
        }
        Standing::Requested | Standing::Stranger => take_in(&tx, &held, caller).await?,
    };
    tx.commit().await?;
    Ok(joined)
}

async fn ask(tx: &mut Tx<'_>, held: &Held, caller: &Caller) -> Result<Joined, CommunityError> {
    seat(tx, held.id, caller.user_id, "requested", CommunityRole::Member).await?;
    Ok(Joined::Requested)
}

/// Makes the caller a member, who is none.
pub(super) async fn take_in(
    tx: &Tx<'_>,
    held: &Held,
    caller: &Caller,
) -> Result<Joined, CommunityError> {
    seat(tx, held.id, caller.user_id, "active", CommunityRole::Member).await?;
    count_members(tx, held.id, 1).await?;
    Ok(Joined::Member(CommunityRole::Member))
}
