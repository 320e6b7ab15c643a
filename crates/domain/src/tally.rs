//! What is asked of the database for somebody's sake.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use sea_orm::DatabaseConnection;

tokio::task_local! {
    static COUNTS: Arc<Counts>;
}

#[derive(Debug, Default)]
struct Counts {
    statements: AtomicU32,
    nanos: AtomicU64,
}

/// Statements that were answered, and how long all of them took together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    pub statements: u32,
    pub time: Duration,
}

/// Does something, and counts what it asks of a [`Store`](crate::Store) meanwhile. What it leaves to other tasks, such
/// as the writer of messages, is not counted.
pub async fn tallied<T>(deed: impl Future<Output = T>) -> (T, Tally) {
    let counts = Arc::new(Counts::default());
    let done = COUNTS.scope(counts.clone(), deed).await;
    let statements = counts.statements.load(Ordering::Relaxed);
    let time = Duration::from_nanos(counts.nanos.load(Ordering::Relaxed));
    (done, Tally { statements, time })
}

/// From now on the connection's statements count for whoever asks them.
pub(crate) fn watch(connection: &mut DatabaseConnection) {
    connection.set_metric_callback(|asked| {
        let count = |counts: &Arc<Counts>| {
            let nanos = u64::try_from(asked.elapsed.as_nanos()).unwrap_or(u64::MAX);
            counts.statements.fetch_add(1, Ordering::Relaxed);
            counts.nanos.fetch_add(nanos, Ordering::Relaxed);
            tracing::trace!(elapsed = ?asked.elapsed, sql = asked.statement.sql, "asked");
        };
        // Outside of a request nobody counts.
        let _nobody = COUNTS.try_with(count);
    });
}
