//! A Postgres that stands still or is gone: who writes is told to wait, who reads is told so in time,
//! nothing acknowledged is lost or there twice, and all goes on by itself.
//!
//! `OUTAGE_SECONDS` says how long it stays away.

use std::time::{Duration, Instant};

use test_support::history::{faults, stored};
use test_support::{Database, FaultProxy, Place, Postgres, Talker, Way, Who};
use tokio::sync::watch;

use crate::site::{Answer, MESSAGES, Site};

/// Longer than the server waits for its database.
const OUTAGE: Duration = Duration::from_secs(4);
const TALKERS: usize = 4;
/// A page, a list, a health check: all of it is answered within this.
const IN_TIME: Duration = Duration::from_secs(6);
/// Two seconds were enough on a quiet machine; other tests run beside this one.
const RECOVERY: Duration = Duration::from_secs(5);

fn outage() -> Duration {
    let seconds = std::env::var("OUTAGE_SECONDS").ok().and_then(|text| text.parse().ok());
    seconds.map_or(OUTAGE, Duration::from_secs)
}

struct Stage {
    site: Site,
    talkers: Vec<Talker>,
    /// Where the site is, for as long as this is kept.
    _place: watch::Sender<Option<std::net::SocketAddr>>,
}

impl Stage {
    /// Some who talk, and the last one, who only listens.
    async fn set(postgres: &Postgres) -> Self {
        let site = Site::again(postgres.migrated().await).await;
        let (known, place) = watch::channel(Some(site.address));
        let mut talkers = Vec::new();
        for n in 0..=TALKERS {
            let pace = (n < TALKERS).then_some(Duration::from_millis(10));
            talkers.push(talker(&site, &format!("person{n}"), pace, place.clone()).await);
        }
        for talker in &talkers {
            talker.until(|state| state.resumed == 1).await;
        }
        Self { site, talkers, _place: known }
    }

    fn talking(&self) -> &[Talker] {
        &self.talkers[..TALKERS]
    }

    /// Each of them is acknowledged something more.
    async fn goes_on(&self) {
        for talker in self.talking() {
            let before = talker.state().acknowledged;
            talker.until(|state| state.acknowledged > before).await;
        }
    }

    /// What everybody meets while the database is away.
    async fn endure(&self, begun: Instant) {
        let was_told = |talker: &Talker| talker.state().refused > 0;
        while begun.elapsed() < outage() || !self.talking().iter().all(was_told) {
            let asked = Instant::now();
            let ready = self.site.get("/readyz").await;
            assert_eq!((ready.status, ready.body.as_str()), (503, "database unavailable"));
            for path in [MESSAGES, "/chat/global"] {
                let refused: Answer = self.site.get(path).await;
                assert_eq!(refused.status, 503, "{path}: {}", refused.body);
                assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1, "{path}");
            }
            assert!(asked.elapsed() < 3 * IN_TIME, "{:?}", asked.elapsed());
            assert_eq!(self.site.get("/healthz").await.status, 200, "the process is well");
        }
    }

    async fn recovers(&self, since: Instant) {
        while self.site.get("/readyz").await.status != 200 {
            assert!(since.elapsed() < RECOVERY, "not ready after {:?}", since.elapsed());
        }
        self.goes_on().await;
        assert!(since.elapsed() < RECOVERY, "nothing stored for {:?}", since.elapsed());
    }

    /// What all of them saw, against what is stored.
    async fn audit(self) {
        let database = self.site.database.shared();
        self.audit_in(&database).await;
    }

    async fn audit_in(self, database: &Database) {
        for talker in &self.talkers {
            talker.be_quiet().await;
        }
        let stored = stored(&database.connect().await).await.unwrap();
        let last = stored.iter().map(|entry| entry.seq).max().unwrap();
        let mut logs = Vec::new();
        for talker in self.talkers {
            logs.push(talker.hear_out(last).await);
        }
        assert_eq!(faults(&stored, &logs), []);
    }
}

async fn talker(site: &Site, name: &str, pace: Option<Duration>, place: Place) -> Talker {
    let member = site.member(name).await;
    let who = Who { name: name.into(), access: member.access, pace, since: 0 };
    Talker::start(who, place)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_postgres_that_stands_still_is_waited_out() {
    let mut postgres = Postgres::start();
    let stage = Stage::set(&postgres).await;
    stage.goes_on().await;
    postgres.pause();
    stage.endure(Instant::now()).await;
    postgres.go_on();
    stage.recovers(Instant::now()).await;
    let stayed = stage.talkers.iter().all(|talker| talker.state().resumed == 1);
    assert!(stayed, "no socket was closed");
    stage.audit().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_postgres_that_is_killed_comes_back_to_a_server_that_waited() {
    let mut postgres = Postgres::start();
    let stage = Stage::set(&postgres).await;
    stage.goes_on().await;
    postgres.stop();
    stage.endure(Instant::now()).await;
    postgres.again();
    stage.recovers(Instant::now()).await;
    stage.audit().await;
}

/// Bytes of an answer to leave out, from none to more than the answers to a whole transaction have.
const LEFT_OUT: std::ops::Range<usize> = 0..40;

/// What Postgres says while one message is stored, on connections that are new.
async fn answer_of_a_message(proxy: &FaultProxy, talker: &Talker) -> usize {
    proxy.cut();
    acknowledged_more(talker).await;
    proxy.cut();
    let before = proxy.passed(Way::ToClient);
    acknowledged_more(talker).await;
    proxy.passed(Way::ToClient) - before
}

async fn acknowledged_more(talker: &Talker) {
    let before = talker.state().acknowledged;
    talker.until(|state| state.acknowledged > before).await;
}

/// The commit comes through and its answer does not: whoever wrote it asks again, and everybody hears
/// of it, before anything that comes after it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_commit_whose_answer_is_lost_is_told_like_any_other() {
    let postgres = Postgres::start();
    let database = postgres.migrated().await;
    let proxy = FaultProxy::before(postgres.address()).await;
    let site = Site::again(postgres.through(proxy.address())).await;
    let (known, place) = watch::channel(Some(site.address));
    let pace = Duration::from_millis(20);
    let ada = talker(&site, "ada", Some(pace), place.clone()).await;
    let bob = talker(&site, "bob", None, place).await;
    bob.until(|state| state.resumed == 1).await;
    let whole = answer_of_a_message(&proxy, &ada).await;
    for left_out in LEFT_OUT.step_by(4) {
        acknowledged_more(&ada).await;
        proxy.cut();
        proxy.cut_after(Way::ToClient, whole - left_out);
        // The first of them meets the cut, unless it falls between two messages.
        acknowledged_more(&ada).await;
        acknowledged_more(&ada).await;
    }
    assert!(ada.state().refused > LEFT_OUT.len() / 16, "{:?}", ada.state());
    let stage = Stage { site, talkers: vec![ada, bob], _place: known };
    stage.audit_in(&database).await;
}
