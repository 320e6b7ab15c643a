//! Ending a socket so that its page knows why.

use std::time::Duration;

use tungstenite::Utf8Bytes;
use tungstenite::protocol::CloseFrame;
use wire::live::close;

use super::socket::Socket;

/// How long a client may take to answer a close.
const FAREWELL: Duration = Duration::from_secs(2);
/// Reconnects after a restart are spread over this many milliseconds, so that they do not all come
/// in the same one.
const JITTER_MS: std::ops::Range<u64> = 100..2_000;

/// Says `code` and waits for the other side's answer. A client that never answers is simply dropped.
pub(super) async fn say_goodbye(socket: Socket, code: u16) {
    let frame = CloseFrame { code: code.into(), reason: reason(code) };
    let _late = tokio::time::timeout(FAREWELL, socket.part(frame)).await;
}

fn reason(code: u16) -> Utf8Bytes {
    match code {
        close::UNAUTHENTICATED => "sign in first".into(),
        close::EXPIRED => "credentials have expired".into(),
        close::SLOW_READER => "reading too slowly; come back and resume".into(),
        close::SIGNED_OUT => "signed out".into(),
        close::TOO_LARGE => "frame too large".into(),
        close::NOT_UTF8 => "text that is not UTF-8".into(),
        close::PROTOCOL_ERROR => "against the protocol".into(),
        close::RESTARTING => format!("retry_after_ms={}", rand::random_range(JITTER_MS)).into(),
        _ => Utf8Bytes::default(),
    }
}
