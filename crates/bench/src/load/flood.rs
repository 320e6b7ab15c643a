//! More than a server can take: messages at a rate that waits for nobody, from as many sockets as there
//! are people.
//!
//! Each socket has a queue of its own, as a client has: where the server does not read, its messages wait
//! there, and their time runs from the moment at which they were due. Every message that was written is
//! answered, with its confirmation or with a refusal that says when to come again; anything else is an
//! error. What still waits in a queue when the load ends is not sent.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;
use tokio::time::timeout;
use wire::{ClientId, ConversationKey};

use super::latencies::{Latencies, Summary};
use super::rooms::Room;
use super::{Pace, STRIDE, stamp_of, stamped};
use crate::process::own_cpu_seconds;
use crate::socket::{Line, Socket, is_kind};

/// Longest wait for answers that must come.
const PATIENCE: Duration = Duration::from_secs(30);
/// Digits of a moment in a client id.
const DIGITS: usize = 12;

#[derive(Debug)]
pub(crate) struct Flood {
    epoch: Instant,
    seats: Vec<mpsc::UnboundedSender<Due>>,
    heard: Arc<Heard>,
    tasks: JoinSet<Result<()>>,
    /// Of all messages so far.
    number: u64,
}

#[derive(Debug)]
struct Due {
    meant: Duration,
    number: u64,
}

#[derive(Debug, Default)]
struct Heard {
    is_over: AtomicBool,
    written: AtomicU64,
    confirmed: AtomicU64,
    refused: AtomicU64,
    bell: Notify,
    confirmations: Latencies,
    refusals: Latencies,
}

/// What a load brought.
#[derive(Debug)]
pub(crate) struct Poured {
    /// Messages a second that fell due, that were written, and that were confirmed meanwhile.
    pub(crate) offered: f64,
    pub(crate) written: f64,
    pub(crate) goodput: f64,
    /// The part of its processor's time that the generator needed.
    pub(crate) busy: f64,
    /// From the moment at which it was due to its confirmation.
    pub(crate) confirmations: Summary,
    pub(crate) refused: u64,
    /// From the moment at which it was written; `None` where nothing was refused.
    pub(crate) refusals: Option<Summary>,
}

impl Flood {
    /// A socket for everybody in the rooms.
    pub(crate) async fn seat(address: SocketAddr, rooms: &[Room]) -> Result<Self> {
        let (epoch, heard) = (Instant::now(), Arc::<Heard>::default());
        let (mut seats, mut tasks) = (Vec::new(), JoinSet::new());
        for room in rooms {
            for account in &room.people {
                let socket = Socket::open(address, account).await?;
                let (seat, queue) = mpsc::unbounded_channel();
                tasks.spawn(write(socket.line(), room.key, queue, epoch, heard.clone()));
                tasks.spawn(listen(socket, epoch, heard.clone()));
                seats.push(seat);
            }
        }
        Ok(Self { epoch, seats, heard, tasks, number: 0 })
    }

    pub(crate) fn len(&self) -> usize {
        self.seats.len()
    }

    /// Confirmations a second with so many messages on their way, never more.
    pub(crate) async fn capacity(&mut self, senders: usize, time: Duration) -> Result<f64> {
        self.heard.begin();
        let begun = Instant::now();
        let mut sent = 0;
        while begun.elapsed() < time {
            while sent - self.heard.answered() < senders as u64 {
                self.send(sent as usize, self.epoch.elapsed())?;
                sent += 1;
            }
            self.wait().await?;
        }
        let confirmed = self.heard.confirmed.load(Relaxed);
        let elapsed = begun.elapsed().as_secs_f64();
        self.settle().await?;
        Ok(confirmed as f64 / elapsed)
    }

    /// `rate` messages a second for `time`, whatever comes back.
    pub(crate) async fn pour(&mut self, rate: u32, time: Duration) -> Result<Poured> {
        self.heard.begin();
        let wanted = (f64::from(rate) * time.as_secs_f64()) as u64;
        let cpu_before = own_cpu_seconds()?;
        let (begun, mut pace) = (Instant::now(), Pace::start(rate)?);
        let mut offered = 0;
        while offered < wanted {
            for due in pace.due().await? {
                self.send(due as usize, pace.moment(due) - self.epoch)?;
                offered += 1;
            }
        }
        self.heard.is_over.store(true, Relaxed);
        let elapsed = begun.elapsed().as_secs_f64();
        let busy = (own_cpu_seconds()? - cpu_before) / elapsed;
        let per_second = |count: u64| count as f64 / elapsed;
        let (written, confirmed) =
            (self.heard.written.load(Relaxed), self.heard.confirmed.load(Relaxed));
        Ok(Poured {
            offered: per_second(offered),
            written: per_second(written),
            goodput: per_second(confirmed),
            busy,
            ..self.settled().await?
        })
    }

