//! Who listens to what, and the one loop that tells them.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::outbox::{Frame, Outbox};

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

#[derive(Debug, Clone)]
struct Subscriber {
    owner: u128,
    outbox: Arc<Outbox>,
}

/// The subscriptions of one node.
#[derive(Debug, Default)]
pub struct Hub {
    topics: RwLock<HashMap<Topic, Vec<Subscriber>>>,
}

impl Hub {
    /// Listens to `topic` until [`Hub::unsubscribe`].
    pub fn subscribe(&self, topic: Topic, owner: u128, outbox: &Arc<Outbox>) {
        let subscriber = Subscriber { owner, outbox: outbox.clone() };
        let mut topics = self.topics.write().unwrap_or_else(PoisonError::into_inner);
        topics.entry(topic).or_default().push(subscriber);
    }

    pub fn unsubscribe(&self, topic: Topic, outbox: &Arc<Outbox>) {
        let mut topics = self.topics.write().unwrap_or_else(PoisonError::into_inner);
        let Some(subscribers) = topics.get_mut(&topic) else { return };
        if let Some(at) = subscribers.iter().position(|each| Arc::ptr_eq(&each.outbox, outbox)) {
            subscribers.swap_remove(at);
        }
        if subscribers.is_empty() {
            topics.remove(&topic);
        }
    }

    /// Tells every subscriber of `topic`. Only `domain::tx` may call this, after its commit.
    pub fn publish(&self, topic: Topic, cast: &Cast) {
        let topics = self.topics.read().unwrap_or_else(PoisonError::into_inner);
        for subscriber in topics.get(&topic).into_iter().flatten() {
            subscriber.hear(cast);
        }
    }

    /// Closes every subscriber of every topic: the node is going away.
    pub fn close_all(&self, code: u16) {
        let topics = self.topics.read().unwrap_or_else(PoisonError::into_inner);
        for subscriber in topics.values().flatten() {
            subscriber.outbox.close(code);
        }
    }

    /// How many listen to `topic`.
    #[must_use]
    pub fn listeners(&self, topic: Topic) -> usize {
        let topics = self.topics.read().unwrap_or_else(PoisonError::into_inner);
        topics.get(&topic).map_or(0, Vec::len)
    }
}

impl Subscriber {
    fn hear(&self, cast: &Cast) {
        match cast {
            Cast::All(frame) => self.outbox.push(frame),
            Cast::Close(code) => self.outbox.close(*code),
            Cast::Split { owner, own, others } => {
                let frame = if *owner == self.owner { own } else { others };
                if let Some(frame) = frame {
                    self.outbox.push(frame);
                }
            }
        }
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_methods, reason = "this is the method behind the door")]
mod tests {
    use super::*;
    use crate::Drained;

    const ROOM: Topic = Topic::Conversation(1);

    fn listener(hub: &Hub, owner: u128) -> Arc<Outbox> {
        let outbox = Arc::new(Outbox::new(4008));
        hub.subscribe(ROOM, owner, &outbox);
        outbox
    }

    async fn heard(outbox: &Outbox) -> Vec<Frame> {
        let mut frames = Vec::new();
        outbox.close(1000);
        while outbox.drain(&mut frames, 16).await == Drained::Frames {}
        frames
    }

    #[tokio::test]
    async fn owners_and_others_hear_their_own_frame_and_strangers_nothing() {
        let hub = Hub::default();
        let (ada, bob) = (listener(&hub, 1), listener(&hub, 2));
        let stranger = Arc::new(Outbox::new(4008));
        hub.subscribe(Topic::Conversation(2), 3, &stranger);
        let (own, others) = (Frame::durable("sent"), Frame::durable("new"));
        let cast = Cast::Split { owner: 1, own: Some(own.clone()), others: Some(others.clone()) };
        hub.publish(ROOM, &cast);
        assert_eq!(heard(&ada).await, [own]);
        assert_eq!(heard(&bob).await, [others]);
        assert!(heard(&stranger).await.is_empty());
    }

    #[tokio::test]
    async fn who_left_hears_nothing_and_leaves_nothing_behind() {
        let hub = Hub::default();
        let ada = listener(&hub, 1);
        hub.unsubscribe(ROOM, &ada);
        hub.publish(ROOM, &Cast::All(Frame::durable("x")));
        assert!(heard(&ada).await.is_empty());
        assert_eq!(hub.listeners(ROOM), 0);
    }

    #[tokio::test]
    async fn a_closed_topic_closes_its_sockets() {
        let hub = Hub::default();
        let ada = listener(&hub, 1);
        hub.publish(ROOM, &Cast::Close(4009));
        assert_eq!(ada.drain(&mut Vec::new(), 1).await, Drained::Closed(4009));
    }
}
