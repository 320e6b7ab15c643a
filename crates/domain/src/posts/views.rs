//! How often a post is read: once for each reader and 24 hours. A reader waits for no write: what was read
//! is counted in the background, many at a time.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use realtime::Hub;
use uuid::Uuid;
use wire::UserId;
use wire::posts::PostCard;

use super::days::{Tally, tally};
use super::place::run;
use crate::gather::Gatherer;
use crate::limits::network;
use crate::{Services, Store, StoreError, clock, tx::Tx};

const DAY_MS: i64 = 86_400_000;
/// Readers who are signed out that one household has, at most.
const KINDS: u8 = 16;

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
    let _is_counted = services.views.0.tell((post.id.0, reader));
}

fn name(reader: &Reader) -> String {
    match reader.account {
        Some(account) => format!("account {account}"),
        None => {
            let day = clock::now().0.div_euclid(DAY_MS);
            format!("day {day} {} {}", network(reader.address), kind_of(&reader.user_agent))
        }
    }
}

/// Which of a few kinds a browser is of, by what it calls itself: households have several, and whoever calls
/// themself something else each time is counted no more often.
fn kind_of(user_agent: &str) -> u8 {
    user_agent.bytes().fold(0, u8::wrapping_add) % KINDS
}

/// Waits until everything that was read before has been counted.
pub async fn views_settled(services: &Services) {
    services.views.settled().await;
}

/// The way to the task that counts: posts, each with a reader.
#[derive(Debug)]
pub(crate) struct ViewCounter(Gatherer<(Uuid, String)>);

impl ViewCounter {
    /// Starts the task; it ends with its services.
    pub(crate) fn start(store: Store, hub: Arc<Hub>) -> Self {
        Self(Gatherer::start(move |seen: Vec<_>| {
            let (store, hub) = (store.clone(), hub.clone());
            async move {
                if let Err(error) = count(&store, &hub, &seen).await {
                    tracing::warn!(%error, views = seen.len(), "views were not counted");
                }
            }
        }))
    }

    pub(crate) async fn settled(&self) {
        self.0.settled().await;
    }
}

/// In the order of the posts: two nodes that count at once wait for each other, never in a circle.
async fn count(store: &Store, hub: &Hub, seen: &[(Uuid, String)]) -> Result<(), StoreError> {
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
