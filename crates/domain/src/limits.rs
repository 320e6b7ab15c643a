//! How often somebody may do something: one door for every limit.
//!
//! Each node counts for itself, and where there are several all of them count together in a ledger.
//! The ledger is asked before anybody is let through; where it does not answer, what this node has
//! counted decides, so that its loss refuses nobody and lets nobody hurry on one node.

mod buckets;
mod failures;

use std::fmt::Display;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use realtime::{Balance, Ledger, Spending};

use self::buckets::Buckets;
use self::failures::Failures;
pub(crate) use self::failures::Try;
use crate::Settings;
use crate::keys::LimitNames;

/// Messages that may come at once after a pause.
const MESSAGE_BURST: u32 = 5;
/// What somebody may do at once after a pause, as when they tidy up.
const ACT_BURST: u32 = 30;

/// Pages of others that are looked at for one account.
const LINK_CHECKS_PER_HOUR: u32 = 10;

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    /// Of one account, in all conversations, edits too.
    Messages,
    /// From one address.
    SignUps,
    /// From one address; asking for a new password is one, too.
    SignIns,
    /// Mails to one address.
    Resets,
    /// By one account.
    Searches,
    /// By one account: what is offered while it types, to go to or to name.
    Offers,
    /// Of one account: everything else that changes something, reactions and drafts among it.
    Acts,
    /// Of one account: conversations with people it had none with, and groups with who is added.
    Beginnings,
    /// Of one account: what it publishes or plans.
    Posts,
    /// Of one account, changes too.
    Comments,
    /// Of one account: pages of others that are looked at for it.
    LinkChecks,
    /// Of one link of one account.
    OneLink,
}

/// Too often: how long to wait, in milliseconds. Whoever waits exactly this long gets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Wait(pub(crate) u64);

/// Once in `interval`, over a `burst` after a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Quota {
    interval: Duration,
    burst: u32,
}

/// Counted on this node, and not yet in the ledger; nothing where the limit is lifted.
#[derive(Debug, Clone)]
#[must_use]
pub(crate) struct Reserved(Option<(String, Quota)>);

#[derive(Debug)]
pub(crate) struct Limits {
    quotas: [(Limit, Option<Quota>); 12],
    names: LimitNames,
    buckets: Buckets,
    failures: Failures,
    ledger: OnceLock<Arc<dyn Ledger>>,
}

impl Limits {
    /// 0 in the settings lifts a limit.
    pub(crate) fn new(settings: &Settings, names: LimitNames) -> Self {
        let per = |span: u64, times: u32, burst: u32| {
            let interval = Duration::from_secs(span).checked_div(times);
            interval.map(|interval| Quota { interval, burst })
        };
        let each = |span, times| per(span, times, times);
        let quotas = [
            (Limit::Messages, per(1, settings.message_rate_limit, MESSAGE_BURST)),
            (Limit::SignUps, each(60, settings.sign_ups_per_minute)),
            (Limit::SignIns, each(60, settings.sign_ins_per_minute)),
            (Limit::Resets, each(3600, settings.resets_per_hour)),
            (Limit::Searches, each(60, settings.searches_per_minute)),
            (Limit::Offers, each(60, settings.offers_per_minute)),
            (Limit::Acts, per(60, settings.acts_per_minute, ACT_BURST)),
            (Limit::Beginnings, each(3600, settings.beginnings_per_hour)),
            (Limit::Posts, each(3600, settings.posts_per_hour)),
            (Limit::Comments, each(3600, settings.comments_per_hour)),
            (Limit::LinkChecks, each(3600, LINK_CHECKS_PER_HOUR)),
            (Limit::OneLink, each(3600, 1)),
        ];
        // An operator who lifts the limit of sign-ins for tests lifts this one with it.
        let failures = Failures::new(settings.sign_ins_per_minute > 0);
        Self { quotas, names, buckets: Buckets::default(), failures, ledger: OnceLock::new() }
    }

    /// Counts together with other nodes from now on. Only the first call counts.
    pub(crate) fn share(&self, ledger: Arc<dyn Ledger>) {
        let _shared_before = self.ledger.set(ledger);
    }

    /// Counts one more, on all nodes.
    pub(crate) async fn check(&self, limit: Limit, who: impl Display) -> Result<(), Wait> {
        self.check_at(Instant::now(), limit, who).await
    }

    async fn check_at(&self, now: Instant, limit: Limit, who: impl Display) -> Result<(), Wait> {
        let reserved = self.reserve_at(now, limit, who)?;
        let answers = self.confirm_at(now, std::slice::from_ref(&reserved)).await;
        answers.into_iter().next().unwrap_or(Ok(()))
    }

