//! What stands between everybody who speaks to a subscriber and its connection.
//!
//! Whoever tells a subscriber something writes it to the connection at once: nobody is woken for it,
//! and nothing is queued. Only what the connection does not take waits here, within bounds, and the
//! subscriber's own task sees it off.

use std::collections::VecDeque;
use std::fmt::Debug;
use std::io::{self, ErrorKind, IoSlice};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::{Buf, Bytes};
use tokio::sync::Notify;

use crate::telling::Telling;

/// Most frames that may wait for one subscriber.
const FRAME_BOUND: usize = 256;
/// Most bytes that may wait for one subscriber.
const BYTE_BOUND: usize = 1024 * 1024;
/// Beyond this share of either bound, frames that may be lost are lost.
const PRESSURE_DIVISOR: usize = 2;
/// Pieces that one write may carry.
const PIECES: usize = 64;
/// The code of a connection that broke without a word; it is never sent (RFC 6455 §7.4.1).
pub const GONE: u16 = 1006;

/// The way to the subscriber: bytes go in, in order, or they do not.
pub trait Line: Debug + Send + Sync {
    /// Takes as many bytes of the pieces as it can without waiting.
    ///
    /// # Errors
    /// [`ErrorKind::WouldBlock`] when it can take none now; any other error is its end.
    fn write(&self, pieces: &[IoSlice<'_>]) -> io::Result<usize>;
}

/// Whole frames, one or more, of which some bytes may be on their way already.
#[derive(Debug)]
struct Piece {
    bytes: Bytes,
    frames: usize,
    begun: bool,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: VecDeque<Piece>,
    frames: usize,
    bytes: usize,
    closed: Option<u16>,
    /// The subscriber's task has the first word, and has not said it yet.
    ungreeted: bool,
}

/// What a subscriber's task has to see to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// Something waits for the line to take more.
    Waiting,
    /// The subscriber is over: the code to leave with. What was told before it has gone out, except
    /// after an overflow, where it is discarded because it can no longer be continuous.
    Closed(u16),
}

/// The bounded way out to one subscriber.
#[derive(Debug)]
pub struct Outbox {
    line: Box<dyn Line>,
    queue: Mutex<Queue>,
    bell: Notify,
    overflow_code: u16,
    hung_up: AtomicBool,
}

impl Outbox {
    /// `overflow_code` is what a subscriber is closed with that lets its queue fill up.
    pub fn new(line: impl Line + 'static, overflow_code: u16) -> Self {
        Self {
            line: Box::new(line),
            queue: Mutex::default(),
            bell: Notify::new(),
            overflow_code,
            hung_up: AtomicBool::new(false),
        }
    }

    /// Keeps back what is told until the subscriber's task has said its first word.
    #[must_use]
    pub fn until_greeted(mut self) -> Self {
        self.queue.get_mut().unwrap_or_else(PoisonError::into_inner).ungreeted = true;
        self
    }

    /// Tells the subscriber. A full queue closes it instead: skipping a frame silently is the one
    /// thing that must never happen.
    pub fn tell(&self, telling: &Telling) {
        let mut queue = self.lock();
        if queue.closed.is_some() {
            return;
        }
        let was_waiting = queue.ungreeted || !queue.waiting.is_empty();
        if was_waiting {
            queue.hold_back(telling);
        } else {
            self.pass_on(&mut queue, &telling.whole, telling.frames.len());
        }
        if queue.is_over_full() {
            queue.overflow(self.overflow_code);
        }
        if let Some(code) = telling.close {
            queue.closed.get_or_insert(code);
        }
        let is_news = queue.closed.is_some() || (!was_waiting && !queue.waiting.is_empty());
        drop(queue);
        if is_news {
            self.bell.notify_one();
        }
    }

    /// What the subscriber's own task has to say: answers, and the last word after a close. Such
    /// bytes are not bounded, because the task waits for the line before it says more.
    pub fn say(&self, bytes: Bytes) {
        let mut queue = self.lock();
        if std::mem::take(&mut queue.ungreeted) {
            queue.wait_first(Piece { bytes, frames: 1, begun: false });
            drop(queue);
            self.flush();
        } else if queue.waiting.is_empty() {
            self.pass_on(&mut queue, &bytes, 1);
        } else {
            queue.wait(Piece { bytes, frames: 1, begun: false });
        }
    }

