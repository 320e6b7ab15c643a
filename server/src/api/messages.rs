//! `/api/messages/<id>/…`: one message, and what may still be done with it.

#![allow(
    unused_qualifications,
    reason = "what describes an operation repeats the names of its shapes"
)]

use axum::Json;
use axum::extract::State;
use domain::chat::{self, ChatError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wire::chat::Span;
use wire::conversations::Reaction;
use wire::{MessageId, Problem};

use super::Body;
use super::asker::Asker;
use super::groups::Reader;
use super::id::{Id, IdAndName};
use super::message_shapes::{DirectMessage, MessageReaction, Telling};
use super::shapes::Done;
use crate::refusal::Refusal;
use crate::state::AppState;

#[derive(Deserialize, ToSchema)]
pub(super) struct MessageActionBody {
    /// `unsend`.
    #[schema(example = "unsend")]
    action: String,
}

/// Take one's message back.
///
/// Its content and its reactions are gone for everybody.
#[utoipa::path(post, path = "/api/messages/{id}/action", tag = "messages",
    params(("id" = uuid::Uuid, Path)), request_body = MessageActionBody,
    responses((status = 200, body = Done)))]
pub(super) async fn act(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(id): Id<MessageId>,
    Body(body): Body<MessageActionBody>,
) -> Result<Json<Done>, Refusal> {
    if body.action != "unsend" {
        return Err(Refusal(Problem::field("action", "Invalid action.")));
    }
    chat::unsend_message(&state.services, &caller, id).await.map_err(no_such_message)?;
    Ok(Json(Done::saying("Message unsent")))
}

#[derive(Deserialize, ToSchema)]
pub(super) struct EditBody {
    /// As a new message's.
    content: String,
}

/// Change one's message.
///
/// Within a day.
#[utoipa::path(patch, path = "/api/messages/{id}", tag = "messages",
    params(("id" = uuid::Uuid, Path)), request_body = EditBody,
    responses((status = 200, body = DirectMessage)))]
pub(super) async fn edit(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(id): Id<MessageId>,
    Body(body): Body<EditBody>,
) -> Result<Json<DirectMessage>, Refusal> {
    let edited = chat::edit_message(&state.services, &caller, id, &body.content);
    let edited = edited.await.map_err(no_such_message)?;
    // Again, with its reactions.
    let (key, before) = (edited.conversation_id, Span::After(edited.seq - 1));
    let stretch = chat::history(&state.services, Some(&caller), key, before, 1).await?;
    let telling = Telling::of(&state, &caller, key, &stretch.messages, 0).await?;
    let message = stretch.messages.into_iter().next().unwrap_or(edited);
    Ok(Json(telling.direct(message)))
}

/// A message's reactions.
#[derive(Serialize, ToSchema)]
pub(super) struct Reactions {
    #[schema(value_type = Vec<MessageReaction>)]
    reactions: Vec<Reaction>,
}

/// Add a reaction.
///
/// One emoji, in the address; again changes nothing.
#[utoipa::path(put, path = "/api/messages/{id}/reactions/{emoji}", tag = "messages",
    params(("id" = uuid::Uuid, Path), ("emoji" = String, Path)),
    responses((status = 200, body = Reactions)))]
pub(super) async fn react(
    State(state): State<AppState>,
    Asker(caller): Asker,
    IdAndName(id, emoji): IdAndName<MessageId>,
) -> Result<Json<Reactions>, Refusal> {
    let reactions = chat::react(&state.services, &caller, id, &emoji, true).await;
    Ok(Json(Reactions { reactions: reactions.map_err(no_such_message)? }))
}

/// Take one's reaction back.
#[utoipa::path(delete, path = "/api/messages/{id}/reactions/{emoji}", tag = "messages",
    params(("id" = uuid::Uuid, Path), ("emoji" = String, Path)),
    responses((status = 200, body = Reactions)))]
pub(super) async fn unreact(
    State(state): State<AppState>,
    Asker(caller): Asker,
    IdAndName(id, emoji): IdAndName<MessageId>,
) -> Result<Json<Reactions>, Refusal> {
    let reactions = chat::react(&state.services, &caller, id, &emoji, false).await;
    Ok(Json(Reactions { reactions: reactions.map_err(no_such_message)? }))
}

/// See who has read a message.
///
/// Its author and the caller are left out, and whoever keeps it to themselves.
#[utoipa::path(get, path = "/api/messages/{id}/seen-by", tag = "messages",
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = Vec<Reader>)))]
pub(super) async fn seen_by(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(id): Id<MessageId>,
) -> Result<Json<Vec<Reader>>, Refusal> {
    let readers = chat::readers_of(&state.services, &caller, id).await;
    let readers = readers.map_err(no_such_message)?;
    Ok(Json(readers.into_iter().map(Reader::from).collect()))
}

fn no_such_message(error: ChatError) -> Refusal {
    match error {
        ChatError::NotFound => Refusal::new(wire::ErrorCode::NotFound, "No such message."),
        other => other.into(),
    }
}
