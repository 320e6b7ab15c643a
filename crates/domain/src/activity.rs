//! What people's presence and writing add up to: days in a row, achievements, how much is going on.
//!
//! Nothing here is counted when it is asked for: whatever changes a number changes it, and gives what is
//! earned by it, in its own transaction.

mod achievements;
mod community_days;
#[cfg(test)]
mod costs;
mod pulse;
mod streak;
mod visits;

pub(crate) use achievements::earn;
pub use achievements::{achievements, mark_shown, pending, record};
pub use community_days::community_pulse;
pub(crate) use community_days::{CommunityCount, count_in_community, forget_old_days};
pub(crate) use pulse::LastPulse;
pub use pulse::pulse;
pub use streak::streak;
pub(crate) use visits::VisitLog;
pub use visits::{note_visit, visits_settled};

use crate::clock;

const DAY_MS: i64 = 86_400_000;

/// The day of UTC that a time is of, counted since 1970.
fn day_of(millis: i64) -> i32 {
    i32::try_from(millis.div_euclid(DAY_MS)).unwrap_or(i32::MAX)
}

fn today() -> i32 {
    day_of(clock::now().0)
}
