//! One writer for all messages: it takes what is queued, commits it once, then answers everybody.
//!
//! A commit costs a disk flush whether it carries one message or sixty-four. The writer never waits
//! for company: an empty queue is flushed at once, so a lone message pays for nobody. Whether the
//! senders hurry is asked of all nodes for the whole batch at once, too. Where more comes than it can
//! write, the newest are asked to come again rather than all to wait longer and longer.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use realtime::Hub;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use wire::chat::Message;
use wire::{ErrorCode, Problem};

use super::retell::tell_if_stored;
use super::write_batch::{Post, write_batch};
use super::{ChatError, Posted};
use crate::Store;
use crate::limits::{Limits, Reserved};

/// Messages in one transaction.
const BATCH: usize = 64;
/// Messages that may wait for the writer before new ones are refused: sixteen batches.
const QUEUE: usize = 1024;
/// How long a sender waits for the commit. What comes after that is found under its client id.
const PATIENCE: Duration = Duration::from_secs(2);

/// Once a message has waited for so long, new ones are refused.
const LATE: Duration = Duration::from_millis(500);
/// When to come again, in milliseconds: not all at once.
const AGAIN: std::ops::Range<u64> = 500..1_500;

type Answer = oneshot::Sender<Result<Posted, ChatError>>;

/// What a sender waits on.
pub(crate) type Receipt = oneshot::Receiver<Result<Posted, ChatError>>;

#[derive(Debug)]
struct Queued {
    post: Post,
    reserved: Reserved,
    answer: Answer,
    at: Instant,
}

/// Since when the longest wait of those that are being written has lasted.
#[derive(Debug, Default)]
struct Backlog(Mutex<Option<Instant>>);

impl Backlog {
    fn set(&self, since: Option<Instant>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = since;
    }

    fn is_late(&self) -> bool {
        let since = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        since.is_some_and(|since| since.elapsed() > LATE)
    }
}

/// The door to the writer's task.
#[derive(Debug)]
pub(crate) struct MessageWriter {
    queue: Mutex<Option<mpsc::Sender<Queued>>>,
    backlog: Arc<Backlog>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl MessageWriter {
    pub(crate) fn start(store: Store, hub: Arc<Hub>, limits: Arc<Limits>) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let backlog = Arc::new(Backlog::default());
        let writer = Writer { store, hub, limits, backlog: backlog.clone(), doubtful: Vec::new() };
        let task = tokio::spawn(writer.run(waiting));
        Self { queue: Mutex::new(Some(queue)), backlog, task: Mutex::new(Some(task)) }
    }

    /// Queues the post, which this node lets through.
    pub(crate) fn submit(&self, post: Post, reserved: Reserved) -> Result<Receipt, ChatError> {
        let (answer, receipt) = oneshot::channel();
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let queue = queue.as_ref().ok_or_else(|| busy("The server is restarting."))?;
        let queued = Queued { post, reserved, answer, at: Instant::now() };
        if self.backlog.is_late() || queue.try_send(queued).is_err() {
            return Err(busy("The server is very busy."));
        }
        Ok(receipt)
    }

    /// Waits for the commit of what was queued.
    pub(crate) async fn answer(receipt: Receipt) -> Result<Posted, ChatError> {
        // The transaction may still commit after the task is gone or the time is over: the client asks
        // again with the same client id and learns which it was.
        let answer = timeout(PATIENCE, receipt).await;
        let answer = answer.map_err(|_| busy("The database is slow to answer."))?;
        answer.map_err(|_| busy("The server is restarting."))?
    }

    /// Takes no more, writes what was taken, and ends.
    pub(crate) async fn finish(&self) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task
            && let Err(error) = task.await
        {
            tracing::error!(%error, "the message writer");
        }
    }
}

/// The task that alone writes messages.
struct Writer {
    store: Store,
    hub: Arc<Hub>,
    limits: Arc<Limits>,
    backlog: Arc<Backlog>,
    /// Stored if the commit came through and only its answer was lost; told to nobody yet.
    doubtful: Vec<Message>,
}

