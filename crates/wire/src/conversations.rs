//! Direct conversations and groups: how they look in a list, who is in them, and what may be
//! asked of them.

use serde::{Deserialize, Serialize};

use crate::chat::{Author, Message};
use crate::people::LastSeen;
use crate::{ConversationId, ErrorCode, MessageId, UnixMillis, UserId, from_json, from_word};

/// Members of a group, its owner included.
pub const GROUP_LIMIT: usize = 100;
/// Longest name of a group, in Unicode scalar values.
pub const GROUP_TITLE_MAX: usize = 100;
/// Messages somebody may leave before the other side has answered.
pub const REQUEST_MESSAGES: i64 = 3;
/// How long a message may be changed by its author: one day.
pub const EDIT_WINDOW_MILLIS: i64 = 24 * 3600 * 1000;
/// Quiet for good: the end of the year 9999, the last that a time can be written in.
pub const FOR_EVER: UnixMillis = UnixMillis(253_402_300_799_000);
/// Different reactions on one message.
pub const REACTIONS_PER_MESSAGE: usize = 20;
/// Rows of one step through the list of conversations.
pub const CONVERSATIONS_PAGE: u64 = 20;
/// Members that a group's row in a list shows.
pub const MEMBERS_SHOWN: usize = 5;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConversationKind {
    Direct,
    Group,
}

from_word!(ConversationKind { "direct" => Direct, "group" => Group });

/// What somebody may do in a group. In a direct conversation everybody is a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Member,
    /// Adds, removes members, renames.
    Admin,
    /// As an admin, and gives roles. There is exactly one.
    Owner,
}

from_word!(Role { "member" => Member, "admin" => Admin, "owner" => Owner });

impl Role {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }
}

/// How a direct conversation stands between its two people; a group is always accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestState {
    Accepted,
    /// The caller has written to somebody who has not answered. Whether they declined is not told.
    Sent,
    /// Somebody wants to write to the caller.
    Received,
}

from_word!(RequestState { "accepted" => Accepted, "sent" => Sent, "received" => Received });

/// Somebody in a conversation, as the caller may see them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub user: Author,
    pub role: Role,
    /// When the account was made, which a request's card shows.
    pub created_at: UnixMillis,
    /// Whether their presence may be shown to the caller; without it the next two say nothing.
    pub shows_presence: bool,
    #[serde(default)]
    pub is_online: bool,
    #[serde(default)]
    pub last_seen: Option<LastSeen>,
    /// How far they have read; `None` where either side keeps receipts to itself.
    #[serde(default)]
    pub last_read_seq: Option<i64>,
}

from_json!(Member { user, role, created_at, shows_presence, is_online, last_seen, last_read_seq });

/// A conversation in the caller's list, and the head of its page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    pub id: ConversationId,
    pub kind: ConversationKind,
    /// A group's name. A direct conversation is named after the other person.
    #[serde(default)]
    pub title: Option<String>,
    /// Direct: the other person. Group: up to [`MEMBERS_SHOWN`] others, oldest members first.
    pub people: Vec<Member>,
    /// Members with the caller.
    pub members_count: i64,
    /// The caller's own.
    pub role: Role,
    pub request: RequestState,
    /// Whether the caller has blocked the other person.
    #[serde(default)]
    pub is_blocked: bool,
    pub last_seq: i64,
    pub last_read_seq: i64,
    pub unread_count: i64,
    #[serde(default)]
    pub last_message: Option<Message>,
    pub created_at: UnixMillis,
    /// The last message, or the beginning.
    pub updated_at: UnixMillis,
    /// In the future, or the conversation is not muted.
    #[serde(default)]
    pub muted_until: Option<UnixMillis>,
    #[serde(default)]
    pub draft: Option<String>,
}

from_json!(Conversation {
    id,
    kind,
    title,
    people,
    members_count,
    role,
    request,
    is_blocked,
    last_seq,
    last_read_seq,
    unread_count,
    last_message,
    created_at,
    updated_at,
    muted_until,
    draft,
});

/// A step through a list of conversations, newest activity first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversations {
    pub conversations: Vec<Conversation>,
    /// Where the next step begins; `None` at the end.
    #[serde(default)]
    pub next: Option<ListCursor>,
}

/// A place in a list that is ordered by activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListCursor {
    pub updated_at: UnixMillis,
    pub id: ConversationId,
}

/// What waits for the caller.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Unread messages of accepted conversations that are not muted.
    pub unread_count: i64,
    /// Conversations that hold them.
    pub unread_conversations: i64,
    /// People who want to write to the caller.
    pub requests_count: i64,
}

/// The caller's own state in a conversation, for their other devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnState {
    pub last_read_seq: i64,
    pub unread_count: i64,
    #[serde(default)]
    pub muted_until: Option<UnixMillis>,
    #[serde(default)]
    pub draft: Option<String>,
}

from_json!(OwnState { last_read_seq, unread_count, muted_until, draft });

/// Who is to be written to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    Id(UserId),
    Username(String),
}

/// What happened to somebody in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberChange {
    Added,
    Left,
    Removed,
    Role,
}

from_word!(MemberChange {
    "added" => Added,
    "left" => Left,
    "removed" => Removed,
    "role" => Role,
});

