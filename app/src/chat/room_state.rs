//! The state of the room in this tab, and every change to it.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use send_wrapper::SendWrapper;
use wire::accounts::Viewer;
use wire::chat::{History, Message, ONLINE_SHOWN, Person, Room};
use wire::conversations::{ConversationKind, Quote, SeenBy};
use wire::live::{ClientFrame, Cursors, MarkRead, Presence};
use wire::{ClientId, ConversationId, ConversationKey, MessageId, Problem, UnixMillis, UserId};

use super::ask::send_last;
use super::courier::go_to_newest;
use super::link::Link;
use super::outbox_store::OutboxStore;
use super::people::add;
use super::rows::{MessageRow, Reading, Row, rows};
use super::start::RoomStart;
use super::timeline::{Pending, Timeline};
use super::typists::Typist;
use super::write_rows::Looks;
use crate::live::Voice;
use crate::page::page;
use crate::text::texts;

/// Reading is told at most this often.
const MARK_EVERY: Duration = Duration::from_secs(2);

/// A message that is being changed, as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Editing {
    pub(super) id: MessageId,
    pub(super) content: String,
}

/// Signals, so that it can be handed around freely.
#[derive(Clone, Copy)]
pub(super) struct RoomState {
    pub(super) key: ConversationKey,
    /// `None` for the global room.
    pub(super) kind: Option<ConversationKind>,
    /// Members without the reader.
    pub(super) others: usize,
    name: StoredValue<String>,
    /// What was in the box on the last visit.
    pub(super) draft: StoredValue<String>,
    /// Whether what is read is marked as read.
    is_accepted: bool,
    pub(super) is_open: bool,
    pub(super) receipts: RwSignal<Vec<SeenBy>>,
    pub(super) typists: RwSignal<Vec<Typist>>,
    /// The message that the next one answers.
    pub(super) replying: RwSignal<Option<Quote>>,
    pub(super) editing: RwSignal<Option<Editing>>,
    /// The message whose menu is open.
    pub(super) chosen: RwSignal<Option<MessageRow>>,
    /// What is wrong with what was last tried, in words.
    pub(super) problem: RwSignal<Option<String>>,
    /// Counts what makes the server's own parts of the page old.
    pub(super) news: RwSignal<u32>,
    /// Unread messages of all conversations, as the list has them.
    pub(super) unread_elsewhere: RwSignal<usize>,
    pub(super) me: StoredValue<Option<Viewer>>,
    pub(super) timeline: RwSignal<Timeline>,
    pub(super) online: RwSignal<Vec<Person>>,
    /// Others who are here as well, beside those in `online`.
    pub(super) unnamed: RwSignal<usize>,
    pub(super) link: RwSignal<Link>,
    /// Messages that came back with the connection; shown for a moment.
    pub(super) caught_up: RwSignal<Option<usize>>,
    /// Whether the newest row is in view.
    pub(super) at_end: RwSignal<bool>,
    /// The newest number when the tab went out of sight; `None` while it is looked at.
    pub(super) out_of_sight_since: RwSignal<Option<i64>>,
    /// Messages below what is in view.
    pub(super) below: RwSignal<usize>,
    pub(super) message_max_length: usize,
    /// Whether days and times are the reader's own; the server knows only UTC.
    local: RwSignal<bool>,
    unread_after: Option<i64>,
    /// How far the server has been told that one has read.
    pub(super) marked: StoredValue<i64>,
    /// How far one has read, as far as this page has seen it.
    seen: StoredValue<i64>,
    /// Whether it was told a moment ago.
    marking: StoredValue<bool>,
    /// Whether a hole is being filled.
    pub(super) filling: StoredValue<bool>,
    /// Whether no conversation is open.
    pub(super) is_nothing: bool,
    /// Why what was written does not leave although the connection carries.
    pub(super) held_until: RwSignal<Option<f64>>,
    pub(super) voice: StoredValue<Option<Voice>>,
    /// Wrapped only once it is there, which is in the browser: on the server another thread than
    /// the one that began a page may end it, and a local value would not survive that.
    pub(super) outbox: StoredValue<Option<SendWrapper<OutboxStore>>>,
}