    /// Ends the subscriber after what waits already. The first reason counts.
    pub fn close(&self, code: u16) {
        self.lock().closed.get_or_insert(code);
        self.bell.notify_one();
    }

    /// Waits until there is something for the subscriber's task to do.
    pub async fn news(&self) -> News {
        loop {
            if let Some(news) = self.lock().news() {
                return news;
            }
            self.bell.notified().await;
        }
    }

    /// Writes as much of what waits as the line takes. Whether nothing is left.
    pub fn flush(&self) -> bool {
        let mut queue = self.lock();
        while !queue.waiting.is_empty() {
            let written = self.line.write(&queue.pieces());
            match written {
                Ok(written) if written > 0 => queue.advance(written),
                Ok(_) => return false,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return false,
                Err(_) => queue.overflow(GONE),
            }
        }
        queue.forget();
        true
    }

    /// How many frames wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.lock().frames
    }

    /// The subscriber left; the hub forgets it at the next look.
    pub(crate) fn hang_up(&self) {
        self.hung_up.store(true, Ordering::Release);
        self.close(GONE);
    }

    pub(crate) fn has_hung_up(&self) -> bool {
        self.hung_up.load(Ordering::Acquire)
    }

    /// Straight to the line; what it does not take waits.
    fn pass_on(&self, queue: &mut Queue, bytes: &Bytes, frames: usize) {
        if bytes.is_empty() {
            return;
        }
        match self.line.write(&[IoSlice::new(bytes)]) {
            Ok(written) if written == bytes.len() => {}
            Ok(written) => {
                let rest = bytes.slice(written..);
                queue.wait(Piece { bytes: rest, frames, begun: written > 0 });
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                queue.wait(Piece { bytes: bytes.clone(), frames, begun: false });
            }
            Err(_) => queue.overflow(GONE),
        }
    }

    /// A panic while the lock was held cannot have left a half-made queue: every change is one step.
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn news(&self) -> Option<News> {
        if self.waiting.is_empty() { self.closed.map(News::Closed) } else { Some(News::Waiting) }
    }

    /// Nothing waits for the sake of no bytes: no line could ever take them.
    fn wait(&mut self, piece: Piece) {
        if piece.bytes.is_empty() {
            return;
        }
        self.frames += piece.frames;
        self.bytes += piece.bytes.len();
        self.waiting.push_back(piece);
    }

    fn wait_first(&mut self, piece: Piece) {
        if piece.bytes.is_empty() {
            return;
        }
        self.frames += piece.frames;
        self.bytes += piece.bytes.len();
        self.waiting.push_front(piece);
    }

    /// Behind what waits already.
    fn hold_back(&mut self, telling: &Telling) {
        for frame in &telling.frames {
            if !(frame.is_droppable() && self.is_pressed()) {
                self.wait(Piece { bytes: frame.wire().clone(), frames: 1, begun: false });
            }
        }
    }

    fn is_over_full(&self) -> bool {
        self.frames > FRAME_BOUND || self.bytes > BYTE_BOUND
    }

    fn is_pressed(&self) -> bool {
        self.frames >= FRAME_BOUND / PRESSURE_DIVISOR || self.bytes >= BYTE_BOUND / PRESSURE_DIVISOR
    }

    /// Ends the subscriber now. A frame that is half out is finished: the close that follows has to
    /// begin where a frame begins.
    fn overflow(&mut self, code: u16) {
        self.waiting.retain(|piece| piece.begun && code != GONE);
        self.frames = self.waiting.iter().map(|piece| piece.frames).sum();
        self.bytes = self.waiting.iter().map(|piece| piece.bytes.len()).sum();
        self.closed.get_or_insert(code);
    }

