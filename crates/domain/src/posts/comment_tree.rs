//! What was answered to a post: a step of comments with what stands below them, in two statements however
//! many there are.

use std::collections::HashMap;

use sea_orm::{DbBackend, Value};
use uuid::Uuid;
use wire::CommentId;
use wire::posts::{Comment, CommentOrder, CommentStep, DEPTH_SHOWN, PostCard};

use super::comment_rows::{COLUMNS, Row, TABLES, read, shown};
use super::mentions::name_people;
use super::{PostError, id_of, visible};
use crate::chat::among;
use crate::{Caller, Services};

/// Most comments of one step.
const LIMIT: u64 = 200;

/// Most answers that are looked at to find the oldest of them, level by level.
const LOOKED_AT: u32 = 2000;

/// Which comments are wanted.
#[derive(Debug, Clone)]
pub struct CommentsWanted {
    pub order: CommentOrder,
    /// The `next` of the step before.
    pub after: Option<String>,
    pub limit: u64,
    /// Levels, the first one among them.
    pub depth: i32,
    /// Most answers below them, of all of them together.
    pub answers: i64,
}

impl Default for CommentsWanted {
    fn default() -> Self {
        Self { order: CommentOrder::Best, after: None, limit: 20, depth: DEPTH_SHOWN, answers: 400 }
    }
}

/// Comments under a post that `viewer` has been shown.
///
/// # Errors
/// Where the database does not answer.
pub async fn comments(
    services: &Services,
    viewer: Option<&Caller>,
    post: &PostCard,
    wanted: &CommentsWanted,
) -> Result<CommentStep, PostError> {
    step(services, viewer, post, None, wanted).await
}

/// One comment, with a step of what was answered to it, the oldest first.
///
/// # Errors
/// [`PostError::NotFound`] where it is not under this post.
pub async fn thread(
    services: &Services,
    viewer: Option<&Caller>,
    post: &PostCard,
    id: CommentId,
    after: Option<String>,
) -> Result<(Comment, Option<String>), PostError> {
    let mut root = comment(services, viewer, id).await?;
    if root.post != post.id {
        return Err(PostError::NotFound);
    }
    let order = CommentOrder::Oldest;
    let depth = DEPTH_SHOWN - 1;
    let wanted = CommentsWanted { order, after, depth, ..CommentsWanted::default() };
    let below = step(services, viewer, post, Some(id), &wanted).await?;
    root.replies = below.comments;
    Ok((root, below.next))
}

/// One comment under a post that `viewer` may see, without what was answered to it.
///
/// # Errors
/// [`PostError::NotFound`] for everything else.
pub async fn comment(
    services: &Services,
    viewer: Option<&Caller>,
    id: CommentId,
) -> Result<Comment, PostError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM {TABLES} JOIN post p ON p.id = c.post_id \
         WHERE c.id = $2 AND {} AND {}",
        shown(),
        visible("$1")
    );
    let viewer = id_of(viewer);
    let found = read(&services.store.read, viewer, &sql, vec![id.0.into()]).await?;
    let comment = found.into_iter().next().map(|row| row.view(viewer));
    let mut comment = [comment.ok_or(PostError::NotFound)?];
    name_people(services, &mut comment).await?;
    let [comment] = comment;
    Ok(comment)
}

async fn step(
    services: &Services,
    viewer: Option<&Caller>,
    post: &PostCard,
    parent: Option<CommentId>,
    wanted: &CommentsWanted,
) -> Result<CommentStep, PostError> {
    let viewer = id_of(viewer);
    let rows = &services.store.read;
    let limit = wanted.limit.clamp(1, LIMIT) as usize;
    let (sql, values) = level_query(post.id.0, parent, wanted, limit as i64 + 1);
    let mut level = read(rows, viewer, &sql, values).await?;
    let has_more = level.len() > limit;
    level.truncate(limit);
    let next = level.last().filter(|_| has_more).map(|last| place_of(last, wanted.order));
    let ids: Vec<_> = level.iter().map(|row| row.id).collect();
    let mut below = HashMap::new();
    if wanted.depth > 1 && !ids.is_empty() {
        let (sql, values) = below_query(services.store.backend(), post.id.0, ids, wanted);
        below = by_parent(read(rows, viewer, &sql, values).await?, viewer);
    }
    let mut comments: Vec<_> = level.into_iter().map(|row| row.view(viewer)).collect();
    for comment in &mut comments {
        comment.replies = answers(&mut below, comment.id.0);
    }
    name_people(services, &mut comments).await?;
    Ok(CommentStep { comments, next })
}

