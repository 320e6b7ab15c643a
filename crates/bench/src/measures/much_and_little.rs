//! The same questions to a server with much in it and to one with little, in turn, question by question: what
//! else the machine does meets both alike.

use anyhow::{Context, Result};

use crate::rounds::Rounds;
use crate::stats::percentile;
use crate::table::{Row, Table, shown};

/// Whoever can be asked.
pub(super) trait Asked {
    type Question: Copy;

    /// How long the whole answer took, in milliseconds. It must be right.
    async fn ask(&mut self, question: Self::Question) -> Result<f64>;
}

/// Milliseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    pub(super) median: f64,
    pub(super) slowest_percent: f64,
}

impl Times {
    pub(super) fn of(milliseconds: &[f64]) -> Result<Self> {
        let of = |share| percentile(milliseconds, share).context("nothing was asked");
        Ok(Self { median: of(0.5)?, slowest_percent: of(0.99)? })
    }
}

/// What one round brought for one question.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    much: Times,
    little: Times,
}

/// Each question so many times to both; a pair for each question.
pub(super) async fn turn<A: Asked>(
    (much, little): (&mut A, &mut A),
    questions: &[(A::Question, &str)],
    requests: usize,
) -> Result<Vec<Pair>> {
    let mut pairs = Vec::with_capacity(questions.len());
    for (question, _) in questions {
        let (mut of_much, mut of_little) = (Vec::new(), Vec::new());
        for _ in 0..requests {
            of_much.push(much.ask(*question).await?);
            of_little.push(little.ask(*question).await?);
        }
        pairs.push(Pair { much: Times::of(&of_much)?, little: Times::of(&of_little)? });
    }
    Ok(pairs)
}

/// Two lines for each question. `sizes` says how much there was on either side.
pub(super) fn rows<Q>(
    turns: &Rounds<(), Vec<Pair>>,
    questions: &[(Q, &str)],
    sizes: (&str, &str),
    target: impl Fn(usize) -> &'static str,
) -> Table {
    let mut table = Table::default();
    let percents = [
        ("p50", (|times| times.median) as fn(Times) -> f64),
        ("p99", |times| times.slowest_percent),
    ];
    for (place, (_, name)) in questions.iter().enumerate() {
        for (percent, of) in percents {
            let much = |turn: &Vec<Pair>| turn.get(place).map_or(f64::NAN, |pair| of(pair.much));
            let little =
                |turn: &Vec<Pair>| turn.get(place).map_or(f64::NAN, |pair| of(pair.little));
            table.push(Row {
                measure: format!("{name}, {percent}, {}", sizes.0),
                figure: shown(turns.spread((), much), "ms"),
                floor: format!("{}: {}", sizes.1, shown(turns.spread((), little), "ms")),
                ratio: turns.spread((), |turn| much(turn) / little(turn)),
                rounds: turns.note(),
                target: if percent == "p99" { target(place) } else { "" },
            });
        }
    }
    table
}