    fn send(&mut self, turn: usize, meant: Duration) -> Result<()> {
        self.number += 1;
        let seat = &self.seats[turn.wrapping_mul(STRIDE) % self.seats.len()];
        seat.send(Due { meant, number: self.number }).context("a sender has ended")
    }

    async fn settled(&mut self) -> Result<Poured> {
        self.settle().await?;
        let heard = &self.heard;
        Ok(Poured {
            offered: 0.0,
            written: 0.0,
            goodput: 0.0,
            busy: 0.0,
            confirmations: heard.confirmations.summary().context("nothing was confirmed")?,
            refused: heard.refused.load(Relaxed),
            refusals: heard.refusals.summary(),
        })
    }

    /// Until everything that was written is answered.
    async fn settle(&mut self) -> Result<()> {
        self.heard.is_over.store(true, Relaxed);
        let deadline = Instant::now() + PATIENCE;
        while self.heard.answered() < self.heard.written.load(Relaxed) {
            let (answered, written) = (self.heard.answered(), self.heard.written.load(Relaxed));
            ensure!(Instant::now() < deadline, "{answered} of {written} were answered");
            self.wait().await?;
        }
        Ok(())
    }

    /// For the next answer, or a little while.
    async fn wait(&mut self) -> Result<()> {
        tokio::select! {
            _ = timeout(Duration::from_millis(100), self.heard.bell.notified()) => Ok(()),
            Some(ended) = self.tasks.join_next() => ended?.context("a socket"),
        }
    }
}

impl Heard {
    fn begin(&self) {
        for count in [&self.written, &self.confirmed, &self.refused] {
            count.store(0, Relaxed);
        }
        self.confirmations.clear();
        self.refusals.clear();
        self.is_over.store(false, Relaxed);
    }

    fn answered(&self) -> u64 {
        self.confirmed.load(Relaxed) + self.refused.load(Relaxed)
    }

    fn hear(&self, text: &[u8], now: Duration) -> Result<()> {
        if is_kind(text, "message_sent") {
            let meant = stamp_of(text).context("a confirmation of something else")?;
            self.confirmations.add(now.saturating_sub(meant));
            self.confirmed.fetch_add(1, Relaxed);
            self.bell.notify_one();
        } else if is_kind(text, "error") {
            let Some(written) = written_at(text).filter(|_| says_when_to_come_again(text)) else {
                bail!("{}", String::from_utf8_lossy(text));
            };
            self.refusals.add(now.saturating_sub(written));
            self.refused.fetch_add(1, Relaxed);
            self.bell.notify_one();
        }
        Ok(())
    }
}

/// Writes what is due, in order, as fast as the server reads it.
async fn write(
    line: Line,
    room: ConversationKey,
    mut queue: mpsc::UnboundedReceiver<Due>,
    epoch: Instant,
    heard: Arc<Heard>,
) -> Result<()> {
    while let Some(Due { meant, number }) = queue.recv().await {
        if !heard.is_over.load(Relaxed) {
            heard.written.fetch_add(1, Relaxed);
            let client_id: ClientId = named(epoch.elapsed(), number).parse()?;
            line.say(room, &client_id, stamped(meant, &client_id)).await?;
        }
    }
    Ok(())
}

async fn listen(mut socket: Socket, epoch: Instant, heard: Arc<Heard>) -> Result<()> {
    loop {
        socket.read(|text| heard.hear(text, epoch.elapsed())).await?;
    }
}

/// A client id that begins with the moment at which its message was written: a refusal names it.
fn named(written: Duration, number: u64) -> String {
    format!("{:0DIGITS$}-{number}", written.as_micros())
}

fn written_at(error: &[u8]) -> Option<Duration> {
    let digits = behind(error, br#""client_id":""#)?.get(..DIGITS)?;
    Some(Duration::from_micros(str::from_utf8(digits).ok()?.parse().ok()?))
}

fn says_when_to_come_again(error: &[u8]) -> bool {
    let hint = behind(error, br#""retry_after_ms":"#).and_then(|hint| hint.first());
    hint.is_some_and(u8::is_ascii_digit)
}

fn behind<'a>(text: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let at = memchr::memmem::find(text, name)? + name.len();
    text.get(at..)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(hint: &str) -> Vec<u8> {
        let client_id = named(Duration::from_micros(1_500), 7);
        let words = r#"{"type":"error","code":"unavailable","message":"busy""#;
        format!(r#"{words},"client_id":"{client_id}","retry_after_ms":{hint}}}"#).into()
    }

    #[test]
    fn a_refusal_tells_how_long_it_took_and_has_to_say_when_to_come_again() {
        let heard = Heard::default();
        heard.hear(&refusal("700"), Duration::from_micros(2_500)).unwrap();
        assert_eq!(heard.answered(), 1);
        let took = heard.refusals.summary().unwrap().max;
        assert!((1.0..1.03).contains(&took), "{took}");
        assert!(heard.hear(&refusal("null"), Duration::ZERO).is_err());
    }
}
