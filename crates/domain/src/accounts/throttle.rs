//! How often somebody may try.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use wire::UnixMillis;

use super::AccountError;
use crate::{Settings, clock};

/// Failed tries for one account within [`FAILURE_WINDOW_MS`], from devices it does not know.
const FAILURES_ALLOWED: usize = 10;
const FAILURE_WINDOW_MS: i64 = 3_600_000;
/// Accounts whose failures are remembered; beyond it those that are over are forgotten.
const REMEMBERED: usize = 10_000;

#[derive(Debug)]
pub(crate) struct Throttle {
    sign_ups: Option<DefaultKeyedRateLimiter<IpAddr>>,
    sign_ins: Option<DefaultKeyedRateLimiter<IpAddr>>,
    resets: Option<DefaultKeyedRateLimiter<String>>,
    failures: Mutex<HashMap<String, Vec<UnixMillis>>>,
}

impl Throttle {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            sign_ups: limiter(settings.sign_ups_per_minute, Quota::per_minute),
            sign_ins: limiter(settings.sign_ins_per_minute, Quota::per_minute),
            resets: limiter(settings.resets_per_hour, Quota::per_hour),
            failures: Mutex::default(),
        }
    }

    pub(crate) fn admit_sign_up(&self, address: IpAddr) -> Result<(), AccountError> {
        admit(self.sign_ups.as_ref(), &network(address))
    }

    pub(crate) fn admit_sign_in(&self, address: IpAddr) -> Result<(), AccountError> {
        admit(self.sign_ins.as_ref(), &network(address))
    }

    /// Whether another mail may go to the address.
    pub(crate) fn admits_reset(&self, email_key: &str) -> bool {
        admit(self.resets.as_ref(), &email_key.to_owned()).is_ok()
    }

    /// Refuses while `account` has failed too often.
    pub(crate) fn admit_account(&self, account: &str) -> Result<(), AccountError> {
        // An operator who lifts the limit for tests lifts this one with it.
        if self.sign_ins.is_none() {
            return Ok(());
        }
        let now = clock::now();
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let recent = failures.get(account).map_or(&[][..], Vec::as_slice);
        let recent: Vec<_> = recent.iter().filter(|at| is_recent(**at, now)).collect();
        match recent.first() {
            Some(first) if recent.len() >= FAILURES_ALLOWED => {
                let wait = first.0 + FAILURE_WINDOW_MS - now.0;
                Err(AccountError::TooManyTries { retry_after_ms: wait.max(0).unsigned_abs() })
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn note_failure(&self, account: &str) {
        let now = clock::now();
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= REMEMBERED {
            failures.retain(|_, tries| tries.last().is_some_and(|at| is_recent(*at, now)));
        }
        let tries = failures.entry(account.to_owned()).or_default();
        tries.retain(|at| is_recent(*at, now));
        tries.push(now);
    }
}

fn is_recent(at: UnixMillis, now: UnixMillis) -> bool {
    now.0 - at.0 < FAILURE_WINDOW_MS
}

/// None where the operator lifted the limit.
fn limiter<K: Hash + Eq + Clone>(
    limit: u32,
    quota: fn(NonZeroU32) -> Quota,
) -> Option<DefaultKeyedRateLimiter<K>> {
    NonZeroU32::new(limit).map(|limit| RateLimiter::keyed(quota(limit)))
}

fn admit<K: Hash + Eq + Clone>(
    limiter: Option<&DefaultKeyedRateLimiter<K>>,
    who: &K,
) -> Result<(), AccountError> {
    let Some(limiter) = limiter else { return Ok(()) };
    // Old keys are forgotten now and then, or the map would grow for ever.
    if limiter.len() > REMEMBERED {
        limiter.retain_recent();
    }
    limiter.check_key(who).map_err(|not_until| {
        let wait = not_until.wait_time_from(DefaultClock::default().now());
        AccountError::TooManyTries {
            retry_after_ms: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
        }
    })
}

/// A household of IPv6 owns a /64: counting single addresses there counts nothing. An address of IPv4
/// that came over a socket of both kinds is one of IPv4.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & !u128::from(u64::MAX)).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eleventh_failure_of_an_account_has_to_wait() {
        let throttle = Throttle::new(&Settings::default());
        for _ in 0..FAILURES_ALLOWED {
            throttle.admit_account("ada").unwrap();
            throttle.note_failure("ada");
        }
        assert!(matches!(
            throttle.admit_account("ada"),
            Err(AccountError::TooManyTries { retry_after_ms }) if retry_after_ms > 3_000_000
        ));
        throttle.admit_account("bob").unwrap();
    }

    #[test]
    fn addresses_are_counted_by_household() {
        let throttle = Throttle::new(&Settings { sign_ins_per_minute: 2, ..Settings::default() });
        let address = |text: &str| text.parse().unwrap();
        throttle.admit_sign_in(address("2001:db8::1")).unwrap();
        throttle.admit_sign_in(address("2001:db8::2")).unwrap();
        assert!(throttle.admit_sign_in(address("2001:db8::3")).is_err());
        throttle.admit_sign_in(address("2001:db8:0:1::1")).unwrap();
    }

    #[test]
    fn addresses_of_ipv4_that_came_over_ipv6_are_counted_apart() {
        let throttle = Throttle::new(&Settings { sign_ins_per_minute: 1, ..Settings::default() });
        let address = |text: &str| text.parse().unwrap();
        throttle.admit_sign_in(address("::ffff:192.0.2.1")).unwrap();
        throttle.admit_sign_in(address("::ffff:192.0.2.2")).unwrap();
        assert!(throttle.admit_sign_in(address("192.0.2.1")).is_err());
    }
}
