//! Whenever somebody leaves and wherever they come back, they have heard the log, each message once and
//! in its place, or a word that a stretch of it has to be fetched.
//!
//! `PROPTEST_CASES` says how many schedules are tried.

use std::cell::RefCell;
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config as Cases, TestRunner};
use serde_json::{Value, json};
use server::config::Config;
use test_support::history::{Entry, Log, Seen, faults, stored_since};
use test_support::{Backend, Database, Redis, cases};
use tokio::runtime::Runtime;
use wire::ConversationKey;
use wire::chat::Message;
use wire::live::close;

use crate::Socket;
use crate::site::{Member, Site};
use crate::socket::Heard;

const ROOM: ConversationKey = ConversationKey::Global;
/// One more than is given again one by one.
const TOO_MANY: usize = 201;

#[derive(Debug, Clone)]
enum Step {
    /// So many messages of somebody else.
    Say(usize),
    /// The listener goes, having heard everything, or not.
    Leave {
        having_heard: bool,
    },
    /// The listener comes to this node.
    Come(usize),
    Restart(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        400 => (1_usize..5).prop_map(Step::Say),
        200 => any::<bool>().prop_map(|having_heard| Step::Leave { having_heard }),
        300 => (0_usize..2).prop_map(Step::Come),
        5 => Just(Step::Say(TOO_MANY)),
        5 => (0_usize..2).prop_map(Step::Restart),
    ]
}

struct Stage {
    nodes: Vec<Site>,
    database: Database,
    _redis: Option<Redis>,
    redis_url: Option<String>,
    ada: Member,
    bob: Member,
}

/// Somebody who listens, and what they have heard; numbers count from the begin of the schedule.
struct Ear {
    socket: Option<Socket>,
    log: Log,
    base: i64,
    reached: i64,
}

/// Ten thousand schedules take longer than a token is good for.
const LONG: Duration = Duration::from_secs(24 * 3600);

fn configure(config: &mut Config, redis_url: Option<String>) {
    config.redis_url = redis_url;
    config.rules.access_token_lifetime = LONG;
}

impl Stage {
    async fn of_one() -> Self {
        Self::set(Site::with(Backend::Sqlite, |config| configure(config, None)).await, None).await
    }

    async fn of_two() -> Self {
        let redis = Redis::start();
        let url = Some(redis.url());
        let one = Site::with(Backend::Postgres, |config| configure(config, url.clone())).await;
        let two = one.beside(|config| configure(config, url.clone())).await;
        let mut stage = Self::set(one, Some(redis)).await;
        stage.nodes.push(two);
        stage
    }

    async fn set(site: Site, redis: Option<Redis>) -> Self {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let database = site.database.beside();
        let redis_url = redis.as_ref().map(Redis::url);
        Self { nodes: vec![site], database, _redis: redis, redis_url, ada, bob }
    }

    async fn last_seq(&self) -> i64 {
        let newest = self.nodes[0].get(&format!("{}?limit=1", crate::site::MESSAGES)).await.json();
        newest[0]["seq"].as_i64().unwrap_or(0)
    }

    async fn restart(&mut self, node: usize) {
        let (stopping, database) = self.nodes.remove(node).begin_stop();
        stopping.await.unwrap();
        let redis_url = self.redis_url.clone();
        let again = Site::start(database, |config| configure(config, redis_url)).await;
        self.nodes.insert(node, again);
    }

    /// Says so many things. Who is told to come back, because a burst of what was missed filled the
    /// way out, says them again under the same names.
    async fn say(&self, count: usize) {
        let site = &self.nodes[count % self.nodes.len()];
        let names: Vec<_> = (0..count).map(|_| wire::ClientId::new()).collect();
        while !said(&names, &mut Socket::of(site, &self.ada).await).await {}
    }

