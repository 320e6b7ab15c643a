//! What a conversation asks the server where no socket carries it.

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use wire::ConversationKey;
use wire::chat::{Message, Room};

use crate::error::AppError;

/// The global room where no conversation is named.
#[cfg(feature = "ssr")]
fn named(conversation: Option<ConversationKey>) -> ConversationKey {
    conversation.unwrap_or(ConversationKey::Global)
}

/// A stretch of a conversation and, in the global room, who is there: the newest messages, or those
/// before or after a number. Signed-out callers may read the global room too.
///
/// # Errors
/// `not_found` for a conversation that the caller does not belong to.
#[server(endpoint = "room", prefix = "/fn", input = GetUrl)]
pub async fn load_room(
    conversation: Option<ConversationKey>,
    before: Option<i64>,
    after: Option<i64>,
) -> Result<Room, AppError> {
    use wire::chat::Span;
    let (caller, services) = crate::caller::visitor()?;
    let span = match (after, before) {
        (Some(seq), _) => Span::After(seq),
        (None, Some(seq)) => Span::Before(seq),
        (None, None) => Span::Newest,
    };
    let room = domain::chat::room_of(&services, caller.as_ref(), named(conversation), span).await;
    Ok(room.map_err(wire::Problem::from)?)
}

/// Sends a message; the same `client_id` gives the first answer again.
///
/// # Errors
/// As the socket's `error` frame would say.
#[server(endpoint = "post_message", prefix = "/fn")]
pub async fn post_message(
    conversation: Option<ConversationKey>,
    client_id: String,
    content: String,
    reply_to: Option<String>,
) -> Result<Message, AppError> {
    use wire::Problem;
    use wire::chat::Draft;
    let (caller, services) = crate::caller::caller()?;
    let client_id =
        client_id.parse().map_err(|_| Problem::field("client_id", "1 to 64 characters"))?;
    let reply_to = reply_to.map(|id| id.parse()).transpose();
    let reply_to = reply_to.map_err(|_| Problem::field("reply_to", "The id of a message."))?;
    let conversation = named(conversation);
    let draft = Draft { conversation, client_id, content, reply_to };
    let posted = domain::chat::post_message(&services, &caller, draft).await;
    Ok(posted.map_err(Problem::from)?.into_message())
}

/// Moves the caller's read mark in a conversation forward.
///
/// # Errors
/// `not_authenticated`, `not_found`.
#[server(endpoint = "mark_read", prefix = "/fn")]
pub async fn mark_read(conversation: Option<ConversationKey>, up_to: i64) -> Result<(), AppError> {
    let (caller, services) = crate::caller::caller()?;
    let marked =
        domain::chat::mark_read(&services, &caller, named(conversation), Some(up_to.into())).await;
    Ok(marked.map_err(wire::Problem::from)?)
}
