//! The load generator: many sockets in many rooms, and messages at a fixed rate whatever comes back.
//!
//! It speaks the public protocol only, so it can be pointed at any server of this kind. Each message
//! carries the moment at which it was meant to be sent, not that at which the generator came to it, so
//! that a server that stalls cannot hide it (no coordinated omission). Every socket checks that it
//! hears every message of its room once and in order; afterwards the server is asked over HTTP how far
//! each room has come.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use wire::{ClientId, ConversationKey};

pub(crate) use crate::load::pace::Pace;

use crate::load::latencies::Latencies;
use crate::load::rooms::Room;
use crate::socket::{Line, Socket, is_kind, message_seq};

pub(crate) mod command;
pub(crate) mod flood;
pub(crate) mod latencies;
mod pace;
pub(crate) mod rooms;

/// Longest wait for deliveries that must come.
const PATIENCE: Duration = Duration::from_secs(30);
/// A stride that visits every seat before any twice, unless there are as many seats as this.
const STRIDE: usize = 7919;

/// What all sockets heard together.
#[derive(Debug, Default)]
struct Heard {
    deliveries: AtomicU64,
    awaited: AtomicU64,
    bell: Notify,
    latencies: Latencies,
}

#[derive(Debug)]
struct Seat {
    line: Line,
    room: usize,
}

/// Sockets in their rooms.
#[derive(Debug)]
pub(crate) struct Crowd {
    epoch: Instant,
    seats: Vec<Seat>,
    /// The address of each room, and how many sockets hear it.
    rooms: Vec<(ConversationKey, u64)>,
    heard: Arc<Heard>,
    listeners: JoinSet<Result<()>>,
    /// Messages sent into each room so far.
    sent: Vec<u64>,
}

/// What one run brought.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) messages: u64,
    pub(crate) deliveries: u64,
    /// From the moment a message was meant to be sent to each of its deliveries, in milliseconds.
    pub(crate) latencies: latencies::Summary,
}

impl Crowd {
    /// `sockets` in all, the rooms and their people in turn.
    pub(crate) async fn seat(address: SocketAddr, rooms: &[Room], sockets: usize) -> Result<Self> {
        let mut crowd = Self::empty(rooms.iter().map(|room| room.key).collect());
        for number in 0..sockets {
            let room = number % rooms.len();
            let people = &rooms[room].people;
            let account = &people[(number / rooms.len()) % people.len()];
            crowd.add(room, Socket::open(address, account).await?);
        }
        Ok(crowd)
    }

    /// Connections to the echo floor: each is a room of its own.
    pub(crate) async fn seat_unspoken(address: SocketAddr, sockets: usize) -> Result<Self> {
        let mut crowd = Self::empty(vec![ConversationKey::Global; sockets]);
        for number in 0..sockets {
            crowd.add(number, Socket::unspoken(address).await?);
        }
        Ok(crowd)
    }

    /// Sockets of a server that wants no credentials, all in one room.
    pub(crate) async fn seat_strangers(address: SocketAddr, sockets: usize) -> Result<Self> {
        let mut crowd = Self::empty(vec![ConversationKey::Global]);
        for _ in 0..sockets {
            crowd.add(0, Socket::handshaken(address, "/", "").await?);
        }
        Ok(crowd)
    }

    /// Only the first `count` sockets speak; all listen.
    pub(crate) fn let_only_some_speak(&mut self, count: usize) {
        self.seats.truncate(count);
    }

    fn empty(rooms: Vec<ConversationKey>) -> Self {
        Self {
            epoch: Instant::now(),
            seats: Vec::new(),
            sent: vec![0; rooms.len()],
            rooms: rooms.into_iter().map(|key| (key, 0)).collect(),
            heard: Arc::default(),
            listeners: JoinSet::new(),
        }
    }

    fn add(&mut self, room: usize, socket: Socket) {
        self.seats.push(Seat { line: socket.line(), room });
        self.rooms[room].1 += 1;
        self.listeners.spawn(listen(socket, self.epoch, self.heard.clone()));
    }

    /// How many messages were sent into each room so far.
    pub(crate) fn sent(&self) -> &[u64] {
        &self.sent
    }

    /// Sends `rate` messages a second for `time`, and waits until all were heard by all.
    ///
    /// # Errors
    /// A socket that missed one, an `error` frame, a closed socket, or nothing for too long.
    pub(crate) async fn speak(&mut self, rate: u32, time: Duration) -> Result<Run> {
        self.heard.latencies.clear();
        let before = self.heard.deliveries.load(Ordering::Relaxed);
        self.heard.awaited.store(u64::MAX, Ordering::Relaxed);
        let (messages, expected) = self.send_all(rate, time).await?;
        self.hear(before + expected).await?;
        let latencies = self.heard.latencies.summary().context("nothing was heard")?;
        Ok(Run { messages, deliveries: expected, latencies })
    }

