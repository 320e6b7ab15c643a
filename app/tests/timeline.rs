//! Whatever the network does (drops, repeats, reorders, restarts), the list in the tab ends up equal
//! to the database, and what was written is stored once, in the order it was written.

use std::collections::BTreeMap;

use app::chat::timeline::{Pending, Reacted, Sending, Timeline};
use proptest::prelude::*;
use wire::chat::{Author, History, Message};
use wire::{ClientId, ConversationKey, ErrorCode, MessageId, Problem, UnixMillis, UserId};

/// The server, as far as a timeline can tell: a list without holes, and client ids that count once.
#[derive(Default)]
struct Database {
    messages: Vec<Message>,
}

impl Database {
    fn store(&mut self, client_id: &ClientId, content: &str) -> Message {
        if let Some(known) = self.messages.iter().find(|message| message.client_id == *client_id) {
            return known.clone();
        }
        let seq = self.messages.len() as i64 + 1;
        let message = Message {
            id: MessageId::new(),
            conversation_id: ConversationKey::Global,
            seq,
            client_id: client_id.clone(),
            sender: Author::new(UserId::new(), "ada".into()),
            content: content.into(),
            message_type: "text".into(),
            created_at: UnixMillis(seq),
            is_unsent: false,
            edited_at: None,
            reply_to: None,
            reactions: Vec::new(),
        };
        self.messages.push(message.clone());
        message
    }

    fn history(&self, range: impl Fn(i64) -> bool, limit: usize, newest: bool) -> History {
        let wanted: Vec<_> =
            self.messages.iter().filter(|message| range(message.seq)).cloned().collect();
        let from = if newest { wanted.len().saturating_sub(limit) } else { 0 };
        let messages: Vec<_> = wanted.into_iter().skip(from).take(limit).collect();
        History {
            has_older: messages.first().is_some_and(|first| first.seq > 1),
            last_seq: self.messages.len() as i64,
            last_read_seq: None,
            messages,
        }
    }

    fn newest(&self, limit: usize) -> History {
        self.history(|_| true, limit, true)
    }
}

/// What may happen to a tab.
#[derive(Debug, Clone)]
enum Step {
    /// Somebody else speaks; whether the frame arrives, and whether twice.
    Other {
        arrives: bool,
        twice: bool,
    },
    /// A frame that was held up arrives now: the nth of those that were dropped.
    Late(usize),
    Write,
    /// What was handed over reaches the server; whether the answer comes back.
    Deliver {
        answered: bool,
    },
    /// The connection goes, and with it every answer on its way.
    Disconnect,
    /// The page is loaded anew; what was written is taken up from the outbox.
    Restart,
    Catchup,
    Older,
    Trim,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (any::<bool>(), any::<bool>()).prop_map(|(arrives, twice)| Step::Other { arrives, twice }),
        2 => (0_usize..8).prop_map(Step::Late),
        3 => Just(Step::Write),
        4 => any::<bool>().prop_map(|answered| Step::Deliver { answered }),
        1 => Just(Step::Disconnect),
        1 => Just(Step::Restart),
        2 => Just(Step::Catchup),
        1 => Just(Step::Older),
        1 => Just(Step::Trim),
    ]
}

struct Tab {
    database: Database,
    timeline: Timeline,
    /// What IndexedDB holds.
    kept: BTreeMap<ClientId, Pending>,
    under_way: Option<Pending>,
    dropped: Vec<Message>,
    written: Vec<String>,
}

impl Tab {
    fn new(before: usize) -> Self {
        let mut database = Database::default();
        for n in 0..before {
            database.store(&ClientId::new(), &format!("before {n}"));
        }
        Self {
            timeline: Timeline::new(database.newest(5)),
            database,
            kept: BTreeMap::new(),
            under_way: None,
            dropped: Vec::new(),
            written: Vec::new(),
        }
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Other { arrives, twice } => self.hear_other(arrives, twice),
            Step::Late(n) => {
                if n < self.dropped.len() {
                    let message = self.dropped.swap_remove(n);
                    self.apply(message);
                }
            }
            Step::Write => self.write(),
            Step::Deliver { answered } => self.deliver(answered),
            Step::Disconnect => {
                self.under_way = None;
                self.timeline.take_back();
            }
            Step::Restart => self.restart(),
            Step::Catchup => self.catch_up(3),
            Step::Older => self.older(),
            Step::Trim => self.timeline.trim(),
        }
    }

    fn hear_other(&mut self, arrives: bool, twice: bool) {
        let n = self.database.messages.len();
        let message = self.database.store(&ClientId::new(), &format!("other {n}"));
        if !arrives {
            self.dropped.push(message);
            return;
        }
        self.apply(message.clone());
        if twice {
            self.apply(message);
        }
    }

    fn apply(&mut self, message: Message) {
        self.kept.remove(&message.client_id);
        if self.under_way.as_ref().is_some_and(|pending| pending.client_id == message.client_id) {
            self.under_way = None;
        }
        self.timeline.apply(message);
    }

    fn write(&mut self) {
        let n = self.written.len();
        let content = format!("mine {n}");
        let pending = written(&content, n as i64);
        self.timeline.write(pending.clone());
        self.kept.insert(pending.client_id.clone(), pending);
        self.written.push(content);
    }

    fn deliver(&mut self, answered: bool) {
        if self.under_way.is_none() {
            self.under_way = self.timeline.hand_over();
        }
        let Some(pending) = self.under_way.clone() else { return };
        let message = self.database.store(&pending.client_id, &pending.content);
        if answered {
            self.apply(message);
        } else {
            self.dropped.push(message);
        }
    }

    fn restart(&mut self) {
        self.under_way = None;
        self.dropped.clear();
        self.timeline = Timeline::new(self.database.newest(5));
        for message in self.timeline.stored() {
            self.kept.remove(&message.client_id);
        }
        self.timeline.take_up(self.kept.values().cloned().collect());
    }

    fn catch_up(&mut self, limit: usize) {
        let cursor = self.timeline.cursor();
        for message in self.database.history(|seq| seq > cursor, limit, false).messages {
            self.apply(message);
        }
    }

    fn older(&mut self) {
        if let Some(oldest) = self.timeline.oldest_seq() {
            self.timeline.merge_older(self.database.history(|seq| seq < oldest, 4, true));
        }
    }

    /// The network is well again for good.
    fn settle(&mut self) {
        self.under_way = None;
        self.timeline.take_back();
        while !self.timeline.pending().is_empty() {
            self.deliver(true);
        }
        self.timeline.announce(self.database.messages.len() as i64);
        while self.timeline.lacks_something() {
            self.catch_up(200);
        }
        while self.timeline.has_older() {
            self.older();
        }
    }
}

