//! One core's part of the subscribers, and the loop that tells them.
//!
//! What is published to a topic waits in the topic's lane. Topics take turns: each is told to a slice of
//! its subscribers at a time, so that a word between two people does not wait for a room of ten
//! thousand. Within a topic everything is told in the order in which it was published.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use crate::hub::{Subscriber, telling};
use crate::outbox::Outbox;
use crate::{Cast, Event, Telling, Topic};

/// Orders taken from the queue at once.
const ORDERS: usize = 256;
/// Writes between two moments in which others may use this thread: about a quarter of a millisecond.
const WRITES: usize = 64;
/// Slices that are told before subscribers that have hung up are looked for. Each look goes through
/// the whole topic.
const SLICES: usize = 64;

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
    /// What is still to be told; a topic that nobody waits on has no lane.
    lanes: HashMap<Topic, VecDeque<Round>>,
    /// The topics that have a lane, each once.
    turns: VecDeque<Topic>,
    /// Topics with subscribers that have hung up.
    untidy: HashSet<Topic>,
}

impl Shard {
    pub(crate) async fn run(mut self, mut waiting: mpsc::UnboundedReceiver<Order>) {
        let mut orders = Vec::new();
        let mut slices = 0;
        loop {
            if self.turns.is_empty() || slices >= SLICES {
                self.tidy();
                slices = 0;
            }
            if self.turns.is_empty() {
                if waiting.recv_many(&mut orders, ORDERS).await == 0 {
                    return;
                }
            } else {
                orders.extend(std::iter::from_fn(|| waiting.try_recv().ok()).take(ORDERS));
            }
            for order in orders.drain(..) {
                self.follow(order).await;
            }
            self.tell_some().await;
            slices += 1;
        }
    }

    async fn follow(&mut self, order: Order) {
        match order {
            Order::Subscribe(topic, subscriber) => {
                self.topics.entry(topic).or_default().push(subscriber);
            }
            Order::Unsubscribe(topic, outbox) => {
                self.keep(topic, |each| !Arc::ptr_eq(&each.outbox, &outbox));
            }
            Order::Forget(topics) => self.untidy.extend(topics),
            Order::Tell(events) => events.iter().for_each(|event| self.take_up(event)),
            Order::CloseAll(code) => {
                self.tell_everything().await;
                self.topics.values().flatten().for_each(|each| each.outbox.close(code));
            }
            Order::Settle(tell) => {
                self.tell_everything().await;
                // Whoever waited may have given up.
                let _gone = tell.send(());
            }
        }
    }

    /// Many leave at once (a cut, a restart): one look for all of them.
    fn tidy(&mut self) {
        for topic in std::mem::take(&mut self.untidy) {
            self.keep(topic, |each| !each.outbox.has_hung_up());
        }
    }

    /// Forgets the other subscribers of the topic. Those who stay keep their order, and so their place
    /// before or behind the end of each round.
    fn keep(&mut self, topic: Topic, stays: impl Fn(&Subscriber) -> bool) {
        let Some(subscribers) = self.topics.get_mut(&topic) else { return };
        // Asked once for each: somebody may hang up while this looks.
        let stay: Vec<bool> = subscribers.iter().map(stays).collect();
        for round in self.lanes.get_mut(&topic).into_iter().flatten() {
            round.keep(&stay);
        }
        let mut stay = stay.into_iter();
        subscribers.retain(|_| stay.next().unwrap_or(true));
        subscribers.shrink_to(subscribers.len() * 2);
        if subscribers.is_empty() {
            self.topics.remove(&topic);
        }
    }

    fn take_up(&mut self, Event { topic, cast, .. }: &Event) {
        let Some(subscribers) = self.topics.get(topic) else { return };
        let lane = self.lanes.entry(*topic).or_insert_with(|| {
            self.turns.push_back(*topic);
            VecDeque::new()
        });
        match lane.back_mut().filter(|round| round.is_open_for(subscribers.len())) {
            Some(round) => round.casts.push(cast.clone()),
            None => lane.push_back(Round::of(cast.clone(), subscribers.len())),
        }
    }

