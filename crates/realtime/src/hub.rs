//! Who listens to what, and the door through which they are told.
//!
//! The subscribers are split over shards, one for each core. A shard is one task that owns its part
//! of the topics and takes its orders from one queue, so nothing here is locked while thousands are
//! told, and whoever publishes goes on at once. The order of the queue is the order of everything:
//! who subscribes before a publication hears it, who leaves before it does not.

use std::sync::Arc;
use std::thread::available_parallelism;

use tokio::sync::{mpsc, oneshot};

use crate::outbox::Outbox;
use crate::shard::{Order, Shard};
use crate::{Frame, Telling};

/// What can be listened to. The meaning of the number is the caller's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    Conversation(u128),
    /// Everything addressed to one person, on every device.
    Person(u128),
    /// One signed-in device: revocation reaches its sockets here.
    Device(u128),
}

/// What is told to the subscribers of a topic.
#[derive(Debug, Clone)]
pub enum Cast {
    /// The same frame for everybody.
    All(Frame),
    /// One frame for the sockets of `owner`, another for everybody else; `None` tells that side
    /// nothing.
    Split { owner: u128, own: Option<Frame>, others: Option<Frame> },
    /// Every subscriber is closed with this code.
    Close(u16),
}

/// Another language for the same frames.
#[derive(Debug)]
pub struct Dialect {
    /// Tells it apart from others.
    pub name: &'static str,
    /// The text of a frame in this dialect; `None` where it has no words for it.
    pub translate: fn(&str) -> Option<String>,
}

/// The subscriptions of one node.
#[derive(Debug)]
pub struct Hub {
    shards: Box<[mpsc::UnboundedSender<Order>]>,
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
    fn with_shards(count: usize) -> Self {
        let start = |_| {
            let (orders, waiting) = mpsc::unbounded_channel();
            tokio::spawn(Shard::default().run(waiting));
            orders
        };
        Self { shards: (0..count).map(start).collect() }
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

    /// Tells the subscribers of each topic, in this order. Only `domain::tx` may call this, after its
    /// commit.
    pub fn publish(&self, events: Vec<(Topic, Cast)>) {
        let events: Arc<[_]> = events.into();
        for (at, shard) in self.shards.iter().enumerate() {
            if events.iter().any(|(topic, _)| self.may_have(at, *topic)) {
                // A shard ends with its runtime alone, and with it every subscriber.
                let _ended = shard.send(Order::Tell(events.clone()));
            }
        }
    }

    /// Closes every subscriber of every topic: the node is going away.
    pub fn close_all(&self, code: u16) {
        for shard in &self.shards {
            let _ended = shard.send(Order::CloseAll(code));
        }
    }

    /// Waits until everything that was published before has been told.
    pub async fn settled(&self) {
        for shard in &self.shards {
            let (tell, told) = oneshot::channel();
            let _ended = shard.send(Order::Settle(tell));
            let _ended = told.await;
        }
    }

    /// A person's sockets share a shard, so what is for one person wakes one task.
    fn shard_of(&self, owner: u128) -> usize {
        let shards = self.shards.len() as u128;
        usize::try_from(owner % shards).unwrap_or(0)
    }

    fn may_have(&self, shard: usize, topic: Topic) -> bool {
        match topic {
            Topic::Person(owner) => self.shard_of(owner) == shard,
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
        if let Some(shard) = self.hub.shards.get(self.hub.shard_of(self.owner)) {
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

impl Cast {
    /// Whose sockets hear something of their own.
    pub(crate) fn owner(&self) -> Option<u128> {
        match self {
            Self::Split { owner, .. } => Some(*owner),
            Self::All(_) | Self::Close(_) => None,
        }
    }

    pub(crate) fn frame_for(&self, listener: Option<u128>) -> Option<&Frame> {
        match self {
            Self::All(frame) => Some(frame),
            Self::Split { owner, own, .. } if listener == Some(*owner) => own.as_ref(),
            Self::Split { others, .. } => others.as_ref(),
            Self::Close(_) => None,
        }
    }
}

/// What `listener` (somebody who owns one of the casts, or anybody else) hears of `casts`.
pub(crate) fn telling(
    casts: &[&Cast],
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

    fn split(owner: u128, own: &str, others: &str) -> Cast {
        let frame = |text| Some(Frame::durable(text));
        Cast::Split { owner, own: frame(own), others: frame(others) }
    }

    #[tokio::test]
    async fn owners_and_others_hear_their_own_frame_and_strangers_nothing() {
        let hub = Arc::new(Hub::with_shards(3));
        let [ada, bob] = [1, 2].map(|owner| listens(&hub, owner, &[ROOM]));
        let stranger = listens(&hub, 3, &[Topic::Conversation(2)]);
        hub.publish(vec![(ROOM, split(1, "sent", "new")), (ROOM, all("both"))]);
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
        hub.publish(vec![(ROOM, all("hello")), (ROOM, all("secret")), (ROOM, split(1, "a", "b"))]);
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
        hub.publish(vec![(ROOM, all("room")), (Topic::Person(1), all("ada"))]);
        hub.settled().await;
        assert_eq!(ada.pipe.texts(), ["ada"]);
        assert!(bob.pipe.texts().is_empty());
    }

    #[tokio::test]
    async fn a_closed_topic_closes_its_sockets_after_what_was_said_before() {
        let hub = Arc::new(Hub::with_shards(2));
        let ada = listens(&hub, 1, &[ROOM]);
        hub.publish(vec![
            (ROOM, all("last words")),
            (ROOM, Cast::Close(4009)),
            (ROOM, all("late")),
        ]);
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
