//! Communities: who belongs to them and as what, how one gets in, and what was done in them.
//!
//! Whoever changes a community or somebody's place in it holds its row first ([`rows::hold`]), so that
//! what was read of it stays true until the commit. What a person does not see is left out in SQL.

mod acts;
mod answer_request;
mod change;
mod change_role;
#[cfg(test)]
mod costs;
mod create;
mod delete;
mod enter_room;
mod inherit;
mod invitations;
mod join;
mod leave;
mod lists;
mod may_post;
mod members;
mod naming;
mod pin_post;
mod remove_member;
mod rows;
mod show_picture;
mod take_out;

pub use acts::acts;
pub use answer_request::{accept, decline};
pub use change::change;
pub use change_role::{change_role, hand_over};
pub use create::create;
pub use delete::delete;
pub use enter_room::enter_room;
pub(crate) use inherit::leave_to_heirs;
pub use invitations::{
    Invited, accept_invitation, invitation, invitations, invite, take_invitation_back,
};
pub use join::join;
pub use leave::leave;
pub(crate) use lists::communities_by_id;
pub use lists::{community, discover, own_communities, page_of_communities, search};
pub(crate) use may_post::may_post;
pub use members::{banned, members, page_of_members, requests, requests_count};
pub use pin_post::pin_post;
pub use remove_member::{ban, remove, unban};
pub use show_picture::{may_show_picture, show_picture};
pub(crate) use take_out::take_comment_out;
pub use take_out::take_post_out;

use wire::{ErrorCode, Problem};

use crate::StoreError;
use crate::chat::ChatError;
use crate::limits::Wait;

/// Why a community refused.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CommunityError {
    /// Not there, or not the caller's to see.
    #[error("not found")]
    NotFound,
    /// Seen, but not allowed.
    #[error("forbidden")]
    Forbidden,
    #[error("another community has this name")]
    NameTaken,
    /// An owner hands over before they leave.
    #[error("the owner stays")]
    OwnerStays,
    #[error("the room is full")]
    RoomFull,
    /// Slow mode: too soon after the last post.
    #[error("too soon")]
    TooSoon { retry_after_ms: u64 },
    #[error("too often")]
    TooOften { retry_after_ms: u64 },
    /// Something in a field; the sentence belongs beside it.
    #[error("{field}: {why}")]
    Invalid { field: &'static str, why: &'static str },
    #[error("{0}")]
    Store(Problem),
}

impl From<Wait> for CommunityError {
    fn from(Wait(retry_after_ms): Wait) -> Self {
        Self::TooOften { retry_after_ms }
    }
}

impl From<StoreError> for CommunityError {
    fn from(error: StoreError) -> Self {
        Self::Store(error.into())
    }
}

impl From<sea_orm::DbErr> for CommunityError {
    fn from(error: sea_orm::DbErr) -> Self {
        StoreError::from(error).into()
    }
}

/// What the community's room says.
impl From<ChatError> for CommunityError {
    fn from(error: ChatError) -> Self {
        match error {
            ChatError::GroupFull => Self::RoomFull,
            other => Self::Store(other.into()),
        }
    }
}

impl From<CommunityError> for Problem {
    fn from(error: CommunityError) -> Self {
        match error {
            CommunityError::NotFound => Self::new(ErrorCode::NotFound, "No such community."),
            CommunityError::Forbidden => {
                Self::new(ErrorCode::Forbidden, "You cannot do that in this community.")
            }
            CommunityError::NameTaken => Self::field("name", "Another community has this name."),
            CommunityError::OwnerStays => {
                Self::new(ErrorCode::BadRequest, "Creator cannot leave the community")
            }
            CommunityError::RoomFull => {
                Self::new(ErrorCode::GroupFull, "This community's room is full.")
            }
            CommunityError::TooSoon { retry_after_ms } => Self::new(
                ErrorCode::RateLimited,
                "This community is in slow mode. Wait before you post again.",
            )
            .retry_after(retry_after_ms),
            CommunityError::TooOften { retry_after_ms } => {
                Self::new(ErrorCode::RateLimited, "That is too often. Wait a moment.")
                    .retry_after(retry_after_ms)
            }
            CommunityError::Invalid { field, why } => Self::field(field, why),
            CommunityError::Store(problem) => problem,
        }
    }
}
