//! `/api/auth/sessions/…` and tickets for sockets: one's own devices.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use domain::accounts::{self, AccountError, TICKET_SECONDS};
use serde::Serialize;
use utoipa::ToSchema;
use wire::accounts::SessionView;
use wire::{SessionId, UnixMillis};

use super::id::Id;
use crate::cookies;
use crate::identify::Visit;
use crate::refusal::Refusal;
use crate::state::AppState;

/// One signed-in device.
#[derive(Serialize, ToSchema)]
pub(super) struct Session {
    #[schema(value_type = uuid::Uuid)]
    id: SessionId,
    #[schema(value_type = String, format = DateTime)]
    created_at: UnixMillis,
    #[schema(value_type = String, format = DateTime)]
    last_seen: UnixMillis,
    user_agent: String,
    /// Whether it is the one that asks.
    is_current: bool,
}

impl From<SessionView> for Session {
    fn from(view: SessionView) -> Self {
        let SessionView { id, created_at, last_seen, user_agent, is_current } = view;
        Self { id, created_at, last_seen, user_agent, is_current }
    }
}

/// List one's devices.
///
/// The one that asks first, then the latest seen.
#[utoipa::path(get, path = "/api/auth/sessions", tag = "accounts",
    responses((status = 200, body = Vec<Session>)))]
pub(super) async fn list(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
) -> Result<Json<Vec<Session>>, Refusal> {
    let sessions = accounts::list_sessions(&state.services, visit.caller()?).await?;
    Ok(Json(sessions.into_iter().map(Session::from).collect()))
}

/// Sign every other device out.
#[utoipa::path(delete, path = "/api/auth/sessions", tag = "accounts", responses((status = 204)))]
pub(super) async fn end_others(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
) -> Result<StatusCode, Refusal> {
    accounts::revoke_other_sessions(&state.services, visit.caller()?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Look at one device.
#[utoipa::path(get, path = "/api/auth/sessions/{id}", tag = "accounts",
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = Session)))]
pub(super) async fn one(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    Id(id): Id<SessionId>,
) -> Result<Json<Session>, Refusal> {
    let sessions = accounts::list_sessions(&state.services, visit.caller()?).await?;
    let found = sessions.into_iter().find(|session| session.id == id);
    Ok(Json(found.ok_or(AccountError::NotFound)?.into()))
}

/// Sign one device out.
///
/// Its tokens are dead and its sockets close.
#[utoipa::path(delete, path = "/api/auth/sessions/{id}", tag = "accounts",
    params(("id" = uuid::Uuid, Path)), responses((status = 204)))]
pub(super) async fn end(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    Id(id): Id<SessionId>,
) -> Result<Response, Refusal> {
    let caller = visit.caller()?;
    accounts::revoke_session(&state.services, caller, id).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    if id == caller.session_id {
        cookies::clear_tokens(response.headers_mut(), &state.config);
    }
    Ok(response)
}

#[derive(Serialize, ToSchema)]
pub(super) struct Ticket {
    /// For `?ticket=` of a socket's address, once.
    ticket: String,
    /// Seconds.
    expires_in: u32,
}

/// Get a ticket for one socket.
#[utoipa::path(post, path = "/api/auth/ws-ticket", tag = "accounts",
    responses((status = 200, body = Ticket)))]
pub(super) async fn ticket(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
) -> Result<Json<Ticket>, Refusal> {
    let ticket = accounts::issue_ticket(&state.services, visit.caller()?).await?;
    Ok(Json(Ticket { ticket, expires_in: TICKET_SECONDS }))
}
