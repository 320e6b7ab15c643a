//! What is counted over all nodes.

use std::fmt::Debug;
use std::time::Duration;

use crate::Answer;

/// One use of something that may be used only so often: once in `interval`, over a `burst` that may
/// come at once after a pause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spending {
    pub key: String,
    pub interval: Duration,
    pub burst: u32,
}

/// What came of a [`Spending`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Balance {
    /// Nothing where it was admitted; else how long to wait, and nothing was spent.
    pub wait: Duration,
    /// How long it takes until everything that was spent is forgotten.
    pub debt: Duration,
}

/// Events of which only so many may come within a window of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    pub key: String,
    pub window: Duration,
    pub most: u32,
}

/// Counts for every node, by one clock. It may be away: then each node counts for itself.
pub trait Ledger: Debug + Send + Sync {
    /// A balance for each spending, in their order.
    fn spend(&self, spendings: Vec<Spending>) -> Answer<'_, Vec<Balance>>;

    /// Takes a place among the `most` of the window under `name`, or says how long to wait for one: then
    /// nothing was taken.
    fn take<'a>(&'a self, tally: Tally, name: &'a str) -> Answer<'a, Duration>;

    /// Gives the place of that name back.
    fn give_back<'a>(&'a self, key: &'a str, name: &'a str) -> Answer<'a, ()>;
}