    /// Counts one more on this node, without waiting. What is let through here still needs
    /// [`Limits::confirm`].
    pub(crate) fn reserve(&self, limit: Limit, who: impl Display) -> Result<Reserved, Wait> {
        self.reserve_at(Instant::now(), limit, who)
    }

    fn reserve_at(&self, now: Instant, limit: Limit, who: impl Display) -> Result<Reserved, Wait> {
        let quota = self.quotas.iter().find(|(one, _)| *one == limit).and_then(|(_, quota)| *quota);
        let Some(quota) = quota else { return Ok(Reserved(None)) };
        let key = self.names.name(&format!("{limit:?} {who}"));
        self.buckets.spend(&key, quota, now)?;
        Ok(Reserved(Some((key, quota))))
    }

    /// Whether all nodes together let them through, in their order: one question, however many.
    pub(crate) async fn confirm(&self, reserved: &[Reserved]) -> Vec<Result<(), Wait>> {
        self.confirm_at(Instant::now(), reserved).await
    }

    async fn confirm_at(&self, asked_at: Instant, reserved: &[Reserved]) -> Vec<Result<(), Wait>> {
        let wanted: Vec<_> = reserved.iter().filter_map(|one| one.0.as_ref()).collect();
        let Some(balances) = self.balances(&wanted).await else {
            return vec![Ok(()); reserved.len()];
        };
        let mut answers = wanted.into_iter().zip(balances).map(|((key, quota), balance)| {
            self.buckets.settle(key, *quota, balance, asked_at);
            if balance.wait.is_zero() { Ok(()) } else { Err(Wait::of(balance.wait)) }
        });
        let answer = |one: &Reserved| one.0.as_ref().and_then(|_| answers.next()).unwrap_or(Ok(()));
        reserved.iter().map(answer).collect()
    }

    /// A place for one try to prove that one is `account`; refused while ten have failed within an hour,
    /// or are being judged. Not given back ([`Limits::succeeded`]), it is a failure.
    pub(crate) async fn begin_try(&self, account: &str) -> Result<Option<Try>, Wait> {
        let name = self.names.name(account);
        self.failures.begin(name, self.ledger.get(), Instant::now()).await
    }

    /// It was no failure.
    pub(crate) async fn succeeded(&self, one: Option<Try>) {
        if let Some(one) = one {
            self.failures.give_back(one, self.ledger.get()).await;
        }
    }

    /// `None` where each node counts for itself.
    async fn balances(&self, wanted: &[&(String, Quota)]) -> Option<Vec<Balance>> {
        let ledger = self.ledger.get().filter(|_| !wanted.is_empty())?;
        let spending = |(key, quota): &&(String, Quota)| Spending {
            key: key.clone(),
            interval: quota.interval,
            burst: quota.burst,
        };
        let balances = ledger.spend(wanted.iter().map(spending).collect()).await.ok()?;
        (balances.len() == wanted.len()).then_some(balances)
    }
}

/// A household of IPv6 owns a /64: counting single addresses there counts nothing. An address of IPv4
/// that came over a socket of both kinds is one of IPv4.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((v6.to_bits() & !u128::from(u64::MAX)).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

