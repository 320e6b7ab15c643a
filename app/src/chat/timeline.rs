//! What a room holds in this tab: stored messages by their number, and one's own that are on their
//! way.
//!
//! Messages may come late, twice or out of order, over the socket, by polling and by refetching at
//! once. Whatever happens, the list ends up equal to the database's, or says which numbers it
//! lacks. No clock and no browser in here: it is tested natively against a model.

use serde::Serialize;
use wire::chat::{History, Message};
use wire::conversations::{Quote, Reaction};
use wire::json::{FromJson, Json, field};
use wire::{ClientId, ConversationKey, Problem, UnixMillis, UserId, from_json};

use super::by_number::ByNumber;

/// Stored messages kept in the page; beyond it the oldest are dropped and fetched again on demand.
pub const ROWS_KEPT: usize = 400;

/// One's own message before it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pending {
    pub client_id: ClientId,
    pub conversation: ConversationKey,
    pub content: String,
    pub reply_to: Option<Quote>,
    pub written_at: UnixMillis,
    pub state: Sending,
}

from_json!(Pending { client_id, conversation, content, reply_to, written_at, state });

impl Pending {
    #[must_use]
    pub fn new(conversation: ConversationKey, content: String, written_at: UnixMillis) -> Self {
        let state = Sending::Waiting;
        let client_id = ClientId::new();
        Self { client_id, conversation, content, reply_to: None, written_at, state }
    }
}

/// Somebody's reaction, as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reacted {
    pub seq: i64,
    pub emoji: String,
    /// How many have this reaction now.
    pub count: i64,
    /// Whether the reader has it now; `None` where somebody else reacted.
    pub mine: Option<bool>,
}

/// Where a message is on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Sending {
    /// For the connection, or for those before it.
    Waiting,
    /// Handed over; no answer yet.
    Sent,
    /// Refused, and why. Only its author decides what happens next.
    Failed(Problem),
}

impl FromJson for Sending {
    fn from_json<J: Json>(json: &J) -> Option<Self> {
        match json.text().as_deref() {
            Some("Waiting") => Some(Self::Waiting),
            Some("Sent") => Some(Self::Sent),
            _ => field(json, "Failed").map(Self::Failed),
        }
    }
}

/// The state of one room.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timeline {
    stored: ByNumber,
    pending: Vec<Pending>,
    has_older: bool,
    /// The highest number that anybody has spoken of.
    last_seq: i64,
    /// Whether this is a stretch out of the middle that the reader asked for: what comes after it is no
    /// hole, and is fetched only on the way down.
    is_window: bool,
}

impl Timeline {
    /// The state that a page was rendered from.
    #[must_use]
    pub fn new(history: History) -> Self {
        let mut timeline = Self { has_older: history.has_older, ..Self::default() };
        timeline.merge(history);
        timeline.is_window =
            !timeline.stored.as_slice().is_empty() && timeline.newest_seq() < timeline.last_seq;
        timeline
    }

    /// Whether newer messages are left out on purpose.
    #[must_use]
    pub fn is_window(&self) -> bool {
        self.is_window
    }

    /// Stored messages, in the conversation's order.
    pub fn stored(&self) -> impl DoubleEndedIterator<Item = &Message> {
        self.stored.as_slice().iter()
    }

    /// One's own that are on their way, in the order they were written.
    #[must_use]
    pub fn pending(&self) -> &[Pending] {
        &self.pending
    }

    #[must_use]
    pub fn has_older(&self) -> bool {
        self.has_older
    }

    #[must_use]
    pub fn oldest_seq(&self) -> Option<i64> {
        self.stored.as_slice().first().map(|message| message.seq)
    }

    /// The newest stored number.
    #[must_use]
    pub fn newest_seq(&self) -> i64 {
        self.stored.as_slice().last().map_or(0, |message| message.seq)
    }

    /// How many stored messages after a number are not `me`'s own.
    #[must_use]
    pub fn others_after(&self, seq: i64, me: Option<UserId>) -> usize {
        let after = self.stored.after(seq).iter();
        after.filter(|message| Some(message.sender.id) != me).count()
    }

    /// Up to here the list has no hole: where a resume or a refetch goes on. A list with nothing
    /// older begins at 1, whichever message came first.
    #[must_use]
    pub fn cursor(&self) -> i64 {
        let mut cursor = match self.oldest_seq().filter(|_| self.has_older) {
            Some(oldest) => oldest - 1,
            None => 0,
        };
        for message in self.stored.as_slice() {
            if message.seq != cursor + 1 {
                break;
            }
            cursor = message.seq;
        }
        cursor
    }

    /// Where a resume or a poll goes on: a window waits for nothing that it has left out.
    #[must_use]
    pub fn resume_cursor(&self) -> i64 {
        if self.is_window { self.last_seq } else { self.cursor() }
    }

    /// Whether numbers after the cursor are known to exist but are not here.
    #[must_use]
    pub fn lacks_something(&self) -> bool {
        !self.is_window && self.cursor() < self.last_seq
    }

    /// One message, from wherever. Applying it again changes nothing.
    pub fn apply(&mut self, message: Message) {
        self.last_seq = self.last_seq.max(message.seq);
        self.pending.retain(|pending| pending.client_id != message.client_id);
        // One that is older than everything here belongs to a page that is not loaded.
        if self.has_older && self.oldest_seq().is_some_and(|oldest| message.seq < oldest) {
            return;
        }
        // A window grows only where the message joins it, and ends where it has reached the end.
        if self.is_window && message.seq > self.newest_seq() + 1 {
            return;
        }
        self.stored.insert(message);
        self.is_window = self.is_window && self.newest_seq() < self.last_seq;
    }

