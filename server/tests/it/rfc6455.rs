//! The server's side of RFC 6455: a table of conversations, each over a connection of its own.

use std::time::{Duration, Instant};

use futures_util::future::join;
use futures_util::stream::{self, StreamExt};
use serde_json::Value;

use crate::rfc6455_cases::{fragments, framing, limits, opcodes, pings, reserved_bits, unmasked};
use crate::rfc6455_frames::{CLOSE, Ear, Frame, Heard, Mouth, PING, Peer, close, frame};
use crate::rfc6455_texts::{closing, texts};
use crate::site::{Member, Site};

/// When the server no longer waits for a client to leave.
const FAREWELL: Duration = Duration::from_secs(2);
/// Conversations at a time.
const AT_ONCE: usize = 32;
/// What shows that a socket is still open.
const PROBE: &[u8] = b"still there?";

/// What a client sends, and what comes of it.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) sent: Vec<Frame>,
    pub(crate) cut: Cut,
    pub(crate) replies: Vec<Reply>,
    pub(crate) end: End,
}

/// How the bytes are divided over writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    No,
    Frames,
    Every(usize),
    /// Once.
    After(usize),
}

/// One answer; they come in the order of what they answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reply {
    /// The text that [`echo`] made was understood, to the last letter.
    Echo(String),
    /// A message was taken that is no command.
    Taken,
    Pong(Vec<u8>),
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum End {
    Open,
    /// The server closes with one of these codes, and with nothing lost.
    Closed(&'static [u16]),
    /// It answers the client's own close. What was said after that may end in a reset.
    Answered(&'static [u16]),
}

/// A command that nobody knows: its refusal repeats `word`. `length` bytes, or as short as it can be.
pub(crate) fn echo(word: &str, length: usize) -> Vec<u8> {
    let (start, end) = (r#"{"type":"echo","#, format!(r#""client_id":"{word}"}}"#));
    let padding = length.saturating_sub(start.len() + end.len());
    format!("{start}{}{end}", " ".repeat(padding)).into_bytes()
}

impl Case {
    pub(crate) fn new(name: impl Into<String>, sent: Vec<Frame>) -> Self {
        Self { name: name.into(), sent, cut: Cut::No, replies: Vec::new(), end: End::Open }
    }

    pub(crate) fn cut(mut self, cut: Cut) -> Self {
        self.name = format!("{}, cut: {cut:?}", self.name);
        self.cut = cut;
        self
    }

    pub(crate) fn answered(mut self, replies: impl Into<Vec<Reply>>) -> Self {
        self.replies = replies.into();
        self
    }

    pub(crate) fn closed(mut self, codes: &'static [u16]) -> Self {
        self.end = End::Closed(codes);
        self
    }

    pub(crate) fn close_answered(mut self, codes: &'static [u16]) -> Self {
        self.end = End::Answered(codes);
        self
    }

    fn pieces(&self) -> Vec<Vec<u8>> {
        let probe = matches!(self.end, End::Open).then(|| frame(PING, PROBE));
        let frames: Vec<_> = self.sent.iter().chain(&probe).map(Frame::bytes).collect();
        let whole = frames.concat();
        match self.cut {
            Cut::Frames => frames,
            Cut::No => vec![whole],
            Cut::Every(bytes) => whole.chunks(bytes).map(<[u8]>::to_vec).collect(),
            Cut::After(bytes) => vec![whole[..bytes].to_vec(), whole[bytes..].to_vec()],
        }
    }

    /// What was heard instead of what had to be.
    async fn play(&self, site: &Site, member: &Member) -> Result<(), String> {
        let Peer { mut mouth, mut ear } = Peer::of(site, member, "").await;
        let (pieces, begun) = (self.pieces(), Instant::now());
        let listening = async {
            for reply in &self.replies {
                let heard = ear.next().await;
                if read(&heard).as_ref() != Some(reply) {
                    return Err(format!("{}: {heard:?} instead of {reply:?}", self.name));
                }
            }
            Ok(ear.next().await)
        };
        let last = join(mouth.say(&pieces), listening).await.1?;
        let heard = self.hear_out(last, &mut mouth, &mut ear).await;
        // A connection that is over is left by the server first (§7.1.1).
        if begun.elapsed() >= FAREWELL {
            return Err(format!("{}: left to the client to end", self.name));
        }
        heard.map_err(|heard| format!("{}: {heard:?} instead of {:?}", self.name, self.end))
    }

    /// From the last frame to the end of the connection.
    async fn hear_out(
        &self,
        last: Heard,
        mouth: &mut Mouth,
        ear: &mut Ear,
    ) -> Result<(), [Heard; 2]> {
        let codes = match self.end {
            End::Open if last == Heard::Pong(PROBE.into()) => return Ok(()),
            End::Open => &[],
            End::Closed(codes) => {
                mouth.say(&[close(1000, "").bytes()]).await;
                codes
            }
            End::Answered(codes) => codes,
        };
        let after = ear.next().await;
        let may_reset = matches!(self.end, End::Answered(_));
        let is_end = after == Heard::End || (may_reset && after == Heard::Reset);
        let is_right = matches!(last, Heard::Close(code) if codes.contains(&code));
        if is_right && is_end { Ok(()) } else { Err([last, after]) }
    }
}

fn read(heard: &Heard) -> Option<Reply> {
    let text = match heard {
        Heard::Pong(payload) => return Some(Reply::Pong(payload.clone())),
        Heard::Text(text) => text,
        _ => return None,
    };
    let refusal: Value = serde_json::from_str(text).ok()?;
    match refusal["code"].as_str()? {
        "invalid_json" => Some(Reply::Taken),
        "unknown_type" => Some(Reply::Echo(refusal["client_id"].as_str()?.to_owned())),
        _ => None,
    }
}

async fn play(cases: Vec<Case>) {
    let site = Site::sqlite().await;
    let ada = site.member("ada").await;
    let count = cases.len();
    let playing = stream::iter(&cases).map(|case| case.play(&site, &ada));
    let failed: Vec<_> =
        playing.buffer_unordered(AT_ONCE).filter_map(async |played| played.err()).collect().await;
    assert!(count > 800, "a table that has shrunk: {count}");
    assert!(failed.is_empty(), "{} of {count}:\n{}", failed.len(), failed.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_conversation_goes_as_the_protocol_says() {
    let families = [
        framing(),
        unmasked(),
        pings(),
        reserved_bits(),
        opcodes(),
        fragments(),
        texts(),
        closing(),
        limits(),
    ];
    play(families.into_iter().flatten().collect()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_to_compress_is_not_taken_up() {
    let site = Site::sqlite().await;
    let ada = site.member("ada").await;
    let offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
    let mut peer = Peer::of(&site, &ada, offer).await;
    peer.mouth.say(&[frame(CLOSE, "").reserved(4).bytes()]).await;
    assert_eq!(peer.ear.next().await, Heard::Close(1002));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opening_that_is_wrong_is_refused_with_the_version_to_come_back_with() {
    let site = Site::sqlite().await;
    let right = [
        "Connection: keep-alive, Upgrade",
        "Upgrade: WebSocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ];
    for (place, wrong) in [
        (0, "Connection: keep-alive"),
        (1, "Upgrade: h2c"),
        (1, "Accept: */*"),
        (2, "Sec-WebSocket-Version: 8"),
        (2, "Accept: */*"),
        (3, "Sec-WebSocket-Key: dGhlIHNhbXBsZQ=="),
        (3, "Sec-WebSocket-Key: the sample nonce"),
        (3, "Accept: */*"),
    ] {
        let mut lines = right;
        lines[place] = wrong;
        let request = format!(
            "GET /ws/chat/ HTTP/1.1\r\nHost: sphere.example\r\n{}\r\n\
             GET /healthz HTTP/1.1\r\nHost: sphere.example\r\nConnection: close\r\n\r\n",
            lines.map(|line| format!("{line}\r\n")).concat()
        );
        let answer = site.raw(request.as_bytes()).await.to_lowercase();
        assert!(answer.starts_with("http/1.1 400 "), "{wrong}: {answer}");
        assert!(answer.contains("\r\nsec-websocket-version: 13\r\n"), "{wrong}: {answer}");
        assert!(answer.contains("http/1.1 200 "), "still HTTP, {wrong}: {answer}");
    }
}
