//! A line that ends in memory.

use std::io::{self, ErrorKind, IoSlice};
use std::sync::{Arc, Mutex};

use tokio::sync::Notify;

use crate::Line;

#[derive(Debug, Default)]
struct State {
    room: usize,
    cut: bool,
    writes: usize,
    bytes: Vec<u8>,
}

/// Takes bytes while it has room.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pipe(Arc<Mutex<State>>, Arc<Notify>);

impl Pipe {
    pub(crate) fn with_room(room: usize) -> Self {
        Self(Arc::new(Mutex::new(State { room, ..State::default() })), Arc::default())
    }

    pub(crate) fn make_room(&self, room: usize) {
        self.0.lock().unwrap().room = room;
    }

    pub(crate) fn cut(&self) {
        self.0.lock().unwrap().cut = true;
    }

    /// Waits for the next write, if there was none since the last wait.
    pub(crate) async fn written(&self) {
        self.1.notified().await;
    }

    pub(crate) fn writes(&self) -> usize {
        self.0.lock().unwrap().writes
    }

    /// The texts of the short frames that came through.
    pub(crate) fn texts(&self) -> Vec<String> {
        self.parsed().0
    }

    /// What comes after them.
    pub(crate) fn rest(&self) -> Vec<u8> {
        self.parsed().1
    }

    fn parsed(&self) -> (Vec<String>, Vec<u8>) {
        let mut rest = &self.0.lock().unwrap().bytes[..];
        let mut texts = Vec::new();
        while let [0x81, length @ 0..=125, after @ ..] = rest {
            let (text, next) = after.split_at(usize::from(*length));
            texts.push(String::from_utf8(text.to_vec()).unwrap());
            rest = next;
        }
        (texts, rest.to_vec())
    }
}

impl Line for Pipe {
    fn write(&self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut state = self.0.lock().unwrap();
        if state.cut {
            return Err(ErrorKind::BrokenPipe.into());
        }
        if state.room == 0 {
            return Err(ErrorKind::WouldBlock.into());
        }
        state.writes += 1;
        self.1.notify_one();
        let before = state.bytes.len();
        for piece in pieces {
            let taken = piece.len().min(state.room);
            state.bytes.extend_from_slice(&piece[..taken]);
            state.room -= taken;
        }
        Ok(state.bytes.len() - before)
    }
}
