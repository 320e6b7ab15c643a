//! The end of a community.

use std::collections::{BTreeMap, BTreeSet};

use wire::UserId;
use wire::communities::CommunityRight;

use super::CommunityError;
use super::rows::{Held, Which, execute, hold};
use super::show_picture::forget_pictures;
use crate::chat::{close_room, parted};
use crate::limits::Limit;
use crate::posts::leave_community;
use crate::{Caller, Services, tx::Tx};

/// Deletes the community: its members, invitations and acts go with it, and nobody is in its room any
/// more. Its posts stay with their authors. Those that not everybody could see are drafts from then on:
/// who else may read them is for their authors to say anew.
///
/// # Errors
/// [`CommunityError::NotFound`], [`CommunityError::Forbidden`] for everybody but the owner.
pub async fn delete(
    services: &Services,
    caller: &Caller,
    slug: &str,
) -> Result<(), CommunityError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let held = hold(&tx, Which::Slug(slug), caller).await?;
    held.permit(CommunityRight::Delete)?;
    let knew = end(&mut tx, &held).await?;
    tx.commit().await?;
    services.due.notify_one();
    part(services, knew);
    Ok(())
}

/// Those who were in the room, with those whom each of them knew before.
pub(super) type Acquaintances = BTreeMap<UserId, BTreeSet<UserId>>;

/// Takes the community away, whoever asks; after the commit, [`part`] is told of those in the answer.
pub(super) async fn end(tx: &mut Tx<'_>, held: &Held) -> Result<Acquaintances, CommunityError> {
    let knew = match held.room {
        Some(room) => close_room(tx, room).await?,
        None => Acquaintances::new(),
    };
    leave_community(tx, held.id, held.is_private).await?;
    forget_pictures(tx, held.id).await?;
    for table in ["community_day", "community_active"] {
        let sql = format!("DELETE FROM {table} WHERE community_id = $1");
        execute(tx.rows(), &sql, [held.id.0.into()]).await?;
    }
    execute(tx.rows(), "DELETE FROM community WHERE id = $1", [held.id.0.into()]).await?;
    Ok(knew)
}

/// They may know each other no longer.
pub(super) fn part(services: &Services, knew: Acquaintances) {
    for (who, knew) in knew {
        parted(services, who, knew);
    }
}
