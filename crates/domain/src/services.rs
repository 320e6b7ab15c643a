//! What the rules work with: one for each running server.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use blob_store::BlobStore;
use mailer::{Folder, Mailer};
use public_http::{NoPages, PageReader, Pages, Reach};
use realtime::{Hub, Presence};
use tokio::sync::Notify;
use web_push::PushService;
use wire::UserId;
use wire::chat::{MESSAGE_MAX_LENGTH, Person};

use crate::accounts::{Passwords, SessionReader};
use crate::activity::{LastPulse, VisitLog, visits_settled};
use crate::chat::presence::{Crowd, everybody_leaves};
use crate::chat::{MessageWriter, RoomTail, Watchers, start_watching};
use crate::limits::Limits;
use crate::media::Darkroom;
use crate::nodes::{self, Neighbours};
use crate::notifications::{PlainWords, Wording};
use crate::people::{Headcount, departures};
use crate::posts::ViewCounter;
use crate::together::Together;
use crate::{Keys, Store};

/// How long the messages that were taken may take to be written at shutdown.
const WRITING: Duration = Duration::from_secs(4);
/// How long queries may take to end at shutdown.
const CLOSING: Duration = Duration::from_secs(2);

/// What we call ourselves to servers of others.
const USER_AGENT: &str = concat!("Spherespace/", env!("CARGO_PKG_VERSION"), " (links of profiles)");

/// What the operator decides about the rules.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Unicode scalar values.
    pub message_max_length: usize,
    /// Messages a second for each account, over a burst of five; 0 lifts the limit.
    pub message_rate_limit: u32,
    pub access_token_lifetime: Duration,
    pub refresh_token_lifetime: Duration,
    /// How long somebody without a connection is still shown as online.
    pub presence_grace: Duration,
    /// For each address; 0 lifts the limit.
    pub sign_ups_per_minute: u32,
    /// For each address; 0 lifts the limit.
    pub sign_ins_per_minute: u32,
    /// For each account; 0 lifts the limit.
    pub searches_per_minute: u32,
    /// For each account, how often it may ask for what is offered while it types; 0 lifts the limit.
    pub offers_per_minute: u32,
    /// Mails to one address that let its owner set a new password; 0 lifts the limit.
    pub resets_per_hour: u32,
    /// What one account may change besides writing messages, over a burst of thirty; 0 lifts the limit.
    pub acts_per_minute: u32,
    /// Conversations that one account may begin, and groups it may make or fill; 0 lifts the limit.
    pub beginnings_per_hour: u32,
    /// Posts that one account may publish or plan; 0 lifts the limit.
    pub posts_per_hour: u32,
    /// Comments that one account may write or change; 0 lifts the limit.
    pub comments_per_hour: u32,
    /// How browsers reach this server, without a trailing slash; mails lead there.
    pub public_url: String,
    pub mailer: Arc<dyn Mailer>,
    /// Who carries pushes to browsers; without one there are none.
    pub pushes: Option<Arc<dyn PushService>>,
    /// What pushes and letters say.
    pub wording: Arc<dyn Wording>,
    /// Where pictures are kept.
    pub blobs: Arc<dyn BlobStore>,
    /// Reads pages that people link to.
    pub pages: Arc<dyn PageReader>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            message_max_length: MESSAGE_MAX_LENGTH,
            message_rate_limit: 1,
            access_token_lifetime: Duration::from_secs(15 * 60),
            refresh_token_lifetime: Duration::from_secs(7 * 24 * 3600),
            presence_grace: Duration::from_secs(5),
            sign_ups_per_minute: 20,
            sign_ins_per_minute: 10,
            searches_per_minute: 60,
            offers_per_minute: 240,
            resets_per_hour: 5,
            acts_per_minute: 120,
            beginnings_per_hour: 60,
            posts_per_hour: 30,
            comments_per_hour: 60,
            public_url: "http://localhost:8000".into(),
            mailer: Arc::new(Folder::new(Path::new("data/mail"), "spherespace@localhost")),
            pushes: None,
            wording: Arc::new(PlainWords),
            blobs: Arc::new(blob_store::Folder::new(Path::new("data/media"))),
            pages: pages_of_others(),
        }
    }
}

