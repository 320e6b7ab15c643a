//! Going from a community.

use std::collections::BTreeSet;

use wire::UserId;
use wire::communities::{CommunityRole, Standing};

use super::CommunityError;
use super::rows::{Held, Which, count_members, hold, unseat};
use crate::chat::{leave_room, parted};
use crate::limits::Limit;
use crate::{Caller, Services, tx::Tx};

/// The caller leaves, its room too; or takes their request back. Whoever is not in it stays outside.
///
/// # Errors
/// [`CommunityError::NotFound`], [`CommunityError::OwnerStays`] for the owner, who hands over first.
pub async fn leave(services: &Services, caller: &Caller, slug: &str) -> Result<(), CommunityError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let held = hold(&tx, Which::Slug(slug), caller).await?;
    let me = caller.user_id;
    let knew = match held.standing {
        Standing::Member(CommunityRole::Owner) => return Err(CommunityError::OwnerStays),
        Standing::Stranger | Standing::Banned => return Ok(()),
        Standing::Requested => BTreeSet::new(),
        Standing::Member(_) => see_off(&mut tx, &held, me, me).await?,
    };
    unseat(&tx, held.id, me).await?;
    tx.commit().await?;
    parted(services, me, knew);
    Ok(())
}

/// A member is one no longer: counted out, and out of the room; answers with those whom they knew.
pub(super) async fn see_off(
    tx: &mut Tx<'_>,
    held: &Held,
    who: UserId,
    by: UserId,
) -> Result<BTreeSet<UserId>, CommunityError> {
    count_members(tx, held.id, -1).await?;
    match held.room {
        Some(room) => Ok(leave_room(tx, room, who, by).await?),
        None => Ok(BTreeSet::new()),
    }
}
