//! Posts, comments, and the lists they stand in.

use crate::chat::Author;
use crate::media::picture_address;
use crate::{CommentId, MediaId, PostId, UnixMillis};

/// Most characters of a title.
pub const TITLE_MAX: usize = 100;
/// Most characters of a post as it is written.
pub const CONTENT_MAX: usize = 100_000;
/// Most characters of a comment.
pub const COMMENT_MAX: usize = 1000;
/// Most tags of one post.
pub const TAGS_MAX: usize = 10;
/// Most characters of a tag.
pub const TAG_MAX: usize = 50;
/// Levels of comments that one page shows below each other; what is deeper has a page of its own.
pub const DEPTH_SHOWN: i32 = 4;

/// Pixels of the larger of the sizes that a cover is kept in.
const COVER_WIDTH: u32 = 1200;
/// Words that are read in a minute, and how few are not worth counting.
const WORDS_PER_MINUTE: u32 = 200;
const WORDS_OF_A_GLANCE: u32 = 50;

/// Who may read a published post.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Visibility {
    #[default]
    Public,
    /// Those who follow its author.
    Followers,
    /// Members of the community that it stands in.
    Community,
}

impl Visibility {
    pub const ALL: [Self; 3] = [Self::Public, Self::Followers, Self::Community];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Followers => "followers",
            Self::Community => "community",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|visibility| visibility.as_str() == word)
    }
}

/// Where a post is between its first word and its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostState {
    Draft,
    Scheduled,
    Published,
    /// Its author can have it back for thirty days.
    Deleted,
}

impl PostState {
    const ALL: [Self; 4] = [Self::Draft, Self::Scheduled, Self::Published, Self::Deleted];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Scheduled => "scheduled",
            Self::Published => "published",
            Self::Deleted => "deleted",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// Somebody who has written something, with their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writer {
    pub user: Author,
    pub first_name: String,
    pub last_name: String,
}

impl Writer {
    /// What they are called: their names, or else their username.
    #[must_use]
    pub fn name(&self) -> String {
        let full = format!("{} {}", self.first_name, self.last_name);
        let full = full.trim();
        if full.is_empty() { self.user.username.clone() } else { full.to_owned() }
    }
}

/// The community that a post stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InCommunity {
    pub name: String,
    pub slug: String,
}

/// A post as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostCard {
    pub id: PostId,
    pub slug: String,
    pub title: String,
    /// The beginning of its text, without marks.
    pub excerpt: String,
    pub words: u32,
    /// Its picture.
    pub cover: Option<MediaId>,
    /// What it shows, in words; empty where nobody has said it.
    pub cover_alt: String,
    pub author: Writer,
    pub community: Option<InCommunity>,
    pub tags: Vec<String>,
    pub visibility: Visibility,
    pub state: PostState,
    pub created_at: UnixMillis,
    pub saved_at: UnixMillis,
    pub published_at: Option<UnixMillis>,
    /// When a scheduled one will be published.
    pub publish_at: Option<UnixMillis>,
    pub edited_at: Option<UnixMillis>,
    pub likes_count: i64,
    pub dislikes_count: i64,
    pub comments_count: i64,
    pub bookmarks_count: i64,
    pub views_count: i64,
    /// What the reader has done with it.
    pub has_liked: bool,
    pub has_disliked: bool,
    pub has_saved: bool,
    /// Whether the reader has written it.
    pub is_own: bool,
}

impl PostCard {
    /// Minutes that reading takes; nothing where it is a glance.
    #[must_use]
    pub fn reading_minutes(&self) -> Option<u32> {
        reading_minutes(self.words)
    }

    /// Its page.
    #[must_use]
    pub fn path(&self) -> String {
        post_path(&self.slug)
    }

    /// Where its picture is had, wide enough for a page.
    #[must_use]
    pub fn cover_address(&self) -> Option<String> {
        self.cover.map(|cover| picture_address(cover, COVER_WIDTH))
    }

    /// When it was published, or else begun.
    #[must_use]
    pub fn dated(&self) -> UnixMillis {
        self.published_at.unwrap_or(self.created_at)
    }
}

/// A post with its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    pub card: PostCard,
    /// Markdown, as it was typed.
    pub content: String,
    /// The same as HTML that is safe in a page.
    pub html: String,
}

/// How a post stood before it was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostVersion {
    /// 1, 2, 3 …
    pub version: i32,
    pub title: String,
    pub content: String,
    pub written_at: UnixMillis,
}

/// A step of a list of posts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PostStep {
    pub posts: Vec<PostCard>,
    /// Where the next step begins; `None` at the end.
    pub next: Option<String>,
}

/// How the comments of a post are sorted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CommentOrder {
    #[default]
    Best,
    Newest,
    Oldest,
}

