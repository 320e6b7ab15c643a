//! Answering a post or a comment, changing one's answer, taking it back.

use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement};
use uuid::Uuid;
use wire::notifications::NewsKind;
use wire::posts::{COMMENT_MAX, Comment};
use wire::{CommentId, CommunityId, UserId};

use super::comment_rows::{shown, stands};
use super::days::{Tally, tally};
use super::mentions::{Naming, tell_named};
use super::place::{Held, hold_communities, hold_visible, run};
use super::{PostError, comment, visible};
use crate::activity::{CommunityCount, count_in_community};
use crate::communities::{CommunityError, take_comment_out};
use crate::limits::Limit;
use crate::notifications::{Event, tell};
use crate::{Caller, Services, StoreError, clock, tx::Tx};

/// Answers a post, or the comment `parent` under it.
///
/// # Errors
/// [`PostError::NotFound`] for a post that the caller may not see, [`PostError::Invalid`] for a text that
/// cannot be one or a parent that is not under this post, or too many comments.
pub async fn write_comment(
    services: &Services,
    caller: &Caller,
    post: &str,
    parent: Option<CommentId>,
    content: &str,
) -> Result<Comment, PostError> {
    let content = checked(content)?;
    services.limits.check(Limit::Comments, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let held = hold_visible(&tx, caller, post).await?;
    let above = match parent {
        Some(parent) => Some(answered(&tx, caller, &held, parent).await?),
        None => None,
    };
    let depth = above.as_ref().map_or(0, |above| above.depth + 1);
    let (id, now) = (CommentId::new(), clock::now().0);
    let sql = "INSERT INTO comment (id, post_id, author_id, parent_id, depth, content, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let values = vec![
        id.0.into(),
        held.id.into(),
        caller.user_id.0.into(),
        parent.map(|parent| parent.0).into(),
        depth.into(),
        content.clone().into(),
        now.into(),
    ];
    run(&tx, sql, values).await?;
    if let Some(parent) = parent {
        count_reply(&tx, parent.0, 1).await?;
    }
    count_comment(&tx, held.id, 1).await?;
    let (to, kind) = match above {
        Some(above) => (above.author_id, NewsKind::Reply),
        None => (held.author_id, NewsKind::Comment),
    };
    let (to, by) = (UserId(to), caller.user_id);
    tell(&mut tx, Event { to, kind, by, topic: held.id, subject: id.0 }).await?;
    let naming = Naming { by, post: held.id, subject: id.0, told: Some(to) };
    tell_named(&mut tx, naming, &content, "").await?;
    if let Some(community) = held.community_id {
        let (what, change) = (CommunityCount::Comments, (now, 1));
        count_in_community(&tx, community, by.0, what, change).await?;
    }
    tx.commit().await?;
    comment(services, Some(caller), id).await
}

/// Changes what the caller has said.
///
/// # Errors
/// As [`write_comment`]; [`PostError::NotOwn`].
pub async fn edit_comment(
    services: &Services,
    caller: &Caller,
    id: CommentId,
    content: &str,
) -> Result<Comment, PostError> {
    let content = checked(content)?;
    services.limits.check(Limit::Comments, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let held = hold_own_comment(&tx, caller, id).await?;
    let sql = "UPDATE comment SET content = $2, edited_at = $3 WHERE id = $1 AND content <> $2";
    run(&tx, sql, vec![id.0.into(), content.clone().into(), clock::now().0.into()]).await?;
    let naming = Naming { by: caller.user_id, post: held.post_id, subject: id.0, told: None };
    tell_named(&mut tx, naming, &content, &held.content).await?;
    tx.commit().await?;
    comment(services, Some(caller), id).await
}

/// Takes the caller's comment back, or one of somebody's in a community that the caller looks after. Where
/// others have answered, its place stays, without its words and its author.
///
/// # Errors
/// [`PostError::NotFound`], [`PostError::NotOwn`], or too often.
pub async fn delete_comment(
    services: &Services,
    caller: &Caller,
    id: CommentId,
) -> Result<(), PostError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let held = hold_comment_to_delete(&mut tx, caller, id).await?;
    if held.replies_count > 0 {
        let sql = "UPDATE comment SET content = '', deleted_at = $2 WHERE id = $1";
        run(&tx, sql, vec![id.0.into(), clock::now().0.into()]).await?;
    } else {
        take_away(&tx, &held).await?;
    }
    count_comment(&tx, held.post_id, -1).await?;
    if let Some(community) = held.community_id {
        let (what, change) = (CommunityCount::Comments, (held.created_at, -1));
        count_in_community(&tx, community, held.author_id, what, change).await?;
    }
    Ok(tx.commit().await?)
}

/// Takes a comment away, and places above it that only it has kept.
async fn take_away(tx: &Tx<'_>, held: &HeldComment) -> Result<(), StoreError> {
    #[derive(FromQueryResult)]
    struct Place {
        parent_id: Option<Uuid>,
    }
    run(tx, "DELETE FROM comment WHERE id = $1", vec![held.id.into()]).await?;
    let mut above = held.parent_id;
    while let Some(parent) = above {
        count_reply(tx, parent, -1).await?;
        let sql = "DELETE FROM comment WHERE id = $1 AND deleted_at IS NOT NULL \
            AND replies_count = 0 RETURNING parent_id";
        let backend = tx.rows().get_database_backend();
        let query = Statement::from_sql_and_values(backend, sql, [parent.into()]);
        let gone = Place::find_by_statement(query).one(tx.rows()).await?;
        above = gone.and_then(|place| place.parent_id);
    }
    Ok(())
}