impl Writer {
    async fn run(mut self, mut waiting: mpsc::Receiver<Queued>) {
        let mut taken = Vec::with_capacity(BATCH);
        while waiting.recv_many(&mut taken, BATCH).await > 0 {
            self.backlog.set(taken.first().map(|queued: &Queued| queued.at));
            let admitted = self.refuse_hasty(&mut taken).await;
            let (posts, answers): (Vec<_>, Vec<_>) = admitted.into_iter().unzip();
            let outcomes =
                if posts.is_empty() { Vec::new() } else { self.write_or_isolate(posts).await };
            self.backlog.set(None);
            for (answer, outcome) in answers.into_iter().zip(outcomes) {
                // A sender who went away meanwhile finds the message when they come back.
                let _gone = answer.send(outcome);
            }
            // Whoever was answered, and has more to say, says it now: or every second batch would be
            // the first few of them.
            tokio::task::yield_now().await;
        }
    }

    /// Those that all nodes together let through; the others have their answer.
    async fn refuse_hasty(&self, taken: &mut Vec<Queued>) -> Vec<(Post, Answer)> {
        let reserved: Vec<_> = taken.iter().map(|queued| queued.reserved.clone()).collect();
        let outcomes = self.limits.confirm(&reserved).await;
        let mut admitted = Vec::with_capacity(taken.len());
        for (Queued { post, answer, .. }, outcome) in taken.drain(..).zip(outcomes) {
            match outcome {
                Ok(()) => admitted.push((post, answer)),
                Err(wait) => drop(answer.send(Err(wait.into()))),
            }
        }
        admitted
    }

    /// A batch that fails is tried again one by one, so that a message only ever fails for its own
    /// reasons (or for the disk's). A database that is away is not asked sixty-four times.
    async fn write_or_isolate(&mut self, posts: Vec<Post>) -> Vec<Result<Posted, ChatError>> {
        match self.write(&posts).await {
            Ok(outcomes) => outcomes,
            Err(error) if is_unavailable(&error) => vec![Err(error); posts.len()],
            Err(error) if posts.len() == 1 => vec![self.retry_once(&posts, error).await],
            Err(error) => {
                tracing::warn!(%error, posts = posts.len(), "a batch failed; writing one by one");
                let mut outcomes = Vec::with_capacity(posts.len());
                for post in posts {
                    outcomes.push(self.write_one(post).await);
                }
                outcomes
            }
        }
    }

    async fn write_one(&mut self, post: Post) -> Result<Posted, ChatError> {
        let posts = [post];
        match self.write(&posts).await {
            Ok(outcomes) => first(outcomes),
            Err(error) => self.retry_once(&posts, error).await,
        }
    }

    /// On Postgres another node may have stored the same client id between our look and our insert: the
    /// second look finds it.
    async fn retry_once(&mut self, posts: &[Post], error: ChatError) -> Result<Posted, ChatError> {
        if self.store.is_sqlite() || is_unavailable(&error) {
            return Err(error);
        }
        first(self.write(posts).await?)
    }

    /// One transaction, once it is known what became of the one before.
    async fn write(&mut self, posts: &[Post]) -> Result<Vec<Result<Posted, ChatError>>, ChatError> {
        self.settle().await?;
        let written = write_batch(&self.store, &self.hub, posts).await;
        written.map_err(|failed| {
            self.doubtful = failed.doubtful;
            failed.error
        })
    }

    /// What was stored is told before anything that comes after it.
    async fn settle(&mut self) -> Result<(), ChatError> {
        if self.doubtful.is_empty() {
            return Ok(());
        }
        match tell_if_stored(&self.store, &self.hub, &self.doubtful).await {
            Err(error) if is_unavailable(&error) => return Err(error),
            Err(error) => tracing::error!(%error, "telling what may have been stored"),
            Ok(()) => {}
        }
        self.doubtful.clear();
        Ok(())
    }
}

fn is_unavailable(error: &ChatError) -> bool {
    matches!(error, ChatError::Store(problem) if problem.code == ErrorCode::Unavailable)
}

fn first(outcomes: Vec<Result<Posted, ChatError>>) -> Result<Posted, ChatError> {
    outcomes.into_iter().next().unwrap_or_else(|| Err(busy("The server is restarting.")))
}

fn busy(message: &str) -> ChatError {
    let again = rand::random_range(AGAIN);
    ChatError::Store(Problem::new(ErrorCode::Unavailable, message).retry_after(again))
}
