//! One act for everybody who asks at the same moment.
//!
//! A server that restarts is met by all its clients at once, and left by all of them when its network
//! goes. Each wants something small of the database; a statement for each would be thousands. Nobody
//! waits for company: who finds nothing under way is served at once, and all who come meanwhile are
//! served together after that.

use std::fmt::Debug;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

/// Most who are served by one act.
const BATCH: usize = 256;
/// Askers who come beyond this wait to be let in.
const QUEUE: usize = 4096;
/// So many at once are a crowd: more of it will come in a moment.
const CROWD: usize = 16;
/// How long the next act waits for the rest of a crowd.
const BREATH: Duration = Duration::from_millis(5);

type Asked<Q, A> = (Q, oneshot::Sender<A>);

/// The door to the task that acts, which ends with it.
#[derive(Debug)]
pub(crate) struct Together<Q, A>(mpsc::Sender<Asked<Q, A>>);

/// The task has ended, with its runtime.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ended;

impl<Q: Send + 'static, A: Send + 'static> Together<Q, A> {
    /// `act` answers all questions, in their order.
    pub(crate) fn start<F>(act: impl Fn(Vec<Q>) -> F + Send + 'static) -> Self
    where
        F: Future<Output = Vec<A>> + Send + 'static,
    {
        let (queue, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(run(act, waiting));
        Self(queue)
    }

    pub(crate) async fn ask(&self, question: Q) -> Result<A, Ended> {
        let (tell, told) = oneshot::channel();
        self.0.send((question, tell)).await.map_err(|_| Ended)?;
        told.await.map_err(|_| Ended)
    }
}

async fn run<Q, A, F: Future<Output = Vec<A>>>(
    act: impl Fn(Vec<Q>) -> F,
    mut waiting: mpsc::Receiver<Asked<Q, A>>,
) {
    let mut asked = Vec::new();
    while waiting.recv_many(&mut asked, BATCH).await > 0 {
        let (questions, answers): (Vec<_>, Vec<_>) = asked.drain(..).unzip();
        let is_crowd = questions.len() >= CROWD;
        for (tell, answer) in answers.into_iter().zip(act(questions).await) {
            // Whoever asked may have gone away.
            let _gone = tell.send(answer);
        }
        if is_crowd {
            tokio::time::sleep(BREATH).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::task::JoinSet;

    use super::*;

    #[tokio::test]
    async fn who_asks_meanwhile_is_served_together() {
        let acts = Arc::new(AtomicUsize::new(0));
        let counted = acts.clone();
        let doubled = Arc::new(Together::start(move |questions: Vec<usize>| {
            counted.fetch_add(1, Ordering::Relaxed);
            async move {
                // Meanwhile all the others ask.
                tokio::task::yield_now().await;
                questions.into_iter().map(|n| 2 * n).collect()
            }
        }));
        let mut asked = JoinSet::new();
        for n in 0..1_000 {
            let doubled = doubled.clone();
            asked.spawn(async move { doubled.ask(n).await.unwrap() == 2 * n });
        }
        assert!(asked.join_all().await.into_iter().all(|is_right| is_right));
        assert!(acts.load(Ordering::Relaxed) <= 1_000 / BATCH + 2);
    }
}
