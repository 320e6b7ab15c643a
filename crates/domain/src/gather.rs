//! Small things that many tell at once and nobody waits for: gathered for a moment, then done together.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

/// Told things that wait; beyond that none is taken.
const WAITING: usize = 4096;
const BATCH: usize = 256;
/// How long the first of a batch waits for company.
const PAUSE: Duration = Duration::from_millis(500);

#[derive(Debug)]
enum Told<T> {
    One(T),
    /// Do what was told at once and say when it is done.
    Settle(oneshot::Sender<()>),
}

/// The way to the task that gathers.
#[derive(Debug)]
pub(crate) struct Gatherer<T>(mpsc::Sender<Told<T>>);

impl<T: Ord + Send + 'static> Gatherer<T> {
    /// Starts the task, which ends with the gatherer; `act` is given what was told, each thing once and in
    /// order.
    pub(crate) fn start<F>(act: impl Fn(Vec<T>) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (waiting, told) = mpsc::channel(WAITING);
        tokio::spawn(gather(act, told));
        Self(waiting)
    }

    /// False where so much waits that this is not taken.
    pub(crate) fn tell(&self, one: T) -> bool {
        self.0.try_send(Told::One(one)).is_ok()
    }

    /// Waits until everything that was told before has been done.
    pub(crate) async fn settled(&self) {
        let (done, is_done) = oneshot::channel();
        if self.0.send(Told::Settle(done)).await.is_ok() {
            // The task is gone only when nothing is left to do.
            let _gone = is_done.await;
        }
    }
}

async fn gather<T: Ord, F: Future<Output = ()>>(
    act: impl Fn(Vec<T>) -> F,
    mut told: mpsc::Receiver<Told<T>>,
) {
    while let Some(first) = told.recv().await {
        let mut gathered = BTreeSet::new();
        let mut asked = Vec::new();
        let until = Instant::now() + PAUSE;
        let mut next = Some(first);
        while let Some(one) = next {
            match one {
                Told::One(one) => {
                    gathered.insert(one);
                }
                Told::Settle(done) => asked.push(done),
            }
            let is_enough = gathered.len() >= BATCH || !asked.is_empty();
            next =
                if is_enough { None } else { timeout_at(until, told.recv()).await.ok().flatten() };
        }
        if !gathered.is_empty() {
            act(gathered.into_iter().collect()).await;
        }
        for done in asked {
            let _left = done.send(());
        }
    }
}
