//! One layer refuses writes that a page of another site made the browser send.
//!
//! Browsers say where a request comes from (`Sec-Fetch-Site`, or at least `Origin`), and no page
//! can change that. Leptos' server functions have no protection of their own; this one covers them
//! with everything else. A bearer token needs no proof: no browser sends one by itself.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use wire::ErrorCode;

use crate::config::Config;
use crate::identify;
use crate::refusal::Refusal;
use crate::state::AppState;

/// Clients without cookies sign in here; the answer sets cookies only for a page of ours.
const OPEN_TO_CLIENTS: [&str; 6] = [
    "/api/auth/signup",
    "/api/auth/register",
    "/api/auth/login",
    "/api/auth/token/refresh",
    "/api/auth/password/reset",
    "/api/auth/password/reset/confirm",
];

/// How often whoever runs this server hears of browsers that came by another name.
const REPORT_EVERY: Duration = Duration::from_secs(60);

/// The middleware.
pub(crate) async fn refuse_cross_site(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    if is_allowed(&request, &state.config) {
        return next.run(request).await;
    }
    report_other_name(request.headers(), &state.config);
    let refusal =
        Refusal::new(ErrorCode::CsrfFailed, "This request did not come from a page of this site.");
    refusal.into_response()
}

fn is_allowed(request: &Request, config: &Config) -> bool {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    // Only a bearer: `Basic` is what a browser adds by itself behind a proxy that asks for it.
    let by_token = identify::bearer(request.headers()).is_some();
    safe || by_token
        || OPEN_TO_CLIENTS.contains(&request.uri().path())
        // A mail program asks by itself; the token of the letter is the proof.
        || request.uri().path().starts_with("/unsubscribe/")
        || is_same_origin(request.headers(), config)
}

/// Whether a page of ours sent this. Where the browser is too old for `Sec-Fetch-Site` the exact
/// `Origin` decides; neither is no proof.
pub(crate) fn is_same_origin(headers: &HeaderMap, config: &Config) -> bool {
    match headers.get("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => has_own_origin(headers, config),
    }
}

/// Whether `Origin` is there and exactly one of ours; sockets are judged by it alone.
pub(crate) fn has_own_origin(headers: &HeaderMap, config: &Config) -> bool {
    let origin = headers.get(header::ORIGIN).and_then(|value| value.to_str().ok());
    origin.is_some_and(|origin| config.allowed_origins.iter().any(|own| own == origin))
}

/// Whether a browser has this server's page open by a name that is none of ours. Whoever runs it has
/// most likely set `PUBLIC_URL` to another. Over https browsers prove themselves by `Sec-Fetch-Site`, and
/// only their sockets are refused.
pub(crate) fn is_other_name(headers: &HeaderMap, config: &Config) -> bool {
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    let origin = headers.get(header::ORIGIN).and_then(|value| value.to_str().ok());
    let named = origin.and_then(|origin| origin.split_once("://")).map(|(_, name)| name);
    named.is_some() && named == host && !has_own_origin(headers, config)
}

/// Tells whoever runs this server, once a minute at most: anybody can make up a name.
pub(crate) fn report_other_name(headers: &HeaderMap, config: &Config) {
    static LAST: Mutex<Option<Instant>> = Mutex::new(None);
    if !is_other_name(headers, config) {
        return;
    }
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if last.is_some_and(|last| last.elapsed() < REPORT_EVERY) {
        return;
    }
    *last = Some(Instant::now());
    tracing::warn!(
        origin = ?headers.get(header::ORIGIN),
        "a browser came by a name that is not PUBLIC_URL ({}): its sockets are refused, and over plain \
         HTTP its forms; set PUBLIC_URL, or add the name to ALLOWED_ORIGINS",
        config.public_url
    );
}
