//! Everybody, in pages: what one page costs does not grow with how many there are.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sea_orm::{DbBackend, FromQueryResult, Statement, Value};
use tokio::time::Instant;
use wire::UserId;
use wire::accounts::PersonView;

use super::search::collation;
use super::{PeopleError, views};
use crate::{Caller, Services};

/// How long a count of all accounts is good: pages need to know where they end, not who came a moment ago.
const GOOD_FOR: Duration = Duration::from_secs(10);

/// How many accounts there are, as it was counted last.
#[derive(Debug, Default)]
pub(crate) struct Headcount(Mutex<Option<(Instant, u64)>>);

impl Headcount {
    fn known(&self) -> Option<u64> {
        self.lock().filter(|(at, _)| at.elapsed() < GOOD_FOR).map(|(_, count)| count)
    }

    fn note(&self, count: u64) {
        *self.lock() = Some((Instant::now(), count));
    }

    /// Somebody signed up here.
    pub(crate) fn one_more(&self) {
        if let Some((_, count)) = self.lock().as_mut() {
            *count += 1;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<(Instant, u64)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Those after the first `offset`, by name, and how many there are; never the caller, nor anybody blocked
/// either way. The number of all is at most ten seconds old.
///
/// # Errors
/// Where the database does not answer.
pub(super) async fn page_of_everybody(
    services: &Services,
    caller: &Caller,
    window: (i64, i64),
) -> Result<(Vec<PersonView>, u64), PeopleError> {
    let query = page_query(services.store.backend(), caller.user_id, window);
    let rows = views::Row::find_by_statement(query).all(&services.store.read).await?;
    let people = rows.into_iter().map(|row| row.view(services)).collect();
    let hidden = 1 + number(services, apart_query, caller.user_id).await?;
    Ok((people, headcount(services, caller).await?.saturating_sub(hidden)))
}

async fn headcount(services: &Services, caller: &Caller) -> Result<u64, PeopleError> {
    if let Some(count) = services.headcount.known() {
        return Ok(count);
    }
    let count = number(services, all_query, caller.user_id).await?;
    services.headcount.note(count);
    Ok(count)
}

async fn number(
    services: &Services,
    query: fn(DbBackend, UserId) -> Statement,
    caller: UserId,
) -> Result<u64, PeopleError> {
    #[derive(FromQueryResult)]
    struct Row {
        n: i64,
    }
    let query = query(services.store.backend(), caller);
    let row = Row::find_by_statement(query).one(&services.store.read).await?;
    Ok(row.map_or(0, |row| u64::try_from(row.n).unwrap_or(0)))
}

fn all_query(backend: DbBackend, _: UserId) -> Statement {
    Statement::from_string(
        backend,
        "SELECT COUNT(*) AS n FROM account WHERE is_active AND delete_at IS NULL",
    )
}

/// Those between whom and the caller there is a block.
fn apart_query(backend: DbBackend, caller: UserId) -> Statement {
    let sql = "SELECT COUNT(*) AS n FROM account a WHERE a.is_active AND a.delete_at IS NULL AND a.id IN \
         (SELECT blocked_id FROM block WHERE blocker_id = $1 \
         UNION SELECT blocker_id FROM block WHERE blocked_id = $1)";
    Statement::from_sql_and_values(backend, sql, [Value::from(caller.0)])
}

/// The page is found on the index; only its own rows are read whole.
pub(crate) fn page_query(
    backend: DbBackend,
    caller: UserId,
    (limit, offset): (i64, i64),
) -> Statement {
    let (columns, collation) = (views::COLUMNS, collation(backend));
    let sql = format!(
        "SELECT {columns} FROM account a WHERE a.id IN (SELECT one.id FROM account one \
         WHERE one.id <> $1 AND one.is_active AND one.delete_at IS NULL AND NOT EXISTS (SELECT 1 FROM block b \
         WHERE (b.blocker_id = $1 AND b.blocked_id = one.id) \
         OR (b.blocker_id = one.id AND b.blocked_id = $1)) \
         ORDER BY one.username COLLATE {collation} LIMIT $2 OFFSET $3) \
         ORDER BY a.username COLLATE {collation}"
    );
    let values: [Value; 3] = [caller.0.into(), limit.into(), offset.into()];
    Statement::from_sql_and_values(backend, sql, values)
}
