//! What a search finds.

use crate::chat::Author;
use crate::communities::Community;
use crate::posts::Post;
use crate::profiles::Listed;
use crate::{ConversationKey, MessageId, UnixMillis};

/// One kind of what can be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    People,
    Posts,
    Communities,
    Messages,
}

impl Kind {
    pub const ALL: [Self; 4] = [Self::Posts, Self::People, Self::Communities, Self::Messages];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Posts => "posts",
            Self::Communities => "communities",
            Self::Messages => "messages",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// A stretch of a text, and whether it is what was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    pub is_hit: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostHit {
    pub post: Post,
    pub author: Listed,
    pub title: Vec<Piece>,
    /// A line of its text around the first hit.
    pub excerpt: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonHit {
    pub person: Listed,
    /// As it is shown: their own names, or else the username.
    pub name: Vec<Piece>,
    pub username: Vec<Piece>,
    pub bio: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommunityHit {
    pub community: Community,
    pub name: Vec<Piece>,
    pub about: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageHit {
    pub id: MessageId,
    pub conversation: ConversationKey,
    pub seq: i64,
    /// The title of the conversation, or the username of the other of two.
    pub place: Option<String>,
    pub sender: Author,
    pub created_at: UnixMillis,
    pub content: String,
    /// A line of it around the first hit.
    pub excerpt: Vec<Piece>,
}

impl MessageHit {
    /// Where it stands among the others.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/chat/{0}?at={1}#m{1}", self.conversation, self.seq)
    }
}

/// Some of what was found of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hits<T> {
    pub hits: Vec<T>,
    pub has_more: bool,
}

impl<T> Default for Hits<T> {
    fn default() -> Self {
        Self { hits: Vec::new(), has_more: false }
    }
}

/// Everything that was found, as far as it was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    pub people: Hits<PersonHit>,
    pub posts: Hits<PostHit>,
    pub communities: Hits<CommunityHit>,
    pub messages: Hits<MessageHit>,
}

impl Found {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.people.hits.is_empty()
            && self.posts.hits.is_empty()
            && self.communities.hits.is_empty()
            && self.messages.hits.is_empty()
    }
}
