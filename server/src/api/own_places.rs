//! What one keeps for oneself in a conversation: quiet, and an unfinished text.

#![allow(
    unused_qualifications,
    reason = "what describes an operation repeats the names of its shapes"
)]

use axum::extract::State;
use axum::http::StatusCode;
use domain::chat;
use serde::Deserialize;
use utoipa::ToSchema;
use wire::conversations::FOR_EVER;
use wire::{ConversationKey, UnixMillis};

use super::Body;
use super::asker::Asker;
use super::id::TalkId;
use crate::refusal::Refusal;
use crate::state::AppState;

#[derive(Deserialize, ToSchema)]
pub(super) struct QuietBody {
    /// Absent means for ever.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<UnixMillis>,
}

/// Mute a conversation.
///
/// It stays in the list, and does not count as unread.
#[utoipa::path(put, path = "/api/conversations/{id}/mute", tag = "conversations",
    params(("id" = uuid::Uuid, Path)), request_body = Option<QuietBody>, responses((status = 204)))]
pub(super) async fn mute(
    State(state): State<AppState>,
    Asker(caller): Asker,
    TalkId(id): TalkId,
    body: Option<Body<QuietBody>>,
) -> Result<StatusCode, Refusal> {
    let until = body.and_then(|Body(body)| body.until).unwrap_or(FOR_EVER);
    let key = ConversationKey::Id(id);
    chat::mute_conversation(&state.services, &caller, key, Some(until)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Hear of a conversation again.
#[utoipa::path(delete, path = "/api/conversations/{id}/mute", tag = "conversations",
    params(("id" = uuid::Uuid, Path)), responses((status = 204)))]
pub(super) async fn unmute(
    State(state): State<AppState>,
    Asker(caller): Asker,
    TalkId(id): TalkId,
) -> Result<StatusCode, Refusal> {
    let key = ConversationKey::Id(id);
    chat::mute_conversation(&state.services, &caller, key, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
pub(super) struct DraftBody {
    /// Empty takes the draft away.
    content: String,
}

/// Keep an unfinished text for all of one's devices.
#[utoipa::path(put, path = "/api/conversations/{id}/draft", tag = "conversations",
    params(("id" = uuid::Uuid, Path)), request_body = DraftBody, responses((status = 204)))]
pub(super) async fn keep_draft(
    State(state): State<AppState>,
    Asker(caller): Asker,
    TalkId(id): TalkId,
    Body(body): Body<DraftBody>,
) -> Result<StatusCode, Refusal> {
    let key = ConversationKey::Id(id);
    chat::keep_draft(&state.services, &caller, key, &body.content).await?;
    Ok(StatusCode::NO_CONTENT)
}