fn written(content: &str, at: i64) -> Pending {
    Pending::new(ConversationKey::Global, content.into(), UnixMillis(at))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn s_34_l_34_the_list_equals_the_database(before in 0_usize..12, steps in prop::collection::vec(step(), 0..60)) {
        let mut tab = Tab::new(before);
        for step in steps {
            tab.take(step);
        }
        tab.settle();
        let shown: Vec<_> = tab.timeline.stored().cloned().collect();
        prop_assert_eq!(&shown, &tab.database.messages);
        let mine: Vec<_> = shown.into_iter().map(|message| message.content).filter(|text| text.starts_with("mine")).collect();
        prop_assert_eq!(mine, tab.written, "each once, in the order they were written");
        prop_assert!(tab.kept.is_empty(), "the outbox forgets what is stored");
    }

    #[test]
    fn the_cursor_never_passes_a_hole(order in Just((1_i64..=20).collect::<Vec<_>>()).prop_shuffle(), take in 0_usize..20) {
        let mut database = Database::default();
        for n in 0..20 {
            database.store(&ClientId::new(), &n.to_string());
        }
        let mut timeline = Timeline::default();
        let taken: Vec<_> = order.into_iter().take(take).collect();
        for seq in &taken {
            timeline.apply(database.messages[*seq as usize - 1].clone());
        }
        let cursor = timeline.cursor();
        prop_assert!((1..=cursor).all(|seq| taken.contains(&seq)));
        prop_assert!(!taken.contains(&(cursor + 1)));
    }
}

#[test]
fn s_34_a_failed_message_waits_for_its_author() {
    let mut timeline = Timeline::default();
    let (first, second) = (written("first", 1), written("second", 2));
    timeline.write(first.clone());
    timeline.write(second.clone());
    assert_eq!(timeline.hand_over().map(|pending| pending.content).as_deref(), Some("first"));
    assert_eq!(timeline.hand_over(), None, "one at a time");
    timeline.fail(&first.client_id, Problem::new(ErrorCode::MessageTooLong, "too long"));
    assert_eq!(timeline.hand_over().map(|pending| pending.client_id), Some(second.client_id));
    assert!(matches!(timeline.pending()[0].state, Sending::Failed(_)));
    timeline.retry(&first.client_id);
    assert_eq!(timeline.pending()[0].state, Sending::Waiting);
    timeline.discard(&first.client_id);
    assert_eq!(timeline.pending().len(), 1);
}

#[test]
fn l_34_a_history_that_comes_twice_is_shown_once() {
    let mut database = Database::default();
    for n in 0..30 {
        database.store(&ClientId::new(), &n.to_string());
    }
    let mut timeline = Timeline::new(database.newest(10));
    for _ in 0..2 {
        timeline.merge_older(database.history(|seq| seq <= 20, 10, true));
        database.newest(10).messages.into_iter().for_each(|message| timeline.apply(message));
    }
    let shown: Vec<_> = timeline.stored().map(|message| message.seq).collect();
    assert_eq!(shown, (11..=30).collect::<Vec<_>>());
}

#[test]
fn a_long_absence_starts_again_at_the_newest() {
    let mut database = Database::default();
    for n in 0..300 {
        database.store(&ClientId::new(), &n.to_string());
    }
    let mut timeline = Timeline::new(database.history(|seq| seq <= 10, 10, true));
    let pending = written("mine", 1);
    timeline.write(pending.clone());
    timeline.restart(database.newest(50));
    assert_eq!((timeline.oldest_seq(), timeline.newest_seq()), (Some(251), 300));
    assert!(timeline.has_older() && !timeline.lacks_something());
    assert_eq!(timeline.pending()[0].client_id, pending.client_id);
}

