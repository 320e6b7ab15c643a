//! What search engines are told of: everything that a stranger may read, a week of posts at a time.

use sea_orm::{DbBackend, FromQueryResult, Statement, Value};
use wire::UnixMillis;

use super::{PostError, nobody, visible};
use crate::Services;

/// Milliseconds of a part: seven days, counted since 1970.
const WEEK_MS: i64 = 7 * 86_400_000;
/// Addresses in one part, as many as search engines take.
const MAPPED: i64 = 50_000;
/// Parts of one map, as many as search engines take.
const PARTS: i64 = 50_000;

/// The weeks that have something to read, by their number since 1970, the first first.
///
/// # Errors
/// Where the database does not answer.
pub async fn mapped_weeks(services: &Services) -> Result<Vec<i64>, PostError> {
    #[derive(FromQueryResult)]
    struct Row {
        week: i64,
    }
    let query = weeks_query(services.store.backend());
    let rows = Row::find_by_statement(query).all(&services.store.read).await?;
    Ok(rows.into_iter().map(|row| row.week).collect())
}

/// From week to week with one look at an index each, over those in which there is nothing.
pub(super) fn weeks_query(backend: DbBackend) -> Statement {
    let first_since = |since: &str| {
        format!(
            "(SELECT p.published_at / $2 FROM post p WHERE p.published_at >= {since} AND {} \
             ORDER BY p.published_at, p.id LIMIT 1)",
            visible("$1")
        )
    };
    let sql = format!(
        "WITH RECURSIVE weeks (week) AS (SELECT {} UNION ALL \
         SELECT {} FROM weeks WHERE weeks.week IS NOT NULL) \
         SELECT week FROM weeks WHERE week IS NOT NULL LIMIT $3",
        first_since("0"),
        first_since("(weeks.week + 1) * $2")
    );
    let values: [Value; 3] = [nobody().into(), WEEK_MS.into(), PARTS.into()];
    Statement::from_sql_and_values(backend, sql, values)
}

/// The slug of each post of a week that a stranger may read, the newest first, and when it last changed; at
/// most fifty thousand.
///
/// # Errors
/// Where the database does not answer.
pub async fn mapped_posts(
    services: &Services,
    week: i64,
) -> Result<Vec<(String, UnixMillis)>, PostError> {
    #[derive(FromQueryResult)]
    struct Row {
        slug: String,
        changed_at: i64,
    }
    let sql = format!(
        "SELECT p.slug, COALESCE(p.edited_at, p.published_at) AS changed_at FROM post p \
         WHERE p.published_at >= $2 AND p.published_at < $3 AND {} \
         ORDER BY p.published_at DESC, p.id DESC LIMIT $4",
        visible("$1")
    );
    let begun = week.saturating_mul(WEEK_MS);
    let ended = begun.saturating_add(WEEK_MS);
    let values: [Value; 4] = [nobody().into(), begun.into(), ended.into(), MAPPED.into()];
    let query = Statement::from_sql_and_values(services.store.backend(), sql, values);
    let rows = Row::find_by_statement(query).all(&services.store.read).await?;
    Ok(rows.into_iter().map(|row| (row.slug, UnixMillis(row.changed_at))).collect())
}
