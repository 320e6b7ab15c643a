//! Other people: finding them, keeping them away, and what one shows of oneself.

use serde::{Deserialize, Serialize};

use crate::chat::Author;
use crate::{ErrorCode, UnixMillis, from_word};

/// Most characters of a report's note.
pub const NOTE_MAX: usize = 1000;
/// Most people one search answers with.
pub const SEARCH_LIMIT: u64 = 100;

const HOUR: i64 = 3600 * 1000;
const DAY: i64 = 24 * HOUR;

/// When somebody was last here, as coarsely as it is told to others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LastSeen {
    /// Within the hour.
    Recently,
    /// Within 24 hours.
    Today,
    /// Within seven days.
    ThisWeek,
    LongAgo,
}

from_word!(LastSeen {
    "recently" => Recently,
    "today" => Today,
    "this_week" => ThisWeek,
    "long_ago" => LongAgo,
});

impl LastSeen {
    #[must_use]
    pub fn between(seen: UnixMillis, now: UnixMillis) -> Self {
        let ago = now.0.saturating_sub(seen.0);
        match ago {
            _ if ago <= HOUR => Self::Recently,
            _ if ago <= DAY => Self::Today,
            _ if ago <= 7 * DAY => Self::ThisWeek,
            _ => Self::LongAgo,
        }
    }
}

/// Who may begin a conversation with somebody. Conversations that both have accepted go on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhoCanMessage {
    #[default]
    Everyone,
    /// Those whom one follows.
    Following,
    Nobody,
}

impl WhoCanMessage {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::Following => "following",
            Self::Nobody => "nobody",
        }
    }
}

/// What one shows of oneself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Privacy {
    pub show_presence: bool,
    /// Works both ways: without it one neither sends receipts nor sees any.
    pub show_read_receipts: bool,
    pub who_can_message: WhoCanMessage,
}

/// What is to be changed; what is absent stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PrivacyChange {
    pub show_presence: Option<bool>,
    pub show_read_receipts: Option<bool>,
    pub who_can_message: Option<WhoCanMessage>,
}

/// Somebody in a search, and in the list of those one has blocked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonCard {
    pub user: Author,
    pub created_at: UnixMillis,
    /// Always false and `None` for those who hide it.
    pub is_online: bool,
    #[serde(default)]
    pub last_seen: Option<LastSeen>,
}

/// A step through people, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct People {
    pub people: Vec<PersonCard>,
    /// The name after which the next step begins; `None` at the end.
    #[serde(default)]
    pub next: Option<String>,
}

/// What a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportKind {
    User,
    Message,
    Conversation,
}

impl ReportKind {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Message => "message",
            Self::Conversation => "conversation",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportReason {
    Spam,
    Harassment,
    Hate,
    Violence,
    Impersonation,
    Illegal,
    Other,
}

impl ReportReason {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Spam => "spam",
            Self::Harassment => "harassment",
            Self::Hate => "hate",
            Self::Violence => "violence",
            Self::Impersonation => "impersonation",
            Self::Illegal => "illegal",
            Self::Other => "other",
        }
    }
}

/// A report: `id` is the id of what `kind` names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub kind: ReportKind,
    pub id: uuid::Uuid,
    pub reason: ReportReason,
    #[serde(default)]
    pub note: Option<String>,
}

/// A report's note as it will be stored.
///
/// # Errors
/// Too long, or holding U+0000.
pub fn report_note(text: &str) -> Result<&str, ErrorCode> {
    let text = text.trim();
    let fits = text.chars().count() <= NOTE_MAX && !text.contains('\0');
    if fits { Ok(text) } else { Err(ErrorCode::InvalidField) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_somebody_was_here_is_told_in_four_words() {
        let now = UnixMillis(100 * 24 * HOUR);
        let hours = |hours: i64| LastSeen::between(UnixMillis(now.0 - hours * HOUR), now);
        assert_eq!(hours(-1), LastSeen::Recently);
        assert_eq!(hours(1), LastSeen::Recently);
        assert_eq!(hours(2), LastSeen::Today);
        assert_eq!(hours(24), LastSeen::Today);
        assert_eq!(hours(25), LastSeen::ThisWeek);
        assert_eq!(hours(7 * 24 + 1), LastSeen::LongAgo);
    }
}
