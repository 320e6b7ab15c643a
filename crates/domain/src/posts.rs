//! Posts and what readers do with them: written, published, read, liked, kept, answered.
//!
//! What a post looks like and how it counts stands in its own row, so that a list is one walk on an
//! index. Who may see it is said once, in [`visible`], for whatever lists posts.

mod bookmark;
mod comment_reactions;
mod comment_rows;
mod comment_tree;
mod days;
mod delete_post;
mod feed;
mod following;
mod fresh_posts;
mod leave_community;
mod lists;
mod markdown;
mod mentions;
mod pictures;
mod place;
mod publish;
#[cfg(test)]
mod query_plans;
mod react;
mod read;
mod replies;
mod rows;
mod score;
mod site_map;
mod slug;
mod tags;
mod take_out;
mod versions;
mod views;
mod write_comment;
mod write_post;

pub use bookmark::keep;
pub use comment_reactions::react_to_comment;
pub use comment_tree::{CommentsWanted, comment, comments, thread};
pub(crate) use delete_post::{SWEEP_POSTS, sweep_posts};
pub use delete_post::{delete_post, deleted_posts, restore_post};
pub use feed::{Feed, feed};
pub use fresh_posts::{NEW_POSTS_MAX, new_posts};
pub(crate) use leave_community::leave_community;
pub(crate) use lists::posts_by_id;
pub use lists::{
    draft_cards, drafts, latest_of, liked_by, page_of_posts, posts_in, posts_of, saved, tagged,
    trending,
};
pub use markdown::{Rendered, render};
pub use place::{communities_of, community_for};
pub(crate) use publish::{PUBLISH_POST, publish_due};
pub use react::{Change, Reaction, react};
pub use read::{editable, post};
pub use replies::replies_of;
pub use score::{Counts, score};
pub(crate) use score::{SCORE_POSTS, score_posts};
pub use site_map::{mapped_posts, mapped_weeks};
pub use tags::trending_tags;
pub(crate) use take_out::take_post_out_of;
pub use versions::versions;
pub(crate) use views::ViewCounter;
pub use views::{Reader, view, views_settled};
pub use write_comment::{delete_comment, edit_comment, write_comment};
pub use write_post::{Intent, PostForm, may_preview, rendered, write_post};

use uuid::Uuid;
use wire::{ErrorCode, Problem};

use crate::communities::CommunityError;
use crate::limits::Wait;
use crate::{Caller, StoreError};

/// Why a verb about posts or comments refused.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PostError {
    /// Not there, or not the caller's to see.
    #[error("not found")]
    NotFound,
    /// There to be read, but somebody else's.
    #[error("not one's own")]
    NotOwn,
    /// It was saved elsewhere after it was read.
    #[error("changed since it was read")]
    ChangedSince,
    /// Something in a field; the sentence belongs beside it.
    #[error("{field}: {why}")]
    Invalid { field: &'static str, why: &'static str },
    #[error("too often")]
    TooOften { retry_after_ms: u64 },
    #[error("{0}")]
    Store(Problem),
}

impl From<Wait> for PostError {
    fn from(Wait(retry_after_ms): Wait) -> Self {
        Self::TooOften { retry_after_ms }
    }
}

/// What the community that it is written for says.
impl From<CommunityError> for PostError {
    fn from(error: CommunityError) -> Self {
        Self::Store(error.into())
    }
}

impl From<StoreError> for PostError {
    fn from(error: StoreError) -> Self {
        Self::Store(error.into())
    }
}

impl From<sea_orm::DbErr> for PostError {
    fn from(error: sea_orm::DbErr) -> Self {
        StoreError::from(error).into()
    }
}

impl From<PostError> for Problem {
    fn from(error: PostError) -> Self {
        match error {
            PostError::NotFound => Self::new(ErrorCode::NotFound, "Not found."),
            PostError::NotOwn => Self::new(ErrorCode::Forbidden, "Only its author can do this."),
            PostError::ChangedSince => {
                Self::new(ErrorCode::EditConflict, "This was saved elsewhere since you opened it.")
            }
            PostError::Invalid { field, why } => Self::field(field, why),
            PostError::TooOften { retry_after_ms } => {
                Self::new(ErrorCode::RateLimited, "That is too often. Wait a moment.")
                    .retry_after(retry_after_ms)
            }
            PostError::Store(problem) => problem,
        }
    }
}

/// In SQL, whether `viewer` may see the post `p`: it is published, its author has an account and has not
/// given it up, it is meant for them, they belong to its community where that is private, and neither has
/// blocked the other. `viewer` is the placeholder of their id, [`nobody`]'s for somebody who is signed out.
#[must_use]
pub fn visible(viewer: &str) -> String {
    let belongs = format!(
        "EXISTS (SELECT 1 FROM community_member cm WHERE cm.community_id = p.community_id \
         AND cm.account_id = {viewer} AND cm.state = 'active')"
    );
    format!(
        "p.state = 'published' \
         AND (p.visibility = 'public' OR p.author_id = {viewer} \
         OR (p.visibility = 'followers' AND EXISTS (SELECT 1 FROM follow fo \
         WHERE fo.follower_id = {viewer} AND fo.followee_id = p.author_id)) \
         OR (p.visibility = 'community' AND {belongs})) \
         AND (p.community_id IS NULL OR NOT EXISTS (SELECT 1 FROM community co \
         WHERE co.id = p.community_id AND co.is_private) OR {belongs}) \
         AND EXISTS (SELECT 1 FROM account aa WHERE aa.id = p.author_id AND aa.is_active \
         AND (aa.delete_at IS NULL OR aa.id = {viewer})) \
         AND {}",
        unblocked("p.author_id", viewer)
    )
}

/// In SQL, whether neither of two people has blocked the other.
pub(crate) fn unblocked(author: &str, viewer: &str) -> String {
    format!(
        "NOT EXISTS (SELECT 1 FROM block bl WHERE bl.blocker_id = {viewer} AND bl.blocked_id = {author}) \
         AND NOT EXISTS (SELECT 1 FROM block bl WHERE bl.blocker_id = {author} AND bl.blocked_id = {viewer})"
    )
}

/// In SQL, whether `viewer` listens to an author: lists that nobody asked an author's name for leave out
/// those whom one has muted.
pub(crate) fn heard(author: &str, viewer: &str) -> String {
    format!(
        "NOT EXISTS (SELECT 1 FROM mute mu WHERE mu.muter_id = {viewer} AND mu.muted_id = {author})"
    )
}

/// The id of somebody who is signed out: nobody's.
#[must_use]
pub fn nobody() -> Uuid {
    Uuid::nil()
}

fn id_of(viewer: Option<&Caller>) -> Uuid {
    viewer.map_or_else(nobody, |viewer| viewer.user_id.0)
}
