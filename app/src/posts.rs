//! Posts: the feed, reading, writing. All of it is complete HTML without any script.

mod actions;
mod card;
mod comments;
mod cover_field;
mod drafts;
mod editor;
mod feed;
mod history;
mod meta;
mod reading;
mod sign;
mod tag;

use leptos::prelude::*;
use wire::UnixMillis;
use wire::posts::{
    Comment, CommentOrder, CommentStep, InCommunity, Post, PostCard as Card, PostStep, PostVersion,
};

pub use self::card::{PostCard, PostCards};
use self::drafts::DraftsPage;
use self::editor::EditorPage;
use self::feed::FeedPage;
pub use self::feed::{NewPosts, NewPostsProps};
use self::history::HistoryPage;
use self::reading::ReadingPage;
use self::tag::TagPage;
use crate::content::{Content, content};
use crate::not_found::NotFoundPage;
use crate::text::texts;
use crate::ui::{EmptyState, Glyph, PageMeta};

/// What a page of posts is rendered from.
#[derive(Debug, Clone)]
pub enum Posts {
    Feed(Feed),
    Reading(Box<Reading>),
    Editor(Box<Editor>),
    Drafts(Drafts),
    History(Box<History>),
    Tag(Tagged),
}

impl Posts {
    pub(crate) fn read_post(&self) -> Option<&Card> {
        match self {
            Self::Reading(reading) if reading.thread.is_none() => Some(&reading.post.card),
            _ => None,
        }
    }
}

/// A member's start page.
#[derive(Debug, Clone)]
pub struct Feed {
    /// `for-you`, `following`, `fresh` or `saved`.
    pub tab: &'static str,
    pub step: PostStep,
    /// When it was gathered.
    pub as_of: UnixMillis,
    /// The page's own address, to come back to.
    pub here: String,
}

#[derive(Debug, Clone)]
pub struct Reading {
    pub post: Post,
    pub order: CommentOrder,
    pub comments: CommentStep,
    /// The one comment that the page is about, and where its answers go on.
    pub thread: Option<(Comment, Option<String>)>,
    /// Whether the reader looks after the community that it stands in.
    pub may_take_out: bool,
    pub here: String,
}

#[derive(Debug, Clone, Default)]
pub struct Editor {
    /// What is being changed; nothing where it is new.
    pub post: Option<Post>,
    /// Those that the author belongs to.
    pub communities: Vec<InCommunity>,
    /// What has been typed, as it will look.
    pub preview: Option<String>,
}

#[derive(Debug, Clone, Default)]
pub struct Drafts {
    pub drafts: Vec<Card>,
    pub deleted: Vec<Card>,
    /// Whether one was deleted just now.
    pub has_deleted: bool,
}

#[derive(Debug, Clone)]
pub struct History {
    pub post: Post,
    pub versions: Vec<PostVersion>,
}

#[derive(Debug, Clone)]
pub struct Tagged {
    pub tag: String,
    pub step: PostStep,
    pub here: String,
}

/// Every page of posts.
#[component]
pub(crate) fn PostsPage() -> impl IntoView {
    match Content::clone(&content()) {
        Content::Posts(posts) => posts_view(*posts),
        Content::NotFound => view! { <NotFoundPage/> }.into_any(),
        _ => view! { <Unavailable/> }.into_any(),
    }
}

fn posts_view(posts: Posts) -> AnyView {
    match posts {
        Posts::Feed(feed) => view! { <FeedPage feed/> }.into_any(),
        Posts::Reading(reading) => view! { <ReadingPage reading=*reading/> }.into_any(),
        Posts::Editor(editor) => view! { <EditorPage editor=*editor/> }.into_any(),
        Posts::Drafts(drafts) => view! { <DraftsPage drafts/> }.into_any(),
        Posts::History(history) => view! { <HistoryPage history=*history/> }.into_any(),
        Posts::Tag(tagged) => view! { <TagPage tagged/> }.into_any(),
    }
}

#[component]
fn Unavailable() -> impl IntoView {
    let texts = texts();
    view! {
        <PageMeta title=texts.home_title() indexed=false/>
        <EmptyState glyph=Glyph::CALM title=texts.posts_feed_empty_title() body=texts.error_unavailable()/>
    }
    .into_any()
}
