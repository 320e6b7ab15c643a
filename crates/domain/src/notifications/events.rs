//! What happened, event by event: for clients that group for themselves.

use sea_orm::{FromQueryResult, Statement, Value};
use wire::notifications::NewsEvent;

use super::NewsError;
use super::list::{Row, seen};
use crate::{Caller, Services};

/// A page of what the caller may see, the newest first, and how many there are on all pages.
///
/// # Errors
/// Where the database does not answer.
pub async fn events(
    services: &Services,
    caller: &Caller,
    skip: u64,
    most: u64,
) -> Result<(u64, Vec<NewsEvent>), NewsError> {
    #[derive(FromQueryResult)]
    struct Count {
        n: i64,
    }
    let (backend, rows) = (services.store.backend(), &services.store.read);
    let me = Value::from(caller.user_id.0);
    let all = seen("TRUE");
    let sql = format!("SELECT COUNT(*) AS n FROM ({all}) AS told");
    let query = Statement::from_sql_and_values(backend, sql, [me.clone()]);
    let count = Count::find_by_statement(query).one(rows).await?.map_or(0, |count| count.n);
    let sql = format!("{all} ORDER BY n.created_at DESC, n.id DESC LIMIT $2 OFFSET $3");
    let at = |number: u64| Value::from(i64::try_from(number).unwrap_or(i64::MAX));
    let query = Statement::from_sql_and_values(backend, sql, [me, at(most), at(skip)]);
    let found = Row::find_by_statement(query).all(rows).await?;
    let events = found.into_iter().filter_map(Row::event).collect();
    Ok((u64::try_from(count).unwrap_or(0), events))
}
