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

/// A place among the tries of the hour, taken before anything is judged, so that many at once are no
/// more than one after the other. Dropped, it counts as a failure.
#[derive(Debug)]
#[must_use = "a try that succeeded is given back"]
pub(crate) struct Try {
    account: String,
    name: String,
}

#[derive(Debug)]
struct Entry {
    at: Instant,
    name: String,
}

#[derive(Debug)]
pub(super) struct Failures {
    counts: bool,
    tries: Mutex<HashMap<String, Vec<Entry>>>,
}

type Shared<'a> = Option<&'a Arc<dyn Ledger>>;

impl Failures {
    pub(super) fn new(counts: bool) -> Self {
        Self { counts, tries: Mutex::default() }
    }

    /// A place for one try, or how long to wait for one; `None` where nothing is counted.
    pub(super) async fn begin(
        &self,
        account: String,
        ledger: Shared<'_>,
        now: Instant,
    ) -> Result<Option<Try>, Wait> {
        if !self.counts {
            return Ok(None);
        }
        let one = Try { account, name: format!("{:032x}", rand::random::<u128>()) };
        self.take_here(&one, now)?;
        let Some(ledger) = ledger else { return Ok(Some(one)) };
        // Where it is away this node counts, at least.
        let wait = ledger.take(tally(&one.account), &one.name).await.unwrap_or_default();
        if wait.is_zero() {
            return Ok(Some(one));
        }
        self.give_back_here(&one);
        Err(Wait::of(wait))
    }

    /// It succeeded, or could not be judged.
    pub(super) async fn give_back(&self, one: Try, ledger: Shared<'_>) {
        self.give_back_here(&one);
        if let Some(ledger) = ledger {
            let _away = ledger.give_back(&one.account, &one.name).await;
        }
    }

    fn take_here(&self, one: &Try, now: Instant) -> Result<(), Wait> {
        let mut all = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= REMEMBERED {
            all.retain(|_, tries| tries.last().is_some_and(|entry| is_recent(entry.at, now)));
        }
        let tries = all.entry(one.account.clone()).or_default();
        tries.retain(|entry| is_recent(entry.at, now));
        match tries.first() {
            Some(oldest) if tries.len() >= ALLOWED as usize => {
                Err(Wait::of(WINDOW.saturating_sub(now.duration_since(oldest.at))))
            }
            _ => {
                tries.push(Entry { at: now, name: one.name.clone() });
                Ok(())
            }
        }
    }

    fn give_back_here(&self, one: &Try) {
        let mut all = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tries) = all.get_mut(&one.account) {
            tries.retain(|entry| entry.name != one.name);
            if tries.is_empty() {
                all.remove(&one.account);
            }
        }
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

    async fn fails(failures: &Failures, account: &str, now: Instant) -> Result<(), Wait> {
        failures.begin(account.to_owned(), None, now).await.map(drop)
    }

    #[tokio::test]
    async fn the_eleventh_failure_within_an_hour_has_to_wait_for_the_first_to_be_over() {
        let (failures, begun) = (Failures::new(true), Instant::now());
        let later = |minutes: u64| begun + Duration::from_secs(60 * minutes);
        for minute in 0..u64::from(ALLOWED) {
            fails(&failures, "ada", later(minute)).await.unwrap();
        }
        assert_eq!(fails(&failures, "ada", later(10)).await, Err(Wait(50 * 60_000)));
        fails(&failures, "bob", later(10)).await.unwrap();
        fails(&failures, "ada", later(60)).await.unwrap();
        assert_eq!(fails(&failures, "ada", later(60)).await, Err(Wait(60_000)));
    }

    #[tokio::test]
    async fn what_succeeded_is_not_counted() {
        let (failures, now) = (Failures::new(true), Instant::now());
        for _ in 0..3 * ALLOWED {
            let one = failures.begin("ada".into(), None, now).await.unwrap().unwrap();
            failures.give_back(one, None).await;
        }
        assert!(failures.tries.lock().unwrap().is_empty(), "nothing is left of it");
    }
}
