//! Who listens to what, and the door through which they are told.
//!
//! The subscribers are split over shards, one for each core. A shard is one task that owns its part
//! of the topics and takes its orders from one queue, so nothing here is locked while thousands are
//! told, and whoever publishes goes on at once. The order of the queue is the order of everything:
//! who subscribes before a publication hears it, who leaves before it does not.

use std::sync::{Arc, OnceLock};
use std::thread::available_parallelism;
use std::time::Instant;

use tokio::sync::{mpsc, oneshot};

use crate::endings::Endings;
use crate::outbox::Outbox;
use crate::relay::{Job, NodeId, Relay};
use crate::shard::{Order, Shard};
use crate::tail::Tails;
use crate::{
    Arrivals, Bus, Cast, Event, Frame, Kept, Place, Reading, Recalled, Telling, Topic, Truth,
};

/// Another language for the same frames.
#[derive(Debug)]
pub struct Dialect {
    /// Tells it apart from others.
    pub name: &'static str,
    /// The text of a frame in this dialect; `None` where it has no words for it.
    pub translate: fn(&str) -> Option<String>,
}

/// The ways to the shards of one node, and what they were told last.
#[derive(Debug, Clone)]
pub(crate) struct Shards {
    orders: Arc<[mpsc::UnboundedSender<Order>]>,
    tails: Arc<Tails>,
    endings: Arc<Endings>,
}

/// The subscriptions of one node, and its way to the other nodes if there are any.
#[derive(Debug)]
pub struct Hub {
    shards: Shards,
    relay: OnceLock<mpsc::UnboundedSender<Job>>,
}

/// One subscriber and what it listens to; it leaves when dropped.
#[derive(Debug)]
pub struct Listener {
    hub: Arc<Hub>,
    owner: u128,
    dialect: Option<&'static Dialect>,
    outbox: Arc<Outbox>,
    topics: Vec<Topic>,
}

#[derive(Debug, Clone)]
pub(crate) struct Subscriber {
    pub(crate) owner: u128,
    pub(crate) dialect: Option<&'static Dialect>,
    pub(crate) outbox: Arc<Outbox>,
}

impl Default for Hub {
    /// Starts a shard for each core. A runtime must be running.
    fn default() -> Self {
        Self::with_shards(available_parallelism().map_or(1, usize::from))
    }
}

impl Hub {
    pub(crate) fn with_shards(count: usize) -> Self {
        Self { shards: Shards::start(count), relay: OnceLock::new() }
    }

    /// Becomes one of several nodes that tell each other over `bus`. Only the first call counts.
    pub fn join(&self, bus: Arc<dyn Bus>, arrivals: Arrivals, truth: Arc<dyn Truth>) {
        let (jobs, waiting) = mpsc::unbounded_channel();
        if self.relay.set(jobs).is_ok() {
            let node = NodeId(rand::random());
            let relay = Relay::new(node, self.shards.clone(), bus, truth);
            tokio::spawn(relay.run(waiting, arrivals));
        }
    }

    /// A subscriber that listens to nothing yet. Its sockets are told apart from others' by `owner`.
    #[must_use]
    pub fn listener(
        self: &Arc<Self>,
        owner: u128,
        dialect: Option<&'static Dialect>,
        outbox: Arc<Outbox>,
    ) -> Listener {
        Listener { hub: self.clone(), owner, dialect, outbox, topics: Vec::new() }
    }

    /// Tells the subscribers on every node, in this order. Only `domain::tx` may call this, after its
    /// commit.
    pub fn publish(&self, events: Vec<Event>) {
        match self.relay.get() {
            None => self.shards.publish(events),
            // A relay ends with its runtime alone.
            Some(relay) => drop(relay.send(Job::Publish(events))),
        }
    }

    /// Tells the subscribers on this node: each node finds such things out for itself.
    pub fn publish_here(&self, events: Vec<Event>) {
        self.shards.publish(events);
    }

    /// Says something to the other nodes, if there are any.
    pub fn note(&self, note: String) {
        if let Some(relay) = self.relay.get() {
            let _ended = relay.send(Job::Note(note));
        }
    }

    /// How far these series have come in the truth: what was not heard of them is told now. Whether all
    /// of it was: where the truth did not answer, somebody has to ask for them again.
    pub async fn reached(&self, places: Vec<Place>) -> bool {
        let Some(relay) = self.relay.get() else { return true };
        let (tell, told) = oneshot::channel();
        let _ended = relay.send(Job::Reached(places, tell));
        told.await.unwrap_or(false)
    }

