//! What a socket would have heard.

use std::collections::VecDeque;
use std::sync::Arc;

use domain::{Caller, Services};
use realtime::{Drained, Frame, Outbox, Topic};
use wire::live::{ServerFrame, close};
use wire::{SessionId, UserId};

use crate::PATIENCE;

/// One thing that reached a subscriber.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    Frame(Box<ServerFrame>),
    Closed(u16),
}

/// Everything that one subscriber is told, in order.
#[derive(Debug)]
pub struct Listener {
    outbox: Arc<Outbox>,
    waiting: VecDeque<Frame>,
}

impl Listener {
    #[must_use]
    pub fn new(services: &Services, topic: Topic, owner: UserId) -> Self {
        let outbox = Arc::new(Outbox::new(close::SLOW_READER));
        services.hub.subscribe(topic, owner.0.as_u128(), &outbox);
        Self { outbox, waiting: VecDeque::new() }
    }

    /// One of the caller's sockets in the global room.
    #[must_use]
    pub fn in_room(services: &Services, caller: &Caller) -> Self {
        Self::new(services, domain::chat::topic(domain::chat::GLOBAL_ROOM), caller.user_id)
    }

    /// What is addressed to the caller on all devices.
    #[must_use]
    pub fn of_person(services: &Services, caller: &Caller) -> Self {
        Self::new(services, Topic::Person(caller.user_id.0.as_u128()), caller.user_id)
    }

    /// What is addressed to one signed-in device.
    #[must_use]
    pub fn of_device(services: &Services, session: SessionId, owner: UserId) -> Self {
        Self::new(services, Topic::Device(session.0.as_u128()), owner)
    }

    /// The next thing, as soon as it is there.
    ///
    /// # Panics
    /// After [`PATIENCE`].
    pub async fn next(&mut self) -> Heard {
        let next = tokio::time::timeout(PATIENCE, self.take()).await;
        next.unwrap_or_else(|_| panic!("nothing was heard for {PATIENCE:?}"))
    }

    /// The next thing, which has to be a frame.
    ///
    /// # Panics
    /// Where it is the end instead.
    pub async fn frame(&mut self) -> ServerFrame {
        match self.next().await {
            Heard::Frame(frame) => *frame,
            Heard::Closed(code) => panic!("closed with {code}"),
        }
    }

    /// The next `count` frames.
    pub async fn frames(&mut self, count: usize) -> Vec<ServerFrame> {
        let mut frames = Vec::with_capacity(count);
        while frames.len() < count {
            frames.push(self.frame().await);
        }
        frames
    }

    /// How much has been told and not been taken yet. What a verb tells is told before the verb
    /// answers, so zero after the answer means that nothing was told.
    #[must_use]
    pub fn unheard(&self) -> usize {
        self.waiting.len() + self.outbox.waiting()
    }

    async fn take(&mut self) -> Heard {
        if self.waiting.is_empty() {
            let mut taken = Vec::new();
            if let Drained::Closed(code) = self.outbox.drain(&mut taken, usize::MAX).await {
                return Heard::Closed(code);
            }
            self.waiting.extend(taken);
        }
        let frame = self.waiting.pop_front().expect("a drained frame");
        let frame = serde_json::from_slice(&frame.bytes).expect("a frame of the protocol");
        Heard::Frame(Box::new(frame))
    }
}
