//! From the state of a room to what stands under each other: days, the unread line, groups.

use std::hash::{DefaultHasher, Hash, Hasher};

use wire::chat::{Message, is_emoji_only};
use wire::conversations::{Quote, Reaction};
use wire::time::Day;
use wire::{MessageId, UnixMillis, UserId};

use super::timeline::{Pending, Sending, Timeline};

/// Messages of one author stand together while no more than this lies between them.
const GROUP_MS: i64 = 5 * 60_000;

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    Day(Day),
    /// What follows was not read before this visit.
    Unread,
    Message(Box<MessageRow>),
}

/// A message as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageRow {
    pub client_id: String,
    /// `None` while it is on its way, as is the next.
    pub seq: Option<i64>,
    pub id: Option<MessageId>,
    pub author: String,
    pub author_id: Option<UserId>,
    /// Where the author's picture is.
    pub image: Option<String>,
    pub own: bool,
    /// The first of its group carries face, name and time.
    pub first: bool,
    pub content: String,
    /// Whether it names the reader.
    pub names_me: bool,
    pub large: bool,
    pub at: UnixMillis,
    pub state: Option<Sending>,
    /// Whether what waits has nobody to be handed to.
    pub is_held: bool,
    /// Of one's own in a conversation of two: whether the other has read it.
    pub seen: Option<bool>,
    pub is_edited: bool,
    pub is_unsent: bool,
    pub quote: Option<Quote>,
    pub reactions: Vec<Reaction>,
}

/// What tells one row from another. A row that looks different has another key, so that its
/// element is made anew.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RowKey {
    Day(Day),
    Unread,
    Message { client_id: String, seq: Option<i64>, first: bool, state: u8, look: u64 },
}

impl MessageRow {
    /// The `id` of its element, which an address may name. Two people may use the same client id; a number is unique.
    #[must_use]
    pub fn mark(&self) -> String {
        self.seq.map_or_else(|| ["p", &self.client_id].concat(), |seq| format!("m{seq}"))
    }
}

impl Row {
    #[must_use]
    pub fn key(&self) -> RowKey {
        match self {
            Self::Day(day) => RowKey::Day(*day),
            Self::Unread => RowKey::Unread,
            Self::Message(row) => RowKey::Message {
                // Two people may use the same client id; a number is unique.
                client_id: if row.seq.is_some() { String::new() } else { row.client_id.clone() },
                seq: row.seq,
                first: row.first,
                state: match row.state {
                    None => 0,
                    Some(Sending::Waiting) if row.is_held => 4,
                    Some(Sending::Waiting) => 1,
                    Some(Sending::Sent) => 2,
                    Some(Sending::Failed(_)) => 3,
                },
                look: look(row),
            },
        }
    }
}

/// What may change about a stored message, as a number.
fn look(row: &MessageRow) -> u64 {
    let mut hasher = DefaultHasher::new();
    let MessageRow { content, is_edited, is_unsent, seen, .. } = row;
    (content, is_edited, is_unsent, seen, row.quote.as_ref().map(|quote| quote.is_unsent))
        .hash(&mut hasher);
    for reaction in &row.reactions {
        (&reaction.emoji, reaction.count, reaction.mine).hash(&mut hasher);
    }
    hasher.finish()
}

/// How a list is to be read.
pub struct Reading<'a> {
    pub me: Option<(UserId, &'a str)>,
    /// The read mark when the visit began; the line stays where it was then.
    pub unread_after: Option<i64>,
    /// Minutes east of Greenwich at a moment.
    pub offset: &'a dyn Fn(UnixMillis) -> i32,
    /// Whether the connection takes what is written.
    pub carries: bool,
    /// How far the other of two has read; `None` where more talk, who have a line below them all.
    pub seen_to: Option<i64>,
}

/// The rows of a room.
#[must_use]
pub fn rows(timeline: &Timeline, reading: &Reading<'_>) -> Vec<Row> {
    let mut list =
        List { reading, rows: Vec::new(), last: None, day_open: None, line_drawn: false };
    for message in timeline.stored() {
        list.add_stored(message);
    }
    for pending in timeline.pending() {
        list.add_pending(pending);
    }
    list.rows
}

