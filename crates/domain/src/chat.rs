//! Conversations: who may speak, in which order, and who is told.

mod add_members;
mod broadcasts;
mod catch_up;
mod change_role;
mod community_room;
mod conversation_broadcasts;
mod conversation_view;
mod conversations;
mod create_group;
mod edit_message;
#[cfg(test)]
mod full_disk;
mod global_room;
mod group_rules;
mod hide_conversation;
mod history;
mod keep_draft;
mod leave_group;
mod mark_read;
mod message_rows;
mod message_writer;
mod mute_conversation;
mod offers;
mod own_place;
mod post_message;
pub(crate) mod presence;
mod push_messages;
#[cfg(test)]
mod query_plans;
mod react;
mod receipts;
mod rename_group;
mod requests;
mod retell;
mod room_tail;
mod start_direct;
#[cfg(test)]
mod statement_counts;
mod store_posts;
mod stored_message;
mod talks;
mod tell_named;
mod typing;
mod unsend_message;
mod watchers;
mod write_batch;
mod write_rules;

pub use add_members::add_members;
pub use catch_up::{CaughtUp, Missed, catch_up};
pub use change_role::change_role;
pub(crate) use community_room::{close_room, enter_room, leave_room, open_room, rename_room};
pub use conversations::{
    accepted_cursors, conversation, conversations, counts, members, page_of_conversations, requests,
};
pub use create_group::create_group;
pub use edit_message::edit_message;
pub(crate) use global_room::join_global_room;
pub use global_room::{GLOBAL_ROOM, conversation_of, key_of};
pub use hide_conversation::hide_conversation;
pub use history::{history, messages_after, room, room_of, seq_of_message, seq_of_newest};
pub use keep_draft::keep_draft;
pub(crate) use leave_group::leave_for_good;
pub use leave_group::{leave_group, remove_member};
pub use mark_read::{mark_read, mark_unread};
pub(crate) use message_writer::MessageWriter;
pub use mute_conversation::mute_conversation;
pub use offers::{offered_conversations, offered_names};
pub(crate) use own_place::READABLE;
pub use post_message::{post_message, submit_message};
pub use presence::{Attendance, attend, online, online_at_the_door, online_named, online_of};
pub use react::react;
pub use receipts::{readers_of, receipts, seen_by};
pub use rename_group::rename_group;
pub use requests::{accept_request, block_request, ignore_request};
pub(crate) use retell::tell_stored_messages;
pub(crate) use room_tail::RoomTail;
pub(crate) use start_direct::direct_key;
pub use start_direct::{Started, start_direct};
pub(crate) use talks::{among, hold_conversation, placeholders};
pub use typing::typing;
pub use unsend_message::unsend_message;
pub(crate) use watchers::{Watchers, met, parted, start as start_watching, whom_one_knows};
pub use watchers::{Watching, watch};
pub use write_batch::Posted;
pub(crate) use write_batch::write_directly;

use realtime::Topic;
use wire::chat::ContentIssue;
use wire::{ConversationId, ErrorCode, Problem};

use crate::StoreError;
use crate::limits::Wait;

/// Why a conversation refused.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ChatError {
    #[error("the text cannot be a message")]
    Content(ContentIssue),
    /// The same client id was used for something else.
    #[error("client id conflict")]
    ClientIdConflict,
    #[error("too many messages")]
    RateLimited { retry_after_ms: u64 },
    /// Not there, or not the caller's to see.
    #[error("not found")]
    NotFound,
    /// Seen, but not allowed.
    #[error("forbidden")]
    Forbidden,
    /// As much as may be left before the other side has answered.
    #[error("too much for a request")]
    RequestLimit,
    /// Blocked, or not wanted: which one is never told.
    #[error("cannot be written to")]
    CannotMessage,
    #[error("too old to be changed")]
    EditTooLate,
    #[error("the group is full")]
    GroupFull,
    #[error("the message was taken back")]
    Unsent,
    #[error("too many different reactions")]
    TooManyReactions,
    /// Something in a field; the sentence belongs beside it.
    #[error("{field}: {why}")]
    Invalid { field: &'static str, why: &'static str },
    /// Told to many waiting senders at once, so it can be cloned.
    #[error("{0}")]
    Store(Problem),
}

impl From<Wait> for ChatError {
    fn from(Wait(retry_after_ms): Wait) -> Self {
        Self::RateLimited { retry_after_ms }
    }
}

impl From<StoreError> for ChatError {
    fn from(error: StoreError) -> Self {
        Self::Store(error.into())
    }
}

impl From<sea_orm::DbErr> for ChatError {
    fn from(error: sea_orm::DbErr) -> Self {
        StoreError::from(error).into()
    }
}

impl From<ChatError> for Problem {
    fn from(error: ChatError) -> Self {
        match error {
            ChatError::Content(issue) => Self::new(issue.code(), content_sentence(issue)),
            ChatError::ClientIdConflict => Self::new(
                ErrorCode::ClientIdConflict,
                "This client_id already names another message.",
            ),
            ChatError::RateLimited { retry_after_ms } => {
                Self::new(ErrorCode::RateLimited, "You are sending too fast.")
                    .retry_after(retry_after_ms)
            }
            ChatError::NotFound => Self::new(ErrorCode::NotFound, "No such conversation."),
            ChatError::Forbidden => Self::new(ErrorCode::Forbidden, "You cannot write here."),
            ChatError::RequestLimit => {
                Self::new(ErrorCode::RequestLimit, "Wait until they answer before you write more.")
            }
            ChatError::CannotMessage => {
                Self::new(ErrorCode::CannotMessage, "You cannot write to this person.")
            }
            ChatError::EditTooLate => {
                Self::new(ErrorCode::EditTooLate, "A message can be changed for a day.")
            }
            ChatError::GroupFull => Self::new(ErrorCode::GroupFull, "This group is full."),
            ChatError::Unsent => {
                Self::new(ErrorCode::MessageUnsent, "This message was taken back.")
            }
            ChatError::TooManyReactions => Self::new(
                ErrorCode::TooManyReactions,
                "This message has as many different reactions as fit.",
            ),
            ChatError::Invalid { field, why } => Self::field(field, why),
            ChatError::Store(problem) => problem,
        }
    }
}

fn content_sentence(issue: ContentIssue) -> String {
    match issue {
        ContentIssue::Empty => "A message needs some text.".into(),
        ContentIssue::TooLong { length, limit } => {
            format!("A message has at most {limit} characters; this one has {length}.")
        }
        ContentIssue::Nul => "A message cannot hold the character U+0000.".into(),
    }
}

/// Where the frames of a conversation go.
#[must_use]
pub fn topic(conversation: ConversationId) -> Topic {
    Topic::Conversation(conversation.0.as_u128())
}