/// The beginning of the message that another one answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    pub id: MessageId,
    pub seq: i64,
    pub sender: Author,
    /// At most [`QUOTE_MAX`] characters; empty where the message was taken back.
    pub content: String,
    #[serde(default)]
    pub is_unsent: bool,
}

from_json!(Quote { id, seq, sender, content, is_unsent });

/// Characters of a message that a quote shows.
pub const QUOTE_MAX: usize = 200;

/// One kind of reaction to a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    pub emoji: String,
    pub count: i64,
    /// Whether the caller is among them. Always false in what is told to many at once.
    #[serde(default)]
    pub mine: bool,
}

from_json!(Reaction { emoji, count, mine });

/// Who has read how far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SeenBy {
    pub user: Author,
    pub last_read_seq: i64,
}

from_json!(SeenBy { user, last_read_seq });

/// How far to read: a number or a message. On the wire a number or a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum UpTo {
    Seq(i64),
    Message(MessageId),
}

impl From<i64> for UpTo {
    fn from(seq: i64) -> Self {
        Self::Seq(seq)
    }
}

/// The beginning of a message's text, as a quote shows it.
#[must_use]
pub fn quoted(content: &str) -> String {
    content.chars().take(QUOTE_MAX).collect()
}

/// What is wrong with the name of a group.
///
/// # Errors
/// Empty, too long, or holding control characters.
pub fn group_title(text: &str) -> Result<&str, ErrorCode> {
    let text = text.trim();
    let fits = (1..=GROUP_TITLE_MAX).contains(&text.chars().count());
    if fits && !text.chars().any(char::is_control) {
        Ok(text)
    } else {
        Err(ErrorCode::InvalidField)
    }
}

/// Longest reaction, in bytes: a family with skin tones fits.
const EMOJI_MAX: usize = 64;

/// Whether `text` is one emoji: a picture with its tones and joiners, a flag or a keycap.
#[must_use]
pub fn is_reaction(text: &str) -> bool {
    if text.len() > EMOJI_MAX {
        return false;
    }
    let chars: Vec<char> = text.chars().collect();
    match chars.as_slice() {
        [a, b] if is_regional(*a) => is_regional(*b),
        ['0'..='9' | '#' | '*', '\u{FE0F}', '\u{20E3}'] => true,
        _ => is_joined(&chars),
    }
}

/// Pictures with their modifiers, with a joiner between each two.
fn is_joined(chars: &[char]) -> bool {
    !chars.is_empty() && chars.split(|c| *c == '\u{200D}').all(is_picture)
}

fn is_picture(chars: &[char]) -> bool {
    let is_modifier =
        |c: &char| matches!(c, '\u{FE0F}' | '\u{1F3FB}'..='\u{1F3FF}' | '\u{E0020}'..='\u{E007F}');
    chars
        .split_first()
        .is_some_and(|(first, rest)| is_shown(*first) && rest.iter().all(is_modifier))
}

/// What shows a picture by itself.
fn is_shown(c: char) -> bool {
    matches!(c,
        '\u{1F300}'..='\u{1F3FA}' | '\u{1F400}'..='\u{1FAFF}' | '\u{2600}'..='\u{27BF}'
        | '\u{1F004}' | '\u{1F0CF}' | '\u{1F170}'..='\u{1F1E5}' | '\u{1F200}'..='\u{1F251}'
        | '\u{2190}'..='\u{21FF}' | '\u{231A}'..='\u{23FF}' | '\u{25AA}'..='\u{25FE}'
        | '\u{2934}'..='\u{2935}' | '\u{2B05}'..='\u{2B55}' | '\u{203C}' | '\u{2049}' | '\u{2122}'
        | '\u{2139}' | '\u{00A9}' | '\u{00AE}' | '\u{3030}' | '\u{303D}' | '\u{3297}' | '\u{3299}')
}

fn is_regional(c: char) -> bool {
    matches!(c, '\u{1F1E6}'..='\u{1F1FF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reaction_is_one_emoji_and_nothing_else() {
        for emoji in ["👍", "👍🏽", "❤️", "❤", "🇳🇬", "👩‍👩‍👧‍👦", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "1️⃣", "✅", "🎉", "™️", "🧑🏽‍💻"]
        {
            assert!(is_reaction(emoji), "{emoji}");
        }
        let long = "👍\u{FE0F}".repeat(40);
        for text in [
            "",
            "a",
            "👍👍",
            "👍 ",
            "<b>",
            "1",
            "\u{200d}",
            "👍\u{200d}",
            "🇳",
            "\u{FE0F}",
            ":)",
            &long,
        ] {
            assert!(!is_reaction(text), "{text:?}");
        }
    }

    #[test]
    fn a_group_is_named_with_1_to_100_characters() {
        assert_eq!(group_title("  Band \n"), Ok("Band"));
        assert!(group_title(&"é".repeat(100)).is_ok());
        for text in ["", "  ", "a\nb", &"x".repeat(101)] {
            assert!(group_title(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn how_far_is_a_number_or_a_message() {
        let id = MessageId::new();
        for (up_to, json) in
            [(UpTo::Seq(7), "7".to_owned()), (UpTo::Message(id), format!("\"{id}\""))]
        {
            assert_eq!(serde_json::to_string(&up_to).unwrap(), json);
            assert_eq!(serde_json::from_str::<UpTo>(&json).unwrap(), up_to);
        }
        assert!(serde_json::from_str::<UpTo>("\"x\"").is_err());
    }
}
