//! `/api/chat/conversations/…`: conversations in LiquidChat's shapes.

#![allow(
    unused_qualifications,
    reason = "what describes an operation repeats the names of its shapes"
)]

use std::collections::BTreeSet;

use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use domain::Caller;
use domain::chat::{self, ChatError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wire::conversations::{Conversation as View, Target, UpTo};
use wire::{ConversationId, ConversationKey, ErrorCode, MessageId, Problem, UserId};

use super::Body;
use super::asker::Asker;
use super::conversation_messages::posted;
use super::conversation_shapes::{PrivateConversation, private_conversations};
use super::id::{Id, TalkId};
use super::message_shapes::{MessageBody, PrivateMessage, SeqOrMessage, Telling, no_such_person};
use super::paging::{Page, Paging, PagingQuery};
use super::shapes::Done;
use super::stretch::Stretch;
use crate::identify::{Via, Visit};
use crate::refusal::Refusal;
use crate::state::AppState;

/// A conversation with the newest of its messages, oldest first.
#[derive(Serialize, ToSchema)]
pub(super) struct ConversationBundle {
    conversation: PrivateConversation,
    messages: Vec<PrivateMessage>,
}

/// List one's conversations.
///
/// Newest activity first, twenty a page. Requests are conversations here, that contract knowing none.
#[utoipa::path(get, path = "/api/chat/conversations", tag = "chat", params(PagingQuery),
    responses((status = 200, body = Page<PrivateConversation>)))]
pub(super) async fn conversations(
    State(state): State<AppState>,
    Asker(caller): Asker,
    paging: Paging<20>,
) -> Result<Json<Page<PrivateConversation>>, Refusal> {
    let (skip, size) = (paging.skip(), paging.size());
    let found = chat::page_of_conversations(&state.services, &caller, skip, size).await?;
    let (views, count) = found;
    let results = private_conversations(&state, &caller, views).await?;
    paging.page(&state.config.public_url, count, results).map(Json)
}

#[derive(Deserialize, ToSchema)]
pub(super) struct CreateBody {
    #[schema(value_type = uuid::Uuid)]
    user_id: UserId,
}

/// Begin a conversation with somebody, or find the one there is.
#[utoipa::path(post, path = "/api/chat/conversations/create", tag = "chat",
    request_body = CreateBody, responses((status = 200, body = ConversationBundle)))]
pub(super) async fn create(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Body(body): Body<CreateBody>,
) -> Result<Json<ConversationBundle>, Refusal> {
    let started = chat::start_direct(&state.services, &caller, &Target::Id(body.user_id)).await;
    let view = started.map_err(no_such_user_id)?.into_conversation();
    bundle(&state, &caller, view, &Stretch::default()).await
}

fn no_such_user_id(error: ChatError) -> Refusal {
    match error {
        ChatError::NotFound => Refusal(Problem::field("user_id", "User not found or inactive.")),
        other => other.into(),
    }
}

/// The conversation with somebody.
///
/// It is begun where there is none, as clients of LiquidChat expect: for a bearer token or a page of
/// this site, but not for a link that somebody was made to follow.
#[utoipa::path(get, path = "/api/chat/conversations/user/{id}", tag = "chat",
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = ConversationBundle)))]
pub(super) async fn with_user(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    Asker(caller): Asker,
    Id(id): Id<UserId>,
) -> Result<Json<ConversationBundle>, Refusal> {
    if visit.via != Via::Bearer && !visit.same_origin {
        let sentence = "This request did not come from a page of this site.";
        return Err(Refusal::new(ErrorCode::CsrfFailed, sentence));
    }
    let started = chat::start_direct(&state.services, &caller, &Target::Id(id)).await;
    let view = started.map_err(no_such_person)?.into_conversation();
    bundle(&state, &caller, view, &Stretch::default()).await
}

/// Look at a conversation and its newest messages.
#[utoipa::path(get, path = "/api/chat/conversations/{id}", tag = "chat",
    params(("id" = uuid::Uuid, Path), Stretch),
    responses((status = 200, body = ConversationBundle)))]
pub(super) async fn conversation(
    State(state): State<AppState>,
    Asker(caller): Asker,
    TalkId(id): TalkId,
    stretch: Stretch,
) -> Result<Json<ConversationBundle>, Refusal> {
    let view = chat::conversation(&state.services, &caller, id).await?;
    bundle(&state, &caller, view, &stretch).await
}

