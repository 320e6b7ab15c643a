//! A client of `/ws/chat/`.

use std::net::SocketAddr;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use test_support::PATIENCE;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::site::{Member, Site};

pub(crate) struct Socket(WebSocketStream<TcpStream>);

/// What a socket says next.
#[derive(Debug)]
pub(crate) enum Heard {
    Frame(Value),
    Closed(u16, String),
    /// Gone without a word.
    Gone,
}

impl Socket {
    /// Whatever the server makes of these headers.
    pub(crate) async fn open(site: &Site, path: &str, headers: &[(&str, &str)]) -> Self {
        Self::at(site.address, path, headers).await
    }

    pub(crate) async fn at(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Self {
        Self::over(TcpStream::connect(address).await.unwrap(), address, path, headers).await
    }

    /// Somebody who is let in, past the greeting.
    pub(crate) async fn of(site: &Site, member: &Member) -> Self {
        let bearer = format!("Bearer {}", member.access);
        let mut socket = Self::open(site, "/ws/chat/", &[("authorization", &bearer)]).await;
        // Who comes at this very moment may be told before it.
        socket.next_of("connection_established").await;
        socket
    }

    /// With a receive buffer that a handful of messages fills.
    pub(crate) async fn narrow(site: &Site, member: &Member) -> Self {
        let tcp = TcpSocket::new_v4().unwrap();
        tcp.set_recv_buffer_size(4096).unwrap();
        let stream = tcp.connect(site.address).await.unwrap();
        let bearer = format!("Bearer {}", member.access);
        let headers = [("authorization", bearer.as_str())];
        let mut socket = Self::over(stream, site.address, "/ws/chat/", &headers).await;
        assert_eq!(socket.next().await["type"], "connection_established");
        socket
    }

    async fn over(
        stream: TcpStream,
        address: SocketAddr,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Self {
        let url = format!("ws://{address}{path}");
        let mut request = url.into_client_request().unwrap();
        for (name, value) in headers {
            let name: HeaderName = name.parse().unwrap();
            request.headers_mut().insert(name, HeaderValue::from_str(value).unwrap());
        }
        let config = WebSocketConfig::default().read_buffer_size(4096);
        let opening = client_async_with_config(request, stream, Some(config));
        let (socket, _) = timeout(PATIENCE, opening).await.expect("a handshake").expect("accepted");
        Self(socket)
    }

    pub(crate) async fn say(&mut self, frame: &Value) {
        self.say_text(&frame.to_string()).await;
    }

    pub(crate) async fn say_text(&mut self, text: &str) {
        self.say_message(Message::text(text)).await;
    }

    /// A server that has heard enough may be gone before the last byte.
    pub(crate) async fn say_message(&mut self, message: Message) {
        let _enough = timeout(PATIENCE, self.0.send(message)).await.expect("is taken");
    }

    /// Sends to the global room.
    pub(crate) async fn post(&mut self, client_id: &str, content: &str) {
        self.say(&json!({
            "type": "chat_message", "conversation_id": "global", "content": content, "client_id": client_id,
        }))
        .await;
    }

    pub(crate) async fn hear(&mut self) -> Heard {
        timeout(PATIENCE, self.wait()).await.expect("something is heard")
    }

    async fn wait(&mut self) -> Heard {
        loop {
            return match self.0.next().await {
                Some(Ok(Message::Text(text))) => Heard::Frame(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(Some(frame)))) => {
                    Heard::Closed(frame.code.into(), frame.reason.to_string())
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                Some(Ok(other)) => panic!("{other:?}"),
                Some(Err(Error::Protocol(_) | Error::Io(_) | Error::ConnectionClosed)) | None => {
                    Heard::Gone
                }
                Some(Err(error)) => panic!("{error}"),
            };
        }
    }

    /// The next frame.
    pub(crate) async fn next(&mut self) -> Value {
        match self.hear().await {
            Heard::Frame(frame) => frame,
            end => panic!("{end:?}"),
        }
    }

    /// The next frame of a type; others are passed over.
    pub(crate) async fn next_of(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.next().await;
            if frame["type"] == kind {
                return frame;
            }
        }
    }

    /// Waits for a ping and answers it; nothing else may come before it.
    pub(crate) async fn pinged(&mut self) {
        let heard = timeout(PATIENCE, self.0.next()).await.expect("a ping in time");
        assert!(matches!(heard, Some(Ok(Message::Ping(_)))), "{heard:?}");
        // The answer waits in the library until something is flushed.
        self.0.flush().await.expect("a pong is taken");
    }

    /// The code and the reason of the end, whatever comes before it.
    pub(crate) async fn closed(&mut self) -> (u16, String) {
        loop {
            match self.hear().await {
                Heard::Frame(_) => {}
                Heard::Closed(code, reason) => return (code, reason),
                Heard::Gone => panic!("gone without a word"),
            }
        }
    }

    /// How many bytes still come before the end, whatever they say.
    pub(crate) async fn drain(self) -> usize {
        let mut stream = self.0.into_inner();
        let (mut scraps, mut bytes) = (vec![0; 64 * 1024], 0);
        let draining = async {
            while let Ok(read @ 1..) = stream.read(&mut scraps).await {
                bytes += read;
            }
        };
        timeout(PATIENCE, draining).await.expect("the server closes");
        bytes
    }

    /// Proves that the socket is open; what it was told before the answer.
    pub(crate) async fn is_open(&mut self) -> Vec<Value> {
        self.say(&json!({"type": "ping"})).await;
        let mut before = Vec::new();
        loop {
            let frame = self.next().await;
            if frame["type"] == "pong" {
                return before;
            }
            before.push(frame);
        }
    }
}
