//! What a socket would have heard.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::sync::{Arc, Mutex};

use domain::{Caller, Services};
use realtime::{Hub, Line, News, Outbox, Topic};
use tokio::sync::Notify;
use wire::live::{ServerFrame, close};
use wire::{SessionId, UserId};

use crate::PATIENCE;

/// One thing that reached a subscriber.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    Frame(Box<ServerFrame>),
    Closed(u16),
}

/// A line that never fills up.
#[derive(Debug, Clone, Default)]
struct Tape(Arc<Recorded>);

#[derive(Debug, Default)]
struct Recorded {
    bytes: Mutex<VecDeque<u8>>,
    more: Notify,
}

impl Line for Tape {
    fn write(&self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut bytes = self.0.bytes.lock().expect("a tape");
        pieces.iter().for_each(|piece| bytes.extend(piece.iter()));
        self.0.more.notify_one();
        Ok(pieces.iter().map(|piece| piece.len()).sum())
    }
}

impl Tape {
    /// The text of the next frame.
    fn play(&self) -> Option<Vec<u8>> {
        let mut bytes = self.0.bytes.lock().expect("a tape");
        let header = header(&bytes)?;
        bytes.drain(..header.size);
        Some(bytes.drain(..header.text).collect())
    }

    /// How many frames are on it.
    fn frames(&self) -> usize {
        let mut rest = self.0.bytes.lock().expect("a tape").clone();
        let mut frames = 0;
        while let Some(header) = header(&rest) {
            rest.drain(..header.size + header.text);
            frames += 1;
        }
        frames
    }
}

struct Header {
    size: usize,
    text: usize,
}

/// RFC 6455 §5.2: the length in one, two or eight bytes.
fn header(bytes: &VecDeque<u8>) -> Option<Header> {
    let long =
        |count: usize| bytes.range(2..2 + count).fold(0, |sum, byte| sum << 8 | usize::from(*byte));
    Some(match *bytes.get(1)? {
        126 => Header { size: 4, text: long(2) },
        127 => Header { size: 10, text: long(8) },
        short => Header { size: 2, text: usize::from(short) },
    })
}

/// Everything that one subscriber is told, in order.
#[derive(Debug)]
pub struct Listener {
    hub: Arc<Hub>,
    listener: realtime::Listener,
    tape: Tape,
}

impl Listener {
    #[must_use]
    pub fn new(services: &Services, topic: Topic, owner: UserId) -> Self {
        Self::at(&services.hub, topic, owner.0.as_u128())
    }

    /// Without any services.
    #[must_use]
    pub fn at(hub: &Arc<Hub>, topic: Topic, owner: u128) -> Self {
        let tape = Tape::default();
        let outbox = Arc::new(Outbox::new(tape.clone(), close::SLOW_READER));
        let mut listener = hub.listener(owner, None, outbox);
        listener.subscribe(topic);
        Self { hub: hub.clone(), listener, tape }
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

    /// Who comes and goes of those whom the caller knows; to be told it takes a
    /// [`Watching`](domain::chat::Watching).
    #[must_use]
    pub fn of_presence(services: &Services, caller: &Caller) -> Self {
        Self::new(services, Topic::Presence(caller.user_id.0.as_u128()), caller.user_id)
    }

    /// What is addressed to the devices of a person that know no requests.
    #[must_use]
    pub fn unscreened(services: &Services, caller: &Caller) -> Self {
        Self::new(services, Topic::Unscreened(caller.user_id.0.as_u128()), caller.user_id)
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

    /// How much has been told and not been taken yet. What a verb tells is published before the verb
    /// answers, so zero after the answer means that nothing was told.
    pub async fn unheard(&self) -> usize {
        self.hub.settled().await;
        self.tape.frames()
    }

    /// The text of every frame that has been told until now, as it went out.
    ///
    /// # Panics
    /// Where a frame is not UTF-8.
    pub async fn texts(&mut self) -> Vec<String> {
        self.hub.settled().await;
        let text = |bytes| String::from_utf8(bytes).expect("a frame of text");
        std::iter::from_fn(|| self.tape.play()).map(text).collect()
    }

    async fn take(&mut self) -> Heard {
        loop {
            if let Some(text) = self.tape.play() {
                let frame = serde_json::from_slice(&text).expect("a frame of the protocol");
                return Heard::Frame(Box::new(frame));
            }
            tokio::select! {
                biased;
                () = self.tape.0.more.notified() => {}
                News::Closed(code) = self.listener.outbox().news() => return Heard::Closed(code),
            }
        }
    }
}
