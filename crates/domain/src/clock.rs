//! The wall clock, in the unit of every column.

use std::future::Future;
use std::time::{SystemTime, UNIX_EPOCH};

use wire::UnixMillis;

tokio::task_local! {
    /// The moment of what is played.
    static MOMENT: UnixMillis;
}

/// Milliseconds since 1970; a clock before that reads 0.
#[must_use]
pub fn now() -> UnixMillis {
    MOMENT.try_with(|moment| *moment).unwrap_or_else(|_| read())
}

/// Does `work` as if it were `moment`. Of what it leaves to others, nothing is.
pub(crate) fn at<F: Future>(moment: UnixMillis, work: F) -> impl Future<Output = F::Output> {
    MOMENT.scope(moment, work)
}

fn read() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
