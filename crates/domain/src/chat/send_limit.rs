//! How fast one account may send.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use wire::UserId;

use super::ChatError;

/// Messages that may come at once after a pause.
const BURST: u32 = 5;
/// Accounts that are remembered before the idle ones are forgotten.
const REMEMBERED: usize = 10_000;

/// A leaky bucket for each account (GCRA).
#[derive(Debug)]
pub(crate) struct SendLimit(Option<DefaultKeyedRateLimiter<UserId>>);

impl SendLimit {
    /// `per_second` messages over the burst; 0 lifts the limit.
    pub(crate) fn new(per_second: u32) -> Self {
        let quota = (per_second > 0)
            .then(|| Quota::with_period(Duration::from_secs(1) / per_second))
            .flatten();
        let burst = NonZeroU32::MIN.saturating_add(BURST - 1);
        Self(quota.map(|quota| RateLimiter::keyed(quota.allow_burst(burst))))
    }

    pub(crate) fn admit(&self, sender: UserId) -> Result<(), ChatError> {
        let Some(limiter) = &self.0 else { return Ok(()) };
        if limiter.len() > REMEMBERED {
            limiter.retain_recent();
        }
        limiter.check_key(&sender).map_err(|not_until| {
            let wait = not_until.wait_time_from(DefaultClock::default().now());
            // Rounded up: a client that waits exactly this long must get through.
            let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            ChatError::RateLimited { retry_after_ms: millis.saturating_add(1) }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_the_next_one_is_told_how_long_to_wait() {
        let limit = SendLimit::new(1);
        let ada = UserId::new();
        for _ in 0..BURST {
            limit.admit(ada).unwrap();
        }
        let Err(ChatError::RateLimited { retry_after_ms }) = limit.admit(ada) else {
            panic!("the sixth message at once");
        };
        assert!((1..=1001).contains(&retry_after_ms), "{retry_after_ms}");
        limit.admit(UserId::new()).unwrap();
        let lifted = SendLimit::new(0);
        assert!((0..100).all(|_| lifted.admit(ada).is_ok()));
    }
}