async fn bundle(
    state: &AppState,
    caller: &Caller,
    view: View,
    stretch: &Stretch,
) -> Result<Json<ConversationBundle>, Refusal> {
    let messages = told(state, caller, view.id, stretch).await?;
    let conversation = private_conversations(state, caller, vec![view]).await?.pop();
    Ok(Json(ConversationBundle {
        conversation: conversation.ok_or(ChatError::NotFound)?,
        messages,
    }))
}

async fn told(
    state: &AppState,
    caller: &Caller,
    id: ConversationId,
    stretch: &Stretch,
) -> Result<Vec<PrivateMessage>, Refusal> {
    let key = ConversationKey::Id(id);
    let history = stretch.read(state, caller, key).await?;
    let mark = history.last_read_seq.unwrap_or(0);
    let telling = Telling::of(state, caller, key, &history.messages, mark).await?;
    Ok(history.messages.into_iter().map(|message| telling.private(message)).collect())
}

/// Read a conversation.
///
/// A bare array, oldest first; it marks nothing as read.
#[utoipa::path(get, path = "/api/chat/conversations/{id}/messages", tag = "chat",
    params(("id" = uuid::Uuid, Path), Stretch),
    responses((status = 200, body = Vec<PrivateMessage>)))]
pub(super) async fn messages(
    State(state): State<AppState>,
    Asker(caller): Asker,
    TalkId(id): TalkId,
    stretch: Stretch,
) -> Result<Json<Vec<PrivateMessage>>, Refusal> {
    told(&state, &caller, id, &stretch).await.map(Json)
}

/// Write in a conversation.
///
/// 201 for a new message, 200 with the first one where the client id was used before.
#[utoipa::path(post, path = "/api/chat/conversations/{id}/messages", tag = "chat",
    params(("id" = uuid::Uuid, Path)), request_body = MessageBody,
    responses((status = 201, body = PrivateMessage), (status = 200, body = PrivateMessage)))]
pub(super) async fn post(
    State(state): State<AppState>,
    Asker(caller): Asker,
    TalkId(id): TalkId,
    Body(body): Body<MessageBody>,
) -> Result<(StatusCode, Json<PrivateMessage>), Refusal> {
    let draft = body.draft(ConversationKey::Id(id))?;
    let (status, message, telling) = posted(&state, &caller, draft).await?;
    Ok((status, Json(telling.private(message))))
}

#[derive(Deserialize, ToSchema)]
pub(super) struct MessageIdsBody {
    /// All up to the newest of these are read. At most 200, all of this conversation.
    #[schema(value_type = Option<Vec<uuid::Uuid>>)]
    message_ids: Option<BTreeSet<MessageId>>,
    /// A `seq` or a message id; without either field everything is read.
    #[schema(value_type = Option<SeqOrMessage>)]
    up_to: Option<UpTo>,
}

/// Mark messages as read.
#[utoipa::path(post, path = "/api/chat/conversations/{id}/read", tag = "chat",
    params(("id" = uuid::Uuid, Path)), request_body = Option<MessageIdsBody>,
    responses((status = 200, body = Done)))]
pub(super) async fn read(
    State(state): State<AppState>,
    Asker(caller): Asker,
    TalkId(id): TalkId,
    body: Option<Body<MessageIdsBody>>,
) -> Result<Json<Done>, Refusal> {
    let key = ConversationKey::Id(id);
    let (ids, up_to) = body.map_or((None, None), |Body(body)| (body.message_ids, body.up_to));
    let up_to = match ids {
        Some(ids) => Some(UpTo::Seq(newest(&state, &caller, key, &ids).await?)),
        None => up_to,
    };
    chat::mark_read(&state.services, &caller, key, up_to).await?;
    Ok(Json(Done::saying("Messages marked as read.")))
}

async fn newest(
    state: &AppState,
    caller: &Caller,
    key: ConversationKey,
    ids: &BTreeSet<MessageId>,
) -> Result<i64, Refusal> {
    let issue = match ids.len() {
        0 => "No message IDs provided.",
        1..=200 => return Ok(chat::seq_of_newest(&state.services, caller, key, ids).await?),
        _ => "At most 200 at once; `up_to` reads any number.",
    };
    Err(Refusal(Problem::field("message_ids", issue)))
}
