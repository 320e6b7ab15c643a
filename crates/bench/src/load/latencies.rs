//! Latencies by the million, each within two percent, in one small table.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Steps between a number and its double.
const STEPS: usize = 64;
/// Doublings from one microsecond to an hour.
const DOUBLINGS: usize = 32;

/// How many latencies fell into each step of a logarithmic scale.
#[derive(Debug)]
pub(crate) struct Latencies(Vec<AtomicU64>);

/// Milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Summary {
    pub(crate) p50: f64,
    pub(crate) p90: f64,
    pub(crate) p99: f64,
    pub(crate) p999: f64,
    pub(crate) max: f64,
}

impl Default for Latencies {
    fn default() -> Self {
        Self((0..STEPS * DOUBLINGS).map(|_| AtomicU64::new(0)).collect())
    }
}

impl Latencies {
    pub(crate) fn clear(&self) {
        self.0.iter().for_each(|step| step.store(0, Ordering::Relaxed));
    }

    pub(crate) fn add(&self, latency: Duration) {
        let step = step_of(latency.as_secs_f64() * 1e6);
        self.0[step].fetch_add(1, Ordering::Relaxed);
    }

    /// `None` of nothing.
    pub(crate) fn summary(&self) -> Option<Summary> {
        let counts: Vec<u64> = self.0.iter().map(|step| step.load(Ordering::Relaxed)).collect();
        let total: u64 = counts.iter().sum();
        let of = |share: f64| {
            let rank = (share * total as f64).ceil().max(1.0) as u64;
            let mut passed = 0;
            counts.iter().position(|count| {
                passed += count;
                passed >= rank
            })
        };
        let at = |share| of(share).map(|step| end_of(step) / 1e3);
        Some(Summary {
            p50: at(0.5)?,
            p90: at(0.9)?,
            p99: at(0.99)?,
            p999: at(0.999)?,
            max: at(1.0)?,
        })
    }
}

fn step_of(micros: f64) -> usize {
    let step = (micros.max(1.0).log2() * STEPS as f64) as usize;
    step.min(STEPS * DOUBLINGS - 1)
}

/// The largest latency of a step, in microseconds: what is told is never too good.
fn end_of(step: usize) -> f64 {
    ((step + 1) as f64 / STEPS as f64).exp2()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_at_most_two_percent_too_high() {
        let latencies = Latencies::default();
        for micros in 1..=10_000 {
            latencies.add(Duration::from_micros(micros));
        }
        let found = latencies.summary().unwrap();
        for (found, exact) in
            [(found.p50, 5.0), (found.p90, 9.0), (found.p99, 9.9), (found.max, 10.0)]
        {
            assert!(found >= exact && found <= exact * 1.02, "{found} for {exact}");
        }
        latencies.clear();
        assert!(latencies.summary().is_none());
    }
}