impl RoomState {
    pub(super) fn new(start: RoomStart) -> Self {
        let RoomStart { key, room, talk, replying } = start;
        let history = room.history;
        let unread_after = history.last_read_seq.filter(|read| *read < history.last_seq);
        let marked = history.last_read_seq.unwrap_or(0);
        let timeline = Timeline::new(history);
        let (kind, others) = talk.as_ref().map_or((None, 0), |talk| (Some(talk.kind), talk.others));
        let is_open = talk.as_ref().is_none_or(|talk| talk.is_open);
        let is_accepted = talk.as_ref().is_none_or(|talk| talk.is_accepted);
        let (name, receipts, draft) =
            talk.map(|talk| (talk.name, talk.receipts, talk.draft)).unwrap_or_default();
        Self {
            key,
            kind,
            others,
            name: StoredValue::new(name),
            draft: StoredValue::new(draft),
            is_accepted,
            is_open,
            receipts: RwSignal::new(receipts),
            typists: RwSignal::new(Vec::new()),
            replying: RwSignal::new(replying),
            editing: RwSignal::new(None),
            chosen: RwSignal::new(None),
            problem: RwSignal::new(page().form.notice.clone()),
            news: RwSignal::new(0),
            unread_elsewhere: RwSignal::new(0),
            me: StoredValue::new(page().viewer.clone()),
            unnamed: RwSignal::new(room.online_count.saturating_sub(room.online.len())),
            online: RwSignal::new(room.online),
            link: RwSignal::default(),
            caught_up: RwSignal::new(None),
            at_end: RwSignal::new(!timeline.is_window()),
            out_of_sight_since: RwSignal::new(None),
            below: RwSignal::new(0),
            message_max_length: room.message_max_length,
            local: RwSignal::new(false),
            unread_after,
            marked: StoredValue::new(marked),
            seen: StoredValue::new(marked),
            marking: StoredValue::new(false),
            filling: StoredValue::new(false),
            is_nothing: false,
            held_until: RwSignal::new(None),
            voice: StoredValue::new(None),
            outbox: StoredValue::new(None),
            timeline: RwSignal::new(timeline),
        }
    }

    /// For a page on which no conversation is open: no frame speaks of this one.
    pub(super) fn of_nothing() -> Self {
        let history =
            History { messages: Vec::new(), has_older: false, last_seq: 0, last_read_seq: None };
        let room = Room { history, online: Vec::new(), online_count: 0, message_max_length: 0 };
        let key = ConversationKey::Id(ConversationId::new());
        let start = RoomStart { key, room, talk: None, replying: None };
        let kind = Some(ConversationKind::Direct);
        Self { is_open: false, is_nothing: true, kind, ..Self::new(start) }
    }

    /// How far the conversation has been seen, for a socket to go on from.
    pub(super) fn cursors(self) -> Cursors {
        let cursor = self.timeline.with_untracked(Timeline::resume_cursor);
        if self.is_open || cursor > 0 {
            Cursors::from([(self.key, cursor)])
        } else {
            Cursors::new()
        }
    }

    pub(super) fn is_global(self) -> bool {
        self.kind.is_none()
    }

    /// What the conversation is called.
    pub(super) fn name(self) -> String {
        if self.is_global() {
            return texts().room_title().to_owned();
        }
        self.name.get_value()
    }

    /// The address of the page.
    pub(super) fn path(self) -> String {
        format!("/chat/{}", self.key)
    }

    /// Something happened that the server's own parts of the page show.
    pub(super) fn note_news(self) {
        self.news.update(|news| *news += 1);
    }

    pub(super) fn my_id(self) -> Option<UserId> {
        self.me.with_value(|me| me.as_ref().map(|me| me.id))
    }

    /// Days and times in the reader's zone from now on.
    pub(super) fn go_local(self) {
        self.local.set(true);
    }

    /// Minutes east of Greenwich at a moment, 0 as long as the page is the server's.
    fn offset(self, at: UnixMillis) -> i32 {
        if self.local.get() { crate::ui::offset_minutes(at) } else { 0 }
    }

    /// What rows are written with beside themselves.
    pub(super) fn looks(self) -> Looks {
        let today = || {
            let now = now();
            now.shifted(crate::ui::offset_minutes(now)).day()
        };
        Looks {
            path: self.path(),
            may_act: self.my_id().is_some(),
            has_links: self.is_accepted,
            oldest: self.timeline.with(Timeline::oldest_seq),
            today: self.local.get().then(today),
        }
    }

    pub(super) fn rows(self) -> Vec<Row> {
        let seen =
            self.receipts.with(|receipts| receipts.iter().map(|one| one.last_read_seq).max());
        self.me.with_value(|me| {
            let offset = |at| self.offset(at);
            let reading = Reading {
                me: me.as_ref().map(|me| (me.id, me.username.as_str())),
                unread_after: self.unread_after,
                offset: &offset,
                carries: self.link.get().carries(),
                seen_to: (self.kind == Some(ConversationKind::Direct)).then(|| seen.unwrap_or(0)),
            };
            self.timeline.with(|timeline| rows(timeline, &reading))
        })
    }

    /// How many messages after a number are somebody else's.
    pub(super) fn others_after(self, seq: i64) -> usize {
        let me = self.my_id();
        self.timeline.with(|timeline| timeline.others_after(seq, me))
    }

    /// A message from the socket, a poll or an answer.
    pub(super) fn receive(self, message: Message) {
        let own = self.my_id() == Some(message.sender.id);
        if own && let Some(outbox) = self.outbox.get_value() {
            outbox.forget(&message.client_id);
        }
        let before = self.timeline.with_untracked(Timeline::newest_seq);
        let is_new = message.seq > before;
        if is_new && !own {
            say_aloud(&message);
        }
        let at_end = self.at_end.get_untracked();
        self.timeline.update(|timeline| {
            timeline.apply(message);
            if at_end {
                timeline.trim();
            }
        });
        if is_new && !own && !at_end {
            self.below.update(|below| *below += 1);
        }
    }