    /// What was told of a series behind the number `after`, where that is remembered under `version`;
    /// `None` where it has to be read.
    ///
    /// Whoever has subscribed before, and is told this, misses nothing of what is published on.
    #[must_use]
    pub fn recall(&self, series: u128, after: i64, version: i64) -> Option<Recalled> {
        self.shards.tails.behind(series, after, version)
    }

    /// Somebody is about to read how a series ends, to [`Hub::remember`] it.
    #[must_use]
    pub fn begin_reading(&self, series: u128) -> Reading {
        self.shards.tails.begin(series)
    }

    /// Keeps what was read of a series: its last events, in order and without a hole, up to and with the
    /// number `last`. `version` was looked up before they were read; it changes with every change to one
    /// of them.
    pub fn remember(
        &self,
        series: u128,
        reading: Reading,
        (version, last): (i64, i64),
        kept: Vec<Arc<dyn Kept>>,
    ) {
        self.shards.tails.remember(series, reading, (version, last), kept);
    }

    /// Whether the topic was closed at `since` or after it, which whoever has subscribed only now has not
    /// heard; `None` where that is no longer known.
    #[must_use]
    pub fn was_closed(&self, topic: Topic, since: Instant) -> Option<bool> {
        self.shards.endings.was_closed(topic, since)
    }

    /// Closes every subscriber of every topic: the node is going away.
    pub fn close_all(&self, code: u16) {
        self.shards.order(|_| Order::CloseAll(code));
    }

    /// Waits until everything that was published on this node alone before has been told.
    pub async fn settled(&self) {
        for shard in self.shards.orders.iter() {
            let (tell, told) = oneshot::channel();
            let _ended = shard.send(Order::Settle(tell));
            let _ended = told.await;
        }
    }
}

impl Shards {
    fn start(count: usize) -> Self {
        let start = |_| {
            let (orders, waiting) = mpsc::unbounded_channel();
            tokio::spawn(Shard::default().run(waiting));
            orders
        };
        Self {
            orders: (0..count).map(start).collect(),
            tails: Arc::default(),
            endings: Arc::default(),
        }
    }

    pub(crate) fn publish(&self, events: Vec<Event>) {
        if events.is_empty() {
            return;
        }
        // Before anybody is told: who subscribes after that finds it here.
        self.tails.hear(&events);
        self.endings.hear(&events);
        let events: Arc<[_]> = events.into();
        for (at, shard) in self.orders.iter().enumerate() {
            if events.iter().any(|event| self.may_have(at, event.topic)) {
                // A shard ends with its runtime alone, and with it every subscriber.
                let _ended = shard.send(Order::Tell(events.clone()));
            }
        }
    }

    fn order(&self, order: impl Fn(usize) -> Order) {
        for (at, shard) in self.orders.iter().enumerate() {
            let _ended = shard.send(order(at));
        }
    }

    /// A person's sockets share a shard, so what is for one person wakes one task.
    fn of(&self, owner: u128) -> usize {
        usize::try_from(owner % self.orders.len() as u128).unwrap_or(0)
    }

    fn may_have(&self, shard: usize, topic: Topic) -> bool {
        match topic {
            Topic::Person(owner) | Topic::Unscreened(owner) | Topic::Presence(owner) => {
                self.of(owner) == shard
            }
            Topic::Conversation(_) | Topic::Device(_) => true,
        }
    }
}

impl Listener {
    /// Hears whatever is published to `topic` from now on.
    pub fn subscribe(&mut self, topic: Topic) {
        let subscriber =
            Subscriber { owner: self.owner, dialect: self.dialect, outbox: self.outbox.clone() };
        self.order(Order::Subscribe(topic, subscriber));
        self.topics.push(topic);
    }

    /// Hears nothing more that is published to `topic` from now on.
    pub fn unsubscribe(&mut self, topic: Topic) {
        self.order(Order::Unsubscribe(topic, self.outbox.clone()));
        self.topics.retain(|each| *each != topic);
    }

    #[must_use]
    pub fn outbox(&self) -> &Arc<Outbox> {
        &self.outbox
    }

    fn order(&self, order: Order) {
        let shards = &self.hub.shards;
        if let Some(shard) = shards.orders.get(shards.of(self.owner)) {
            let _ended = shard.send(order);
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.outbox.hang_up();
        let topics = std::mem::take(&mut self.topics);
        self.order(Order::Forget(topics));
    }
}

/// What `listener` (somebody who owns one of the casts, or anybody else) hears of `casts`.
pub(crate) fn telling(
    casts: &[Cast],
    listener: Option<u128>,
    dialect: Option<&Dialect>,
) -> Telling {
    let mut frames = Vec::with_capacity(casts.len());
    for cast in casts {
        if let Cast::Close(code) = cast {
            return Telling::new(frames, Some(*code));
        }
        frames.extend(cast.frame_for(listener).and_then(|frame| in_words(frame, dialect)));
    }
    Telling::new(frames, None)
}

fn in_words(frame: &Frame, dialect: Option<&Dialect>) -> Option<Frame> {
    match dialect {
        None => Some(frame.clone()),
        Some(dialect) => {
            (dialect.translate)(frame.text()).as_deref().map(|text| frame.reworded(text))
        }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "this is the method behind the door")]
mod tests {
    use super::*;
    use crate::News;
    use crate::testing::Pipe;

