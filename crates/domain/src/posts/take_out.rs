//! A post is taken out of the community that it stands in.

use uuid::Uuid;
use wire::{CommunityId, UserId};

use super::PostError;
use super::place::{hold_in, run};
use super::publish::vanish;
use crate::activity::{CommunityCount, count_in_community};
use crate::search::index_post;
use crate::tx::Tx;

/// Leaves a published post of a community, which is held, to its author, whose id it answers. Where the
/// community has let not everybody see it, it is a draft again and counts no more.
///
/// # Errors
/// [`PostError::NotFound`] where there is no such post in it.
pub(crate) async fn take_post_out_of(
    tx: &Tx<'_>,
    community: CommunityId,
    is_private: bool,
    post: Uuid,
) -> Result<UserId, PostError> {
    let held = hold_in(tx, community, post).await?;
    if is_private || held.visibility == "community" {
        vanish(tx, &held).await?;
        let sql = "UPDATE post SET community_id = NULL, visibility = 'followers', state = 'draft', \
            published_at = NULL, edited_at = NULL WHERE id = $1";
        run(tx, sql, vec![held.id.into()]).await?;
    } else {
        let sql = "UPDATE community SET posts_count = posts_count - 1 WHERE id = $1";
        run(tx, sql, vec![community.0.into()]).await?;
        let change = (held.published_at.unwrap_or_default(), -1);
        let posts = CommunityCount::Posts;
        count_in_community(tx, community.0, held.author_id, posts, change).await?;
        run(tx, "UPDATE post SET community_id = NULL WHERE id = $1", vec![held.id.into()]).await?;
    }
    index_post(tx, held.id).await?;
    Ok(UserId(held.author_id))
}
