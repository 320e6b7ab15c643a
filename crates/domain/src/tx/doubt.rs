//! A commit whose answer was lost: Postgres knows what became of it.

use std::sync::{Arc, Weak};
use std::time::Duration;

use realtime::{Event, Hub};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value};
use tokio::time::{Instant, sleep};

use super::tell_committed;
use crate::store::Store;

/// Between two questions, at first and at most.
const AGAIN: Duration = Duration::from_millis(50);
const AT_MOST: Duration = Duration::from_secs(2);
/// A database that is away for longer is back with readers who look for themselves.
const PATIENCE: Duration = Duration::from_secs(600);

/// What names a transaction after its connection is gone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Number(i64);

/// `None` for one that has changed nothing, and on SQLite, which is in this process: its answers are not
/// lost.
pub(super) async fn number_of(rows: &impl ConnectionTrait) -> Result<Option<Number>, DbErr> {
    if rows.get_database_backend() == DbBackend::Sqlite {
        return Ok(None);
    }
    let sql = "SELECT txid_current_if_assigned() AS n";
    let row = rows.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    let number: Option<i64> = row.map(|row| row.try_get("", "n")).transpose()?.flatten();
    Ok(number.map(Number))
}

/// Asks in the background until it is known, and tells what was waiting if it was committed.
pub(super) fn find_out(store: Store, hub: &Arc<Hub>, number: Number, events: Vec<Event>) {
    // The hub ends with the services.
    let hub = Arc::downgrade(hub);
    tokio::spawn(async move {
        if was_committed(&store, &hub, number).await
            && let Some(hub) = hub.upgrade()
        {
            tell_committed(&hub, events);
        }
    });
}

async fn was_committed(store: &Store, hub: &Weak<Hub>, Number(number): Number) -> bool {
    let (begun, mut wait) = (Instant::now(), AGAIN);
    while begun.elapsed() < PATIENCE && hub.strong_count() > 0 {
        let sql = "SELECT txid_status($1) AS status";
        let values = [Value::from(number)];
        let query = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
        let row = store.read.query_one_raw(query).await;
        let status = row.and_then(|row| row.map(|row| row.try_get("", "status")).transpose());
        match status.map(Option::flatten).as_ref().map(Option::<String>::as_deref) {
            Ok(Some("in progress")) | Err(_) => sleep(wait).await,
            Ok(status) => return status == Some("committed"),
        }
        wait = (wait * 2).min(AT_MOST);
    }
    false
}
