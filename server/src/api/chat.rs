//! The global room over REST, in LiquidChat's shapes.

#![allow(
    unused_qualifications,
    reason = "what describes an operation repeats the names of its shapes"
)]

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use domain::chat::{self, Posted};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wire::chat::{Author, Draft, HISTORY_PAGE, Message, Span};
use wire::{ClientId, ConversationKey, ErrorCode, UnixMillis};

use super::Body;
use crate::identify::Visit;
use crate::refusal::Refusal;
use crate::state::AppState;

/// LiquidChat's `GlobalMessage`: its `id` is the place in the room.
#[derive(Serialize, ToSchema)]
pub(super) struct GlobalMessage {
    id: i64,
    /// The same number under the name that it has everywhere.
    seq: i64,
    #[schema(value_type = String)]
    client_id: ClientId,
    #[schema(value_type = Sender)]
    sender: Author,
    content: String,
    #[schema(value_type = String, format = DateTime)]
    timestamp: UnixMillis,
}

/// For the documentation: an [`Author`].
#[derive(ToSchema)]
#[expect(dead_code, reason = "only described")]
pub(super) struct Sender {
    id: uuid::Uuid,
    username: String,
    profile_image: Option<String>,
    is_verified: bool,
    /// `basic`, `premium` or `organization`.
    badge: Option<String>,
}

impl From<Message> for GlobalMessage {
    fn from(message: Message) -> Self {
        Self {
            id: message.seq,
            seq: message.seq,
            client_id: message.client_id,
            sender: message.sender,
            content: message.content,
            timestamp: message.created_at,
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct HistoryQuery {
    /// At most 200, else 50.
    limit: Option<u64>,
    /// The last ones before this `seq`.
    before: Option<i64>,
    /// The next ones after this `seq`.
    after: Option<i64>,
}

impl HistoryQuery {
    fn span(&self) -> Span {
        match (self.after, self.before) {
            (Some(seq), _) => Span::After(seq),
            (None, Some(seq)) => Span::Before(seq),
            (None, None) => Span::Newest,
        }
    }
}

/// Read the global room.
///
/// A bare array, oldest first. The room can be read signed out.
#[utoipa::path(get, path = "/api/chat/global/messages", tag = "chat", security(()),
    params(HistoryQuery), responses((status = 200, body = Vec<GlobalMessage>)))]
pub(super) async fn global_history(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    query: Result<Query<HistoryQuery>, QueryRejection>,
) -> Result<Json<Vec<GlobalMessage>>, Refusal> {
    let Query(query) =
        query.map_err(|error| Refusal::new(ErrorCode::InvalidField, error.body_text()))?;
    let limit = query.limit.unwrap_or(HISTORY_PAGE);
    let caller = visit.caller.as_ref();
    let history =
        chat::history(&state.services, caller, ConversationKey::Global, query.span(), limit)
            .await?;
    Ok(Json(history.messages.into_iter().map(GlobalMessage::from).collect()))
}

#[derive(Deserialize, ToSchema)]
pub(super) struct PostBody {
    /// Plain text; markup in it is text.
    #[schema(example = "hello")]
    content: String,
    /// The sender's own name for the message, 1 to 64 characters: sending again is no second one.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    client_id: Option<ClientId>,
}

/// Say something in the global room.
///
/// 201 for a new message, 200 with the first one where the client id was used before.
#[utoipa::path(post, path = "/api/chat/global/messages", tag = "chat", request_body = PostBody,
    responses((status = 201, body = GlobalMessage), (status = 200, body = GlobalMessage)))]
pub(super) async fn post_to_global(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    Body(body): Body<PostBody>,
) -> Result<(StatusCode, Json<GlobalMessage>), Refusal> {
    let draft = Draft {
        conversation: ConversationKey::Global,
        client_id: body.client_id.unwrap_or_default(),
        content: body.content,
        reply_to: None,
    };
    let posted = chat::post_message(&state.services, visit.caller()?, draft).await?;
    let status = match posted {
        Posted::New(_) => StatusCode::CREATED,
        Posted::Repeated(_) => StatusCode::OK,
    };
    Ok((status, Json(posted.into_message().into())))
}
