//! What those who look after a community do with posts that do not belong there.

use uuid::Uuid;
use wire::communities::{CommunityRight, Deed, Standing};
use wire::notifications::NewsKind;
use wire::{CommentId, CommunityId, UserId};

use super::CommunityError;
use super::acts::note;
use super::rows::{Held, Which, execute, hold, standing};
use crate::limits::Limit;
use crate::notifications::{Event, tell};
use crate::posts::{PostError, take_post_out_of};
use crate::{Caller, Services, StoreError, tx::Tx};

/// Takes a published post out of the community. It goes on standing with its author; what only the community
/// could see is their draft again.
///
/// # Errors
/// [`CommunityError::NotFound`] where there is no such post here, [`CommunityError::Forbidden`] without the
/// role, and for posts of those whose role is no lower.
pub async fn take_post_out(
    services: &Services,
    caller: &Caller,
    slug: &str,
    post: Uuid,
) -> Result<(), CommunityError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let held = hold(&tx, Which::Slug(slug), caller).await?;
    held.permit(CommunityRight::TakeOut)?;
    let author =
        take_post_out_of(&tx, held.id, held.is_private, post).await.map_err(
            |error| match error {
                PostError::NotFound => CommunityError::NotFound,
                other => CommunityError::Store(other.into()),
            },
        )?;
    outranks(&tx, &held, caller, author).await?;
    let sql = "UPDATE community SET pinned_post_id = NULL WHERE id = $1 AND pinned_post_id = $2";
    execute(tx.rows(), sql, [held.id.0.into(), post.into()]).await?;
    note(&tx, held.id, caller, Deed::TookPostOut, Some(author), "").await?;
    tell_author(&mut tx, &held, caller, author, post).await?;
    Ok(tx.commit().await?)
}

/// Whether the caller may take out a comment of somebody's under a post of the community, and that they do.
///
/// # Errors
/// [`CommunityError::Forbidden`] without the role, and for comments of those whose role is no lower.
pub(crate) async fn take_comment_out(
    tx: &mut Tx<'_>,
    caller: &Caller,
    community: CommunityId,
    author: UserId,
    comment: CommentId,
) -> Result<(), CommunityError> {
    let held = hold(tx, Which::Id(community), caller).await?;
    outranks(tx, &held, caller, author).await?;
    note(tx, held.id, caller, Deed::TookCommentOut, Some(author), "").await?;
    Ok(tell_author(tx, &held, caller, author, comment.0).await?)
}

/// Nobody should have to find out by themselves.
async fn tell_author(
    tx: &mut Tx<'_>,
    held: &Held,
    caller: &Caller,
    author: UserId,
    subject: Uuid,
) -> Result<(), StoreError> {
    let (kind, topic) = (NewsKind::TakenOut, held.id.0);
    tell(tx, Event { to: author, kind, by: caller.user_id, topic, subject }).await
}

async fn outranks(
    tx: &Tx<'_>,
    held: &Held,
    caller: &Caller,
    author: UserId,
) -> Result<(), CommunityError> {
    let own = held.permit(CommunityRight::TakeOut)?;
    match standing(tx.rows(), held.id, author).await? {
        Standing::Member(role) if role >= own && author != caller.user_id => {
            Err(CommunityError::Forbidden)
        }
        _ => Ok(()),
    }
}
