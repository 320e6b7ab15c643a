//! `/ws/chat/`: one socket of one tab.
//!
//! A socket has one task, which reads, writes and waits for what the hub has for it. Who may open
//! one is decided here; what it may do in [`commands`].

mod close;
mod commands;
mod connection;
mod count;

use axum::Extension;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use wire::ErrorCode;
use wire::live::{FRAME_LIMIT, close as code};

pub use count::Sockets;

use crate::cross_site;
use crate::identify::{Via, Visit};
use crate::refusal::Refusal;
use crate::state::AppState;

/// The default of 128 KiB for each socket is most of what an idle one would cost.
const READ_BUFFER: usize = 2 * 1024;
/// A frame over [`FRAME_LIMIT`] is read to its end so that the socket can say why it closes; one
/// over this is not.
const READ_LIMIT: usize = 4 * FRAME_LIMIT;

/// Takes the handshake. Even somebody who is turned away is let in first: a browser shows its page
/// the close code, but nothing of a refused handshake.
pub(crate) async fn upgrade(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(error) => {
            return Refusal::new(ErrorCode::BadRequest, error.body_text()).into_response();
        }
    };
    let upgrade = upgrade
        .read_buffer_size(READ_BUFFER)
        .max_message_size(READ_LIMIT)
        .max_frame_size(READ_LIMIT);
    match admit(&state, &visit, &headers) {
        Ok(caller) => {
            let expires = visit.expires;
            upgrade.on_upgrade(move |socket| connection::run(state, caller, expires, socket))
        }
        Err(code) => upgrade.on_upgrade(move |socket| close::turn_away(socket, code)),
    }
}

/// Cookies count only from a page of ours: no browser keeps a foreign page from opening a socket.
fn admit(state: &AppState, visit: &Visit, headers: &HeaderMap) -> Result<domain::Caller, u16> {
    if state.sockets.is_draining() {
        return Err(code::RESTARTING);
    }
    if visit.via == Via::Cookie && !cross_site::has_own_origin(headers, &state.config) {
        return Err(code::UNAUTHENTICATED);
    }
    match (&visit.caller, visit.fault) {
        (Some(caller), _) => Ok(caller.clone()),
        (None, Some(ErrorCode::TokenExpired)) => Err(code::EXPIRED),
        (None, _) => Err(code::UNAUTHENTICATED),
    }
}
