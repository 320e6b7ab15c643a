//! Notifications: what happened that concerns somebody, told together by what it is about.

use crate::UnixMillis;
use crate::activity::Achievement;
use crate::chat::Author;

/// Events that one step through the list looks at; those of one topic are one entry.
pub const NEWS_PAGE: u64 = 100;
/// People whom an entry names.
pub const NAMED: usize = 2;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NewsKind {
    Follow,
    PostLike,
    /// Under one's own post.
    Comment,
    /// To one's own comment.
    Reply,
    CommentLike,
    Mention,
    /// Somebody asks to be let into a community that one looks after.
    CommunityRequest,
    /// One was let into a community.
    CommunityAccepted,
    /// One has achieved something.
    Achievement,
}

impl NewsKind {
    pub const ALL: [Self; 9] = [
        Self::Follow,
        Self::PostLike,
        Self::Comment,
        Self::Reply,
        Self::CommentLike,
        Self::Mention,
        Self::CommunityRequest,
        Self::CommunityAccepted,
        Self::Achievement,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Follow => "follow",
            Self::PostLike => "post_like",
            Self::Comment => "comment",
            Self::Reply => "reply",
            Self::CommentLike => "comment_like",
            Self::Mention => "mention",
            Self::CommunityRequest => "community_request",
            Self::CommunityAccepted => "community_accepted",
            Self::Achievement => "achievement",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// What an entry is about, and leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// Oneself: it leads to whoever did it.
    Oneself,
    Post {
        title: String,
        slug: String,
    },
    Community {
        name: String,
        slug: String,
    },
    Achievement(Achievement),
}

/// Everything of one kind about one topic, within a step of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    pub kind: NewsKind,
    /// What is told together; with the kind it names the entry.
    pub topic: uuid::Uuid,
    pub about: About,
    /// Up to [`NAMED`] of those who did it, the last one first.
    pub people: Vec<Author>,
    /// How many more did it.
    pub others: usize,
    /// When the last one did it.
    pub at: UnixMillis,
    pub is_unread: bool,
}

/// Where a list of news goes on: before this event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewsCursor {
    pub at: UnixMillis,
    pub id: uuid::Uuid,
}

/// A step through somebody's news, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewsStep {
    pub news: Vec<News>,
    /// Where the next step begins; `None` at the end.
    pub next: Option<NewsCursor>,
}
