//! How often one account may search.

use std::num::NonZeroU32;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use wire::UserId;

use super::PeopleError;

/// Accounts that are remembered before the idle ones are forgotten.
const REMEMBERED: usize = 10_000;

#[derive(Debug)]
pub(crate) struct SearchLimit(Option<DefaultKeyedRateLimiter<UserId>>);

impl SearchLimit {
    /// 0 lifts the limit.
    pub(crate) fn new(per_minute: u32) -> Self {
        let limit = NonZeroU32::new(per_minute);
        Self(limit.map(|limit| RateLimiter::keyed(Quota::per_minute(limit))))
    }

    pub(crate) fn admit(&self, caller: UserId) -> Result<(), PeopleError> {
        let Some(limiter) = &self.0 else { return Ok(()) };
        if limiter.len() > REMEMBERED {
            limiter.retain_recent();
        }
        limiter.check_key(&caller).map_err(|not_until| {
            let wait = not_until.wait_time_from(DefaultClock::default().now());
            let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            PeopleError::TooManySearches { retry_after_ms: millis.saturating_add(1) }
        })
    }
}
