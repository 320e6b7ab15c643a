//! How much is new.

use realtime::{Cast, Frame, Topic};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement};
use wire::UserId;
use wire::live::ServerFrame;

use super::NewsError;
use crate::{Caller, Services, StoreError, tx::Tx};

/// Topics with something unread in them that are still there, of the first 500 events that the index has: a
/// number for a badge, in one look that costs the same however much waits.
///
/// # Errors
/// Where the database does not answer.
pub async fn unread(services: &Services, caller: &Caller) -> Result<i64, NewsError> {
    Ok(count(&services.store.read, caller.user_id).await?)
}

async fn count(rows: &impl ConnectionTrait, who: UserId) -> Result<i64, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        n: i64,
    }
    let query = count_query(rows.get_database_backend(), who);
    Ok(Row::find_by_statement(query).one(rows).await?.map_or(0, |row| row.n))
}

pub(super) fn count_query(backend: DbBackend, who: UserId) -> Statement {
    let sql = "SELECT COUNT(*) AS n FROM (SELECT DISTINCT kind, topic FROM \
         (SELECT kind, topic FROM notification WHERE account_id = $1 AND read_at IS NULL LIMIT 500) \
         AS waiting) AS t WHERE t.kind NOT IN ('post_like', 'comment', 'reply', 'comment_like', 'mention') \
         OR EXISTS (SELECT 1 FROM post p WHERE p.id = t.topic AND p.state = 'published') \
         OR EXISTS (SELECT 1 FROM conversation c WHERE c.id = t.topic)";
    Statement::from_sql_and_values(backend, sql, [who.0.into()])
}

/// Every device of theirs hears it after the commit.
pub(crate) async fn tell_unread(tx: &mut Tx<'_>, who: UserId) -> Result<(), StoreError> {
    let unread = count(tx.rows(), who).await?;
    let frame = serde_json::to_string(&ServerFrame::Notification { unread });
    let frame = frame.inspect_err(|error| tracing::error!(%error, "encoding a frame")).ok();
    if let Some(text) = frame {
        tx.tell(Topic::Person(who.0.as_u128()), Cast::All(Frame::durable(text)));
    }
    Ok(())
}
