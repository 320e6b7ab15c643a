//! The queue between everybody who speaks to a subscriber and the one task that writes to it.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;

/// Most frames that may wait for one subscriber.
const FRAME_BOUND: usize = 256;
/// Most bytes that may wait for one subscriber.
const BYTE_BOUND: usize = 1024 * 1024;
/// Places that an idle subscriber keeps, so that a lone frame costs no allocation.
const KEPT: usize = 4;
/// Beyond this share of either bound, frames that may be lost are lost.
const PRESSURE_DIVISOR: usize = 2;

/// One encoded frame, shared by everybody it goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    pub bytes: Bytes,
    /// Whether it may be dropped for a subscriber that falls behind (typing, presence).
    pub droppable: bool,
}

impl Frame {
    /// A frame that must arrive, or the subscriber is told to come back and resume.
    pub fn durable(bytes: impl Into<Bytes>) -> Self {
        Self { bytes: bytes.into(), droppable: false }
    }

    /// A frame that may be lost under pressure.
    pub fn droppable(bytes: impl Into<Bytes>) -> Self {
        Self { bytes: bytes.into(), droppable: true }
    }
}

#[derive(Debug, Default)]
struct Queue {
    frames: VecDeque<Frame>,
    bytes: usize,
    closed: Option<u16>,
}

/// What a subscriber's task got when it asked for more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drained {
    /// Frames were taken.
    Frames,
    /// The subscriber is over: the close code to leave with. What waited was taken first, except
    /// after an overflow, where it is discarded because it can no longer be continuous.
    Closed(u16),
}

/// A bounded queue of frames with one reader.
#[derive(Debug)]
pub struct Outbox {
    queue: Mutex<Queue>,
    bell: Notify,
    overflow_code: u16,
}

impl Outbox {
    /// `overflow_code` is what a subscriber is closed with that lets its queue fill up.
    #[must_use]
    pub fn new(overflow_code: u16) -> Self {
        Self { queue: Mutex::default(), bell: Notify::new(), overflow_code }
    }

    /// Queues a frame. A full queue closes the subscriber instead: skipping a frame silently is
    /// the one thing that must never happen.
    pub fn push(&self, frame: &Frame) {
        let mut queue = self.lock();
        if queue.closed.is_some() || (frame.droppable && queue.is_pressed()) {
            return;
        }
        if queue.is_full(frame.bytes.len()) {
            *queue = Queue { closed: Some(self.overflow_code), ..Queue::default() };
        } else {
            queue.bytes += frame.bytes.len();
            queue.frames.push_back(frame.clone());
        }
        drop(queue);
        self.bell.notify_one();
    }

    /// Ends the subscriber after what waits already. The first reason counts.
    pub fn close(&self, code: u16) {
        self.lock().closed.get_or_insert(code);
        self.bell.notify_one();
    }

    /// Waits until there is something, then moves up to `most` frames into `into`.
    pub async fn drain(&self, into: &mut Vec<Frame>, most: usize) -> Drained {
        loop {
            if let Some(drained) = self.take(into, most) {
                return drained;
            }
            self.bell.notified().await;
        }
    }

    /// How many frames wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.lock().frames.len()
    }

    fn take(&self, into: &mut Vec<Frame>, most: usize) -> Option<Drained> {
        let mut queue = self.lock();
        if queue.frames.is_empty() {
            return queue.closed.map(Drained::Closed);
        }
        let count = queue.frames.len().min(most);
        into.extend(queue.frames.drain(..count));
        if queue.frames.is_empty() {
            // An idle subscriber keeps no large buffer: there may be a hundred thousand of them.
            queue.bytes = 0;
            queue.frames.shrink_to(KEPT);
        } else {
            queue.bytes = queue.frames.iter().map(|frame| frame.bytes.len()).sum();
        }
        Some(Drained::Frames)
    }

    /// A panic while the lock was held cannot have left a half-made queue: every change is one step.
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn is_full(&self, more: usize) -> bool {
        self.frames.len() >= FRAME_BOUND || self.bytes + more > BYTE_BOUND
    }

    fn is_pressed(&self) -> bool {
        self.frames.len() >= FRAME_BOUND / PRESSURE_DIVISOR
            || self.bytes >= BYTE_BOUND / PRESSURE_DIVISOR
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(text: &str) -> Frame {
        Frame::durable(text.to_owned())
    }

    #[tokio::test]
    async fn frames_come_out_in_order_and_then_the_reason() {
        let outbox = Outbox::new(4008);
        outbox.push(&frame("a"));
        outbox.push(&frame("b"));
        outbox.close(1012);
        outbox.push(&frame("too late"));
        let mut taken = Vec::new();
        assert_eq!(outbox.drain(&mut taken, 1).await, Drained::Frames);
        assert_eq!(outbox.drain(&mut taken, 8).await, Drained::Frames);
        assert_eq!(taken, [frame("a"), frame("b")]);
        assert_eq!(outbox.drain(&mut taken, 8).await, Drained::Closed(1012));
    }

    #[tokio::test]
    async fn a_slow_reader_is_told_to_resume_never_skipped() {
        let outbox = Outbox::new(4008);
        for _ in 0..=FRAME_BOUND {
            outbox.push(&frame("x"));
        }
        let mut taken = Vec::new();
        assert_eq!(outbox.drain(&mut taken, 8).await, Drained::Closed(4008));
        assert!(taken.is_empty(), "nothing after a hole may be delivered");
    }

    #[tokio::test]
    async fn the_queue_is_bounded_in_bytes_too() {
        let outbox = Outbox::new(4008);
        let large = Frame::durable(vec![b'x'; 60 * 1024]);
        for _ in 0..18 {
            outbox.push(&large);
        }
        assert_eq!(outbox.drain(&mut Vec::new(), 8).await, Drained::Closed(4008));
    }

    #[tokio::test]
    async fn under_pressure_only_droppable_frames_are_lost() {
        let outbox = Outbox::new(4008);
        let typing = Frame::droppable("typing");
        for _ in 0..FRAME_BOUND {
            outbox.push(&typing);
        }
        assert_eq!(outbox.waiting(), FRAME_BOUND / PRESSURE_DIVISOR);
        outbox.push(&frame("message"));
        assert_eq!(outbox.waiting(), FRAME_BOUND / PRESSURE_DIVISOR + 1);
    }

    #[tokio::test]
    async fn a_reader_that_waits_is_woken() {
        let outbox = std::sync::Arc::new(Outbox::new(4008));
        let reader = {
            let outbox = outbox.clone();
            tokio::spawn(async move {
                let mut taken = Vec::new();
                outbox.drain(&mut taken, 8).await;
                taken
            })
        };
        tokio::task::yield_now().await;
        outbox.push(&frame("hello"));
        assert_eq!(reader.await.unwrap(), [frame("hello")]);
    }
}
