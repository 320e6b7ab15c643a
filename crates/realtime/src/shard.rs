//! One core's part of the subscribers, and the loop that tells them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use crate::hub::{Subscriber, telling};
use crate::outbox::Outbox;
use crate::{Cast, Event, Telling, Topic};

/// Orders taken from the queue at once. What was published in them for one topic is told together.
const ORDERS: usize = 256;
/// Writes between two moments in which others may use this thread: about a quarter of a millisecond.
const WRITES: usize = 64;

/// What a shard is asked to do, in the order in which it was asked.
#[derive(Debug)]
pub(crate) enum Order {
    Subscribe(Topic, Subscriber),
    Unsubscribe(Topic, Arc<Outbox>),
    /// Somebody who listened to these has hung up.
    Forget(Vec<Topic>),
    Tell(Arc<[Event]>),
    CloseAll(u16),
    Settle(oneshot::Sender<()>),
}

#[derive(Debug, Default)]
pub(crate) struct Shard {
    topics: HashMap<Topic, Vec<Subscriber>>,
    /// Topics with subscribers that have hung up.
    untidy: HashSet<Topic>,
}

impl Shard {
    pub(crate) async fn run(mut self, mut waiting: mpsc::UnboundedReceiver<Order>) {
        let mut orders = Vec::new();
        while waiting.recv_many(&mut orders, ORDERS).await > 0 {
            let mut heap = Vec::new();
            for order in orders.drain(..) {
                match order {
                    Order::Tell(events) => heap.push(events),
                    other => {
                        self.tell(std::mem::take(&mut heap)).await;
                        self.change(other);
                    }
                }
            }
            self.tell(heap).await;
            self.tidy();
        }
    }

    fn change(&mut self, order: Order) {
        match order {
            Order::Subscribe(topic, subscriber) => {
                self.topics.entry(topic).or_default().push(subscriber);
            }
            Order::Unsubscribe(topic, outbox) => {
                let subscribers = self.topics.entry(topic).or_default();
                subscribers.retain(|each| !Arc::ptr_eq(&each.outbox, &outbox));
                self.untidy.insert(topic);
            }
            Order::Forget(topics) => self.untidy.extend(topics),
            Order::CloseAll(code) => {
                self.topics.values().flatten().for_each(|each| each.outbox.close(code));
            }
            Order::Settle(tell) => {
                // Whoever waited may have given up.
                let _gone = tell.send(());
            }
            Order::Tell(_) => {}
        }
    }

    /// Many leave at once (a cut, a restart): one look for all of them.
    fn tidy(&mut self) {
        for topic in self.untidy.drain() {
            let Some(subscribers) = self.topics.get_mut(&topic) else { continue };
            subscribers.retain(|each| !each.outbox.has_hung_up());
            subscribers.shrink_to(subscribers.len() * 2);
            if subscribers.is_empty() {
                self.topics.remove(&topic);
            }
        }
    }

    async fn tell(&self, heap: Vec<Arc<[Event]>>) {
        for (topic, casts) in by_topic(&heap) {
            let Some(subscribers) = self.topics.get(&topic) else { continue };
            let mut tellings = Tellings::of(&casts);
            for some in subscribers.chunks(WRITES) {
                for subscriber in some {
                    subscriber.outbox.tell(tellings.to(subscriber));
                }
                if some.len() == WRITES {
                    tokio::task::yield_now().await;
                }
            }
        }
    }
}

/// The casts of each topic, in their order.
fn by_topic(heap: &[Arc<[Event]>]) -> Vec<(Topic, Vec<&Cast>)> {
    let mut places = HashMap::new();
    let mut groups = Vec::new();
    for Event { topic, cast, .. } in heap.iter().flat_map(|events| events.iter()) {
        let place = *places.entry(*topic).or_insert_with(|| {
            groups.push((*topic, Vec::new()));
            groups.len() - 1
        });
        if let Some((_, casts)) = groups.get_mut(place) {
            casts.push(cast);
        }
    }
    groups
}

/// The casts of one topic in every form that somebody hears them in; each form is made once.
struct Tellings<'a> {
    casts: &'a [&'a Cast],
    /// Whose sockets hear something of their own.
    owners: HashSet<u128>,
    /// What nearly everybody hears.
    usual: Telling,
    others: HashMap<(Option<u128>, Option<&'static str>), Telling>,
}

impl<'a> Tellings<'a> {
    fn of(casts: &'a [&'a Cast]) -> Self {
        let owners = casts.iter().filter_map(|cast| cast.owner()).collect();
        Self { casts, owners, usual: telling(casts, None, None), others: HashMap::new() }
    }

    fn to(&mut self, subscriber: &Subscriber) -> &Telling {
        let owner = self.owners.contains(&subscriber.owner).then_some(subscriber.owner);
        let dialect = subscriber.dialect;
        if owner.is_none() && dialect.is_none() {
            return &self.usual;
        }
        let form = (owner, dialect.map(|dialect| dialect.name));
        self.others.entry(form).or_insert_with(|| telling(self.casts, owner, dialect))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Frame;
    use crate::testing::Pipe;

    fn subscriber(owner: u128) -> Subscriber {
        let pipe = Pipe::with_room(usize::MAX);
        Subscriber { owner, dialect: None, outbox: Arc::new(Outbox::new(pipe, 4008)) }
    }

    #[test]
    fn who_hung_up_leaves_nothing_behind() {
        let mut shard = Shard::default();
        let topic = Topic::Conversation(1);
        let [ada, bob] = [1, 2].map(subscriber);
        for each in [&ada, &bob] {
            shard.change(Order::Subscribe(topic, each.clone()));
        }
        ada.outbox.hang_up();
        shard.change(Order::Forget(vec![topic]));
        shard.tidy();
        assert_eq!(shard.topics.get(&topic).map(Vec::len), Some(1));
        shard.change(Order::Unsubscribe(topic, bob.outbox.clone()));
        shard.tidy();
        assert!(shard.topics.is_empty());
    }

    #[test]
    fn casts_keep_their_order_within_a_topic() {
        let event = |topic, text: &str| Event::new(topic, Cast::All(Frame::durable(text)));
        let [room, other] = [1, 2].map(Topic::Conversation);
        let heap: [Arc<[_]>; 2] =
            [vec![event(room, "a"), event(other, "b")].into(), vec![event(room, "c")].into()];
        let groups = by_topic(&heap);
        let texts: Vec<Vec<_>> = groups
            .iter()
            .map(|(_, casts)| {
                casts.iter().map(|cast| cast.frame_for(None).unwrap().text()).collect()
            })
            .collect();
        assert_eq!(texts, [vec!["a", "c"], vec!["b"]]);
    }
}
