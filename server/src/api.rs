//! REST: thin translations between the contract's shapes and the verbs of `domain`.

mod accounts;
mod chat;
mod json;

use axum::Router;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use wire::ErrorCode;

use crate::refusal::Refusal;
use crate::state::AppState;

pub(crate) use json::Body;

/// The addresses under `/api`, without their optional trailing slash.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/api/auth/signup", post(accounts::sign_up))
        .route("/api/auth/register", post(accounts::sign_up))
        .route("/api/auth/login", post(accounts::sign_in))
        .route("/api/auth/logout", post(accounts::sign_out))
        .route("/api/auth/token/refresh", post(accounts::refresh_tokens))
        .route("/api/chat/global/messages", get(chat::global_history).post(chat::post_to_global))
}

/// 405 in the API's own words; axum has already added `Allow`.
pub(crate) async fn method_not_allowed(method: Method) -> Response {
    if method == Method::HEAD {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let refusal =
        Refusal::new(ErrorCode::MethodNotAllowed, format!("{method} is not possible here."));
    let mut response = refusal.into_response();
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response
}
