//! Frames as bytes (RFC 6455 §5.2): a client that says what no library would.

use std::collections::VecDeque;

use test_support::PATIENCE;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::timeout;

use crate::site::{Member, Site};

pub(crate) const CONTINUATION: u8 = 0;
pub(crate) const TEXT: u8 = 1;
pub(crate) const BINARY: u8 = 2;
pub(crate) const CLOSE: u8 = 8;
pub(crate) const PING: u8 = 9;
pub(crate) const PONG: u8 = 10;

/// The code of a close frame that has none (§7.1.5).
pub(crate) const NO_CODE: u16 = 1005;

const FINAL: u8 = 0x80;
const RESERVED: u8 = 0x70;
const MASKED: u8 = 0x80;
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
/// What §1.3 derives from that key.
const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// One frame of a client.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    first: u8,
    mask: Option<[u8; 4]>,
    payload: Vec<u8>,
    /// The length that the header claims, if it is another one.
    claimed: Option<u64>,
}

/// A whole one, masked.
pub(crate) fn frame(opcode: u8, payload: impl AsRef<[u8]>) -> Frame {
    let payload = payload.as_ref().to_vec();
    Frame { first: FINAL | opcode, mask: Some(MASK), payload, claimed: None }
}

pub(crate) fn close(code: u16, reason: impl AsRef<[u8]>) -> Frame {
    frame(CLOSE, [&code.to_be_bytes()[..], reason.as_ref()].concat())
}

impl Frame {
    /// More of the message is to come.
    pub(crate) fn unfinished(mut self) -> Self {
        self.first &= !FINAL;
        self
    }

    /// With reserved bits, `0..=7`.
    pub(crate) fn reserved(mut self, bits: u8) -> Self {
        self.first |= bits << 4;
        self
    }

    pub(crate) fn masked(mut self, mask: Option<[u8; 4]>) -> Self {
        self.mask = mask;
        self
    }

    pub(crate) fn claiming(mut self, length: u64) -> Self {
        self.claimed = Some(length);
        self
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![self.first];
        let masked = self.mask.map_or(0, |_| MASKED);
        match self.claimed.unwrap_or(self.payload.len() as u64) {
            short @ 0..=125 => bytes.push(masked | short as u8),
            medium @ 126..=0xffff => {
                bytes.push(masked | 126);
                bytes.extend((medium as u16).to_be_bytes());
            }
            long => {
                bytes.push(masked | 127);
                bytes.extend(long.to_be_bytes());
            }
        }
        bytes.extend(self.mask.into_iter().flatten());
        let key = self.mask.unwrap_or_default().into_iter().cycle();
        bytes.extend(self.payload.iter().zip(key).map(|(byte, key)| byte ^ key));
        bytes
    }
}

/// What comes from the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Heard {
    Text(String),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(u16),
    End,
    /// The connection is gone without an end.
    Reset,
}

/// A client over bare TCP: it can speak while it listens.
pub(crate) struct Peer {
    pub(crate) mouth: Mouth,
    pub(crate) ear: Ear,
}

pub(crate) struct Mouth(OwnedWriteHalf);

pub(crate) struct Ear {
    stream: OwnedReadHalf,
    unread: VecDeque<u8>,
}

impl Peer {
    /// Somebody who is let in, past the greeting. `offer` is a header line of the handshake.
    pub(crate) async fn of(site: &Site, member: &Member, offer: &str) -> Self {
        let stream = TcpStream::connect(site.address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let (reader, writer) = stream.into_split();
        let ear = Ear { stream: reader, unread: VecDeque::new() };
        let mut peer = Self { mouth: Mouth(writer), ear };
        let request = format!(
            "GET /ws/chat/ HTTP/1.1\r\nHost: sphere.example\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\
             {offer}Authorization: Bearer {}\r\n\r\n",
            member.access
        );
        peer.mouth.say(&[request.into_bytes()]).await;
        peer.ear.handshake().await;
        let Heard::Text(hello) = peer.ear.next().await else { panic!("greeted") };
        assert!(hello.contains("connection_established"), "{hello}");
        peer
    }
}

impl Mouth {
    /// Sends the pieces one by one. A server that has heard enough may be gone before the last.
    pub(crate) async fn say(&mut self, pieces: &[Vec<u8>]) {
        for piece in pieces {
            if self.0.write_all(piece).await.is_err() {
                return;
            }
            tokio::task::yield_now().await;
        }
    }
}

impl Ear {
    async fn handshake(&mut self) {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            head.push(char::from(self.byte().await.expect("an answer")));
        }
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        assert!(head.contains(ACCEPT), "{head}");
        let head = head.to_lowercase();
        assert!(!head.contains("sec-websocket-extensions"), "none is spoken: {head}");
    }

    /// The next frame, which has to be one that a server may send.
    pub(crate) async fn next(&mut self) -> Heard {
        timeout(PATIENCE, self.frame()).await.expect("something is heard").unwrap_or_else(|end| end)
    }

    async fn frame(&mut self) -> Result<Heard, Heard> {
        let (first, second) = (self.byte().await?, self.byte().await?);
        assert_eq!(first & RESERVED, 0, "no extension was agreed on");
        assert_ne!(first & FINAL, 0, "whole frames");
        assert_eq!(second & MASKED, 0, "a server does not mask");
        let length = match second {
            126 => self.number(2).await?,
            127 => self.number(8).await?,
            short => usize::from(short),
        };
        let mut payload = Vec::with_capacity(length);
        while payload.len() < length {
            payload.push(self.byte().await?);
        }
        Ok(understood(first & !FINAL, payload))
    }

    async fn number(&mut self, bytes: usize) -> Result<usize, Heard> {
        let mut number = 0;
        for _ in 0..bytes {
            number = number << 8 | usize::from(self.byte().await?);
        }
        Ok(number)
    }

    async fn byte(&mut self) -> Result<u8, Heard> {
        loop {
            if let Some(byte) = self.unread.pop_front() {
                return Ok(byte);
            }
            let mut buffer = [0; 4096];
            match self.stream.read(&mut buffer).await {
                Ok(0) => return Err(Heard::End),
                Ok(read) => self.unread.extend(&buffer[..read]),
                Err(_) => return Err(Heard::Reset),
            }
        }
    }
}

fn understood(opcode: u8, payload: Vec<u8>) -> Heard {
    assert!(opcode < CLOSE || payload.len() <= 125, "a control frame is short");
    match (opcode, payload.as_slice()) {
        (TEXT, _) => Heard::Text(String::from_utf8(payload).expect("UTF-8")),
        (PING, _) => Heard::Ping(payload),
        (PONG, _) => Heard::Pong(payload),
        (CLOSE, []) => Heard::Close(NO_CODE),
        (CLOSE, [high, low, reason @ ..]) => {
            str::from_utf8(reason).expect("a reason in UTF-8");
            Heard::Close(u16::from_be_bytes([*high, *low]))
        }
        _ => panic!("no server sends this: {opcode} {payload:?}"),
    }
}