/// Whether a text names somebody: `@` and the name, as a word of its own.
fn names(text: &str, name: &str) -> bool {
    let words = text.split_whitespace().filter_map(|word| word.strip_prefix('@'));
    let mut rests = words.filter_map(|word| word.strip_prefix(name));
    rests.any(|rest| rest.chars().all(|c| c.is_ascii_punctuation()))
}

struct List<'a> {
    reading: &'a Reading<'a>,
    rows: Vec<Row>,
    /// Author and moment of the row before, unless a line stands between.
    last: Option<(String, UnixMillis)>,
    day_open: Option<Day>,
    line_drawn: bool,
}

impl List<'_> {
    fn add_stored(&mut self, message: &Message) {
        let own = self.reading.me.is_some_and(|(id, _)| id == message.sender.id);
        let is_unread = self.reading.unread_after.is_some_and(|seq| message.seq > seq);
        self.open_day(message.created_at);
        if is_unread && !own && !self.line_drawn {
            self.line_drawn = true;
            self.last = None;
            self.rows.push(Row::Unread);
        }
        self.add(MessageRow {
            client_id: message.client_id.to_string(),
            seq: Some(message.seq),
            id: Some(message.id),
            author: message.sender.username.clone(),
            author_id: Some(message.sender.id),
            image: message.sender.profile_image.clone(),
            own,
            first: false,
            content: message.content.clone(),
            names_me: self.reading.me.is_some_and(|(_, me)| names(&message.content, me)),
            large: is_emoji_only(&message.content),
            at: message.created_at,
            state: None,
            is_held: false,
            seen: self
                .reading
                .seen_to
                .filter(|_| own && !message.is_unsent)
                .map(|to| to >= message.seq),
            is_edited: message.edited_at.is_some(),
            is_unsent: message.is_unsent,
            quote: message.reply_to.as_deref().cloned(),
            reactions: message.reactions.clone(),
        });
    }

    fn add_pending(&mut self, pending: &Pending) {
        self.open_day(pending.written_at);
        let author = self.reading.me.map_or("", |(_, name)| name).to_owned();
        self.add(MessageRow {
            client_id: pending.client_id.to_string(),
            seq: None,
            id: None,
            author,
            author_id: self.reading.me.map(|(id, _)| id),
            // One's own stand without a face.
            image: None,
            own: true,
            first: false,
            content: pending.content.clone(),
            names_me: false,
            large: is_emoji_only(&pending.content),
            at: pending.written_at,
            state: Some(pending.state.clone()),
            is_held: !self.reading.carries,
            seen: None,
            is_edited: false,
            is_unsent: false,
            quote: pending.reply_to.clone(),
            reactions: Vec::new(),
        });
    }

    /// Draws a separator where a new day begins. A clock that runs behind never opens an old one.
    fn open_day(&mut self, at: UnixMillis) {
        let day = self.day(at);
        if self.day_open.is_none_or(|open| day > open) {
            self.rows.push(Row::Day(day));
            self.day_open = Some(day);
            self.last = None;
        }
    }

    fn day(&self, at: UnixMillis) -> Day {
        at.shifted((self.reading.offset)(at)).day()
    }

    fn add(&mut self, mut row: MessageRow) {
        let follows = self.last.as_ref().is_some_and(|(author, at)| {
            *author == row.author && (0..GROUP_MS).contains(&(row.at.0 - at.0))
        });
        row.first = !follows;
        self.last = Some((row.author.clone(), row.at));
        self.rows.push(Row::Message(Box::new(row)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_word_of_its_own() {
        assert!(names("hello @ada, are you there?", "ada"));
        assert!(names("@ada", "ada") && names("(see) @ada!?", "ada"));
        assert!(!names("@adam", "ada") && !names("mail@ada", "ada") && !names("ada", "ada"));
    }
}