#[test]
fn only_what_others_said_after_a_number_counts_as_unseen() {
    let mut database = Database::default();
    let ids: Vec<_> = (0..4).map(|_| ClientId::new()).collect();
    for id in &ids {
        database.store(id, "hello");
    }
    let timeline = Timeline::new(database.newest(50));
    let third_author = database.messages[2].sender.id;
    assert_eq!(timeline.others_after(0, None), 4);
    assert_eq!(timeline.others_after(1, Some(third_author)), 2);
    assert_eq!(timeline.others_after(4, None), 0);
    assert_eq!(timeline.others_after(i64::MAX, None), 0);
}

#[test]
fn edits_reactions_and_taking_back_change_what_is_here_and_nothing_else() {
    let mut database = Database::default();
    for n in 0..3 {
        database.store(&ClientId::new(), &n.to_string());
    }
    let mut timeline = Timeline::new(database.newest(50));
    let at = |timeline: &Timeline, seq| timeline.stored().find(|m| m.seq == seq).cloned().unwrap();
    let thumb = |count, mine| Reacted { seq: 2, emoji: "👍".into(), count, mine };
    timeline.react(thumb(1, Some(true)));
    timeline.react(thumb(2, None));
    timeline.react(thumb(2, None));
    let reactions = at(&timeline, 2).reactions;
    assert_eq!((reactions.len(), reactions[0].count, reactions[0].mine), (1, 2, true));

    let edited = Message { content: "changed".into(), ..database.messages[1].clone() };
    timeline.edit(edited);
    assert_eq!(at(&timeline, 2).content, "changed");
    assert_eq!(at(&timeline, 2).reactions, reactions, "an edit says nothing about reactions");

    timeline.react(thumb(0, Some(false)));
    assert!(at(&timeline, 2).reactions.is_empty());
    timeline.unsend(2);
    assert!(at(&timeline, 2).is_unsent && at(&timeline, 2).content.is_empty());
    assert_eq!(at(&timeline, 1).content, "0");
    timeline.edit(Message { seq: 9, ..database.messages[0].clone() });
    assert_eq!(timeline.newest_seq(), 3, "what is not here stays away");
}

/// The stretch that an address names: `count` messages from `from` on.
fn window(database: &Database, from: i64, count: i64) -> Timeline {
    Timeline::new(database.history(|seq| (from..from + count).contains(&seq), 1000, false))
}

fn full(messages: i64) -> Database {
    let mut database = Database::default();
    for n in 0..messages {
        database.store(&ClientId::new(), &format!("{n}"));
    }
    database
}

#[test]
fn a_window_lacks_nothing_and_resumes_from_the_end() {
    let mut database = full(500);
    let mut timeline = window(&database, 1, 200);
    assert!(timeline.is_window() && !timeline.lacks_something());
    assert_eq!((timeline.cursor(), timeline.resume_cursor()), (200, 500));
    let new = database.store(&ClientId::new(), "new");
    timeline.apply(new);
    assert_eq!((timeline.newest_seq(), timeline.resume_cursor()), (200, 501), "it does not join");
    assert!(!timeline.lacks_something(), "what was left out is no hole");
}

#[test]
fn a_window_grows_downwards_until_it_has_reached_the_end() {
    let database = full(450);
    let mut timeline = window(&database, 1, 200);
    timeline.merge(database.history(|seq| seq > 200, 200, false));
    assert!(timeline.is_window() && timeline.newest_seq() == 400);
    timeline.merge(database.history(|seq| seq > 400, 200, false));
    assert!(!timeline.is_window() && !timeline.lacks_something());
    assert_eq!(timeline.resume_cursor(), 450);
}

#[test]
fn the_newest_stretch_takes_the_place_of_a_window() {
    let mut database = full(450);
    let mut timeline = window(&database, 1, 200);
    let newest = database.newest(50);
    // Said while the newest were on their way.
    timeline.apply(database.store(&ClientId::new(), "meanwhile"));
    timeline.restart(newest);
    assert!(!timeline.is_window() && timeline.oldest_seq() == Some(401));
    assert!(timeline.lacks_something(), "the one in between is fetched");
}

#[test]
fn what_reaches_the_end_is_no_window() {
    let database = full(30);
    assert!(!window(&database, 10, 200).is_window());
    assert!(!Timeline::new(database.newest(5)).is_window());
    assert!(!Timeline::new(full(0).newest(5)).is_window());
}

#[test]
fn a_message_that_is_here_takes_its_present_form() {
    let database = full(3);
    let mut timeline = Timeline::new(database.newest(5));
    let unsent = Message {
        is_unsent: true,
        content: String::new(),
        ..timeline.stored().nth(1).unwrap().clone()
    };
    timeline.replace(unsent);
    assert!(timeline.stored().nth(1).unwrap().is_unsent);
    assert_eq!(timeline.stored().count(), 3);
}