/// As much of a comment as verbs need.
#[derive(FromQueryResult)]
pub(super) struct HeldComment {
    id: Uuid,
    pub(super) post_id: Uuid,
    pub(super) author_id: Uuid,
    parent_id: Option<Uuid>,
    replies_count: i64,
    created_at: i64,
    community_id: Option<Uuid>,
    content: String,
}

/// A comment that the caller may see and that was not taken back, and its post: nobody else changes
/// either until the transaction ends.
pub(super) async fn hold_comment(
    tx: &Tx<'_>,
    caller: &Caller,
    id: CommentId,
) -> Result<HeldComment, PostError> {
    let backend = tx.rows().get_database_backend();
    // The post first, as everybody does who changes both.
    if backend != DbBackend::Sqlite {
        let sql = "SELECT p.id FROM post p JOIN comment c ON c.post_id = p.id WHERE c.id = $1 \
            FOR UPDATE OF p";
        let lock = Statement::from_sql_and_values(backend, sql, [id.0.into()]);
        tx.rows().query_all_raw(lock).await?;
    }
    let sql = format!(
        "SELECT c.id, c.post_id, c.author_id, c.parent_id, c.replies_count, c.created_at, c.content, \
         p.community_id FROM comment c \
         JOIN post p ON p.id = c.post_id \
         WHERE c.id = $2 AND {} AND {} AND {}",
        stands(),
        shown(),
        visible("$1")
    );
    let values = [caller.user_id.0.into(), id.0.into()];
    let query = Statement::from_sql_and_values(backend, sql, values);
    HeldComment::find_by_statement(query).one(tx.rows()).await?.ok_or(PostError::NotFound)
}

/// One's own, or one under a post of a community that the caller looks after.
async fn hold_comment_to_delete(
    tx: &mut Tx<'_>,
    caller: &Caller,
    id: CommentId,
) -> Result<HeldComment, PostError> {
    // The community before the post, as everybody holds them.
    let community = community_of_comment(tx, id).await?;
    hold_communities(tx, community.as_slice()).await?;
    let held = hold_comment(tx, caller, id).await?;
    if held.author_id == caller.user_id.0 {
        return Ok(held);
    }
    let community = held.community_id.filter(|now| community == Some(*now));
    let community = community.ok_or(PostError::NotOwn)?;
    let author = UserId(held.author_id);
    match take_comment_out(tx, caller, CommunityId(community), author, id).await {
        Err(CommunityError::Forbidden) => Err(PostError::NotOwn),
        asked => Ok(asked.map(|()| held)?),
    }
}

async fn community_of_comment(tx: &Tx<'_>, id: CommentId) -> Result<Option<Uuid>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        community_id: Option<Uuid>,
    }
    let sql =
        "SELECT p.community_id FROM comment c JOIN post p ON p.id = c.post_id WHERE c.id = $1";
    let backend = tx.rows().get_database_backend();
    let query = Statement::from_sql_and_values(backend, sql, [id.0.into()]);
    let row = Row::find_by_statement(query).one(tx.rows()).await?;
    Ok(row.and_then(|row| row.community_id))
}

async fn hold_own_comment(
    tx: &Tx<'_>,
    caller: &Caller,
    id: CommentId,
) -> Result<HeldComment, PostError> {
    let held = hold_comment(tx, caller, id).await?;
    if held.author_id == caller.user_id.0 { Ok(held) } else { Err(PostError::NotOwn) }
}

/// The comment that is answered.
#[derive(FromQueryResult)]
struct Answered {
    depth: i32,
    author_id: Uuid,
}

/// `parent`, which has to be under the same post and still there.
async fn answered(
    tx: &Tx<'_>,
    caller: &Caller,
    post: &Held,
    parent: CommentId,
) -> Result<Answered, PostError> {
    let sql = format!(
        "SELECT c.depth, c.author_id FROM comment c WHERE c.id = $2 AND c.post_id = $3 \
         AND {} AND {}",
        stands(),
        shown()
    );
    let values = [caller.user_id.0.into(), parent.0.into(), post.id.into()];
    let query = Statement::from_sql_and_values(tx.rows().get_database_backend(), sql, values);
    let found = Answered::find_by_statement(query).one(tx.rows()).await?;
    let why = "There is no such comment under this post.";
    found.ok_or(PostError::Invalid { field: "parent", why })
}

async fn count_reply(tx: &Tx<'_>, parent: Uuid, by: i64) -> Result<(), StoreError> {
    let sql = "UPDATE comment SET replies_count = replies_count + $2 WHERE id = $1";
    run(tx, sql, vec![parent.into(), by.into()]).await?;
    Ok(())
}

async fn count_comment(tx: &Tx<'_>, post: Uuid, by: i64) -> Result<(), StoreError> {
    let sql = "UPDATE post SET comments_count = comments_count + $2, scored_at = 0 WHERE id = $1";
    run(tx, sql, vec![post.into(), by.into()]).await?;
    tally(tx, post, Tally::Comments, by).await
}

fn checked(content: &str) -> Result<String, PostError> {
    let content = content.trim().replace("\r\n", "\n");
    let invalid = |why| Err(PostError::Invalid { field: "content", why });
    match content.chars().count() {
        0 => invalid("A comment needs some words."),
        length if length > COMMENT_MAX => invalid("A comment has at most 1000 characters."),
        _ if content.contains('\0') => invalid("Please use ordinary characters only."),
        _ => Ok(content),
    }
}
