//! How every ratio is taken: contenders in turn, forwards and then backwards, between two looks at
//! how fast the machine is.

use std::hint::black_box;
use std::time::Instant;

use anyhow::Result;

use crate::stats::Spread;

/// A round between whose ends the machine's speed moved further than this says nothing.
const DRIFT: f64 = 0.10;
/// Steps of the spin loop: about five milliseconds.
const SPIN: u64 = 5_000_000;
/// The speed is the median of so many spins.
const SPINS: usize = 9;

/// How much of everything.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) quick: bool,
}

impl Plan {
    pub(crate) fn rounds(self) -> usize {
        self.pick(3, 5)
    }

    pub(crate) fn pick<T>(self, quick: T, full: T) -> T {
        if self.quick { quick } else { full }
    }
}

#[derive(Debug)]
struct Round<C, T> {
    results: Vec<(C, T)>,
    quiet: bool,
}

/// What the contenders achieved.
#[derive(Debug)]
pub(crate) struct Rounds<C, T>(Vec<Round<C, T>>);

/// Runs rounds until `wanted` were quiet, or half as many more have been tried. Contenders take turns
/// in the order A B, B A, A B …, so that a machine that slows down steadily favours nobody.
pub(crate) async fn rounds<C: Copy, T>(
    wanted: usize,
    contenders: &[C],
    mut run: impl AsyncFnMut(C) -> Result<T>,
) -> Result<Rounds<C, T>> {
    let mut tried = Vec::new();
    let mut quiet_ones = 0;
    while quiet_ones < wanted && tried.len() < wanted + wanted / 2 {
        let mut order = contenders.to_vec();
        if tried.len() % 2 == 1 {
            order.reverse();
        }
        let before = spin_seconds();
        let mut results = Vec::with_capacity(order.len());
        for contender in order {
            results.push((contender, run(contender).await?));
        }
        let quiet = (spin_seconds() / before - 1.0).abs() <= DRIFT;
        quiet_ones += usize::from(quiet);
        tried.push(Round { results, quiet });
    }
    Ok(Rounds(tried))
}

impl<C: Copy + PartialEq, T> Rounds<C, T> {
    /// The quiet rounds; where there was none, all of them, which [`Rounds::note`] admits.
    fn counted(&self) -> impl Iterator<Item = &Round<C, T>> {
        let any_quiet = self.0.iter().any(|round| round.quiet);
        self.0.iter().filter(move |round| round.quiet || !any_quiet)
    }

    /// One figure of a contender over the rounds.
    pub(crate) fn spread(&self, of: C, figure: impl Fn(&T) -> f64) -> Option<Spread> {
        Spread::of(self.counted().filter_map(|round| round.figure(of, &figure)))
    }

    /// The ratio of two contenders' figures, taken within each round.
    pub(crate) fn ratio(&self, of: C, to: C, figure: impl Fn(&T) -> f64) -> Option<Spread> {
        let ratios = self
            .counted()
            .filter_map(|round| Some(round.figure(of, &figure)? / round.figure(to, &figure)?));
        Spread::of(ratios)
    }

    /// How many rounds count, and how many were thrown away.
    pub(crate) fn note(&self) -> String {
        let (all, quiet) = (self.0.len(), self.0.iter().filter(|round| round.quiet).count());
        match quiet {
            0 => format!("{all}, all noisy"),
            _ if quiet < all => format!("{quiet} ({} noisy discarded)", all - quiet),
            _ => format!("{quiet}"),
        }
    }
}

impl<C: Copy + PartialEq, T> Round<C, T> {
    fn figure(&self, of: C, figure: impl Fn(&T) -> f64) -> Option<f64> {
        self.results.iter().find(|(who, _)| *who == of).map(|(_, result)| figure(result))
    }
}

fn spin_seconds() -> f64 {
    let spins = std::iter::repeat_with(spin_once).take(SPINS);
    Spread::of(spins).map_or(f64::NAN, |spread| spread.median)
}

fn spin_once() -> f64 {
    let started = Instant::now();
    let mut state = black_box(1_u64);
    for step in 0..SPIN {
        state = black_box(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(step));
    }
    black_box(state);
    started.elapsed().as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(rounds: &[(f64, f64, bool)]) -> Rounds<char, f64> {
        let round = |&(a, b, quiet)| Round { results: vec![('a', a), ('b', b)], quiet };
        Rounds(rounds.iter().map(round).collect())
    }

    #[test]
    fn ratios_are_taken_within_a_round_and_noisy_rounds_do_not_count() {
        let rounds = made(&[(10.0, 20.0, true), (99.0, 1.0, false), (40.0, 50.0, true)]);
        let ratio = rounds.ratio('a', 'b', |figure| *figure).unwrap();
        assert_eq!((ratio.min, ratio.max), (0.5, 0.8));
        assert_eq!(rounds.spread('a', |figure| *figure).unwrap().max, 40.0);
        assert_eq!(rounds.note(), "2 (1 noisy discarded)");
    }

    #[test]
    fn without_a_quiet_round_all_count_and_the_note_says_so() {
        let rounds = made(&[(1.0, 2.0, false), (3.0, 4.0, false)]);
        assert_eq!(rounds.ratio('a', 'b', |figure| *figure).unwrap().max, 0.75);
        assert_eq!(rounds.note(), "2, all noisy");
    }

    #[tokio::test]
    async fn contenders_go_forwards_and_then_backwards() {
        let mut order = String::new();
        let run = async |who: char| -> Result<()> {
            order.push(who);
            Ok(())
        };
        rounds(2, &['a', 'b'], run).await.unwrap();
        assert!(order.starts_with("abba"), "{order}");
    }
}
