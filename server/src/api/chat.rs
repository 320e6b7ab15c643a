//! The global room over REST, in LiquidChat's shapes.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::{Extension, Json};
use domain::chat::{self, Posted};
use serde::{Deserialize, Serialize};
use wire::chat::{Author, Draft, HISTORY_PAGE, Message, Span};
use wire::{ClientId, ConversationKey, ErrorCode, UnixMillis};

use super::Body;
use crate::identify::Visit;
use crate::refusal::Refusal;
use crate::state::AppState;

/// LiquidChat's `GlobalMessage`: its `id` is the place in the room.
#[derive(Serialize)]
pub(super) struct GlobalMessage {
    id: i64,
    seq: i64,
    client_id: ClientId,
    sender: Author,
    content: String,
    timestamp: UnixMillis,
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

#[derive(Deserialize)]
pub(super) struct HistoryQuery {
    limit: Option<u64>,
    before: Option<i64>,
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

/// A bare array, oldest first. The room can be read signed out.
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

#[derive(Deserialize)]
pub(super) struct PostBody {
    content: String,
    #[serde(default)]
    client_id: Option<ClientId>,
}

/// 201 for a new message, 200 with the first one where the client id was used before.
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
