//! The sockets: `/ws/chat/` for our own pages, and the two addresses of LiquidChat's clients.
//!
//! A socket has one task, which reads, writes and waits for what the hub has for it. Who may open
//! one is decided here; what it may do in [`commands`].

mod close;
mod commands;
mod connection;
mod count;
mod handshake;
mod languages;
mod socket;

use axum::Extension;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use wire::ErrorCode;
use wire::live::close as code;

pub use count::Sockets;

use self::connection::Recognised;
use self::languages::{Language, OURS, PRIVATE, ROOM};
use self::socket::Socket;
use crate::cross_site;
use crate::identify::{Via, Visit};
use crate::state::AppState;

/// `/ws/chat/`.
pub(crate) async fn ours(
    state: State<AppState>,
    visit: Extension<Visit>,
    request: Request,
) -> Response {
    upgrade(state, visit, request, &OURS)
}

/// `/ws/chat/global/`.
pub(crate) async fn room(
    state: State<AppState>,
    visit: Extension<Visit>,
    request: Request,
) -> Response {
    upgrade(state, visit, request, &ROOM)
}

/// `/ws/chat/private/`.
pub(crate) async fn private(
    state: State<AppState>,
    visit: Extension<Visit>,
    request: Request,
) -> Response {
    upgrade(state, visit, request, &PRIVATE)
}

/// Takes the handshake. Even somebody who is turned away is let in first: a browser shows its page
/// the close code, but nothing of a refused handshake.
fn upgrade(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    mut request: Request,
    language: &'static Language,
) -> Response {
    let admitted = admit(&state, &visit, request.headers());
    let (response, taken) = match handshake::handshake(&mut request) {
        Ok(handshake) => handshake.answer(),
        Err(refusal) => return handshake::turn_away(refusal),
    };
    let recognised = Recognised { since: visit.since, expires: visit.expires };
    tokio::spawn(async move {
        let Some(socket) = taken.await.map(Socket::new) else { return };
        match admitted {
            Ok(caller) => connection::run(state, caller, recognised, language, socket).await,
            Err(code) => Box::pin(close::say_goodbye(socket, code)).await,
        }
    });
    response
}

/// Cookies count only from a page of ours: no browser keeps a foreign page from opening a socket.
fn admit(state: &AppState, visit: &Visit, headers: &HeaderMap) -> Result<domain::Caller, u16> {
    if state.sockets.is_draining() {
        return Err(code::RESTARTING);
    }
    if visit.via == Via::Cookie && !cross_site::has_own_origin(headers, &state.config) {
        cross_site::report_other_name(headers, &state.config);
        return Err(code::UNAUTHENTICATED);
    }
    match (&visit.caller, visit.fault) {
        (Some(caller), _) => Ok(caller.clone()),
        (None, Some(ErrorCode::TokenExpired)) => Err(code::EXPIRED),
        (None, _) => Err(code::UNAUTHENTICATED),
    }
}