    async fn tell_everything(&mut self) {
        while !self.turns.is_empty() {
            self.tell_some().await;
        }
    }

    /// Gives topics their turns until the thread belongs to others for a moment, or all is told.
    async fn tell_some(&mut self) {
        let mut writes = 0;
        while let Some(topic) = self.turns.pop_front() {
            writes += self.tell_slice(topic);
            if writes >= WRITES && !self.turns.is_empty() {
                // To the other threads, too: on a machine with one core the database waits for it.
                std::thread::yield_now();
                return tokio::task::yield_now().await;
            }
        }
    }

    /// How many were told something.
    fn tell_slice(&mut self, topic: Topic) -> usize {
        let subscribers = self.topics.get(&topic).map(Vec::as_slice).unwrap_or_default();
        let Some(lane) = self.lanes.get_mut(&topic) else { return 0 };
        let told = lane.front_mut().map_or(0, |round| round.tell(subscribers));
        if lane.front().is_none_or(Round::is_over) {
            lane.pop_front();
        }
        if lane.is_empty() {
            self.lanes.remove(&topic);
        } else {
            self.turns.push_back(topic);
        }
        told
    }
}

/// What is told together to those who listened when it was published: the first `until` subscribers of
/// a topic, of whom the first `told` have heard it.
#[derive(Debug)]
struct Round {
    casts: Vec<Cast>,
    tellings: Option<Tellings>,
    until: usize,
    told: usize,
}

impl Round {
    fn of(cast: Cast, until: usize) -> Self {
        Self { casts: vec![cast], tellings: None, until, told: 0 }
    }

    /// Whether nobody has heard of it yet, and it is for all the subscribers that there are now.
    fn is_open_for(&self, subscribers: usize) -> bool {
        self.tellings.is_none() && self.until == subscribers
    }

    fn is_over(&self) -> bool {
        self.told >= self.until
    }

    /// Tells the next slice of them, and how many those were.
    fn tell(&mut self, subscribers: &[Subscriber]) -> usize {
        let casts = &mut self.casts;
        let tellings = self.tellings.get_or_insert_with(|| Tellings::of(std::mem::take(casts)));
        let next = subscribers.iter().take(self.until).skip(self.told).take(WRITES);
        let mut writes = 0;
        for subscriber in next {
            subscriber.outbox.tell(tellings.to(subscriber));
            writes += 1;
        }
        self.told = if writes == 0 { self.until } else { self.told + writes };
        writes
    }

    /// Some leave.
    fn keep(&mut self, stay: &[bool]) {
        for mark in [&mut self.until, &mut self.told] {
            *mark = stay.iter().take(*mark).filter(|stays| **stays).count();
        }
    }
}

/// The casts of a round in every form that somebody hears them in; each form is made once.
#[derive(Debug)]
struct Tellings {
    casts: Vec<Cast>,
    /// Whose sockets hear something of their own.
    owners: HashSet<u128>,
    /// What nearly everybody hears.
    usual: Telling,
    others: HashMap<(Option<u128>, Option<&'static str>), Telling>,
}

impl Tellings {
    fn of(casts: Vec<Cast>) -> Self {
        let owners = casts.iter().filter_map(Cast::owner).collect();
        let usual = telling(&casts, None, None);
        Self { casts, owners, usual, others: HashMap::new() }
    }

