//! The one post that stands above the others.

use sea_orm::Value;
use uuid::Uuid;
use wire::communities::{CommunityRight, Deed};

use super::CommunityError;
use super::acts::note;
use super::rows::{Which, execute, hold, number};
use crate::limits::Limit;
use crate::{Caller, Services, tx::Tx};

/// Pins a published post of this community in the place of the one before, or none.
///
/// # Errors
/// [`CommunityError::NotFound`] where there is no such post here, [`CommunityError::Forbidden`] for those
/// who do not look after the community.
pub async fn pin_post(
    services: &Services,
    caller: &Caller,
    slug: &str,
    post: Option<Uuid>,
) -> Result<(), CommunityError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let tx = Tx::begin(&services.store, &services.hub).await?;
    let held = hold(&tx, Which::Slug(slug), caller).await?;
    held.permit(CommunityRight::Pin)?;
    if let Some(post) = post {
        let sql = "SELECT COUNT(*) AS n FROM post WHERE id = $1 AND community_id = $2 \
             AND state = 'published'";
        let values: [Value; 2] = [post.into(), held.id.0.into()];
        if number(tx.rows(), sql, values).await? == 0 {
            return Err(CommunityError::NotFound);
        }
    }
    let sql = "UPDATE community SET pinned_post_id = $2 WHERE id = $1";
    execute(tx.rows(), sql, [held.id.0.into(), post.into()]).await?;
    let deed = if post.is_some() { Deed::Pinned } else { Deed::Unpinned };
    note(&tx, held.id, caller, deed, None, "").await?;
    Ok(tx.commit().await?)
}
