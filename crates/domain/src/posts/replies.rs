//! What somebody has answered, under posts of anybody.

use sea_orm::{DbBackend, FromQueryResult, Statement, Value};
use uuid::Uuid;
use wire::UserId;
use wire::posts::{Reply, ReplyStep};

use super::comment_rows::{COLUMNS, Row, TABLES};
use super::lists::{LIMIT, place};
use super::{PostError, id_of, unblocked, visible};
use crate::{Caller, Services};

#[derive(FromQueryResult)]
struct Found {
    #[sea_orm(nested)]
    comment: Row,
    title: String,
    slug: String,
}

/// The answers of `author`, the newest first, under posts that `viewer` may see, to nobody between whom and
/// `viewer` there is a block; from the `next` of the step before on.
///
/// # Errors
/// Where the database does not answer.
pub async fn replies_of(
    services: &Services,
    viewer: Option<&Caller>,
    author: UserId,
    after: Option<&str>,
    limit: u64,
) -> Result<ReplyStep, PostError> {
    let (viewer, limit) = (id_of(viewer), limit.clamp(1, LIMIT) as usize);
    let backend = services.store.backend();
    let query = replies_query(backend, viewer, author, place(after), limit as i64 + 1);
    let mut found = Found::find_by_statement(query).all(&services.store.read).await?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let last = found.last().filter(|_| has_more);
    let next = last.map(|last| format!("{}_{}", last.comment.created_at, last.comment.id));
    let reply = |found: Found| {
        let Found { comment, title, slug } = found;
        Reply { comment: comment.view(viewer), title, slug }
    };
    Ok(ReplyStep { replies: found.into_iter().map(reply).collect(), next })
}

pub(super) fn replies_query(
    backend: DbBackend,
    viewer: Uuid,
    author: UserId,
    after: (i64, Uuid),
    limit: i64,
) -> Statement {
    let sql = format!(
        "SELECT {COLUMNS}, p.title, p.slug FROM {TABLES} JOIN post p ON p.id = c.post_id \
         WHERE c.author_id = $2 AND (c.created_at, c.id) < ($3, $4) AND c.deleted_at IS NULL \
         AND {} AND NOT EXISTS (SELECT 1 FROM comment up WHERE up.id = c.parent_id AND NOT ({})) \
         ORDER BY c.created_at DESC, c.id DESC LIMIT $5",
        visible("$1"),
        unblocked("up.author_id", "$1")
    );
    let values: [Value; 5] =
        [viewer.into(), author.0.into(), after.0.into(), after.1.into(), limit.into()];
    Statement::from_sql_and_values(backend, sql, values)
}