    async fn perform(&mut self, steps: &[Step]) {
        let base = self.last_seq().await;
        let mut ear = Ear::at(base);
        for step in steps {
            match step {
                Step::Say(count) => self.say(*count).await,
                Step::Leave { having_heard } => {
                    if *having_heard && ear.socket.is_some() {
                        let last = self.last_seq().await - base;
                        ear.hear_up_to(last, &self.nodes[0], &self.bob).await;
                    }
                    ear.socket = None;
                }
                Step::Come(node) => ear.come(&self.nodes[node % self.nodes.len()], &self.bob).await,
                Step::Restart(node) => {
                    ear.socket = None;
                    self.restart(node % self.nodes.len()).await;
                }
            }
        }
        if ear.socket.is_none() {
            ear.come(&self.nodes[0], &self.bob).await;
        }
        let stored = stored_since(&self.database.connect().await, base).await.unwrap();
        let stored: Vec<_> = stored.into_iter().map(|entry| counted_from(base, entry)).collect();
        ear.hear_up_to(stored.len() as i64, &self.nodes[0], &self.bob).await;
        assert_eq!(faults(&stored, &[ear.log]), []);
    }
}

/// Whether each was confirmed.
async fn said(names: &[wire::ClientId], socket: &mut Socket) -> bool {
    for name in names {
        socket.post(name.as_str(), name.as_str()).await;
    }
    let mut confirmed = 0;
    while confirmed < names.len() {
        match socket.hear().await {
            Heard::Frame(frame) => confirmed += usize::from(frame["type"] == "message_sent"),
            Heard::Closed(close::SLOW_READER, _) => return false,
            end => panic!("{end:?}"),
        }
    }
    true
}

fn counted_from(base: i64, entry: Entry) -> Entry {
    Entry { seq: entry.seq - base, ..entry }
}

impl Ear {
    fn at(base: i64) -> Self {
        let log = Log { who: "bob".into(), seen: vec![Seen::From(ROOM, 0)], ..Log::default() };
        Self { socket: None, log, base, reached: 0 }
    }

    async fn come(&mut self, site: &Site, bob: &Member) {
        loop {
            self.log.seen.push(Seen::Connected);
            let mut socket = Socket::of(site, bob).await;
            let cursors = json!({"global": self.base + self.reached});
            socket.say(&json!({"type": "resume", "cursors": cursors})).await;
            while self.hear(&mut socket).await {
                if matches!(self.log.seen.last(), Some(Seen::Resumed)) {
                    self.socket = Some(socket);
                    return;
                }
            }
        }
    }

    async fn hear_up_to(&mut self, seq: i64, site: &Site, bob: &Member) {
        while self.reached < seq {
            let Some(mut socket) = self.socket.take() else { return };
            match self.hear(&mut socket).await {
                true => self.socket = Some(socket),
                false => self.come(site, bob).await,
            }
        }
    }

    /// Hears one thing; `false` where it was told to come back, for having read too slowly on a busy
    /// machine.
    async fn hear(&mut self, socket: &mut Socket) -> bool {
        match socket.hear().await {
            Heard::Frame(frame) => self.note(&frame),
            Heard::Closed(close::SLOW_READER, _) => return false,
            end => panic!("{end:?}"),
        }
        true
    }

    fn note(&mut self, frame: &Value) {
        let seen = match frame["type"].as_str().unwrap() {
            "new_message" => {
                let message: Message = serde_json::from_value(frame["message"].clone()).unwrap();
                let entry = counted_from(self.base, Entry::from(&message));
                if entry.seq <= 0 {
                    // The other node tells late what was said before the schedule began.
                    return;
                }
                // What came early is not reached: the log says whether the rest came in time.
                self.reached = self.reached.max(entry.seq);
                Seen::Message(entry)
            }
            "gap" => {
                let reached = frame["to_seq"].as_i64().unwrap() - self.base;
                self.reached = self.reached.max(reached);
                Seen::Gap(ROOM, reached)
            }
            "resumed" => Seen::Resumed,
            _ => return,
        };
        self.log.seen.push(seen);
    }
}

fn try_all(short: u32, set: impl Future<Output = Stage>) {
    let runtime = Runtime::new().unwrap();
    let stage = RefCell::new(runtime.block_on(set));
    let config = Cases { cases: cases(short), failure_persistence: None, ..Cases::default() };
    let outcome = TestRunner::new(config).run(&prop::collection::vec(step(), 1..14), |steps| {
        runtime.block_on(stage.borrow_mut().perform(&steps));
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn on_one_node_that_may_restart() {
    try_all(200, Stage::of_one());
}

#[test]
fn on_either_of_two_nodes() {
    try_all(100, Stage::of_two());
}
