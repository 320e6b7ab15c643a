//! The newest of those one follows and of the communities one belongs to.
//!
//! Whoever follows a few should not pay for what everybody else writes, nor whoever follows thousands for
//! all that those ever wrote. A page of `n` posts stands among the newest of the `2n` authors and
//! communities whose latest post is newest (each post is at most one author's and one community's latest):
//! first those are found, with one look at an index for each; then `n` of each are merged.

use sea_orm::{DbBackend, FromQueryResult, Statement, Value};
use uuid::Uuid;
use wire::posts::PostStep;

use super::lists::{LIMIT, by_ids, cards, place};
use super::rows::find;
use super::{PostError, heard, visible};
use crate::{Caller, Services};

/// Somebody or something whose posts one reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Author(Uuid),
    Community(Uuid),
}

/// A step, from the `next` of the step before on.
pub(super) async fn following(
    services: &Services,
    caller: &Caller,
    after: Option<&str>,
    limit: u64,
) -> Result<PostStep, PostError> {
    let (reader, after) = (caller.user_id.0, place(after));
    let limit = limit.clamp(1, LIMIT) as usize;
    let sources = sources(services, reader, after, 2 * (limit as i64 + 1)).await?;
    if sources.is_empty() {
        return Ok(PostStep::default());
    }
    let mut placed = newest_of(services, reader, &sources, after, limit as i64 + 1).await?;
    let has_more = placed.len() > limit;
    placed.truncate(limit);
    let last = placed.last().filter(|_| has_more);
    let next = last.map(|last| format!("{}_{}", last.published_at, last.id));
    let ids = placed.into_iter().map(|placed| placed.id).collect();
    let found = find(&services.store.read, reader, by_ids(services.store.backend(), ids)).await?;
    Ok(PostStep { posts: cards(found), next })
}

/// Whether the post `p` may stand in the list, whoever it is found through.
fn listed() -> String {
    format!("{} AND {}", visible("$1"), heard("p.author_id", "$1"))
}

async fn sources(
    services: &Services,
    reader: Uuid,
    after: (i64, Uuid),
    limit: i64,
) -> Result<Vec<Source>, PostError> {
    #[derive(FromQueryResult)]
    struct Row {
        source: Uuid,
        is_author: i32,
        latest: Option<i64>,
    }
    let query = sources_query(services.store.backend(), reader, after, limit);
    let rows = Row::find_by_statement(query).all(&services.store.read).await?;
    let rows = rows.into_iter().filter(|row| row.latest.is_some());
    let source = |row: Row| match row.is_author {
        1 => Source::Author(row.source),
        _ => Source::Community(row.source),
    };
    Ok(rows.map(source).collect())
}

/// Those with the latest posts before `after`.
pub(super) fn sources_query(
    backend: DbBackend,
    reader: Uuid,
    after: (i64, Uuid),
    limit: i64,
) -> Statement {
    let latest = |of: &str| {
        format!(
            "(SELECT p.published_at FROM post p WHERE {of} AND (p.published_at, p.id) < ($2, $3) AND {} \
             ORDER BY p.published_at DESC, p.id DESC LIMIT 1)",
            listed()
        )
    };
    let sql = format!(
        "SELECT s.source, s.is_author, s.latest FROM (\
         SELECT f.followee_id AS source, 1 AS is_author, {} AS latest FROM follow f \
         WHERE f.follower_id = $1 UNION ALL \
         SELECT m.community_id AS source, 0 AS is_author, {} AS latest FROM community_member m \
         WHERE m.account_id = $1 AND m.state = 'active') AS s \
         ORDER BY s.latest DESC NULLS LAST LIMIT $4",
        latest("p.author_id = f.followee_id"),
        latest("p.community_id = m.community_id")
    );
    let values: [Value; 4] = [reader.into(), after.0.into(), after.1.into(), limit.into()];
    Statement::from_sql_and_values(backend, sql, values)
}

#[derive(FromQueryResult)]
struct Placed {
    id: Uuid,
    published_at: i64,
}

async fn newest_of(
    services: &Services,
    reader: Uuid,
    sources: &[Source],
    after: (i64, Uuid),
    limit: i64,
) -> Result<Vec<Placed>, PostError> {
    let query = among_query(services.store.backend(), reader, sources, after, limit);
    Ok(Placed::find_by_statement(query).all(&services.store.read).await?)
}

/// The newest of each, and of those the newest.
pub(super) fn among_query(
    backend: DbBackend,
    reader: Uuid,
    sources: &[Source],
    after: (i64, Uuid),
    limit: i64,
) -> Statement {
    let mut values: Vec<Value> = vec![reader.into(), after.0.into(), after.1.into(), limit.into()];
    let of_each = sources.iter().map(|source| {
        let (column, id) = match source {
            Source::Author(id) => ("author_id", *id),
            Source::Community(id) => ("community_id", *id),
        };
        values.push(id.into());
        format!(
            "SELECT * FROM (SELECT p.id, p.published_at FROM post p WHERE p.{column} = ${} \
             AND (p.published_at, p.id) < ($2, $3) AND {} \
             ORDER BY p.published_at DESC, p.id DESC LIMIT $4) AS one",
            values.len(),
            listed()
        )
    });
    // A post can be found through its author and through its community.
    let of_each = of_each.collect::<Vec<_>>().join(" UNION ");
    let sql = format!("{of_each} ORDER BY published_at DESC, id DESC LIMIT $4");
    Statement::from_sql_and_values(backend, sql, values)
}
