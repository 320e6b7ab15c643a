//! Everything that server and browser must agree on: typed ids, request and response shapes,
//! live frames, limits, and the validation that both sides run.
//!
//! This crate knows no framework, no database and no runtime, so that it compiles the same for
//! both targets and can be read as the protocol's reference.

pub mod accounts;
pub mod activity;
pub mod chat;
pub mod communities;
pub mod conversations;
pub mod error;
pub mod ids;
pub mod json;
pub mod live;
pub mod media;
pub mod mentions;
pub mod notifications;
pub mod people;
pub mod posts;
pub mod profiles;
pub mod search;
pub mod time;

pub use error::{ErrorCode, Problem};
pub use ids::{
    ClientId, CommentId, CommunityId, ConversationId, ConversationKey, MediaId, MessageId, PostId,
    SessionId, UserId,
};
pub use time::UnixMillis;