impl CommentOrder {
    pub const ALL: [Self; 3] = [Self::Best, Self::Newest, Self::Oldest];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Best => "best",
            Self::Newest => "newest",
            Self::Oldest => "oldest",
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.as_str() == word)
    }
}

/// A comment with what was answered to it, as far as that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    pub id: CommentId,
    pub post: PostId,
    pub parent: Option<CommentId>,
    /// 0 for one that answers none.
    pub depth: i32,
    /// `None` for one that was taken back; it stays because others have answered.
    pub author: Option<Writer>,
    /// As typed; no markup.
    pub content: String,
    pub created_at: UnixMillis,
    pub edited_at: Option<UnixMillis>,
    pub likes_count: i64,
    pub dislikes_count: i64,
    /// Direct answers, shown here or not.
    pub replies_count: i64,
    pub has_liked: bool,
    pub has_disliked: bool,
    pub is_own: bool,
    /// Of the names in it, as [`crate::mentions::mentioned`] has them, those that are somebody's, with how they
    /// write themselves.
    pub people: Vec<(String, String)>,
    /// The oldest first.
    pub replies: Vec<Comment>,
}

/// A step of the comments of a post.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommentStep {
    pub comments: Vec<Comment>,
    /// Where the next step begins; `None` at the end.
    pub next: Option<String>,
}

/// Something that somebody answered, and the post that it stands under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub comment: Comment,
    pub title: String,
    pub slug: String,
}

impl Reply {
    /// The page of the post, with the answer on it.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{}/comments/{}", post_path(&self.slug), self.comment.id)
    }
}

/// A step of what somebody answered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReplyStep {
    pub replies: Vec<Reply>,
    /// Where the next step begins; `None` at the end.
    pub next: Option<String>,
}

/// Minutes for so many words; nothing below fifty.
#[must_use]
pub fn reading_minutes(words: u32) -> Option<u32> {
    (words >= WORDS_OF_A_GLANCE).then(|| words.div_ceil(WORDS_PER_MINUTE))
}

/// The page of a post.
#[must_use]
pub fn post_path(slug: &str) -> String {
    format!("/posts/{}", in_path(slug))
}

/// The page of a tag.
#[must_use]
pub fn tag_path(tag: &str) -> String {
    format!("/tags/{}", in_path(tag))
}

/// A name as one step of an address: every byte that could mean something there as `%` and its number.
#[must_use]
pub fn in_path(name: &str) -> String {
    let mut path = String::with_capacity(name.len());
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                path.push(char::from(byte));
            }
            other => path.push_str(&format!("%{other:02X}")),
        }
    }
    path
}

/// A tag as it is compared and shown, without its `#`: letters and digits of any script in lower case,
/// `-` and `_` between them.
#[must_use]
pub fn tag_key(text: &str) -> Option<String> {
    let tag: String =
        text.trim().trim_start_matches('#').chars().flat_map(char::to_lowercase).collect();
    let is_inside = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let fits = tag.chars().all(is_inside) && tag.chars().any(char::is_alphabetic);
    (fits && tag.chars().count() <= TAG_MAX).then_some(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glance_has_no_minutes_and_the_rest_is_rounded_up() {
        let minutes = [0, 49, 50, 200, 201, 1000].map(reading_minutes);
        assert_eq!(minutes, [None, None, Some(1), Some(1), Some(2), Some(5)]);
    }

    #[test]
    fn tags_are_folded_and_what_is_none_is_none() {
        assert_eq!(tag_key(" #Ночь ").as_deref(), Some("ночь"));
        assert_eq!(tag_key("web-dev_2").as_deref(), Some("web-dev_2"));
        for none in ["", "#", "2026", "a b", "a/b", "<b>", &"x".repeat(TAG_MAX + 1)] {
            assert_eq!(tag_key(none), None, "{none}");
        }
    }

    #[test]
    fn addresses_hold_any_script() {
        assert_eq!(post_path("привет"), "/posts/%D0%BF%D1%80%D0%B8%D0%B2%D0%B5%D1%82");
        assert_eq!(post_path("a-b"), "/posts/a-b");
        assert_eq!(tag_path("a/b"), "/tags/a%2Fb");
    }

    #[test]
    fn names_come_before_usernames() {
        let user = Author::new(crate::UserId::new(), "ada".into());
        let writer = |first: &str, last: &str| Writer {
            user: user.clone(),
            first_name: first.into(),
            last_name: last.into(),
        };
        let names = [("", ""), ("Ada", ""), ("Ada", "Lovelace")].map(|(a, b)| writer(a, b).name());
        assert_eq!(names, ["ada", "Ada", "Ada Lovelace"]);
    }
}
