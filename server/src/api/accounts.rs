//! `/api/auth/…`: signing in for programs, and for pages that prove they are ours.

use axum::Extension;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::accounts::{self, Chain, SignedIn, TokenFault};
use serde::Deserialize;
use serde_json::{Value, json};
use wire::ErrorCode;
use wire::accounts::{SignInForm, SignUpForm};

use super::Body;
use crate::cookies;
use crate::identify::Visit;
use crate::refusal::Refusal;
use crate::state::AppState;

/// 201 with tokens; cookies too where a page of ours asks.
pub(super) async fn sign_up(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    Body(form): Body<SignUpForm>,
) -> Result<Response, Refusal> {
    let signed_in =
        accounts::sign_up(&state.services, &form, &visit.origin, chains(&visit)).await?;
    Ok(welcome(&state, &visit, signed_in, StatusCode::CREATED))
}

/// 200 with tokens; 401 for whatever does not fit.
pub(super) async fn sign_in(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    headers: HeaderMap,
    Body(form): Body<SignInForm>,
) -> Result<Response, Refusal> {
    let device = cookies::read(&headers, &state.config, cookies::DEVICE);
    let signed_in =
        accounts::sign_in(&state.services, &form, &visit.origin, device, chains(&visit)).await?;
    Ok(welcome(&state, &visit, signed_in, StatusCode::OK))
}

/// Ends the caller's session with its whole family of tokens; its sockets close.
pub(super) async fn sign_out(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
) -> Result<Response, Refusal> {
    accounts::sign_out(&state.services, visit.caller()?).await?;
    let mut response = Json(json!({"detail": "Successfully logged out."})).into_response();
    cookies::clear_tokens(response.headers_mut(), &state.config);
    Ok(response)
}

#[derive(Deserialize)]
pub(super) struct RefreshBody {
    refresh: String,
}

/// The next pair; a token that was used before ends its family.
pub(super) async fn refresh_tokens(
    State(state): State<AppState>,
    Body(body): Body<RefreshBody>,
) -> Result<Json<Value>, Refusal> {
    let refreshed = accounts::refresh(&state.services, &body.refresh).await;
    let signed_in = refreshed.map_err(|fault| match fault {
        TokenFault::Store(error) => error.into(),
        TokenFault::Expired => Refusal::new(ErrorCode::TokenExpired, "The token has expired."),
        _ => Refusal::new(ErrorCode::TokenInvalid, "The token is not valid."),
    })?;
    let pair = signed_in.tokens.first().ok_or_else(no_tokens)?;
    Ok(Json(json!({"access": pair.access, "refresh": pair.refresh})))
}

fn no_tokens() -> Refusal {
    Refusal::new(ErrorCode::Internal, "Something went wrong on the server.")
}

/// A program's chain always; the browser's only for a page that proves it is ours.
fn chains(visit: &Visit) -> &'static [Chain] {
    if visit.same_origin { &[Chain::Bearer, Chain::Cookie] } else { &[Chain::Bearer] }
}

fn welcome(state: &AppState, visit: &Visit, signed_in: SignedIn, status: StatusCode) -> Response {
    let SignedIn { caller, tokens } = signed_in;
    let Some(bearer) = tokens.first() else { return no_tokens().into_response() };
    let body = json!({
        "id": caller.user_id,
        "username": caller.username,
        "user": {"id": caller.user_id, "username": caller.username, "is_online": true},
        "access": bearer.access,
        "refresh": bearer.refresh,
    });
    let mut response = (status, Json(body)).into_response();
    if visit.same_origin
        && let Some(cookie) = tokens.get(1)
    {
        cookies::set_tokens(response.headers_mut(), &state.config, cookie);
        let device = accounts::known_device_token(&state.services, caller.user_id);
        cookies::set_for_a_year(response.headers_mut(), &state.config, cookies::DEVICE, &device);
    }
    response
}
