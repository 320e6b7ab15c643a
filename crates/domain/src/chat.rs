//! Conversations: who may speak, in which order, and who is told.

mod broadcasts;
mod conversation_broadcasts;
#[cfg(test)]
mod full_disk;
mod global_room;
mod history;
mod mark_read;
mod message_writer;
mod post_message;
mod presence;
#[cfg(test)]
mod query_plans;
mod send_limit;
mod talks;
mod typing;
mod write_batch;

pub(crate) use global_room::join_global_room;
pub use global_room::{GLOBAL_ROOM, conversation_of, key_of};
pub use history::{history, messages_after, room};
pub use mark_read::mark_read;
pub(crate) use message_writer::MessageWriter;
pub use post_message::{post_message, submit_message};
pub use presence::{Attendance, attend, everybody_online};
pub(crate) use send_limit::SendLimit;
pub use typing::typing;
pub use write_batch::Posted;
pub(crate) use write_batch::write_directly;

use realtime::Topic;
use wire::chat::ContentIssue;
use wire::{ConversationId, ErrorCode, Problem};

use crate::StoreError;

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
    /// Told to many waiting senders at once, so it can be cloned.
    #[error("{0}")]
    Store(Problem),
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
