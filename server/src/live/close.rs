//! Ending a socket so that its page knows why.

use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use wire::live::close;

/// How long a client may take to answer a close.
const FAREWELL: Duration = Duration::from_secs(2);
/// Reconnects after a restart are spread over this many milliseconds, so that they do not all come
/// in the same one.
const JITTER_MS: std::ops::Range<u64> = 100..2_000;

/// Says `code` and waits for the other side's answer: data that is still on its way would otherwise
/// turn our close into a reset, and the page would learn nothing.
pub(super) async fn say_goodbye(mut socket: WebSocket, code: u16) {
    let frame = CloseFrame { code, reason: reason(code) };
    let parting = async {
        if socket.send(Message::Close(Some(frame))).await.is_ok() {
            while let Some(Ok(_)) = socket.recv().await {}
        }
    };
    // A client that never answers is simply dropped.
    let _late = tokio::time::timeout(FAREWELL, parting).await;
}

/// For somebody who may not come in.
pub(super) async fn turn_away(socket: WebSocket, code: u16) {
    say_goodbye(socket, code).await;
}

fn reason(code: u16) -> Utf8Bytes {
    match code {
        close::UNAUTHENTICATED => "sign in first".into(),
        close::EXPIRED => "credentials have expired".into(),
        close::SLOW_READER => "reading too slowly; come back and resume".into(),
        close::SIGNED_OUT => "signed out".into(),
        close::TOO_LARGE => "frame too large".into(),
        close::RESTARTING => format!("retry_after_ms={}", rand::random_range(JITTER_MS)).into(),
        _ => Utf8Bytes::default(),
    }
}