const BALANCE: &str = "(c.likes_count - c.dislikes_count)";

pub(super) fn level_query(
    post: Uuid,
    parent: Option<CommentId>,
    wanted: &CommentsWanted,
    limit: i64,
) -> (String, Vec<Value>) {
    let (key, way, sign, beginning) = match wanted.order {
        CommentOrder::Best => (BALANCE, "DESC", "<", (i64::MAX, Uuid::max())),
        CommentOrder::Newest => ("c.created_at", "DESC", "<", (i64::MAX, Uuid::max())),
        CommentOrder::Oldest => ("c.created_at", "ASC", ">", (i64::MIN, Uuid::nil())),
    };
    let place = wanted.after.as_deref().and_then(read_place).unwrap_or(beginning);
    let mut values: Vec<Value> = vec![post.into(), place.0.into(), place.1.into(), limit.into()];
    let level = match parent {
        Some(parent) => {
            values.push(parent.0.into());
            "c.parent_id = $6"
        }
        None => "c.parent_id IS NULL",
    };
    let sql = format!(
        "SELECT {COLUMNS} FROM {TABLES} WHERE c.post_id = $2 AND {level} AND {} \
         AND ({key}, c.id) {sign} ($3, $4) ORDER BY {key} {way}, c.id {way} LIMIT $5",
        shown()
    );
    (sql, values)
}

/// SQLite takes `CROSS JOIN` at its word: each comment is asked for its answers, not each answer of the
/// whole post for its comment.
///
/// What comes before in time can never be left out for what comes after it, so no answer is without
/// the comment that it answers; neither can a level for a deeper one.
pub(super) fn below_query(
    backend: DbBackend,
    post: Uuid,
    roots: Vec<Uuid>,
    wanted: &CommentsWanted,
) -> (String, Vec<Value>) {
    let (these, ids) = among(backend, 5, roots);
    let shown = shown();
    let sql = format!(
        "WITH RECURSIVE below (id, level) AS (\
         SELECT c.id, 1 FROM comment c WHERE c.post_id = $2 AND c.parent_id {these} AND {shown} \
         UNION ALL SELECT c.id, up.level + 1 FROM below up CROSS JOIN comment c \
         WHERE c.post_id = $2 AND c.parent_id = up.id AND up.level < $3 AND {shown}) \
         SELECT {COLUMNS} FROM {TABLES} WHERE c.id IN (SELECT id FROM below LIMIT {LOOKED_AT}) \
         ORDER BY c.created_at, c.id LIMIT $4"
    );
    let levels = wanted.depth - 1;
    let values = [post.into(), levels.into(), wanted.answers.into()].into_iter().chain(ids);
    (sql, values.collect())
}

/// The answers to each comment, the newest first, and below each of them its own. `rows` are the oldest
/// first.
fn by_parent(rows: Vec<Row>, viewer: Uuid) -> HashMap<Uuid, Vec<Comment>> {
    let mut below: HashMap<Uuid, Vec<Comment>> = HashMap::new();
    for row in rows.into_iter().rev() {
        let Some(parent) = row.parent_id else { continue };
        let mut comment = row.view(viewer);
        comment.replies = answers(&mut below, comment.id.0);
        below.entry(parent).or_default().push(comment);
    }
    below
}

fn answers(below: &mut HashMap<Uuid, Vec<Comment>>, to: Uuid) -> Vec<Comment> {
    let mut answers = below.remove(&to).unwrap_or_default();
    answers.reverse();
    answers
}

/// `<number>_<id>`.
fn place_of(row: &Row, order: CommentOrder) -> String {
    let number = match order {
        CommentOrder::Best => row.likes_count - row.dislikes_count,
        CommentOrder::Newest | CommentOrder::Oldest => row.created_at,
    };
    format!("{number}_{}", row.id)
}

fn read_place(text: &str) -> Option<(i64, Uuid)> {
    let (number, id) = text.split_once('_')?;
    Some((number.parse().ok()?, id.parse().ok()?))
}
