//! The end of a community.

use wire::communities::CommunityRight;

use super::CommunityError;
use super::rows::{Held, Which, execute, hold};
use crate::chat::{close_room, parted};
use crate::limits::Limit;
use crate::{Caller, Services, tx::Tx};

/// Deletes the community: its members, invitations and acts go with it, and nobody is in its room any
/// more. Its posts stay with their authors. Those that not everybody could see are for their authors'
/// followers from then on.
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
    let knew = match held.room {
        Some(room) => close_room(&mut tx, room).await?,
        None => Default::default(),
    };
    let_posts_go(&tx, &held).await?;
    execute(tx.rows(), "DELETE FROM community WHERE id = $1", [held.id.0.into()]).await?;
    tx.commit().await?;
    for (who, knew) in knew {
        parted(services, who, knew);
    }
    Ok(())
}

async fn let_posts_go(tx: &Tx<'_>, held: &Held) -> Result<(), CommunityError> {
    let narrow = if held.is_private { "TRUE" } else { "visibility = 'community'" };
    let sql =
        format!("UPDATE post SET visibility = 'followers' WHERE community_id = $1 AND {narrow}");
    execute(tx.rows(), &sql, [held.id.0.into()]).await?;
    let sql = "UPDATE post SET community_id = NULL WHERE community_id = $1";
    execute(tx.rows(), sql, [held.id.0.into()]).await?;
    Ok(())
}
