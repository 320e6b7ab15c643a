//! The leaky buckets of one node (GCRA): for each key the moment at which its bucket will be empty.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use realtime::Balance;

use super::{Quota, Wait};

/// Keys that are remembered before the empty ones are forgotten.
const REMEMBERED: usize = 10_000;

#[derive(Debug, Default)]
pub(super) struct Buckets(Mutex<State>);

#[derive(Debug)]
struct State {
    empty_at: HashMap<String, Instant>,
    /// How many there may be until the next look for empty ones.
    tidy_at: usize,
}

impl Default for State {
    fn default() -> Self {
        Self { empty_at: HashMap::new(), tidy_at: REMEMBERED }
    }
}

impl Buckets {
    /// Puts one more into the bucket, or says how long it takes until there is room.
    pub(super) fn spend(&self, key: &str, quota: Quota, now: Instant) -> Result<(), Wait> {
        let mut state = self.lock();
        state.tidy(now);
        let empty_at = state.empty_at.get(key).copied().unwrap_or(now).max(now);
        let room = quota.interval * quota.burst.saturating_sub(1);
        let over = empty_at.duration_since(now).saturating_sub(room);
        if !over.is_zero() {
            return Err(Wait::of(over));
        }
        state.empty_at.insert(key.to_owned(), empty_at + quota.interval);
        Ok(())
    }

    /// Learns what all nodes together have counted. What was refused is taken out again. Counted from
    /// before the question, so that nobody has to wait longer here than there.
    pub(super) fn settle(&self, key: &str, quota: Quota, balance: Balance, asked_at: Instant) {
        let mut state = self.lock();
        let Some(empty_at) = state.empty_at.get_mut(key) else { return };
        if !balance.wait.is_zero() {
            *empty_at = empty_at.checked_sub(quota.interval).unwrap_or(asked_at);
        }
        *empty_at = (*empty_at).max(asked_at + balance.debt);
    }

    #[cfg(test)]
    pub(super) fn debt(&self, key: &str, now: Instant) -> std::time::Duration {
        self.lock().empty_at.get(key).map_or_else(Default::default, |at| at.duration_since(now))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Where nearly all are in use, the next look is far: it must not cost every call.
    fn tidy(&mut self, now: Instant) {
        if self.empty_at.len() >= self.tidy_at {
            self.empty_at.retain(|_, empty_at| *empty_at > now);
            self.tidy_at = REMEMBERED.max(2 * self.empty_at.len());
        }
    }
}