/// The public internet.
fn pages_of_others() -> Arc<dyn PageReader> {
    match Pages::new(Reach::Public, USER_AGENT) {
        Ok(pages) => Arc::new(pages),
        Err(error) => {
            tracing::warn!(error, "links of profiles are not looked at");
            Arc::new(NoPages)
        }
    }
}

/// The database, the hub and everything else a verb may need.
#[derive(Debug)]
pub struct Services {
    pub store: Store,
    pub hub: Arc<Hub>,
    pub settings: Settings,
    /// Everybody who is on any node.
    pub(crate) here: Presence<Person>,
    /// Everybody who is on this one.
    pub(crate) own_people: Presence<Person>,
    pub(crate) watchers: Watchers,
    pub(crate) headcount: Headcount,
    pub(crate) neighbours: Neighbours,
    pub(crate) room_tail: RoomTail,
    pub(crate) crowd: Crowd,
    pub(crate) keys: Keys,
    pub(crate) passwords: Passwords,
    pub(crate) sessions: SessionReader,
    pub(crate) departures: Together<UserId, ()>,
    pub(crate) limits: Arc<Limits>,
    pub(crate) writer: MessageWriter,
    pub(crate) darkroom: Darkroom,
    pub(crate) views: ViewCounter,
    pub(crate) visits: VisitLog,
    pub(crate) last_pulse: LastPulse,
    /// Wakes the worker: a job is due now.
    pub(crate) due: Notify,
    /// Wakes whoever looks at links of profiles.
    pub(crate) links_due: Notify,
    has_ended: AtomicBool,
}

impl Services {
    /// Starts the message writer, those who act for many at once and the telling of who is here, so a
    /// runtime must be running.
    #[must_use]
    pub fn start(store: Store, keys: Keys, settings: Settings) -> Arc<Self> {
        let hub = Arc::new(Hub::default());
        let limits = Arc::new(Limits::new(&settings, keys.limit_names()));
        let (watchers, turns) = Watchers::new();
        let services = Arc::new(Self {
            here: Presence::default(),
            own_people: Presence::default(),
            watchers,
            headcount: Headcount::default(),
            neighbours: Neighbours::default(),
            room_tail: RoomTail::default(),
            crowd: Crowd::default(),
            keys,
            passwords: Passwords::default(),
            sessions: SessionReader::start(store.clone()),
            departures: departures(store.clone(), hub.clone()),
            writer: MessageWriter::start(store.clone(), hub.clone(), limits.clone()),
            views: ViewCounter::start(store.clone(), hub.clone()),
            visits: VisitLog::start(store.clone(), hub.clone()),
            last_pulse: LastPulse::default(),
            limits,
            darkroom: Darkroom::default(),
            due: Notify::new(),
            links_due: Notify::new(),
            has_ended: AtomicBool::new(false),
            store,
            hub,
            settings,
        });
        start_watching(&services, turns);
        services
    }

    /// Finishes what was begun: messages that were taken are written, then the log is folded in.
    pub async fn shut_down(&self) {
        if tokio::time::timeout(WRITING, self.write_the_rest()).await.is_err() {
            tracing::warn!("the database did not take the last messages; nobody was told it had");
        }
        self.dismiss_workers();
        self.let_go().await;
    }

    /// Whether this node has stopped: its workers take no more work, which another node does.
    pub(crate) fn has_ended(&self) -> bool {
        self.has_ended.load(Ordering::Acquire)
    }

    fn dismiss_workers(&self) {
        self.has_ended.store(true, Ordering::Release);
        for waiting in [&self.due, &self.links_due, &*self.store.pushes] {
            waiting.notify_one();
        }
    }

    async fn write_the_rest(&self) {
        everybody_leaves(self).await;
        nodes::say_goodbye(self);
        self.writer.finish().await;
        self.views.settled().await;
        visits_settled(self).await;
    }

    async fn let_go(&self) {
        if let Err(error) = self.store.checkpoint().await {
            tracing::warn!(%error, "checkpoint at shutdown");
        }
        if tokio::time::timeout(CLOSING, self.store.close()).await.is_err() {
            tracing::warn!("a query was still running at shutdown");
        }
    }
}