    const ROOM: Topic = Topic::Conversation(1);
    static LOUD: Dialect =
        Dialect { name: "loud", translate: |text| (text != "secret").then(|| text.to_uppercase()) };

    struct Somebody {
        listener: Listener,
        pipe: Pipe,
    }

    fn listens(hub: &Arc<Hub>, owner: u128, topics: &[Topic]) -> Somebody {
        speaks(hub, owner, topics, None)
    }

    fn speaks(
        hub: &Arc<Hub>,
        owner: u128,
        topics: &[Topic],
        dialect: Option<&'static Dialect>,
    ) -> Somebody {
        let pipe = Pipe::with_room(usize::MAX);
        let outbox = Arc::new(Outbox::new(pipe.clone(), 4008));
        let mut listener = hub.listener(owner, dialect, outbox);
        for topic in topics {
            listener.subscribe(*topic);
        }
        Somebody { listener, pipe }
    }

    fn all(text: &str) -> Cast {
        Cast::All(Frame::durable(text))
    }

    fn in_room<const N: usize>(casts: [Cast; N]) -> Vec<Event> {
        casts.map(|cast| Event::new(ROOM, cast)).into()
    }

    fn split(owner: u128, own: &str, others: &str) -> Cast {
        let frame = |text| Some(Frame::durable(text));
        Cast::Split { owner, own: frame(own), others: frame(others) }
    }

    #[tokio::test]
    async fn owners_and_others_hear_their_own_frame_and_strangers_nothing() {
        let hub = Arc::new(Hub::with_shards(3));
        let [ada, bob] = [1, 2].map(|owner| listens(&hub, owner, &[ROOM]));
        let stranger = listens(&hub, 3, &[Topic::Conversation(2)]);
        hub.publish(in_room([split(1, "sent", "new"), all("both")]));
        hub.settled().await;
        assert_eq!(ada.pipe.texts(), ["sent", "both"]);
        assert_eq!(bob.pipe.texts(), ["new", "both"]);
        assert!(stranger.pipe.texts().is_empty());
        assert_eq!(bob.pipe.writes(), 1, "what was committed together is written together");
    }

    #[tokio::test]
    async fn each_hears_it_in_their_own_language() {
        let hub = Arc::new(Hub::with_shards(1));
        let plain = listens(&hub, 1, &[ROOM]);
        let loud = speaks(&hub, 1, &[ROOM], Some(&LOUD));
        hub.publish(in_room([all("hello"), all("secret"), split(1, "a", "b")]));
        hub.settled().await;
        assert_eq!(plain.pipe.texts(), ["hello", "secret", "a"]);
        assert_eq!(loud.pipe.texts(), ["HELLO", "A"]);
    }

    #[tokio::test]
    async fn who_left_hears_nothing() {
        let hub = Arc::new(Hub::with_shards(2));
        let mut ada = listens(&hub, 1, &[ROOM, Topic::Person(1)]);
        let bob = listens(&hub, 2, &[ROOM]);
        ada.listener.unsubscribe(ROOM);
        drop(bob.listener);
        hub.publish(vec![Event::new(ROOM, all("room")), Event::new(Topic::Person(1), all("ada"))]);
        hub.settled().await;
        assert_eq!(ada.pipe.texts(), ["ada"]);
        assert!(bob.pipe.texts().is_empty());
    }

    #[tokio::test]
    async fn a_closed_topic_closes_its_sockets_after_what_was_said_before() {
        let hub = Arc::new(Hub::with_shards(2));
        let ada = listens(&hub, 1, &[ROOM]);
        hub.publish(in_room([all("last words"), Cast::Close(4009), all("late")]));
        assert_eq!(ada.listener.outbox().news().await, News::Closed(4009));
        assert_eq!(ada.pipe.texts(), ["last words"]);
    }

    #[tokio::test]
    async fn a_node_that_goes_away_closes_everybody() {
        let hub = Arc::new(Hub::with_shards(2));
        let people = [1, 2, 3].map(|owner| listens(&hub, owner, &[ROOM, Topic::Person(owner)]));
        hub.close_all(1012);
        for somebody in &people {
            assert_eq!(somebody.listener.outbox().news().await, News::Closed(1012));
        }
    }
}
