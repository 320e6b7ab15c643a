//! Liking and disliking a comment. It is no part of anybody's karma.

use wire::notifications::NewsKind;
use wire::{CommentId, UserId};

use super::PostError;
use super::place::run;
use super::react::{Change, Moved, Reaction, Where, put};
use super::write_comment::hold_comment;
use crate::limits::Limit;
use crate::notifications::{Event, tell};
use crate::{Caller, Services, tx::Tx};

const COMMENTS: Where = ("comment_reaction", "comment_id");

/// Changes the caller's reaction to a comment that they may see.
///
/// # Errors
/// [`PostError::NotFound`], for one that was taken back too, or too often.
pub async fn react_to_comment(
    services: &Services,
    caller: &Caller,
    id: CommentId,
    reaction: Reaction,
    change: Change,
) -> Result<(), PostError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let held = hold_comment(&tx, caller, id).await?;
    let moved = put(&tx, COMMENTS, id.0, caller.user_id.0, reaction, change).await?;
    let Some(Moved { likes, dislikes }) = moved else { return Ok(()) };
    let sql = "UPDATE comment SET likes_count = likes_count + $2, \
        dislikes_count = dislikes_count + $3 WHERE id = $1";
    run(&tx, sql, vec![id.0.into(), likes.into(), dislikes.into()]).await?;
    if likes > 0 {
        let (to, by, kind) = (UserId(held.author_id), caller.user_id, NewsKind::CommentLike);
        tell(&mut tx, Event { to, kind, by, topic: held.post_id, subject: id.0 }).await?;
    }
    Ok(tx.commit().await?)
}
