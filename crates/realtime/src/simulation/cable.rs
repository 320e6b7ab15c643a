//! A connection with little room: it can be read slowly, and cut anywhere.

use std::io::{self, ErrorKind, IoSlice};
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::Notify;

use crate::Line;

/// The opcodes of RFC 6455 §5.2, with the bit that says that the frame is whole.
const TEXT: u8 = 0x81;
const CLOSE: u8 = 0x88;
/// In the second byte: the length follows in two bytes.
const MEDIUM: u8 = 126;

#[derive(Debug, Default)]
struct State {
    room: usize,
    bytes: Vec<u8>,
    cut: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Cable {
    state: Arc<Mutex<State>>,
    written: Arc<Notify>,
    read: Arc<Notify>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame {
    Text(String),
    Close(u16),
}

impl Cable {
    pub(super) fn with_room(room: usize) -> Self {
        let state = Arc::new(Mutex::new(State { room, ..State::default() }));
        Self { state, written: Arc::default(), read: Arc::default() }
    }

    /// Ends it for both sides; what nobody has read yet arrives, or is lost with it.
    pub(super) fn cut(&self, loses: bool) {
        let mut state = self.state();
        state.cut = true;
        if loses {
            state.bytes.clear();
        }
        drop(state);
        self.written.notify_one();
        self.read.notify_one();
    }

    /// Waits until the line takes something, or is cut.
    pub(super) async fn has_room(&self) {
        while !self.state().is_writable() {
            self.read.notified().await;
        }
    }

    /// Waits for bytes, and takes them all; `None` after the last of a cut line.
    pub(super) async fn bytes(&self) -> Option<Vec<u8>> {
        loop {
            if let Some(bytes) = self.state().take() {
                self.read.notify_one();
                return Some(bytes);
            }
            if self.state().cut {
                return None;
            }
            self.written.notified().await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }
}

impl State {
    fn is_writable(&self) -> bool {
        self.cut || self.room > 0
    }

    fn take(&mut self) -> Option<Vec<u8>> {
        self.room += self.bytes.len();
        (!self.bytes.is_empty()).then(|| std::mem::take(&mut self.bytes))
    }
}

impl Line for Cable {
    fn write(&self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut state = self.state();
        if state.cut {
            return Err(ErrorKind::BrokenPipe.into());
        }
        if state.room == 0 {
            return Err(ErrorKind::WouldBlock.into());
        }
        let before = state.bytes.len();
        for piece in pieces {
            let taken = piece.len().min(state.room);
            state.bytes.extend_from_slice(&piece[..taken]);
            state.room -= taken;
        }
        self.written.notify_one();
        Ok(state.bytes.len() - before)
    }
}

/// A frame that says why the server leaves.
pub(super) fn close_frame(code: u16) -> [u8; 4] {
    let [high, low] = code.to_be_bytes();
    [CLOSE, 2, high, low]
}

/// Takes the first frame off `bytes`; `None` where it is not complete yet.
pub(super) fn take_frame(bytes: &mut Vec<u8>) -> Result<Option<Frame>, String> {
    let (length, start) = match **bytes {
        [_, MEDIUM, high, low, ..] => (usize::from(u16::from_be_bytes([high, low])), 4),
        [_, MEDIUM, ..] | [] | [_] => return Ok(None),
        [_, length, ..] => (usize::from(length), 2),
    };
    let Some(payload) = bytes.get(start..start + length) else { return Ok(None) };
    let frame = match (bytes[0], payload) {
        (TEXT, text) => str::from_utf8(text).ok().map(|text| Frame::Text(text.to_owned())),
        (CLOSE, [high, low]) => Some(Frame::Close(u16::from_be_bytes([*high, *low]))),
        _ => None,
    };
    let frame = frame.ok_or_else(|| format!("no frame begins with {:?}", &bytes[..2]))?;
    bytes.drain(..start + length);
    Ok(Some(frame))
}
