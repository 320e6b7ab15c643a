//! Several nodes, one conversation: what is published on one is told on all, in order and once.
//!
//! The bus is a hint. Events of a series are numbered without holes, so each node knows for each
//! series what it told last: a number that it has told is dropped, and a hole is filled from the
//! truth before anything behind it is told. What the bus lost at the end of a series is found by
//! [`Hub::reached`](crate::Hub::reached), which is told regularly how far each series has come.

use std::collections::HashMap;
use std::fmt::Debug;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::hub::Shards;
use crate::{Arrivals, Bus, Event, Place};

/// A series that nobody spoke in for so long is forgotten. It has to be longer than the time over
/// which [`Truth::before`] still counts something as untold.
const QUIET: Duration = Duration::from_secs(600);
/// Series that are looked through for quiet ones at once.
const TIDY_AT: usize = 1024;

/// Tells this run of this node from every other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NodeId(pub u128);

/// What a question to the truth comes to.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Unavailable>> + Send + 'a>>;

/// The truth cannot be asked now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the truth cannot be reached")]
pub struct Unavailable;

/// Where everything that was ever published can be read again.
pub trait Truth: Debug + Send + Sync {
    /// For a series that this node knows nothing of: the last number before `place` that was there
    /// long before anybody here listened, so that it needs no telling. What [`crate::Hub::reached`]
    /// could not tell yet is not among that, however old it is.
    fn before(&self, place: Place) -> Answer<'_, i64>;

    /// The events of the series behind `after`, up to and with `number`, in order.
    fn between(&self, after: i64, up_to: Place) -> Answer<'_, Vec<Event>>;

    /// Another node says something that is no event.
    fn heard(&self, from: NodeId, note: &str);
}

#[derive(Debug, Serialize, Deserialize)]
enum Content {
    Events(Vec<Event>),
    Note(String),
}

#[derive(Debug, Serialize, Deserialize)]
struct Parcel {
    from: NodeId,
    content: Content,
}

#[derive(Debug)]
pub(crate) enum Job {
    /// Published here.
    Publish(Vec<Event>),
    /// For the other nodes.
    Note(String),
    /// How far these series have come, whatever was heard of them; and whom to tell whether all of it
    /// has been told.
    Reached(Vec<Place>, oneshot::Sender<bool>),
}

#[derive(Debug, Clone, Copy)]
struct Told {
    number: i64,
    at: Instant,
}

#[derive(Debug)]
pub(crate) struct Relay {
    pub(crate) node: NodeId,
    pub(crate) shards: Shards,
    pub(crate) bus: Arc<dyn Bus>,
    pub(crate) truth: Arc<dyn Truth>,
    told: HashMap<u128, Told>,
}

impl Relay {
    pub(crate) fn new(
        node: NodeId,
        shards: Shards,
        bus: Arc<dyn Bus>,
        truth: Arc<dyn Truth>,
    ) -> Self {
        Self { node, shards, bus, truth, told: HashMap::new() }
    }

    /// Until the hub is gone. Both are served in turn and nothing is left to chance, so that a
    /// simulation can be run again.
    pub(crate) async fn run(
        mut self,
        mut jobs: mpsc::UnboundedReceiver<Job>,
        mut arrivals: Arrivals,
    ) {
        loop {
            tokio::select! {
                biased;
                job = jobs.recv() => match job {
                    Some(job) => self.see_to(job).await,
                    None => return,
                },
                Some(parcel) = arrivals.recv() => {
                    self.open(&parcel).await;
                    continue;
                }
            }
            if let Ok(parcel) = arrivals.try_recv() {
                self.open(&parcel).await;
            }
        }
    }

    async fn see_to(&mut self, job: Job) {
        match job {
            Job::Publish(events) => {
                let content = Content::Events(events);
                self.send(&content);
                if let Content::Events(events) = content {
                    self.offer(events).await;
                }
            }
            Job::Note(note) => self.send(&Content::Note(note)),
            Job::Reached(places, tell) => {
                let mut all = true;
                for place in places {
                    all &= self.catch_up(place).await;
                }
                self.forget_quiet_series();
                // Whoever waited may have given up.
                let _gone = tell.send(all);
            }
        }
    }

