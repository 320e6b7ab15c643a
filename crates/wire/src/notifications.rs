//! Notifications: what happened that concerns somebody, told together by what it is about.

use std::collections::BTreeMap;

use crate::activity::Achievement;
use crate::chat::Author;
use crate::{ConversationKey, UnixMillis};

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
    /// In a post, a comment, or a message of a group or of the global room.
    Mention,
    /// Somebody wrote to one. It is never kept, since the conversation itself shows it, but pushed.
    Message,
    /// Somebody asks to be let into a community that one looks after.
    CommunityRequest,
    /// One was let into a community.
    CommunityAccepted,
    /// Those who look after a community took a post or a comment of one's own out of it.
    TakenOut,
    /// One has achieved something.
    Achievement,
}

impl NewsKind {
    pub const ALL: [Self; 11] = [
        Self::Follow,
        Self::PostLike,
        Self::Comment,
        Self::Reply,
        Self::CommentLike,
        Self::Mention,
        Self::Message,
        Self::CommunityRequest,
        Self::CommunityAccepted,
        Self::TakenOut,
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
            Self::Message => "message",
            Self::CommunityRequest => "community_request",
            Self::CommunityAccepted => "community_accepted",
            Self::TakenOut => "taken_out",
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
    /// A message in a group or in the global room, which has no name of its own.
    Conversation {
        key: ConversationKey,
        name: Option<String>,
        seq: i64,
    },
}

impl About {
    /// Where it leads. `subject` is what it happened to, `by` who did it.
    #[must_use]
    pub fn address(&self, kind: NewsKind, subject: Option<uuid::Uuid>, by: &str) -> String {
        let of_comment =
            [NewsKind::Comment, NewsKind::Reply, NewsKind::CommentLike, NewsKind::Mention];
        match (self, subject) {
            (Self::Oneself, _) => format!("/u/{by}"),
            (Self::Achievement(_), _) => format!("/u/{by}?tab=about"),
            (Self::Conversation { key, seq, .. }, _) => format!("/chat/{key}?at={seq}#m{seq}"),
            (Self::Post { slug, .. }, Some(id)) if of_comment.contains(&kind) => {
                format!("/posts/{slug}/comments/{id}")
            }
            (Self::Post { slug, .. }, _) => format!("/posts/{slug}"),
            (Self::Community { slug, .. }, _) if kind == NewsKind::CommunityRequest => {
                format!("/c/{slug}/manage")
            }
            (Self::Community { slug, .. }, _) => format!("/c/{slug}"),
        }
    }
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

impl News {
    /// Where one goes on from the entry.
    #[must_use]
    pub fn address(&self) -> String {
        let first = self.people.first().map_or("", |person| person.username.as_str());
        self.about.address(self.kind, None, first)
    }
}

/// One event, for a list that groups nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewsEvent {
    pub id: uuid::Uuid,
    pub kind: NewsKind,
    /// What is told together.
    pub topic: uuid::Uuid,
    pub about: About,
    pub by: Author,
    pub at: UnixMillis,
    pub is_read: bool,
    /// The exact place that it leads to.
    pub address: String,
}

/// Where somebody wants to hear of a kind. What is not shown on the site is not kept, so it is not sent either.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewsChoice {
    pub on_site: bool,
    pub by_push: bool,
    /// In the digest, where there is one.
    pub by_mail: bool,
}

impl NewsChoice {
    /// As far as the kind can be chosen: messages stand in their conversation whatever is chosen, and are in no
    /// digest.
    #[must_use]
    pub fn of(self, kind: NewsKind) -> Self {
        match kind {
            NewsKind::Message => Self { on_site: true, by_mail: false, ..self },
            _ => self,
        }
    }
}

impl Default for NewsChoice {
    fn default() -> Self {
        Self { on_site: true, by_push: true, by_mail: true }
    }
}

/// What somebody wants to hear of.
pub type NewsChoices = BTreeMap<NewsKind, NewsChoice>;

/// How often somebody gets by mail what they have not seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Digest {
    #[default]
    Off,
    Daily,
    Weekly,
}

impl Digest {
    pub const ALL: [Self; 3] = [Self::Off, Self::Daily, Self::Weekly];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|digest| digest.as_str() == word)
    }
}

/// A browser that is pushed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushDevice {
    pub id: uuid::Uuid,
    pub user_agent: String,
    pub created_at: UnixMillis,
    /// When it was pushed to last.
    pub pushed_at: Option<UnixMillis>,
    /// Whether it is the one that asks.
    pub is_current: bool,
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
