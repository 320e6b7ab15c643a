//! The one socket of this tab: opens it, carries frames both ways, and says how it ended.
//!
//! Who reconnects and what is said is the caller's business; see `chat::courier`.

use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_util::future::{Either, select};
use futures_util::{SinkExt, StreamExt};
use gloo_net::websocket::futures::WebSocket;
use gloo_net::websocket::{Message, WebSocketError};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::window;
use wire::live::{ClientFrame, ServerFrame};

/// A socket that has said nothing for this long is asked; one that does not answer is given up.
const SILENCE_MS: u32 = 25_000;
/// How long the first frame may take to come.
const OPENING_MS: u32 = 8_000;

/// How a socket ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// The close code; 1006 where the connection was simply gone.
    pub code: u16,
    pub reason: String,
    /// Whether it had carried anything before.
    pub was_live: bool,
}

/// Says things into the socket, also from elsewhere; what is said after its end is lost.
#[derive(Debug, Clone)]
pub struct Voice(UnboundedSender<ClientFrame>);

impl Voice {
    pub fn say(&self, frame: ClientFrame) {
        // Whoever speaks into a closed socket hears of its end by other means.
        let _closed = self.0.unbounded_send(frame);
    }

    /// Ends the socket.
    pub fn hang_up(&self) {
        self.0.close_channel();
    }
}

/// A voice and the ear at its other end.
#[must_use]
pub fn voice() -> (Voice, UnboundedReceiver<ClientFrame>) {
    let (voice, ear) = unbounded();
    (Voice(voice), ear)
}

/// Opens the socket at `path` and hands every frame to `hear` until it ends.
pub async fn converse(
    path: &str,
    mut outgoing: UnboundedReceiver<ClientFrame>,
    mut hear: impl FnMut(ServerFrame),
) -> Ended {
    let Some(socket) = address(path).and_then(|url| WebSocket::open(&url).ok()) else {
        return gone(false);
    };
    let (mut sink, mut stream) = socket.split();
    let mut was_live = false;
    let mut asked = false;
    loop {
        let patience = if was_live { SILENCE_MS } else { OPENING_MS };
        let either = select(stream.next(), outgoing.next());
        match select(either, TimeoutFuture::new(patience)).await {
            Either::Left((Either::Left((incoming, _)), _)) => {
                asked = false;
                match incoming {
                    Some(Ok(Message::Text(text))) => {
                        was_live = true;
                        hear(crate::json::read(&text).unwrap_or(ServerFrame::Unknown));
                    }
                    Some(Ok(Message::Bytes(_))) => {}
                    Some(Err(WebSocketError::ConnectionClose(event))) => {
                        return Ended { code: event.code, reason: event.reason, was_live };
                    }
                    Some(Err(_)) | None => return gone(was_live),
                }
            }
            Either::Left((Either::Right((Some(frame), _)), _)) => {
                if sink.send(encode(&frame)).await.is_err() {
                    return gone(was_live);
                }
            }
            Either::Left((Either::Right((None, _)), _)) => return gone(was_live),
            Either::Right(_) if asked || !was_live => return gone(was_live),
            Either::Right(_) => {
                asked = true;
                if sink.send(encode(&ClientFrame::Ping)).await.is_err() {
                    return gone(was_live);
                }
            }
        }
    }
}

fn encode(frame: &ClientFrame) -> Message {
    Message::Text(serde_json::to_string(frame).unwrap_or_default())
}

fn gone(was_live: bool) -> Ended {
    Ended { code: 1006, reason: String::new(), was_live }
}

/// The page's own host, over TLS where the page is.
fn address(path: &str) -> Option<String> {
    let location = window().location();
    let scheme = if location.protocol().ok()? == "https:" { "wss" } else { "ws" };
    Some(format!("{scheme}://{}{path}", location.host().ok()?))
}
