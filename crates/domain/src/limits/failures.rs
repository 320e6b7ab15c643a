//! How often somebody failed to prove who they are, within the last hour.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use realtime::{Ledger, Tally};

use super::Wait;

/// Failed tries for one account within [`WINDOW`], from devices it does not know.
const ALLOWED: u32 = 10;
const WINDOW: Duration = Duration::from_secs(3600);
/// Accounts whose failures are remembered; beyond it those that are over are forgotten.
const REMEMBERED: usize = 10_000;

#[derive(Debug)]
pub(super) struct Failures {
    counts: bool,
    tries: Mutex<HashMap<String, Vec<Instant>>>,
}

type Shared<'a> = Option<&'a Arc<dyn Ledger>>;

impl Failures {
    pub(super) fn new(counts: bool) -> Self {
        Self { counts, tries: Mutex::default() }
    }

    pub(super) async fn check(
        &self,
        name: &str,
        ledger: Shared<'_>,
        now: Instant,
    ) -> Result<(), Wait> {
        if !self.counts {
            return Ok(());
        }
        let mut wait = self.wait_here(name, now);
        if let Some(ledger) = ledger {
            wait = wait.max(ledger.tally(tally(name), false).await.unwrap_or_default());
        }
        if wait.is_zero() { Ok(()) } else { Err(Wait::of(wait)) }
    }

    pub(super) async fn note(&self, name: &str, ledger: Shared<'_>, now: Instant) {
        if !self.counts {
            return;
        }
        self.note_here(name, now);
        if let Some(ledger) = ledger {
            // Where it is away this node knows, at least.
            let _away = ledger.tally(tally(name), true).await;
        }
    }

    fn wait_here(&self, name: &str, now: Instant) -> Duration {
        let tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        let tries = tries.get(name).map_or(&[][..], Vec::as_slice);
        let mut recent = tries.iter().filter(|at| is_recent(**at, now));
        let oldest = recent.next().copied();
        let enough = 1 + recent.count() >= ALLOWED as usize;
        let wait = oldest.map(|at| WINDOW.saturating_sub(now.duration_since(at)));
        wait.filter(|_| enough).unwrap_or_default()
    }

    fn note_here(&self, name: &str, now: Instant) {
        let mut all = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= REMEMBERED {
            all.retain(|_, tries| tries.last().is_some_and(|at| is_recent(*at, now)));
        }
        let tries = all.entry(name.to_owned()).or_default();
        tries.retain(|at| is_recent(*at, now));
        tries.push(now);
    }
}

fn tally(name: &str) -> Tally {
    Tally { key: name.to_owned(), window: WINDOW, most: ALLOWED }
}

fn is_recent(at: Instant, now: Instant) -> bool {
    now.duration_since(at) < WINDOW
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_eleventh_failure_within_an_hour_has_to_wait_for_the_first_to_be_over() {
        let (failures, begun) = (Failures::new(true), Instant::now());
        let later = |minutes: u64| begun + Duration::from_secs(60 * minutes);
        for minute in 0..u64::from(ALLOWED) {
            failures.check("ada", None, later(minute)).await.unwrap();
            failures.note("ada", None, later(minute)).await;
        }
        assert_eq!(failures.check("ada", None, later(10)).await, Err(Wait(50 * 60_000)));
        failures.check("bob", None, later(10)).await.unwrap();
        failures.check("ada", None, later(60)).await.unwrap();
        failures.note("ada", None, later(60)).await;
        assert_eq!(failures.check("ada", None, later(60)).await, Err(Wait(60_000)));
    }
}
