//! One writer for all messages: it takes what is queued, commits it once, then answers everybody.
//!
//! A commit costs a disk flush whether it carries one message or sixty-four. The writer never waits
//! for company: an empty queue is flushed at once, so a lone message pays for nobody.

use std::sync::{Arc, Mutex, PoisonError};

use realtime::Hub;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use wire::{ErrorCode, Problem};

use super::write_batch::{Post, write_batch};
use super::{ChatError, Posted};
use crate::Store;

/// Messages in one transaction.
const BATCH: usize = 64;
/// Messages that may wait for the writer before new ones are refused.
const QUEUE: usize = 4096;

type Answer = oneshot::Sender<Result<Posted, ChatError>>;

/// The door to the writer's task.
#[derive(Debug)]
pub(crate) struct MessageWriter {
    queue: Mutex<Option<mpsc::Sender<(Post, Answer)>>>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl MessageWriter {
    pub(crate) fn start(store: Store, hub: Arc<Hub>) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let task = tokio::spawn(run(store, hub, waiting));
        Self { queue: Mutex::new(Some(queue)), task: Mutex::new(Some(task)) }
    }

    /// Queues the post and waits for its commit.
    pub(crate) async fn write(&self, post: Post) -> Result<Posted, ChatError> {
        let (answer, answered) = oneshot::channel();
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let queue = queue.ok_or_else(|| busy("The server is restarting."))?;
        queue.try_send((post, answer)).map_err(|_| busy("The server is very busy."))?;
        // The transaction may still commit after the task is gone: the client asks again with the
        // same client id and learns which it was.
        answered.await.map_err(|_| busy("The server is restarting."))?
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

async fn run(store: Store, hub: Arc<Hub>, mut waiting: mpsc::Receiver<(Post, Answer)>) {
    let mut taken = Vec::with_capacity(BATCH);
    while waiting.recv_many(&mut taken, BATCH).await > 0 {
        let (posts, answers): (Vec<_>, Vec<_>) = taken.drain(..).unzip();
        let outcomes = write_or_isolate(&store, &hub, posts).await;
        for (answer, outcome) in answers.into_iter().zip(outcomes) {
            // A sender who went away meanwhile finds the message when they come back.
            let _gone = answer.send(outcome);
        }
    }
}

/// A batch that fails is tried again one by one, so that a message only ever fails for its own
/// reasons (or for the disk's).
async fn write_or_isolate(
    store: &Store,
    hub: &Hub,
    posts: Vec<Post>,
) -> Vec<Result<Posted, ChatError>> {
    match write_batch(store, hub, &posts).await {
        Ok(outcomes) => outcomes,
        Err(error) if posts.len() == 1 => vec![retry_once(store, hub, &posts, error).await],
        Err(error) => {
            tracing::warn!(%error, posts = posts.len(), "a batch failed; writing one by one");
            let mut outcomes = Vec::with_capacity(posts.len());
            for post in posts {
                outcomes.push(write_one(store, hub, post).await);
            }
            outcomes
        }
    }
}

async fn write_one(store: &Store, hub: &Hub, post: Post) -> Result<Posted, ChatError> {
    let posts = [post];
    match write_batch(store, hub, &posts).await {
        Ok(outcomes) => first(outcomes),
        Err(error) => retry_once(store, hub, &posts, error).await,
    }
}

/// On Postgres another node may have stored the same client id between our look and our insert: the
/// second look finds it.
async fn retry_once(
    store: &Store,
    hub: &Hub,
    posts: &[Post],
    error: ChatError,
) -> Result<Posted, ChatError> {
    if store.is_sqlite() {
        return Err(error);
    }
    first(write_batch(store, hub, posts).await?)
}

fn first(outcomes: Vec<Result<Posted, ChatError>>) -> Result<Posted, ChatError> {
    outcomes.into_iter().next().unwrap_or_else(|| Err(busy("The server is restarting.")))
}

fn busy(message: &str) -> ChatError {
    ChatError::Store(Problem::new(ErrorCode::Unavailable, message).retry_after(1_000))
}
