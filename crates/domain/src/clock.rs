//! The wall clock, in the unit of every column.

use std::time::{SystemTime, UNIX_EPOCH};

use wire::UnixMillis;

/// Milliseconds since 1970; a clock before that reads 0.
#[must_use]
pub fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