    fn pieces(&self) -> Vec<IoSlice<'_>> {
        self.waiting.iter().take(PIECES).map(|piece| IoSlice::new(&piece.bytes)).collect()
    }

    fn advance(&mut self, mut written: usize) {
        self.bytes -= written;
        while let Some(piece) = self.waiting.front_mut() {
            if written < piece.bytes.len() {
                piece.bytes.advance(written);
                piece.begun |= written > 0;
                return;
            }
            written -= piece.bytes.len();
            self.frames -= piece.frames;
            self.waiting.pop_front();
        }
    }

    /// An idle subscriber keeps no buffer: there may be a hundred thousand of them.
    fn forget(&mut self) {
        self.waiting = VecDeque::new();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::Frame;
    use crate::testing::Pipe;

    fn frame(text: &str) -> Telling {
        Frame::durable(text).into()
    }

    fn outbox(room: usize) -> (Arc<Outbox>, Pipe) {
        let pipe = Pipe::with_room(room);
        (Arc::new(Outbox::new(pipe.clone(), 4008)), pipe)
    }

    #[test]
    fn what_the_line_takes_does_not_wait() {
        let (outbox, pipe) = outbox(usize::MAX);
        outbox.tell(&frame("a"));
        outbox.tell(&Telling::new(vec![Frame::durable("b"), Frame::durable("c")], None));
        assert_eq!(pipe.texts(), ["a", "b", "c"]);
        assert_eq!(pipe.writes(), 2, "what is told together is written together");
        assert_eq!(outbox.waiting(), 0);
    }

    #[test]
    fn the_greeting_comes_before_whatever_was_told_meanwhile() {
        let pipe = Pipe::with_room(usize::MAX);
        let outbox = Outbox::new(pipe.clone(), 4008).until_greeted();
        outbox.tell(&frame("early"));
        assert!(pipe.texts().is_empty());
        outbox.say(Frame::durable("welcome").wire().clone());
        outbox.tell(&frame("later"));
        assert_eq!(pipe.texts(), ["welcome", "early", "later"]);
        let wordless = Outbox::new(pipe.clone(), 4008).until_greeted();
        wordless.say(Bytes::new());
        assert_eq!(wordless.waiting(), 0);
    }

    #[tokio::test]
    async fn the_rest_waits_in_order_and_then_comes_the_reason() {
        let (outbox, pipe) = outbox(4);
        outbox.tell(&frame("first"));
        outbox.tell(&frame("second"));
        outbox.close(1012);
        outbox.tell(&frame("too late"));
        assert_eq!(outbox.news().await, News::Waiting);
        assert!(!outbox.flush(), "the line takes nothing");
        pipe.make_room(usize::MAX);
        assert!(outbox.flush());
        assert_eq!(pipe.texts(), ["first", "second"]);
        assert_eq!(outbox.news().await, News::Closed(1012));
    }

    #[tokio::test]
    async fn a_slow_reader_is_told_to_resume_never_skipped() {
        let (outbox, pipe) = outbox(4);
        for n in 0..=FRAME_BOUND {
            outbox.tell(&frame(&format!("frame {n}")));
        }
        outbox.say(Bytes::from_static(b"\x88\x00"));
        pipe.make_room(usize::MAX);
        assert!(outbox.flush());
        assert_eq!(pipe.texts(), ["frame 0"], "the begun one is finished, no other is delivered");
        assert_eq!(pipe.rest(), b"\x88\x00", "and the close stands behind it");
        assert_eq!(outbox.news().await, News::Closed(4008));
    }

    #[tokio::test]
    async fn the_queue_is_bounded_in_bytes_too() {
        let (outbox, _pipe) = outbox(0);
        let large = frame(&"x".repeat(60 * 1024));
        for _ in 0..18 {
            outbox.tell(&large);
        }
        assert_eq!(outbox.news().await, News::Closed(4008));
    }

    #[test]
    fn under_pressure_only_droppable_frames_are_lost() {
        let (outbox, _pipe) = outbox(0);
        let typing = Telling::from(Frame::droppable("typing"));
        for _ in 0..FRAME_BOUND {
            outbox.tell(&typing);
        }
        assert_eq!(outbox.waiting(), FRAME_BOUND / PRESSURE_DIVISOR);
        outbox.tell(&frame("message"));
        assert_eq!(outbox.waiting(), FRAME_BOUND / PRESSURE_DIVISOR + 1);
    }

    #[tokio::test]
    async fn a_line_that_breaks_is_the_end() {
        let (outbox, pipe) = outbox(0);
        outbox.tell(&frame("a"));
        pipe.cut();
        assert!(outbox.flush());
        assert_eq!(outbox.news().await, News::Closed(GONE));
    }

    #[tokio::test]
    async fn a_task_that_waits_is_woken() {
        let (outbox, _pipe) = outbox(0);
        let task = {
            let outbox = outbox.clone();
            tokio::spawn(async move { outbox.news().await })
        };
        tokio::task::yield_now().await;
        outbox.tell(&frame("hello"));
        assert_eq!(task.await.unwrap(), News::Waiting);
    }
}