    /// How many messages were sent, and how often they should be heard.
    async fn send_all(&mut self, rate: u32, time: Duration) -> Result<(u64, u64)> {
        let wanted = (f64::from(rate) * time.as_secs_f64()) as u64;
        let mut pace = Pace::start(rate)?;
        let (mut sent, mut expected) = (0, 0);
        while sent < wanted {
            for due in pace.due().await? {
                let size = self.say(due, pace.moment(due)).await?;
                (sent, expected) = (sent + 1, expected + size);
            }
        }
        Ok((sent, expected))
    }

    /// Sends for `time` as fast as it is heard: `window` messages are on their way, and never more.
    ///
    /// # Errors
    /// As with [`Crowd::speak`].
    pub(crate) async fn saturate(&mut self, window: u64, time: Duration) -> Result<Run> {
        self.heard.latencies.clear();
        let before = self.heard.deliveries.load(Ordering::Relaxed);
        let begun = Instant::now();
        let (mut messages, mut expected) = (0, 0);
        while begun.elapsed() < time {
            let size = self.say(messages, Instant::now()).await?;
            (messages, expected) = (messages + 1, expected + size);
            self.come_to(before + expected.saturating_sub(window * size)).await?;
        }
        self.hear(before + expected).await?;
        let latencies = self.heard.latencies.summary().context("nothing was heard")?;
        Ok(Run { messages, deliveries: expected, latencies })
    }

    /// The message with this number, from whoever's turn it is; how many will hear it.
    async fn say(&mut self, number: u64, meant: Instant) -> Result<u64> {
        let seat = &self.seats[(number as usize).wrapping_mul(STRIDE) % self.seats.len()];
        let (room, size) = self.rooms[seat.room];
        let client_id = ClientId::new();
        let content = stamped(meant - self.epoch, &client_id);
        seat.line.say(room, &client_id, content).await?;
        self.sent[seat.room] += 1;
        Ok(size)
    }

    async fn hear(&mut self, total: u64) -> Result<()> {
        self.come_to(total).await?;
        let all = self.heard.deliveries.load(Ordering::Relaxed);
        ensure!(all == total, "{all} deliveries of {total} sent");
        Ok(())
    }

    /// Waits until so many deliveries have been made since the beginning.
    async fn come_to(&mut self, total: u64) -> Result<()> {
        let heard = self.heard.clone();
        heard.awaited.store(total, Ordering::Relaxed);
        let all_heard = async {
            while heard.deliveries.load(Ordering::Relaxed) < total {
                heard.bell.notified().await;
            }
        };
        tokio::select! {
            biased;
            () = all_heard => Ok(()),
            Some(ended) = self.listeners.join_next() => ended?.context("a listener"),
            () = tokio::time::sleep(PATIENCE) => {
                bail!("{} of {total} deliveries arrived", heard.deliveries.load(Ordering::Relaxed));
            }
        }
    }
}

/// Listens for ever.
async fn listen(mut socket: Socket, epoch: Instant, heard: Arc<Heard>) -> Result<()> {
    let mut last = None;
    loop {
        let hear = |text: &[u8]| {
            ensure!(!is_kind(text, "error"), "{}", String::from_utf8_lossy(text));
            let Some(meant) = stamp_of(text) else { return Ok(()) };
            // The echo floor numbers nothing.
            if let Some(seq) = message_seq(text)
                && let Some(last) = last.replace(seq)
            {
                ensure!(seq == last + 1, "message {seq} came after {last}");
            }
            heard.latencies.add(epoch.elapsed().saturating_sub(meant));
            let count = heard.deliveries.fetch_add(1, Ordering::Relaxed) + 1;
            if count >= heard.awaited.load(Ordering::Relaxed) {
                heard.bell.notify_one();
            }
            Ok(())
        };
        socket.read(hear).await?;
    }
}

const STAMP: usize = 12;

/// A body of 128 bytes that begins with the moment it was meant to be sent, in microseconds.
fn stamped(meant: Duration, client_id: &ClientId) -> String {
    format!("{:0STAMP$} {:.<115}", meant.as_micros(), client_id.as_str())
}

/// The moment in a message's body; `None` for presence and its like, and for what others wrote.
fn stamp_of(text: &[u8]) -> Option<Duration> {
    let name = br#""content":""#;
    let at = memchr::memmem::find(text, name)? + name.len();
    let digits = text.get(at..at + STAMP)?;
    let micros: u64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    Some(Duration::from_micros(micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_tells_when_it_was_meant_to_be_sent() {
        let meant = Duration::from_micros(1_234_567);
        let body = stamped(meant, &ClientId::new());
        assert_eq!(body.len(), 128);
        let frame = format!(r#"{{"type":"new_message","message":{{"content":"{body}"}}}}"#);
        assert_eq!(stamp_of(frame.as_bytes()), Some(meant));
        assert_eq!(stamp_of(br#"{"type":"typing"}"#), None);
        assert_eq!(stamp_of(br#"{"message":{"content":"hi"}}"#), None);
    }
}