    /// A stretch that begins at or after the oldest message here: a refetch, a poll, a resume.
    pub fn merge(&mut self, history: History) {
        self.last_seq = self.last_seq.max(history.last_seq);
        for message in history.messages {
            self.apply(message);
        }
    }

    /// A stretch that ends right before the oldest message here.
    pub fn merge_older(&mut self, history: History) {
        let joins = match (history.messages.last(), self.oldest_seq()) {
            (Some(last), Some(oldest)) => last.seq + 1 == oldest,
            _ => true,
        };
        // An answer for a place that has moved meanwhile would leave a hole.
        if !joins {
            return;
        }
        self.has_older = history.has_older;
        self.stored.insert_before(history.messages);
    }

    /// After an absence that is too long to be replayed: the newest stretch takes the place of
    /// everything. What lies between is above it, to be scrolled to.
    pub fn restart(&mut self, history: History) {
        self.stored.clear();
        self.is_window = false;
        self.has_older = history.has_older;
        self.merge(history);
    }

    /// Numbers up to `seq` exist.
    pub fn announce(&mut self, seq: i64) {
        self.last_seq = self.last_seq.max(seq);
    }

    /// Forgets the oldest rows of a long visit. Call it only while the newest are in view.
    pub fn trim(&mut self) {
        self.has_older |= self.stored.keep_newest(ROWS_KEPT);
    }

    /// A message as it is now: its text may have changed, its reactions have not.
    pub fn edit(&mut self, message: Message) {
        if let Some(stored) = self.stored.get_mut(message.seq) {
            let reactions = std::mem::take(&mut stored.reactions);
            *stored = Message { reactions, ..message };
        }
    }

    /// Its author took it back; in quotes of it too nothing is left.
    pub fn unsend(&mut self, seq: i64) {
        if let Some(stored) = self.stored.get_mut(seq) {
            stored.is_unsent = true;
            stored.content.clear();
            stored.reactions.clear();
        }
        let quotes = self.stored.iter_mut().filter_map(|message| message.reply_to.as_mut());
        for quote in quotes.filter(|quote| quote.seq == seq) {
            quote.is_unsent = true;
            quote.content.clear();
        }
    }

    /// A reaction came or went. Applying it again changes nothing.
    pub fn react(&mut self, reacted: Reacted) {
        let Some(message) = self.stored.get_mut(reacted.seq) else { return };
        let Reacted { emoji, count, mine, .. } = reacted;
        let known = message.reactions.iter_mut().find(|reaction| reaction.emoji == emoji);
        match known {
            Some(known) => {
                known.count = count;
                known.mine = mine.unwrap_or(known.mine);
            }
            None => {
                message.reactions.push(Reaction { emoji, count, mine: mine.unwrap_or(false) });
            }
        }
        message.reactions.retain(|reaction| reaction.count > 0);
    }

    /// A stretch read anew: what is here already takes its present form.
    pub fn refresh(&mut self, history: History) {
        for message in history.messages {
            self.replace(message);
        }
    }

    /// The present form of a message that is here already.
    pub fn replace(&mut self, message: Message) {
        if let Some(stored) = self.stored.get_mut(message.seq) {
            *stored = message;
        }
    }

    /// A new message of one's own; it stands in the list at once.
    pub fn write(&mut self, pending: Pending) {
        self.pending.push(pending);
    }

    /// What an earlier visit left behind. What has been stored since is not taken up again.
    pub fn take_up(&mut self, left: Vec<Pending>) {
        for mut pending in left {
            let known = self.pending.iter().any(|own| own.client_id == pending.client_id)
                || self.stored().any(|message| message.client_id == pending.client_id);
            if known {
                continue;
            }
            if pending.state == Sending::Sent {
                pending.state = Sending::Waiting;
            }
            let is_before = |other: &Pending| {
                (other.written_at, &other.client_id) <= (pending.written_at, &pending.client_id)
            };
            let at = self.pending.iter().rposition(is_before).map_or(0, |at| at + 1);
            self.pending.insert(at, pending);
        }
    }

    /// The next one to hand over, unless one is under way: they are stored in the order they were
    /// written.
    pub fn hand_over(&mut self) -> Option<Pending> {
        if self.pending.iter().any(|pending| pending.state == Sending::Sent) {
            return None;
        }
        let next = self.pending.iter_mut().find(|pending| pending.state == Sending::Waiting)?;
        next.state = Sending::Sent;
        Some(next.clone())
    }

    /// The connection is gone before an answer came: the same message will be handed over again,
    /// under the same id.
    pub fn take_back(&mut self) {
        for pending in &mut self.pending {
            if pending.state == Sending::Sent {
                pending.state = Sending::Waiting;
            }
        }
    }

    /// The server says no, for good.
    pub fn fail(&mut self, client_id: &ClientId, problem: Problem) -> Option<Pending> {
        let pending = self.find(client_id)?;
        pending.state = Sending::Failed(problem);
        Some(pending.clone())
    }

    /// Its author wants to try again.
    pub fn retry(&mut self, client_id: &ClientId) -> Option<Pending> {
        let pending = self.find(client_id)?;
        pending.state = Sending::Waiting;
        Some(pending.clone())
    }

    /// Its author gives it up.
    pub fn discard(&mut self, client_id: &ClientId) {
        self.pending.retain(|pending| pending.client_id != *client_id);
    }

    fn find(&mut self, client_id: &ClientId) -> Option<&mut Pending> {
        self.pending.iter_mut().find(|pending| pending.client_id == *client_id)
    }
}