impl Wait {
    /// Rounded up.
    fn of(time: Duration) -> Self {
        let millis = time.as_nanos().div_ceil(1_000_000);
        Self(u64::try_from(millis).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use realtime::{Answer, Tally, Unavailable};

    use super::*;
    use crate::Keys;

    /// What all nodes have counted, or nothing while it is away.
    #[derive(Debug)]
    struct Paper {
        buckets: Buckets,
        now: Mutex<Instant>,
        away: Mutex<bool>,
    }

    impl Ledger for Paper {
        fn spend(&self, spendings: Vec<Spending>) -> Answer<'_, Vec<Balance>> {
            let (away, now) = (*self.away.lock().unwrap(), *self.now.lock().unwrap());
            let balance = |one: &Spending| {
                let quota = Quota { interval: one.interval, burst: one.burst };
                let wait = self.buckets.spend(&one.key, quota, now).err();
                let wait = Duration::from_millis(wait.map_or(0, |wait| wait.0));
                Balance { wait, debt: self.buckets.debt(&one.key, now) }
            };
            let balances = spendings.iter().map(balance).collect();
            Box::pin(async move { if away { Err(Unavailable) } else { Ok(balances) } })
        }

        fn take<'a>(&'a self, _: Tally, _: &'a str) -> Answer<'a, Duration> {
            Box::pin(async { Err(Unavailable) })
        }

        fn give_back<'a>(&'a self, _: &'a str, _: &'a str) -> Answer<'a, ()> {
            Box::pin(async { Err(Unavailable) })
        }
    }

    /// Some nodes, what they share, and a clock that stands still until it is moved.
    struct Cluster {
        nodes: Vec<Limits>,
        paper: Arc<Paper>,
    }

    impl Cluster {
        fn of(nodes: usize, settings: &Settings) -> Self {
            let names = || Keys::derive(b"a secret of the tests").limit_names();
            let paper = Paper {
                buckets: Buckets::default(),
                now: Mutex::new(Instant::now()),
                away: Mutex::default(),
            };
            let paper = Arc::new(paper);
            let node = |_| {
                let limits = Limits::new(settings, names());
                limits.share(paper.clone());
                limits
            };
            Self { nodes: (0..nodes).map(node).collect(), paper }
        }

        async fn send(&self, node: usize, who: &str) -> Result<(), Wait> {
            let now = *self.paper.now.lock().unwrap();
            self.nodes[node].check_at(now, Limit::Messages, who).await
        }

        fn advance(&self, millis: u64) {
            *self.paper.now.lock().unwrap() += Duration::from_millis(millis);
        }

        fn go_away(&self) {
            *self.paper.away.lock().unwrap() = true;
        }
    }

    #[tokio::test]
    async fn a_burst_passes_and_who_waits_as_long_as_told_gets_through() {
        for is_alone in [true, false] {
            let cluster = Cluster::of(1, &Settings::default());
            if is_alone {
                cluster.go_away();
            }
            for _ in 0..MESSAGE_BURST {
                cluster.send(0, "ada").await.unwrap();
            }
            cluster.advance(300);
            for wait in [700, 1000, 1000] {
                assert_eq!(cluster.send(0, "ada").await, Err(Wait(wait)));
                cluster.send(0, "bob").await.unwrap();
                cluster.advance(wait);
                cluster.send(0, "ada").await.unwrap();
            }
        }
    }

    #[tokio::test]
    async fn what_is_lifted_is_not_counted() {
        let lifted = Settings { message_rate_limit: 0, ..Settings::default() };
        let cluster = Cluster::of(1, &lifted);
        for _ in 0..100 {
            cluster.send(0, "ada").await.unwrap();
        }
    }

    #[tokio::test]
    async fn two_nodes_count_like_one() {
        let cluster = Cluster::of(2, &Settings::default());
        for n in 0..MESSAGE_BURST as usize {
            cluster.send(n % 2, "ada").await.unwrap();
        }
        // Trying in vain costs nothing, on any node.
        for n in 0..20 {
            assert_eq!(cluster.send(n % 2, "ada").await, Err(Wait(1000)));
        }
        cluster.advance(1000);
        cluster.send(1, "ada").await.unwrap();
        assert_eq!(cluster.send(0, "ada").await, Err(Wait(1000)));
    }

    #[tokio::test]
    async fn without_the_ledger_each_node_counts_on_from_what_it_knows() {
        let cluster = Cluster::of(2, &Settings::default());
        for _ in 0..MESSAGE_BURST {
            cluster.send(0, "ada").await.unwrap();
        }
        assert_eq!(cluster.send(1, "ada").await, Err(Wait(1000)), "and now it knows");
        cluster.go_away();
        for node in [0, 1] {
            assert_eq!(cluster.send(node, "ada").await, Err(Wait(1000)));
            cluster.send(node, "bob").await.unwrap();
        }
    }

    #[tokio::test]
    async fn one_question_is_asked_for_many_and_each_has_its_own_answer() {
        let cluster = Cluster::of(2, &Settings { searches_per_minute: 0, ..Settings::default() });
        for _ in 0..MESSAGE_BURST {
            cluster.send(0, "ada").await.unwrap();
        }
        let now = *cluster.paper.now.lock().unwrap();
        let reserve = |limit, who| cluster.nodes[1].reserve_at(now, limit, who).unwrap();
        let asked = [
            reserve(Limit::Messages, "bob"),
            reserve(Limit::Searches, "ada"),
            reserve(Limit::Messages, "ada"),
            reserve(Limit::SignIns, "ada"),
        ];
        let answers = cluster.nodes[1].confirm_at(now, &asked).await;
        assert_eq!(answers, [Ok(()), Ok(()), Err(Wait(1000)), Ok(())]);
    }

    #[test]
    fn addresses_are_counted_by_household() {
        let household = |text: &str| network(text.parse().unwrap());
        assert_eq!(household("2001:db8::1"), household("2001:db8::2"));
        assert_ne!(household("2001:db8::1"), household("2001:db8:0:1::1"));
        assert_ne!(household("203.0.113.1"), household("203.0.113.2"));
        assert_eq!(household("::ffff:203.0.113.1"), household("203.0.113.1"));
    }
}
