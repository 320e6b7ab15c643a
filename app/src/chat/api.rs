//! What the room asks the server where no socket carries it.

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use wire::chat::{Message, Room};

use crate::error::AppError;

/// A stretch of the global room and who is there: the newest messages, or those before or after a
/// number. Signed-out callers may read too.
///
/// # Errors
/// Where the database does not answer.
#[server(endpoint = "room", prefix = "/fn", input = GetUrl)]
pub async fn load_room(before: Option<i64>, after: Option<i64>) -> Result<Room, AppError> {
    use wire::chat::Span;
    let (caller, services) = crate::caller::visitor()?;
    let span = match (after, before) {
        (Some(seq), _) => Span::After(seq),
        (None, Some(seq)) => Span::Before(seq),
        (None, None) => Span::Newest,
    };
    let room = domain::chat::room(&services, caller.as_ref(), span).await;
    Ok(room.map_err(wire::Problem::from)?)
}

/// Sends a message to the global room; the same `client_id` gives the first answer again.
///
/// # Errors
/// As the socket's `error` frame would say.
#[server(endpoint = "post_message", prefix = "/fn")]
pub async fn post_message(client_id: String, content: String) -> Result<Message, AppError> {
    use wire::chat::Draft;
    use wire::{ConversationKey, Problem};
    let (caller, services) = crate::caller::caller()?;
    let client_id =
        client_id.parse().map_err(|_| Problem::field("client_id", "1 to 64 characters"))?;
    let draft = Draft { conversation: ConversationKey::Global, client_id, content, reply_to: None };
    let posted = domain::chat::post_message(&services, &caller, draft).await;
    Ok(posted.map_err(Problem::from)?.into_message())
}

/// Moves the caller's read mark in the global room forward.
///
/// # Errors
/// `not_authenticated`.
#[server(endpoint = "mark_read", prefix = "/fn")]
pub async fn mark_read(up_to: i64) -> Result<(), AppError> {
    let (caller, services) = crate::caller::caller()?;
    let room = wire::ConversationKey::Global;
    let marked = domain::chat::mark_read(&services, &caller, room, Some(up_to.into())).await;
    Ok(marked.map_err(wire::Problem::from)?)
}