    fn to(&mut self, subscriber: &Subscriber) -> &Telling {
        let owner = self.owners.contains(&subscriber.owner).then_some(subscriber.owner);
        let dialect = subscriber.dialect;
        if owner.is_none() && dialect.is_none() {
            return &self.usual;
        }
        let form = (owner, dialect.map(|dialect| dialect.name));
        self.others.entry(form).or_insert_with(|| telling(&self.casts, owner, dialect))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Frame;
    use crate::testing::Pipe;

    const ROOM: Topic = Topic::Conversation(1);
    const TALK: Topic = Topic::Conversation(2);

    fn subscriber(owner: u128) -> (Subscriber, Pipe) {
        let pipe = Pipe::with_room(usize::MAX);
        let outbox = Arc::new(Outbox::new(pipe.clone(), 4008));
        (Subscriber { owner, dialect: None, outbox }, pipe)
    }

    fn says(topic: Topic, text: &str) -> Order {
        Order::Tell([Event::new(topic, Cast::All(Frame::durable(text)))].into())
    }

    /// A shard whose room has more subscribers than one slice, and their pipes.
    async fn full_room() -> (Shard, Vec<(Subscriber, Pipe)>) {
        let mut shard = Shard::default();
        let people: Vec<_> = (0..2 * WRITES as u128 + 2).map(subscriber).collect();
        for (each, _) in &people {
            shard.follow(Order::Subscribe(ROOM, each.clone())).await;
        }
        (shard, people)
    }

    #[tokio::test]
    async fn who_hung_up_leaves_nothing_behind() {
        let mut shard = Shard::default();
        let [(ada, _), (bob, _)] = [1, 2].map(subscriber);
        for each in [&ada, &bob] {
            shard.follow(Order::Subscribe(ROOM, each.clone())).await;
        }
        ada.outbox.hang_up();
        shard.follow(Order::Forget(vec![ROOM])).await;
        shard.tidy();
        assert_eq!(shard.topics.get(&ROOM).map(Vec::len), Some(1));
        shard.follow(says(ROOM, "to bob")).await;
        shard.follow(Order::Unsubscribe(ROOM, bob.outbox.clone())).await;
        shard.tell_everything().await;
        assert!(shard.topics.is_empty() && shard.lanes.is_empty() && shard.turns.is_empty());
    }

    #[tokio::test]
    async fn a_talk_does_not_wait_for_a_full_room() {
        let (mut shard, room) = full_room().await;
        let (ada, talk) = subscriber(1_000);
        shard.follow(Order::Subscribe(TALK, ada)).await;
        for order in [says(ROOM, "room"), says(TALK, "talk")] {
            shard.follow(order).await;
        }
        shard.tell_some().await;
        shard.tell_some().await;
        assert_eq!(talk.texts(), ["talk"]);
        let heard = |room: &[(Subscriber, Pipe)]| {
            room.iter().filter(|(_, pipe)| pipe.texts() == ["room"]).count()
        };
        assert!(heard(&room) < room.len());
        shard.tell_everything().await;
        assert_eq!(heard(&room), room.len());
    }

    #[tokio::test]
    async fn what_waits_for_the_same_people_is_told_in_order_and_together() {
        let (mut shard, room) = full_room().await;
        shard.follow(says(ROOM, "a")).await;
        shard.tell_some().await;
        for order in [says(ROOM, "b"), says(ROOM, "c")] {
            shard.follow(order).await;
        }
        shard.tell_everything().await;
        for (_, pipe) in &room {
            assert_eq!(
                (pipe.texts(), pipe.writes()),
                (vec!["a".into(), "b".into(), "c".into()], 2)
            );
        }
    }

    #[tokio::test]
    async fn who_comes_while_something_is_told_hears_what_is_said_from_then_on() {
        let (mut shard, _room) = full_room().await;
        for order in [says(ROOM, "a"), says(ROOM, "b")] {
            shard.follow(order).await;
        }
        let (late, pipe) = subscriber(1_000);
        shard.follow(Order::Subscribe(ROOM, late)).await;
        shard.follow(says(ROOM, "c")).await;
        shard.tell_everything().await;
        assert_eq!(pipe.texts(), ["c"]);
    }

    #[tokio::test]
    async fn nobody_is_passed_over_where_others_leave_while_they_are_told() {
        let (mut shard, mut room) = full_room().await;
        shard.follow(says(ROOM, "a")).await;
        shard.tell_some().await;
        let (first, _) = room.remove(0);
        let (last, unheard) = room.pop().unwrap();
        let (silent, _) = room.swap_remove(10);
        silent.outbox.hang_up();
        shard.follow(Order::Forget(vec![ROOM])).await;
        shard.tidy();
        for gone in [first, last] {
            shard.follow(Order::Unsubscribe(ROOM, gone.outbox)).await;
        }
        shard.tell_everything().await;
        assert!(room.iter().all(|(_, pipe)| pipe.texts() == ["a"]));
        assert!(unheard.texts().is_empty());
    }
}
