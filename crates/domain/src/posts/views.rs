//! How often a post is read: once for each reader and 24 hours. A reader waits for no write: what was read
//! is counted in the background, many at a time.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use realtime::Hub;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;
use wire::UserId;
use wire::posts::PostCard;

use super::days::{Tally, tally};
use super::place::run;
use crate::limits::network;
use crate::{Services, Store, StoreError, clock, tx::Tx};

const DAY_MS: i64 = 86_400_000;
/// Views that wait to be counted; beyond that they are not.
const WAITING: usize = 4096;
const BATCH: usize = 256;
/// How long the first of a batch waits for company.
const PAUSE: Duration = Duration::from_millis(500);

/// Who reads. Of somebody who is signed out only a hash is kept, which names nobody and is another one
/// each day.
#[derive(Debug, Clone)]
pub struct Reader {
    pub account: Option<UserId>,
    pub address: IpAddr,
    pub user_agent: String,
}

/// Counts that `reader` has a post before them, in a while. One's own do not count.
pub fn view(services: &Services, post: &PostCard, reader: &Reader) {
    if reader.account == Some(post.author.user.id) {
        return;
    }
    let reader = services.keys.reader_name(&name(reader));
    // Under such a pressure it is better to lose a view than a message.
    let _uncounted = services.views.waiting.try_send(Told::Seen(post.id.0, reader));
}

fn name(reader: &Reader) -> String {
    match reader.account {
        Some(account) => format!("account {account}"),
        None => {
            let day = clock::now().0.div_euclid(DAY_MS);
            format!("day {day} {} {}", network(reader.address), reader.user_agent)
        }
    }
}

/// Waits until everything that was read before has been counted.
pub async fn views_settled(services: &Services) {
    services.views.settled().await;
}

/// The way to the task that counts.
#[derive(Debug)]
pub(crate) struct ViewCounter {
    waiting: mpsc::Sender<Told>,
}

#[derive(Debug)]
enum Told {
    Seen(Uuid, String),
    /// Count at once and say when it is done.
    Settle(oneshot::Sender<()>),
}

impl ViewCounter {
    /// Starts the task; it ends with its services.
    pub(crate) fn start(store: Store, hub: Arc<Hub>) -> Self {
        let (waiting, told) = mpsc::channel(WAITING);
        tokio::spawn(count_on(store, hub, told));
        Self { waiting }
    }

    pub(crate) async fn settled(&self) {
        let (done, is_done) = oneshot::channel();
        if self.waiting.send(Told::Settle(done)).await.is_ok() {
            // The task is gone only when nothing is left to count.
            let _gone = is_done.await;
        }
    }
}

async fn count_on(store: Store, hub: Arc<Hub>, mut told: mpsc::Receiver<Told>) {
    while let Some(first) = told.recv().await {
        let mut seen = BTreeMap::new();
        let mut asked = Vec::new();
        let until = Instant::now() + PAUSE;
        let mut next = Some(first);
        while let Some(one) = next {
            match one {
                Told::Seen(post, reader) => {
                    seen.insert((post, reader), ());
                }
                Told::Settle(done) => asked.push(done),
            }
            let is_enough = seen.len() >= BATCH || !asked.is_empty();
            next =
                if is_enough { None } else { timeout_at(until, told.recv()).await.ok().flatten() };
        }
        let seen: Vec<_> = seen.into_keys().collect();
        if let Err(error) = count(&store, &hub, &seen).await {
            tracing::warn!(%error, views = seen.len(), "views were not counted");
        }
        for done in asked {
            let _left = done.send(());
        }
    }
}

/// In the order of the posts: two nodes that count at once wait for each other, never in a circle.
async fn count(store: &Store, hub: &Hub, seen: &[(Uuid, String)]) -> Result<(), StoreError> {
    if seen.is_empty() {
        return Ok(());
    }
    let tx = Tx::begin(store, hub).await?;
    let mut fresh: BTreeMap<Uuid, i64> = BTreeMap::new();
    for (post, reader) in seen {
        let news = is_news(&tx, *post, reader).await?;
        *fresh.entry(*post).or_default() += i64::from(news);
    }
    for (post, views) in fresh.into_iter().filter(|(_, views)| *views > 0) {
        let sql = "UPDATE post SET views_count = views_count + $2, scored_at = 0 WHERE id = $1";
        run(&tx, sql, vec![post.into(), views.into()]).await?;
        tally(&tx, post, Tally::Views, views).await?;
    }
    tx.commit_unnoticed().await
}

/// Whether this reader has not seen it within the window. A post that is gone is seen by nobody.
async fn is_news(tx: &Tx<'_>, post: Uuid, reader: &str) -> Result<bool, StoreError> {
    let sql = "INSERT INTO post_view (post_id, reader, seen_at) \
        SELECT id, $2, $3 FROM post WHERE id = $1 AND state = 'published' \
        ON CONFLICT (post_id, reader) DO UPDATE SET seen_at = excluded.seen_at \
        WHERE post_view.seen_at <= excluded.seen_at - $4";
    let values = vec![post.into(), reader.into(), clock::now().0.into(), DAY_MS.into()];
    Ok(run(tx, sql, values).await? == 1)
}
