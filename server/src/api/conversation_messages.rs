//! `/api/conversations/<id>/messages/` and how far one has read there.

#![allow(
    unused_qualifications,
    reason = "what describes an operation repeats the names of its shapes"
)]

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::Caller;
use domain::chat::{self, Posted};
use serde::Deserialize;
use utoipa::ToSchema;
use wire::ConversationKey;
use wire::chat::{Draft, Message};
use wire::conversations::UpTo;

use super::Body;
use super::asker::Asker;
use super::id::TalkId;
use super::message_shapes::{DirectMessage, MessageBody, SeqOrMessage, Telling};
use super::shapes::Done;
use super::stretch::Stretch;
use crate::refusal::Refusal;
use crate::state::AppState;

/// Read a conversation.
///
/// A bare array, oldest first; it marks nothing as read.
#[utoipa::path(get, path = "/api/conversations/{id}/messages", tag = "conversations",
    params(("id" = uuid::Uuid, Path), Stretch),
    responses((status = 200, body = Vec<DirectMessage>)))]
pub(super) async fn messages(
    State(state): State<AppState>,
    Asker(caller): Asker,
    TalkId(id): TalkId,
    stretch: Stretch,
) -> Result<Json<Vec<DirectMessage>>, Refusal> {
    let key = ConversationKey::Id(id);
    let history = stretch.read(&state, &caller, key).await?;
    let mark = history.last_read_seq.unwrap_or(0);
    let telling = Telling::of(&state, &caller, key, &history.messages, mark).await?;
    Ok(Json(history.messages.into_iter().map(|message| telling.direct(message)).collect()))
}

/// Write in a conversation.
///
/// 201 for a new message, 200 with the first one where the client id was used before. An answer to a
/// request accepts it.
#[utoipa::path(post, path = "/api/conversations/{id}/messages", tag = "conversations",
    params(("id" = uuid::Uuid, Path)), request_body = MessageBody,
    responses((status = 201, body = DirectMessage), (status = 200, body = DirectMessage)))]
pub(super) async fn post(
    State(state): State<AppState>,
    Asker(caller): Asker,
    TalkId(id): TalkId,
    Body(body): Body<MessageBody>,
) -> Result<(StatusCode, Json<DirectMessage>), Refusal> {
    let draft = body.draft(ConversationKey::Id(id))?;
    let (status, message, telling) = posted(&state, &caller, draft).await?;
    Ok((status, Json(telling.direct(message))))
}

/// Sends, and says how it went.
pub(super) async fn posted(
    state: &AppState,
    caller: &Caller,
    draft: Draft,
) -> Result<(StatusCode, Message, Telling<'static>), Refusal> {
    let posted = chat::post_message(&state.services, caller, draft).await?;
    let status = match posted {
        Posted::New(_) => StatusCode::CREATED,
        Posted::Repeated(_) => StatusCode::OK,
    };
    let message = posted.into_message();
    let key = message.conversation_id;
    let telling = Telling::of(state, caller, key, std::slice::from_ref(&message), 0).await?;
    Ok((status, message, telling))
}

#[derive(Deserialize, ToSchema)]
pub(super) struct ReadBody {
    /// A `seq` or a message id; absent means all.
    #[schema(value_type = Option<SeqOrMessage>)]
    up_to: Option<UpTo>,
}

/// Mark messages as read.
///
/// The mark moves forward only. With no body, everything is read.
#[utoipa::path(post, path = "/api/conversations/{id}/read", tag = "conversations",
    params(("id" = uuid::Uuid, Path)), request_body = Option<ReadBody>,
    responses((status = 200, body = Done)))]
pub(super) async fn read(
    State(state): State<AppState>,
    Asker(caller): Asker,
    TalkId(id): TalkId,
    body: Option<Body<ReadBody>>,
) -> Result<Json<Done>, Refusal> {
    let up_to = body.and_then(|Body(body)| body.up_to);
    chat::mark_read(&state.services, &caller, ConversationKey::Id(id), up_to).await?;
    Ok(Json(Done::saying("Messages marked as read.")))
}

#[derive(Deserialize, ToSchema)]
pub(super) struct UnreadBody {
    /// A `seq` or a message id; absent means the last message.
    #[schema(value_type = Option<SeqOrMessage>)]
    from: Option<UpTo>,
}

/// Show messages as unread again.
///
/// On one's own devices; others still see that one has read them.
#[utoipa::path(post, path = "/api/conversations/{id}/unread", tag = "conversations",
    params(("id" = uuid::Uuid, Path)), request_body = Option<UnreadBody>,
    responses((status = 200, body = Done)))]
pub(super) async fn unread(
    State(state): State<AppState>,
    Asker(caller): Asker,
    TalkId(id): TalkId,
    body: Option<Body<UnreadBody>>,
) -> Result<Json<Done>, Refusal> {
    // Whatever lies beyond the end means the last message.
    let from = body.and_then(|Body(body)| body.from).unwrap_or(UpTo::Seq(i64::MAX));
    chat::mark_unread(&state.services, &caller, ConversationKey::Id(id), from).await?;
    Ok(Json(Done::saying("Messages marked as unread.")))
}
