//! How much a feed has that was not there when somebody opened it.

use sea_orm::{DbBackend, FromQueryResult, Statement, Value};
use uuid::Uuid;
use wire::UnixMillis;

use super::{Feed, PostError, heard, visible};
use crate::{Caller, Services};

/// More than this is not counted.
pub const NEW_POSTS_MAX: i64 = 100;

/// Posts of others that `feed` would show and that were published after `since`; at most
/// [`NEW_POSTS_MAX`]. What one has kept is never new.
///
/// # Errors
/// Where the database does not answer.
pub async fn new_posts(
    services: &Services,
    caller: &Caller,
    feed: Feed,
    since: UnixMillis,
) -> Result<i64, PostError> {
    #[derive(FromQueryResult)]
    struct Row {
        n: i64,
    }
    let query = new_query(services.store.backend(), caller.user_id.0, feed, since.0);
    let Some(query) = query else { return Ok(0) };
    let row = Row::find_by_statement(query).one(&services.store.read).await?;
    Ok(row.map_or(0, |row| row.n))
}

pub(super) fn new_query(
    backend: DbBackend,
    reader: Uuid,
    feed: Feed,
    since: i64,
) -> Option<Statement> {
    let wanted = format!(
        "p.published_at > $2 AND p.author_id <> $1 AND {} AND {}",
        visible("$1"),
        heard("p.author_id", "$1")
    );
    let found = match feed {
        Feed::Saved => return None,
        Feed::ForYou | Feed::Fresh => format!("SELECT p.id FROM post p WHERE {wanted}"),
        // Through either way it is one post. SQLite begins with what stands before a cross join.
        Feed::Following => format!(
            "SELECT p.id FROM follow f CROSS JOIN post p \
             WHERE f.follower_id = $1 AND p.author_id = f.followee_id AND {wanted} UNION \
             SELECT p.id FROM community_member m CROSS JOIN post p \
             WHERE m.account_id = $1 AND m.state = 'active' AND p.community_id = m.community_id AND {wanted}"
        ),
    };
    let sql = format!("SELECT COUNT(*) AS n FROM ({found} LIMIT $3) AS found");
    let values: [Value; 3] = [reader.into(), since.into(), NEW_POSTS_MAX.into()];
    Some(Statement::from_sql_and_values(backend, sql, values))
}
