//! Deleting one's own post, having it back, and its end thirty days later.

use uuid::Uuid;
use wire::posts::Post;

use super::PostError;
use super::place::{hold_own_and_community, run};
use super::publish::{appear, vanish};
use super::rows::{Wanted, find};
use crate::activity::forget_old_days;
use crate::jobs::{enqueue_named, finished};
use crate::limits::Limit;
use crate::notifications::tell_unread;
use crate::search::index_post;
use crate::{Caller, Services, clock, tx::Tx};

/// The job that takes away what nobody can have back, and views that count no more.
pub(crate) const SWEEP_POSTS: &str = "sweep_posts";

const DAY_MS: i64 = 86_400_000;
/// How long its author can have a post back.
const KEPT_MS: i64 = 30 * DAY_MS;
const SWEEP_EVERY_MS: i64 = 3_600_000;

/// Takes a post out of everybody's sight. Its author can have it back with [`restore_post`]. Again it
/// changes nothing.
///
/// # Errors
/// [`PostError::NotFound`], [`PostError::NotOwn`], or too often.
pub async fn delete_post(
    services: &Services,
    caller: &Caller,
    key: &str,
) -> Result<Uuid, PostError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let held = hold_own_and_community(&tx, caller, key).await?;
    if held.state == "deleted" {
        return Ok(held.id);
    }
    if held.state == "published" {
        vanish(&tx, &held).await?;
    }
    let sql = "UPDATE post SET state = 'deleted', deleted_at = $2, publish_at = NULL WHERE id = $1";
    run(&tx, sql, vec![held.id.into(), clock::now().0.into()]).await?;
    index_post(&tx, held.id).await?;
    // What happened to it is not shown any more, so it does not wait either.
    tell_unread(&mut tx, caller.user_id).await?;
    tx.commit().await?;
    Ok(held.id)
}

/// Puts a deleted post back where it was; one that was planned is a draft.
///
/// # Errors
/// As [`delete_post`]; [`PostError::NotFound`] after thirty days, too.
pub async fn restore_post(
    services: &Services,
    caller: &Caller,
    key: &str,
) -> Result<(), PostError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let held = hold_own_and_community(&tx, caller, key).await?;
    let state = if held.published_at.is_some() { "published" } else { "draft" };
    // A community that is gone can show nothing.
    let sql = "UPDATE post SET state = $2, deleted_at = NULL, visibility = CASE \
        WHEN visibility = 'community' AND community_id IS NULL THEN 'followers' ELSE visibility END \
        WHERE id = $1 AND state = 'deleted' AND deleted_at > $3";
    let values = vec![held.id.into(), state.into(), (clock::now().0 - KEPT_MS).into()];
    if run(&tx, sql, values).await? == 0 {
        return Err(PostError::NotFound);
    }
    if let Some(published_at) = held.published_at {
        appear(&mut tx, &held, published_at).await?;
    }
    index_post(&tx, held.id).await?;
    tell_unread(&mut tx, caller.user_id).await?;
    Ok(tx.commit().await?)
}

/// What the caller has deleted and can have back, the last first.
///
/// # Errors
/// Where the database does not answer.
pub async fn deleted_posts(services: &Services, caller: &Caller) -> Result<Vec<Post>, PostError> {
    let wanted = Wanted {
        join: "",
        condition: "p.author_id = $1 AND p.state = 'deleted' AND p.deleted_at > $2".into(),
        sort: "p.deleted_at",
        order: "p.deleted_at DESC, p.id DESC LIMIT 20".into(),
        values: vec![(clock::now().0 - KEPT_MS).into()],
        with_text: false,
    };
    let found = find(&services.store.read, caller.user_id.0, wanted).await?;
    Ok(found.into_iter().map(|found| found.post).collect())
}

/// Takes away what has been deleted for long, with everything under it, and plans the next time.
pub(crate) async fn sweep_posts(services: &Services, job: Uuid) -> Result<(), PostError> {
    let now = clock::now().0;
    let tx = Tx::begin(&services.store, &services.hub).await?;
    let over = "DELETE FROM post WHERE state = 'deleted' AND deleted_at <= $1";
    run(&tx, over, vec![(now - KEPT_MS).into()]).await?;
    run(&tx, "DELETE FROM post_view WHERE seen_at < $1", vec![(now - DAY_MS).into()]).await?;
    forget_old_days(&tx).await?;
    finished(&tx, job).await?;
    enqueue_named(&tx, SWEEP_POSTS, now + SWEEP_EVERY_MS).await?;
    Ok(tx.commit().await?)
}