    /// A new message of one's own.
    pub(super) fn write(self, content: String) {
        let mut pending = Pending::new(self.key, content, now());
        pending.reply_to = self.replying.get_untracked();
        self.replying.set(None);
        self.keep(&pending);
        self.leave_window();
        self.timeline.update(|timeline| timeline.write(pending));
    }

    /// Goes on with the newest messages, where only a stretch out of the middle is here.
    pub(super) fn leave_window(self) {
        if self.timeline.with_untracked(Timeline::is_window) {
            spawn_local(go_to_newest(self));
        }
    }

    pub(super) fn fail(self, client_id: &ClientId, problem: Problem) {
        if let Some(Some(pending)) =
            self.timeline.try_update(|timeline| timeline.fail(client_id, problem))
        {
            self.keep(&pending);
        }
    }

    pub(super) fn retry(self, client_id: &ClientId) {
        if let Some(Some(pending)) = self.timeline.try_update(|timeline| timeline.retry(client_id))
        {
            self.keep(&pending);
        }
    }

    pub(super) fn discard(self, client_id: &ClientId) {
        self.timeline.update(|timeline| timeline.discard(client_id));
        if let Some(outbox) = self.outbox.get_value() {
            outbox.forget(client_id);
        }
    }

    fn keep(self, pending: &Pending) {
        if let Some(outbox) = self.outbox.get_value() {
            outbox.keep(pending);
        }
    }

    /// A new socket names those who are here from the start.
    pub(super) fn meet_anew(self, others: Option<usize>) {
        self.online.set(Vec::new());
        self.unnamed.set(others.unwrap_or(0).saturating_sub(ONLINE_SHOWN));
    }

    pub(super) fn meet(self, id: UserId, username: String, status: Presence) {
        let mut unnamed = self.unnamed.get_untracked();
        self.online.update(|people| {
            let before = people.len();
            people.retain(|person| person.id != id);
            if status == Presence::Online {
                add(people, Person { id, username });
            } else if people.len() == before {
                unnamed = unnamed.saturating_sub(1);
            }
        });
        self.unnamed.set(unnamed);
    }

    /// Says that everything down to the newest message has been seen: where that is news, and at most
    /// every [`MARK_EVERY`]. What comes in between is told at its end, or when the page is left.
    pub(super) fn mark_read(self) {
        if self.is_seen() {
            self.note_seen();
        }
        let up_to = self.seen.get_value();
        let is_later = self.marking.get_value() && !document().hidden();
        if up_to <= self.marked.get_value() || is_later {
            return;
        }
        self.marked.set_value(up_to);
        self.marking.set_value(true);
        self.tell_read(up_to);
        set_timeout(
            move || {
                if self.marking.try_set_value(false).is_none() {
                    self.mark_read();
                }
            },
            MARK_EVERY,
        );
    }

    /// Whether the newest message is looked at by somebody whose reading counts.
    fn is_seen(self) -> bool {
        self.is_accepted
            && self.my_id().is_some()
            && self.at_end.get_untracked()
            && self.link.get_untracked().carries()
            && !self.timeline.with_untracked(Timeline::is_window)
            && !document().hidden()
    }

    /// Whoever writes has read down to there, and the server knows it.
    fn note_seen(self) {
        let newest = self.timeline.with_untracked(|timeline| {
            let newest = timeline.stored().next_back();
            newest.map(|message| (message.seq, Some(message.sender.id) == self.my_id()))
        });
        let Some((seq, own)) = newest else { return };
        self.seen.set_value(seq);
        if own {
            self.marked.set_value(seq);
        }
    }

    fn tell_read(self, up_to: i64) {
        // What is said into the socket of a page that is being left may never go out.
        if self.link.get_untracked() == Link::Live && !document().hidden() {
            let up_to = Some(up_to.into());
            return self.say(ClientFrame::MarkRead(MarkRead { conversation_id: self.key, up_to }));
        }
        let (key, up_to) = (self.key.to_string(), up_to.to_string());
        spawn_local(async move {
            let fields = [("conversation", key.as_str()), ("up_to", up_to.as_str())];
            // The next message tells it again.
            let _untold = send_last("/fn/mark_read", &fields).await;
        });
    }

    /// Into the socket, where there is one.
    pub(super) fn say(self, frame: ClientFrame) {
        self.voice.with_value(|voice| {
            if let Some(voice) = voice {
                voice.say(frame);
            }
        });
    }
}

/// A new message for those who listen: the rows themselves are made anew whenever they change, and would
/// be read again.
fn say_aloud(message: &Message) {
    if let Some(place) = document().get_element_by_id("heard") {
        let words = [&message.sender.username, ": ", &message.content].concat();
        place.set_text_content(Some(&words));
    }
}

/// The browser's clock.
fn now() -> UnixMillis {
    UnixMillis(js_sys::Date::now() as i64)
}

/// Sets a signal later, when the page that it belonged to may be gone.
pub(super) fn unless_gone<T: Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    let _gone = signal.try_set(value);
}
