//! One client of `/ws/chat/`, with no buffer of its own: thousands of them share one.

use std::cell::RefCell;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use rustix::net::sockopt::set_socket_linger;
use tokio::net::TcpStream;
use wire::live::{ChatMessage, ClientFrame};
use wire::{ClientId, ConversationKey};

use crate::accounts::Account;
use crate::frames::{self, Scanner};

/// What every message carries, in bytes.
const BODY: usize = 128;
/// An answer to a handshake is shorter.
const ANSWER: usize = 4096;

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; 64 * 1024]);
}

#[derive(Debug)]
pub(crate) struct Socket {
    line: Line,
    scanner: Scanner,
}

/// The writing side of a socket, for somebody who speaks while another task listens.
#[derive(Debug, Clone)]
pub(crate) struct Line(Arc<TcpStream>);

impl Socket {
    /// A socket of `account`, greeted by the server.
    pub(crate) async fn open(address: SocketAddr, account: &Account) -> Result<Self> {
        let mut socket = Self::handshaken(address, "/ws/chat/", &account.access).await?;
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

    /// A socket at `path` that nobody has greeted yet.
    pub(crate) async fn handshaken(address: SocketAddr, path: &str, access: &str) -> Result<Self> {
        let mut socket = Self::unspoken(address).await?;
        socket.shake_hands(address, path, access).await?;
        Ok(socket)
    }

    /// A connection that speaks frames from its first byte, as the floors do.
    pub(crate) async fn unspoken(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { line: Line(Arc::new(stream)), scanner: Scanner::default() })
    }

    async fn shake_hands(&mut self, address: SocketAddr, path: &str, access: &str) -> Result<()> {
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {access}\r\n\
             Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        );
        self.line.write(request.as_bytes()).await?;
        // One byte past the head would be a frame already: look first, then take as much as it is.
        let mut answer = [0; ANSWER];
        loop {
            let seen = self.line.0.peek(&mut answer).await.context("during the handshake")?;
            if let Some(end) = memchr::memmem::find(&answer[..seen], b"\r\n\r\n") {
                let taken = self.line.0.try_read(&mut answer[..end + 4])?;
                ensure!(taken == end + 4, "a torn handshake");
                break;
            }
            ensure!(0 < seen && seen < ANSWER, "no end of the handshake's answer");
        }
        ensure!(
            answer.starts_with(b"HTTP/1.1 101"),
            "the handshake answered: {}",
            String::from_utf8_lossy(&answer[..64])
        );
        Ok(())
    }

    /// Says something in the global room.
    pub(crate) async fn say(&mut self, client_id: &ClientId) -> Result<()> {
        self.line.say(ConversationKey::Global, client_id, body_of(client_id)).await
    }

    /// For somebody who speaks while another task listens.
    pub(crate) fn line(&self) -> Line {
        self.line.clone()
    }

    /// Lets the connection break instead of ending: dropping it sends a reset.
    pub(crate) fn breaks_when_dropped(&self) -> Result<()> {
        Ok(set_socket_linger(&*self.line.0, Some(std::time::Duration::ZERO))?)
    }

    /// Waits for bytes, reads once, and gives every text that is complete to `hear`. Whether a ping
    /// was among them; it is answered.
    pub(crate) async fn read(&mut self, mut hear: impl FnMut(&[u8]) -> Result<()>) -> Result<bool> {
        let stream = &self.line.0;
        stream.readable().await?;
        let brought = BUFFER.with_borrow_mut(|buffer| match stream.try_read(buffer) {
            Ok(0) => bail!("the server hung up"),
            Ok(count) => self.scanner.feed(&buffer[..count], &mut hear),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(frames::Brought::default()),
            Err(error) => Err(error.into()),
        })?;
        if let Some(payload) = &brought.ping {
            self.line.write(&frames::pong(payload)).await?;
        }
        Ok(brought.ping.is_some())
    }
}

impl Line {
    pub(crate) async fn send(&self, frame: &ClientFrame) -> Result<()> {
        let text = serde_json::to_string(frame)?;
        Ok(self.write(&frames::from_client(&text)).await?)
    }

    pub(crate) async fn say(
        &self,
        conversation_id: ConversationKey,
        client_id: &ClientId,
        content: String,
    ) -> Result<()> {
        let client_id = Some(client_id.clone());
        let message = ChatMessage { conversation_id, content, reply_to: None, client_id };
        self.send(&ClientFrame::ChatMessage(message)).await
    }

    /// What a client sends is far smaller than the kernel's buffer, so a frame is never cut.
    async fn write(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            self.0.writable().await?;
            match self.0.try_write(bytes) {
                Ok(written) => bytes = &bytes[written..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
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
