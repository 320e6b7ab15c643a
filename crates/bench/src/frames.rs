//! Just enough of RFC 6455 to be thousands of clients on one core.

use anyhow::{Result, bail, ensure};

pub(crate) const TEXT: u8 = 0x1;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xA;
const FINAL: u8 = 0x80;
const MASKED: u8 = 0x80;
const LENGTH: u8 = 0x7F;
/// Any key will do for a client that no proxy stands before.
const KEY: [u8; 4] = [0x37, 0xFA, 0x21, 0x3D];

/// What one read brought, apart from texts.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Brought {
    /// What the last ping carried: its answer must carry the same (RFC 6455 §5.5.3).
    pub(crate) ping: Option<Vec<u8>>,
}

/// Cuts a server's byte stream into frames. Holds only what a read left incomplete.
#[derive(Debug, Default)]
pub(crate) struct Scanner {
    rest: Vec<u8>,
}

struct Frame<'a> {
    opcode: u8,
    payload: &'a [u8],
    size: usize,
}

impl Scanner {
    /// Gives each complete text to `hear`.
    ///
    /// # Errors
    /// A close frame, a fragment (this server never sends any), or what `hear` refuses.
    pub(crate) fn feed(
        &mut self,
        bytes: &[u8],
        hear: &mut impl FnMut(&[u8]) -> Result<()>,
    ) -> Result<Brought> {
        let mut brought = Brought::default();
        if self.rest.is_empty() {
            let used = scan(bytes, &mut brought, hear)?;
            self.rest.extend_from_slice(&bytes[used..]);
            return Ok(brought);
        }
        self.rest.extend_from_slice(bytes);
        let used = scan(&self.rest, &mut brought, hear)?;
        self.rest.drain(..used);
        if self.rest.is_empty() {
            self.rest = Vec::new();
        }
        Ok(brought)
    }
}

fn scan(
    bytes: &[u8],
    brought: &mut Brought,
    hear: &mut impl FnMut(&[u8]) -> Result<()>,
) -> Result<usize> {
    let mut used = 0;
    while let Some(frame) = first_frame(&bytes[used..])? {
        used += frame.size;
        match frame.opcode {
            TEXT => hear(frame.payload)?,
            PING => brought.ping = Some(frame.payload.to_vec()),
            CLOSE => bail!("the server closed with {}", close_code(frame.payload)),
            PONG => {}
            other => bail!("a frame with opcode {other}"),
        }
    }
    Ok(used)
}

/// `None` where the frame is not complete yet.
fn first_frame(bytes: &[u8]) -> Result<Option<Frame<'_>>> {
    let [first, second, rest @ ..] = bytes else { return Ok(None) };
    ensure!(first & FINAL != 0, "a fragmented frame");
    ensure!(second & MASKED == 0, "a server's frame is masked");
    let (length, header) = match (second & LENGTH, rest) {
        (126, [a, b, ..]) => (usize::from(u16::from_be_bytes([*a, *b])), 4),
        (126, _) => return Ok(None),
        (127, _) => bail!("a frame of more than 64 KiB"),
        (short, _) => (usize::from(short), 2),
    };
    let size = header + length;
    let payload = bytes.get(header..size);
    Ok(payload.map(|payload| Frame { opcode: first & 0x0F, payload, size }))
}

fn close_code(payload: &[u8]) -> u16 {
    payload.first_chunk().map_or(1005, |code| u16::from_be_bytes(*code))
}

/// A text as a client sends it.
pub(crate) fn from_client(text: &str) -> Vec<u8> {
    masked(TEXT, text.as_bytes())
}

/// The answer to a ping that carried this.
pub(crate) fn pong(payload: &[u8]) -> Vec<u8> {
    masked(PONG, payload)
}

fn masked(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = header(opcode, payload.len(), MASKED);
    frame.extend(KEY);
    frame.extend(payload.iter().zip(KEY.iter().cycle()).map(|(byte, key)| byte ^ key));
    frame
}

/// A text as a server sends it.
pub(crate) fn from_server(text: &str) -> Vec<u8> {
    let mut frame = header(TEXT, text.len(), 0);
    frame.extend_from_slice(text.as_bytes());
    frame
}

/// The first client's frame in `bytes`: how long it is, and the same as a server would send it.
/// `None` where it is not complete yet.
pub(crate) fn answered(bytes: &[u8]) -> Option<(usize, Vec<u8>)> {
    let length = usize::from(bytes.get(1)? & LENGTH);
    let (length, start) = match length {
        126 => (usize::from(u16::from_be_bytes(*bytes.get(2..)?.first_chunk()?)), 4),
        short => (short, 2),
    };
    let (key, rest) = bytes.get(start..)?.split_first_chunk::<4>()?;
    let payload = rest.get(..length)?;
    let mut frame = header(bytes[0] & 0x0F, length, 0);
    frame.extend(payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key));
    Some((start + 4 + length, frame))
}

fn header(opcode: u8, length: usize, mask: u8) -> Vec<u8> {
    match u8::try_from(length) {
        Ok(short) if short < 126 => vec![FINAL | opcode, mask | short],
        _ => {
            let [a, b] = u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes();
            vec![FINAL | opcode, mask | 126, a, b]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(scanner: &mut Scanner, bytes: &[u8]) -> Vec<String> {
        let mut heard = Vec::new();
        let mut hear = |text: &[u8]| {
            heard.push(String::from_utf8(text.to_vec()).unwrap());
            Ok(())
        };
        scanner.feed(bytes, &mut hear).unwrap();
        heard
    }

    #[test]
    fn frames_are_found_wherever_the_reads_cut_them() {
        let long = "x".repeat(300);
        let mut stream = from_server("one");
        stream.extend(from_server(&long));
        stream.extend(from_server("three"));
        for cut in 1..stream.len() {
            let mut scanner = Scanner::default();
            let mut heard = texts(&mut scanner, &stream[..cut]);
            heard.extend(texts(&mut scanner, &stream[cut..]));
            assert_eq!(heard, ["one", &long, "three"], "cut at {cut}");
            assert!(scanner.rest.is_empty());
        }
    }

    #[test]
    fn a_ping_is_noticed_and_a_close_ends_it() {
        let mut scanner = Scanner::default();
        let brought = scanner.feed(&[FINAL | PING, 1, b'x'], &mut |_| Ok(())).unwrap();
        assert_eq!(brought.ping.as_deref(), Some(&b"x"[..]));
        let close = [FINAL | CLOSE, 2, 0x0F, 0xA8];
        let error = scanner.feed(&close, &mut |_| Ok(())).unwrap_err();
        assert_eq!(error.to_string(), "the server closed with 4008");
    }

    #[test]
    fn a_clients_frame_is_answered_when_it_is_whole() {
        for text in ["hi".to_owned(), "y".repeat(300)] {
            let asked = from_client(&text);
            assert!((0..asked.len()).all(|cut| answered(&asked[..cut]).is_none()));
            assert_eq!(answered(&asked), Some((asked.len(), from_server(&text))));
        }
    }

    #[test]
    fn what_a_client_sends_is_masked() {
        let frame = from_client("hi");
        assert_eq!(frame[..6], [0x81, 0x82, 0x37, 0xFA, 0x21, 0x3D]);
        assert_eq!([frame[6] ^ KEY[0], frame[7] ^ KEY[1]], *b"hi");
    }
}
