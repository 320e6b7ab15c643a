//! What goes on in a community, by day of UTC: counted when it happens, so that asking adds up seven rows.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};
use uuid::Uuid;
use wire::activity::CommunityPulse;

use super::{day_of, today};
use crate::people::PeopleError;
use crate::tx::Tx;
use crate::{Services, StoreError};

/// Days that a pulse looks back over, today among them.
const DAYS: i32 = 7;
/// Days after which nobody asks any more.
const KEPT: i32 = 31;

/// What is counted.
#[derive(Debug, Clone, Copy)]
pub(crate) enum CommunityCount {
    Posts,
    Comments,
}

/// One more of it on the day of `at`, by `author`, or one less. The last thing that a transaction does before
/// it tells: what it holds from here on nobody waits for who holds something else.
///
/// # Errors
/// Where the database does not answer.
pub(crate) async fn count_in_community(
    tx: &Tx<'_>,
    community: Uuid,
    author: Uuid,
    what: CommunityCount,
    (at, by): (i64, i64),
) -> Result<(), StoreError> {
    let day = day_of(at);
    if by > 0 {
        let sql = "INSERT INTO community_active (community_id, day, account_id) VALUES ($1, $2, $3) \
             ON CONFLICT DO NOTHING";
        run(tx, sql, [community.into(), day.into(), author.into()]).await?;
    }
    let column = match what {
        CommunityCount::Posts => "posts",
        CommunityCount::Comments => "comments",
    };
    let sql = format!(
        "INSERT INTO community_day (community_id, day, {column}) VALUES ($1, $2, $3) \
         ON CONFLICT (community_id, day) DO UPDATE \
         SET {column} = community_day.{column} + excluded.{column}"
    );
    run(tx, &sql, [community.into(), day.into(), by.into()]).await
}

async fn run(
    tx: &Tx<'_>,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<(), StoreError> {
    let statement = Statement::from_sql_and_values(tx.rows().get_database_backend(), sql, values);
    tx.rows().execute_raw(statement).await?;
    Ok(())
}

/// What went on in a community today and on the six days before. Whether the asker may look in is theirs to
/// know.
///
/// # Errors
/// Where the database does not answer.
pub async fn community_pulse(
    services: &Services,
    community: Uuid,
) -> Result<CommunityPulse, PeopleError> {
    #[derive(FromQueryResult)]
    struct Row {
        posts: i64,
        comments: i64,
        members: i64,
    }
    let sql = "SELECT CAST(COALESCE(SUM(d.posts), 0) AS BIGINT) AS posts, \
         CAST(COALESCE(SUM(d.comments), 0) AS BIGINT) AS comments, \
         (SELECT COUNT(DISTINCT a.account_id) FROM community_active a \
         WHERE a.community_id = $1 AND a.day > $2) AS members \
         FROM community_day d WHERE d.community_id = $1 AND d.day > $2";
    let values: [Value; 2] = [community.into(), (today() - DAYS).into()];
    let query = Statement::from_sql_and_values(services.store.backend(), sql, values);
    let row = Row::find_by_statement(query).one(&services.store.read).await?;
    Ok(row.map_or_else(CommunityPulse::default, |row| CommunityPulse {
        posts_count: row.posts.max(0),
        comments_count: row.comments.max(0),
        active_members: row.members,
    }))
}

/// Forgets what nobody asks for any more.
///
/// # Errors
/// Where the database does not answer.
pub(crate) async fn forget_old_days(tx: &Tx<'_>) -> Result<(), StoreError> {
    for table in ["community_day", "community_active"] {
        let sql = format!("DELETE FROM {table} WHERE day < $1");
        run(tx, &sql, [(today() - KEPT).into()]).await?;
    }
    Ok(())
}
