//! Messages: their shape on the wire and the rules that both sides check before anything is sent.

use serde::{Deserialize, Serialize};

use crate::conversations::{Quote, Reaction};
use crate::media::avatar_address;
use crate::{
    ClientId, ConversationKey, ErrorCode, MediaId, MessageId, UnixMillis, UserId, from_json,
};

/// `MESSAGE_MAX_LENGTH` where the operator sets nothing else, in Unicode scalar values.
pub const MESSAGE_MAX_LENGTH: usize = 2000;
/// Newest messages in a page's first HTML, and rows of one step back in history.
pub const HISTORY_PAGE: u64 = 50;
/// Most rows one request for history may ask for.
pub const HISTORY_LIMIT: u64 = 200;

/// The author of a message, as anybody may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    pub id: UserId,
    pub username: String,
    #[serde(default)]
    pub profile_image: Option<String>,
    #[serde(default)]
    pub is_verified: bool,
    #[serde(default)]
    pub badge: Option<String>,
}

from_json!(Author { id, username, profile_image, is_verified, badge });

impl Author {
    #[must_use]
    pub fn new(id: UserId, username: String) -> Self {
        Self { id, username, profile_image: None, is_verified: false, badge: None }
    }

    /// With the picture that they show of themselves.
    #[must_use]
    pub fn with_avatar(self, avatar: Option<MediaId>) -> Self {
        Self { profile_image: avatar.map(avatar_address), ..self }
    }
}

/// One stored message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub id: MessageId,
    pub conversation_id: ConversationKey,
    /// Place in the conversation: 1, 2, 3 … without holes.
    pub seq: i64,
    pub client_id: ClientId,
    pub sender: Author,
    pub content: String,
    /// `text`; other kinds come with later features.
    pub message_type: String,
    pub created_at: UnixMillis,
    /// Taken back by its author: the content is gone.
    #[serde(default)]
    pub is_unsent: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<UnixMillis>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Box<Quote>>,
    /// In the order in which they first came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<Reaction>,
}

from_json!(Message {
    id,
    conversation_id,
    seq,
    client_id,
    sender,
    content,
    message_type,
    created_at,
    is_unsent,
    edited_at,
    reply_to,
    reactions,
});

/// A message on its way in, the same through the socket, over HTTP and from a plain form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    pub conversation: ConversationKey,
    pub client_id: ClientId,
    pub content: String,
    /// The message of the same conversation that this one answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<MessageId>,
}

/// A stretch of a conversation, oldest first, with what a timeline needs to place it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    pub messages: Vec<Message>,
    /// Whether the conversation holds older messages than these.
    pub has_older: bool,
    /// The newest number the conversation had when these were read.
    pub last_seq: i64,
    /// How far the caller has read; `None` for somebody who is signed out.
    pub last_read_seq: Option<i64>,
}

from_json!(History { messages, has_older, last_seq, last_read_seq });

/// Which stretch of a history is wanted. Bounds are exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    Newest,
    Before(i64),
    After(i64),
}

/// People named of those who are in the global room. A socket that joins hears of as many.
pub const ONLINE_SHOWN: usize = 100;

/// Somebody who is online.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Person {
    pub username: String,
    pub id: UserId,
}

from_json!(Person { username, id });

/// Everything the page of a room is rendered from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    pub history: History,
    /// Others who are here, at most [`ONLINE_SHOWN`]; nobody for somebody signed out.
    pub online: Vec<Person>,
    /// How many others are here, named or not.
    pub online_count: usize,
    /// Longest message this server takes, in Unicode scalar values.
    pub message_max_length: usize,
}

from_json!(Room { history, online, online_count, message_max_length });

/// Why a text cannot be a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentIssue {
    Empty,
    /// Longer than the limit; both in Unicode scalar values.
    TooLong {
        length: usize,
        limit: usize,
    },
    /// U+0000, which no text column can hold.
    Nul,
}

impl ContentIssue {
    #[must_use]
    pub fn code(self) -> ErrorCode {
        match self {
            Self::Empty => ErrorCode::MessageEmpty,
            Self::TooLong { .. } => ErrorCode::MessageTooLong,
            Self::Nul => ErrorCode::MessageInvalidCharacter,
        }
    }
}

/// The text as it will be stored: trimmed at both ends, otherwise as typed.
///
/// # Errors
/// Empty, invisible, too long, or holding U+0000.
pub fn message_content(text: &str, limit: usize) -> Result<&str, ContentIssue> {
    let text = text.trim();
    if text.chars().all(is_invisible) {
        return Err(ContentIssue::Empty);
    }
    if text.contains('\0') {
        return Err(ContentIssue::Nul);
    }
    let length = text.chars().count();
    if length > limit {
        return Err(ContentIssue::TooLong { length, limit });
    }
    Ok(text)
}

/// White space, zero-width characters and directional marks: alone they show nothing.
fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || matches!(c,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{180E}'
            | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}')
}

/// Whether a message is nothing but one to three emoji, which are shown large.
#[must_use]
pub fn is_emoji_only(text: &str) -> bool {
    let mut pictures = 0;
    for c in text.chars() {
        match c {
            '\u{200D}' | '\u{FE0F}' | '\u{1F3FB}'..='\u{1F3FF}' | ' ' => {}
            '\u{1F1E6}'..='\u{1F1FF}'
            | '\u{1F300}'..='\u{1FAFF}'
            | '\u{2600}'..='\u{27BF}'
            | '\u{2B50}'
            | '\u{2B55}'
            | '\u{231A}'
            | '\u{231B}'
            | '\u{23E9}'..='\u{23F3}' => {
                pictures += 1;
            }
            _ => return false,
        }
    }
    (1..=6).contains(&pictures)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_trimmed_counted_in_scalar_values_and_never_cut() {
        assert_eq!(message_content("  hi\n there \n", 10), Ok("hi\n there"));
        assert_eq!(message_content(&"é".repeat(2000), 2000).map(str::len), Ok(4000));
        let long = "🎈".repeat(2001);
        let issue = ContentIssue::TooLong { length: 2001, limit: 2000 };
        assert_eq!(message_content(&long, 2000), Err(issue));
    }

    #[test]
    fn what_shows_nothing_is_empty() {
        for nothing in ["", "  \n\t", "\u{200b}\u{200d}", "\u{202e}\u{feff}", "\u{3164}"] {
            assert_eq!(message_content(nothing, 2000), Err(ContentIssue::Empty), "{nothing:?}");
        }
        assert_eq!(message_content("a\0b", 2000), Err(ContentIssue::Nul));
    }

    #[test]
    fn text_in_any_script_and_markup_stay_as_typed() {
        for text in ["<b>&amp;</b>", "שלום עולם", "👩‍👩‍👧‍👦", "a\u{200b}b", "مرحبا\u{200f}!"]
        {
            assert_eq!(message_content(text, 2000), Ok(text));
        }
    }

    #[test]
    fn large_emoji() {
        assert!(is_emoji_only("🎉"));
        assert!(is_emoji_only("👩‍👩‍👧‍👦 ❤️"));
        assert!(!is_emoji_only("ok 🎉"));
        assert!(!is_emoji_only("12"));
    }
}
