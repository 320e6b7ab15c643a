//! Posts and comments as Spherespace's clients know them, with our fields beside theirs.

use serde::Serialize;
use utoipa::ToSchema;
use wire::posts::{InCommunity, Writer};
use wire::{CommentId, PostId, UnixMillis, UserId};

/// Whoever has written something.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WrittenBy {
    #[schema(value_type = uuid::Uuid)]
    id: UserId,
    username: String,
    first_name: String,
    last_name: String,
    profile_image: Option<String>,
    is_verified: bool,
    /// `basic`, `premium` or `organization`.
    badge: Option<String>,
}

impl WrittenBy {
    fn new(writer: Writer, public_url: &str) -> Self {
        let Writer { user, first_name, last_name } = writer;
        Self {
            id: user.id,
            username: user.username,
            first_name,
            last_name,
            profile_image: user.profile_image.map(|path| format!("{public_url}{path}")),
            is_verified: user.is_verified,
            badge: user.badge,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PostCommunity {
    name: String,
    slug: String,
}

impl From<InCommunity> for PostCommunity {
    fn from(InCommunity { name, slug }: InCommunity) -> Self {
        Self { name, slug }
    }
}

/// A post.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Post {
    #[schema(value_type = uuid::Uuid)]
    id: PostId,
    /// The same.
    #[schema(value_type = uuid::Uuid)]
    public_id: PostId,
    slug: String,
    title: String,
    /// Markdown, as it was typed.
    content: String,
    /// The same as HTML that is safe in a page.
    content_html: String,
    excerpt: String,
    /// Null for what is read at a glance.
    reading_minutes: Option<u32>,
    tags: Vec<String>,
    /// `public`, `followers` or `community`.
    visibility: &'static str,
    /// `draft`, `scheduled` or `published`.
    state: &'static str,
    post_image: Option<String>,
    post_video: Option<String>,
    post_image_url: Option<String>,
    /// What the picture shows, in words; empty where nobody has said it.
    cover_alt: String,
    post_video_url: Option<String>,
    /// When it was published; of one that was not, when it was begun.
    #[schema(value_type = String, format = DateTime)]
    date_posted: UnixMillis,
    #[schema(value_type = Option<String>, format = DateTime)]
    publish_at: Option<UnixMillis>,
    #[schema(value_type = Option<String>, format = DateTime)]
    edited_at: Option<UnixMillis>,
    author: WrittenBy,
    community: Option<PostCommunity>,
    likes_count: i64,
    dislikes_count: i64,
    comments_count: i64,
    bookmarks_count: i64,
    views_count: i64,
    user_has_liked: bool,
    user_has_disliked: bool,
    user_has_bookmarked: bool,
}

impl Post {
    /// Addresses of pictures are whole.
    pub(super) fn new(post: wire::posts::Post, public_url: &str) -> Self {
        let wire::posts::Post { card, content, html } = post;
        let image = card.cover_address().map(|path| format!("{public_url}{path}"));
        Self {
            id: card.id,
            public_id: card.id,
            content,
            content_html: html,
            reading_minutes: card.reading_minutes(),
            visibility: card.visibility.as_str(),
            state: card.state.as_str(),
            post_image: image.clone(),
            post_video: None,
            post_image_url: image,
            post_video_url: None,
            date_posted: card.dated(),
            publish_at: card.publish_at,
            edited_at: card.edited_at,
            cover_alt: card.cover_alt,
            slug: card.slug,
            title: card.title,
            excerpt: card.excerpt,
            tags: card.tags,
            author: WrittenBy::new(card.author, public_url),
            community: card.community.map(PostCommunity::from),
            likes_count: card.likes_count,
            dislikes_count: card.dislikes_count,
            comments_count: card.comments_count,
            bookmarks_count: card.bookmarks_count,
            views_count: card.views_count,
            user_has_liked: card.has_liked,
            user_has_disliked: card.has_disliked,
            user_has_bookmarked: card.has_saved,
        }
    }
}

/// A comment with what was answered to it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Comment {
    #[schema(value_type = uuid::Uuid)]
    id: CommentId,
    #[schema(value_type = uuid::Uuid)]
    post: PostId,
    #[schema(value_type = Option<uuid::Uuid>)]
    parent: Option<CommentId>,
    /// Empty where it was taken back.
    content: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: UnixMillis,
    #[schema(value_type = String, format = DateTime)]
    updated_at: UnixMillis,
    /// Null where it was taken back; it stays because others have answered.
    author: Option<WrittenBy>,
    likes_count: i64,
    dislikes_count: i64,
    replies_count: i64,
    user_has_liked: bool,
    user_has_disliked: bool,
    /// The oldest first.
    #[schema(no_recursion)]
    replies: Vec<Comment>,
}

impl Comment {
    pub(super) fn new(comment: wire::posts::Comment, public_url: &str) -> Self {
        let replies = comment.replies.into_iter();
        Self {
            id: comment.id,
            post: comment.post,
            parent: comment.parent,
            content: comment.content,
            created_at: comment.created_at,
            updated_at: comment.edited_at.unwrap_or(comment.created_at),
            author: comment.author.map(|writer| WrittenBy::new(writer, public_url)),
            likes_count: comment.likes_count,
            dislikes_count: comment.dislikes_count,
            replies_count: comment.replies_count,
            user_has_liked: comment.has_liked,
            user_has_disliked: comment.has_disliked,
            replies: replies.map(|reply| Self::new(reply, public_url)).collect(),
        }
    }
}