    fn send(&self, content: &Content) {
        #[derive(Serialize)]
        struct Borrowed<'a> {
            from: NodeId,
            content: &'a Content,
        }
        match serde_json::to_vec(&Borrowed { from: self.node, content }) {
            Ok(parcel) => self.bus.send(parcel),
            Err(error) => tracing::error!(%error, "packing a parcel for the other nodes"),
        }
    }

    async fn open(&mut self, parcel: &[u8]) {
        match serde_json::from_slice::<Parcel>(parcel) {
            Ok(parcel) if parcel.from == self.node => {}
            Ok(Parcel { content: Content::Events(events), .. }) => self.offer(events).await,
            Ok(Parcel { content: Content::Note(note), from }) => self.truth.heard(from, &note),
            // A node of another version, perhaps: what it says is in the truth.
            Err(error) => tracing::warn!(%error, "a parcel that cannot be read"),
        }
    }

    /// Tells what is not told yet; a hole is filled first.
    async fn offer(&mut self, events: Vec<Event>) {
        let mut ready = Vec::with_capacity(events.len());
        let mut admitted = None;
        for event in events {
            let Some(place) = event.place else {
                ready.push(event);
                continue;
            };
            // The forms of one thing come one after the other, and share what was found for the first.
            if admitted.is_none_or(|(last, _)| last != place) {
                self.shards.publish(std::mem::take(&mut ready));
                admitted = Some((place, self.admit(place).await));
            }
            if admitted.is_some_and(|(_, is_news)| is_news) {
                ready.push(event);
            }
        }
        self.shards.publish(ready);
    }

    /// Whether `place` is the next to be told. What is missing before it is told on the way; where
    /// that cannot be had, it is told later, together with what is missing.
    async fn admit(&mut self, place: Place) -> bool {
        let Some(last) = self.last_before(place).await else { return false };
        if place.number <= last {
            return false;
        }
        let previous = Place { number: place.number - 1, ..place };
        if last < previous.number && !self.fill(last, previous).await {
            return false;
        }
        self.told.insert(place.series, Told { number: place.number, at: Instant::now() });
        true
    }

    /// Whether everything up to `place` is told now.
    async fn catch_up(&mut self, place: Place) -> bool {
        let next = Place { number: place.number + 1, ..place };
        match self.last_before(next).await {
            Some(last) if last < place.number => self.fill(last, place).await,
            known => known.is_some(),
        }
    }

    async fn last_before(&mut self, place: Place) -> Option<i64> {
        if let Some(told) = self.told.get(&place.series) {
            return Some(told.number);
        }
        let number = self.truth.before(place).await.ok()?;
        self.told.insert(place.series, Told { number, at: Instant::now() });
        Some(number)
    }

    async fn fill(&mut self, after: i64, up_to: Place) -> bool {
        let Ok(missing) = self.truth.between(after, up_to).await else { return false };
        self.shards.publish(missing);
        self.told.insert(up_to.series, Told { number: up_to.number, at: Instant::now() });
        true
    }

    fn forget_quiet_series(&mut self) {
        if self.told.len() >= TIDY_AT {
            self.told.retain(|_, told| told.at.elapsed() < QUIET);
        }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "this is the method behind the door")]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::testing::Pipe;
    use crate::{Cast, Frame, Hub, Outbox, Topic};

    const SERIES: u128 = 9;
    const ROOM: Topic = Topic::Conversation(SERIES);

    fn event(number: i64) -> Event {
        let cast = Cast::All(Frame::durable(number.to_string()));
        Event::at(Place { series: SERIES, number }, ROOM, cast)
    }

    /// A database with numbers from 1 on, of which the first `old` are history.
    #[derive(Debug, Default)]
    struct Numbers {
        old: i64,
        away: Mutex<bool>,
        notes: Mutex<Vec<String>>,
    }

    impl Truth for Numbers {
        fn before(&self, _: Place) -> Answer<'_, i64> {
            Box::pin(async {
                if *self.away.lock().unwrap() { Err(Unavailable) } else { Ok(self.old) }
            })
        }

        fn between(&self, after: i64, up_to: Place) -> Answer<'_, Vec<Event>> {
            let away = *self.away.lock().unwrap();
            Box::pin(async move {
                if away {
                    Err(Unavailable)
                } else {
                    Ok((after + 1..=up_to.number).map(event).collect())
                }
            })
        }

        fn heard(&self, _: NodeId, note: &str) {
            self.notes.lock().unwrap().push(note.to_owned());
        }
    }

    /// Delivers to one other node what `keeps` says.
    #[derive(Debug)]
    struct Wire {
        to: mpsc::Sender<Vec<u8>>,
        lost: Mutex<usize>,
        keeps: fn(usize) -> bool,
    }

    impl Bus for Wire {
        fn send(&self, parcel: Vec<u8>) {
            let mut sent = self.lost.lock().unwrap();
            *sent += 1;
            if (self.keeps)(*sent) {
                self.to.try_send(parcel).unwrap();
            }
        }
    }

    struct Node {
        hub: Arc<Hub>,
        pipe: Pipe,
        truth: Arc<Numbers>,
        _listener: crate::Listener,
    }

    impl Node {
        fn start(old: i64, bus: Wire, arrivals: Arrivals) -> Self {
            let hub = Arc::new(Hub::default());
            let truth = Arc::new(Numbers { old, ..Numbers::default() });
            hub.join(Arc::new(bus), arrivals, truth.clone());
            let pipe = Pipe::with_room(usize::MAX);
            let mut listener = hub.listener(1, None, Arc::new(Outbox::new(pipe.clone(), 4008)));
            listener.subscribe(ROOM);
            Self { hub, pipe, truth, _listener: listener }
        }

        async fn hears(&self, numbers: std::ops::RangeInclusive<i64>) {
            let expected: Vec<_> = numbers.map(|n| n.to_string()).collect();
            while self.pipe.texts().len() < expected.len() {
                self.pipe.written().await;
            }
            self.hub.settled().await;
            assert_eq!(self.pipe.texts(), expected);
        }
    }

    /// Two nodes; `keeps` says which parcels of each get through, counted from 1.
    fn two_nodes(old: i64, keeps: fn(usize) -> bool) -> (Node, Node) {
        let (to_a, from_b) = mpsc::channel(64);
        let (to_b, from_a) = mpsc::channel(64);
        let wire = |to| Wire { to, lost: Mutex::default(), keeps };
        (Node::start(old, wire(to_b), from_b), Node::start(old, wire(to_a), from_a))
    }

    #[tokio::test]
    async fn what_one_node_publishes_is_heard_on_both_in_order() {
        let (a, b) = two_nodes(0, |_| true);
        for number in 1..=5 {
            a.hub.publish(vec![event(number)]);
        }
        a.hears(1..=5).await;
        b.hears(1..=5).await;
    }

    #[tokio::test]
    async fn what_the_bus_loses_is_read_from_the_truth() {
        let (a, b) = two_nodes(0, |sent| sent % 3 == 0);
        for number in 1..=6 {
            a.hub.publish(vec![event(number)]);
        }
        b.hears(1..=6).await;
    }

    #[tokio::test]
    async fn a_silent_bus_is_made_up_for_by_the_sweep() {
        let (a, b) = two_nodes(0, |_| false);
        a.hub.publish((1..=4).map(event).collect());
        a.hears(1..=4).await;
        assert!(b.pipe.texts().is_empty());
        assert!(b.hub.reached(vec![Place { series: SERIES, number: 4 }]).await);
        b.hears(1..=4).await;
        assert!(b.hub.reached(vec![Place { series: SERIES, number: 4 }]).await);
        b.hub.publish(vec![event(5)]);
        b.hears(1..=5).await;
    }

    #[tokio::test]
    async fn history_is_not_told_again() {
        let (a, b) = two_nodes(7, |_| true);
        a.hub.publish(vec![event(8)]);
        a.hears(8..=8).await;
        b.hears(8..=8).await;
    }

    #[tokio::test]
    async fn what_cannot_be_proven_continuous_waits_for_the_truth() {
        let (a, b) = two_nodes(0, |sent| sent == 2);
        *b.truth.away.lock().unwrap() = true;
        a.hub.publish(vec![event(1)]);
        a.hub.publish(vec![event(2)]);
        a.hears(1..=2).await;
        assert!(!b.hub.reached(vec![Place { series: SERIES, number: 2 }]).await);
        b.hub.settled().await;
        assert!(b.pipe.texts().is_empty());
        *b.truth.away.lock().unwrap() = false;
        assert!(b.hub.reached(vec![Place { series: SERIES, number: 2 }]).await);
        b.hears(1..=2).await;
    }

    #[tokio::test]
    async fn a_note_reaches_the_other_node_alone() {
        let (a, b) = two_nodes(0, |_| true);
        a.hub.note("hello".into());
        a.hub.publish(vec![event(1)]);
        b.hears(1..=1).await;
        assert_eq!(*b.truth.notes.lock().unwrap(), ["hello"]);
        assert!(a.truth.notes.lock().unwrap().is_empty());
    }
}
