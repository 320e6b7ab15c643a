//! From a request to the connection under it (RFC 6455 §4.2).

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tungstenite::handshake::derive_accept_key;
use wire::ErrorCode;

use crate::refusal::Refusal;

const VERSION: &str = "13";
/// A key is this many random bytes in base64.
const KEY_BYTES: usize = 16;

/// A connection that no longer speaks HTTP, and what its client has said already.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) stream: TcpStream,
    pub(super) early: Bytes,
}

/// A handshake that was right: the answer to it, and the connection to come.
#[derive(Debug)]
pub(super) struct Handshake {
    upgrade: OnUpgrade,
    accept: String,
}

/// # Errors
/// 400 with what is missing.
pub(super) fn handshake(request: &mut Request) -> Result<Handshake, Refusal> {
    let headers = request.headers();
    if !names(headers, &header::CONNECTION, "upgrade")
        || !names(headers, &header::UPGRADE, "websocket")
    {
        return Err(refused("This address speaks WebSocket: ask for an upgrade."));
    }
    if headers.get(header::SEC_WEBSOCKET_VERSION).is_none_or(|version| version != VERSION) {
        return Err(refused("Sec-WebSocket-Version: this server speaks version 13."));
    }
    let key = headers.get(header::SEC_WEBSOCKET_KEY).filter(|key| is_key(key));
    let key = key.ok_or_else(|| refused("Sec-WebSocket-Key: 16 bytes in base64."))?;
    let accept = derive_accept_key(key.as_bytes());
    let upgrade = request.extensions_mut().remove::<OnUpgrade>();
    let upgrade = upgrade.ok_or_else(|| refused("This connection cannot be upgraded."))?;
    Ok(Handshake { upgrade, accept })
}

impl Handshake {
    /// The answer, and the connection once that has been sent.
    pub(super) fn answer(self) -> (Response, impl Future<Output = Option<Taken>>) {
        let Self { upgrade, accept } = self;
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        if let Ok(accept) = HeaderValue::try_from(accept) {
            headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
        }
        (response, async { take(upgrade.await.ok()?) })
    }
}

/// A client is told which version it may come back with (RFC 6455 §4.2.2).
pub(super) fn turn_away(refusal: Refusal) -> Response {
    let mut response = refusal.into_response();
    let version = HeaderValue::from_static(VERSION);
    response.headers_mut().insert(header::SEC_WEBSOCKET_VERSION, version);
    response
}

/// Frames are written by whoever tells them, which takes the bare stream out of the HTTP machinery.
fn take(upgraded: Upgraded) -> Option<Taken> {
    match upgraded.downcast::<TokioIo<TcpStream>>() {
        // A copy: even an empty rest would keep the whole buffer that the request was read into.
        Ok(parts) => Some(Taken {
            stream: parts.io.into_inner(),
            early: Bytes::copy_from_slice(&parts.read_buf),
        }),
        Err(_) => {
            tracing::error!("a socket over something else than TCP");
            None
        }
    }
}

/// Whether a list header holds the word.
fn names(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    let lists = headers.get_all(name).into_iter().filter_map(|list| list.to_str().ok());
    lists.flat_map(|list| list.split(',')).any(|each| each.trim().eq_ignore_ascii_case(word))
}

fn is_key(key: &HeaderValue) -> bool {
    BASE64_STANDARD.decode(key.as_bytes()).is_ok_and(|bytes| bytes.len() == KEY_BYTES)
}

fn refused(sentence: &str) -> Refusal {
    Refusal::new(ErrorCode::BadRequest, sentence)
}
