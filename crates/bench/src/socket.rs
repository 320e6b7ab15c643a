//! One client of `/ws/chat/`, with no buffer of its own: thousands of them share one.

use std::cell::RefCell;
use std::io::ErrorKind;
use std::net::SocketAddr;

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use wire::live::{ChatMessage, ClientFrame};
use wire::{ClientId, ConversationKey};

use crate::accounts::Account;
use crate::frames::{self, Scanner};

/// What every message carries, in bytes.
const BODY: usize = 128;
/// Longest answer to a handshake.
const ANSWER: usize = 4096;

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; 64 * 1024]);
}

#[derive(Debug)]
pub(crate) struct Socket {
    stream: TcpStream,
    scanner: Scanner,
}

impl Socket {
    /// A socket of `account`, greeted by the server.
    pub(crate) async fn open(address: SocketAddr, account: &Account) -> Result<Self> {
        let mut socket = Self::unspoken(address).await?;
        socket.shake_hands(address, account).await?;
        let mut greeted = false;
        while !greeted {
            let greets = |text: &[u8]| {
                greeted |= is_kind(text, "connection_established");
                Ok(())
            };
            socket.read(greets).await?;
        }
        Ok(socket)
    }

    /// A connection that speaks frames from its first byte, as the floors do.
    pub(crate) async fn unspoken(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, scanner: Scanner::default() })
    }

    async fn shake_hands(&mut self, address: SocketAddr, account: &Account) -> Result<()> {
        let request = format!(
            "GET /ws/chat/ HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\n\
             Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            account.access
        );
        self.stream.write_all(request.as_bytes()).await?;
        // Byte by byte: what follows the head is frames already.
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.stream.read_u8().await.context("during the handshake")?);
            ensure!(head.len() < ANSWER, "an endless handshake");
        }
        let head = String::from_utf8_lossy(&head);
        ensure!(head.starts_with("HTTP/1.1 101"), "the handshake answered: {head}");
        Ok(())
    }

    /// Says something in the global room.
    pub(crate) async fn say(&mut self, client_id: &ClientId) -> Result<()> {
        let message = ClientFrame::ChatMessage(ChatMessage {
            conversation_id: ConversationKey::Global,
            content: body_of(client_id),
            reply_to: None,
            client_id: Some(client_id.clone()),
        });
        let text = serde_json::to_string(&message)?;
        Ok(self.stream.write_all(&frames::from_client(&text)).await?)
    }

    /// Waits for bytes, reads once, and gives every text that is complete to `hear`.
    pub(crate) async fn read(&mut self, mut hear: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
        self.stream.readable().await?;
        let brought = BUFFER.with_borrow_mut(|buffer| match self.stream.try_read(buffer) {
            Ok(0) => bail!("the server hung up"),
            Ok(count) => self.scanner.feed(&buffer[..count], &mut hear),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(frames::Brought::default()),
            Err(error) => Err(error.into()),
        })?;
        if brought.ping {
            self.stream.write_all(&frames::pong()).await?;
        }
        Ok(())
    }
}

/// The content that belongs to a client id: different for every message, always of one length.
pub(crate) fn body_of(client_id: &ClientId) -> String {
    format!("{client_id:.<BODY$}", client_id = client_id.as_str())
}

/// Whether a server's frame is of this kind. Its `type` comes first.
pub(crate) fn is_kind(text: &[u8], kind: &str) -> bool {
    let rest = text.strip_prefix(br#"{"type":""#).and_then(|t| t.strip_prefix(kind.as_bytes()));
    rest.is_some_and(|rest| rest.starts_with(b"\""))
}

/// The number of the message that a frame carries; `None` for presence and its like.
pub(crate) fn message_seq(text: &[u8]) -> Option<i64> {
    if !is_kind(text, "new_message") && !is_kind(text, "message_sent") {
        return None;
    }
    let name = br#""seq":"#;
    let at = memchr::memmem::find(text, name)? + name.len();
    let digits = text[at..].iter().take_while(|byte| byte.is_ascii_digit());
    Some(digits.fold(0, |seq, digit| seq * 10 + i64::from(digit - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_a_message_is_read_without_parsing_it() {
        let new = br#"{"type":"new_message","message":{"id":"x","seq":4711,"content":"y"}}"#;
        assert_eq!(message_seq(new), Some(4711));
        assert_eq!(message_seq(br#"{"type":"user_presence","seq":1}"#), None);
    }

    #[test]
    fn bodies_differ_and_have_one_length() {
        let (one, two) = (body_of(&ClientId::new()), body_of(&ClientId::new()));
        assert_ne!(one, two);
        assert_eq!((one.len(), two.len()), (BODY, BODY));
    }
}
