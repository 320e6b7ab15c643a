//! P7: messages a second that were acknowledged, and are therefore on the disk.
//!
//! Sixty-four senders on sockets of their own in the global room, each sending its next message when
//! the last one was confirmed. Floors in the same directory: F3, how often the disk can be forced;
//! F4, the same schema written to without a server. Afterwards every confirmation is looked up in
//! the database file by id, number and content, and one that is missing voids the run.
//!
//! What to keep in mind: everybody in the room hears everybody, so each message also costs 64
//! deliveries, and the generator that reads them shares the processors. The processor time of the
//! server per thousand messages says what the server alone needed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::task::JoinSet;
use uuid::Uuid;
use wire::ClientId;
use wire::live::ServerFrame;

use crate::accounts::{Account, sign_up};
use crate::floors::fdatasync;
use crate::floors::sqlite::PlainSqlite;
use crate::rounds::{Plan, Rounds, rounds};
use crate::server::{Home, Server, postgres_url};
use crate::socket::{Socket, is_kind};
use crate::stats::percentile;
use crate::table::{Row, Table, shown};

pub(super) mod audit;

const SENDERS: usize = 64;
const ACCOUNTS: usize = 16;
/// A confirmation that takes longer never comes.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Contender {
    Server,
    Fdatasync,
    PlainSqlite,
}

/// What one contender did in one round.
#[derive(Debug, Default)]
pub(super) struct Turn {
    pub(super) per_second: f64,
    /// Milliseconds until a confirmation, or of one flush.
    pub(super) median: f64,
    pub(super) slowest_percent: f64,
    /// The server's processor time for a thousand messages.
    pub(super) cpu_per_thousand: f64,
}

/// A message that the server said is stored.
#[derive(Debug)]
pub(super) struct Confirmed {
    id: Uuid,
    seq: i64,
    client_id: ClientId,
    seconds: f64,
}

pub(crate) async fn measure(plan: Plan) -> Result<Table> {
    let home = Home::new()?;
    let server = Server::start(&home).await?;
    let accounts = sign_up(&server, ACCOUNTS).await?;
    let mut senders = seat(SENDERS, &server, &accounts).await?;
    let time = Duration::from_secs(plan.pick(2, 6));
    let mut plain = None;
    if postgres_url().is_none() {
        plain = Some(PlainSqlite::copy_of(&home.database())?);
    }
    let mut confirmed = Vec::new();
    let turns = rounds(plan.rounds(), contenders(), async |contender| match contender {
        Contender::Server => send(&server, &mut senders, time, &mut confirmed).await,
        Contender::Fdatasync => flush(&home, time / 4),
        Contender::PlainSqlite => write_plainly(plain.as_mut(), time / 2),
    });
    let turns = turns.await?;
    if postgres_url().is_none() {
        audit::every(&confirmed, &audit::read_sqlite(&home.database())?)?;
    }
    Ok(table(&turns, confirmed.len()))
}

fn contenders() -> &'static [Contender] {
    match postgres_url() {
        Some(_) => &[Contender::Server, Contender::Fdatasync],
        None => &[Contender::Fdatasync, Contender::Server, Contender::PlainSqlite],
    }
}

fn flush(home: &Home, time: Duration) -> Result<Turn> {
    let flushes = fdatasync::flushes(home.path(), time)?;
    Ok(Turn::of(&flushes, flushes.iter().sum()))
}

fn write_plainly(plain: Option<&mut PlainSqlite>, time: Duration) -> Result<Turn> {
    let plain = plain.context("no SQLite")?;
    Ok(Turn { per_second: plain.messages_per_second(time)?, ..Turn::default() })
}

/// `count` sockets of these accounts in turn.
pub(super) async fn seat(
    count: usize,
    server: &Server,
    accounts: &[Account],
) -> Result<Vec<Socket>> {
    let mut senders = Vec::with_capacity(count);
    for account in accounts.iter().cycle().take(count) {
        senders.push(Socket::open(server.address, account).await?);
    }
    Ok(senders)
}

/// Lets every sender send for `time`, and keeps what was confirmed.
pub(super) async fn send(
    server: &Server,
    senders: &mut Vec<Socket>,
    time: Duration,
    confirmed: &mut Vec<Confirmed>,
) -> Result<Turn> {
    let over = Arc::new(AtomicBool::new(false));
    let (begun, cpu_before) = (Instant::now(), server.process.cpu_seconds()?);
    let mut sending: JoinSet<_> =
        senders.drain(..).map(|socket| send_until(socket, over.clone())).collect();
    tokio::time::sleep(time).await;
    over.store(true, Ordering::Relaxed);
    let first = confirmed.len();
    while let Some(sent) = sending.join_next().await {
        let (socket, stored) = sent??;
        senders.push(socket);
        confirmed.extend(stored);
    }
    let elapsed = begun.elapsed().as_secs_f64();
    let latencies: Vec<f64> = confirmed[first..].iter().map(|one| one.seconds).collect();
    let cpu = server.process.cpu_seconds()? - cpu_before;
    let cpu_per_thousand = cpu * 1e3 / latencies.len() as f64;
    Ok(Turn { cpu_per_thousand, ..Turn::of(&latencies, elapsed) })
}

impl Turn {
    pub(super) fn of(seconds: &[f64], elapsed: f64) -> Self {
        let milliseconds = |share| percentile(seconds, share).unwrap_or(f64::NAN) * 1e3;
        Self {
            per_second: seconds.len() as f64 / elapsed,
            median: milliseconds(0.5),
            slowest_percent: milliseconds(0.99),
            cpu_per_thousand: 0.0,
        }
    }
}

async fn send_until(mut socket: Socket, over: Arc<AtomicBool>) -> Result<(Socket, Vec<Confirmed>)> {
    let mut stored = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let one = tokio::time::timeout(PATIENCE, send_one(&mut socket)).await;
        stored.push(one.context("a message was never confirmed")??);
    }
    Ok((socket, stored))
}

async fn send_one(socket: &mut Socket) -> Result<Confirmed> {
    let client_id = ClientId::new();
    let begun = Instant::now();
    socket.say(&client_id).await?;
    let mut answer = None;
    while answer.is_none() {
        let hear = |text: &[u8]| {
            ensure!(!is_kind(text, "error"), "{}", String::from_utf8_lossy(text));
            if is_confirmation(text, &client_id) {
                answer = Some(confirmation(text, begun)?);
            }
            Ok(())
        };
        socket.read(hear).await?;
    }
    answer.context("no confirmation")
}

/// Told apart without parsing: a sender hears sixty-three others.
fn is_confirmation(text: &[u8], client_id: &ClientId) -> bool {
    is_kind(text, "message_sent")
        && memchr::memmem::find(text, client_id.as_str().as_bytes()).is_some()
}

fn confirmation(text: &[u8], begun: Instant) -> Result<Confirmed> {
    let seconds = begun.elapsed().as_secs_f64();
    match serde_json::from_slice(text)? {
        ServerFrame::MessageSent { message } => Ok(Confirmed {
            id: message.id.0,
            seq: message.seq,
            client_id: message.client_id,
            seconds,
        }),
        other => anyhow::bail!("not a confirmation: {other:?}"),
    }
}

fn table(turns: &Rounds<Contender, Turn>, confirmed: usize) -> Table {
    let per_second = |turn: &Turn| turn.per_second;
    let figure = shown(turns.spread(Contender::Server, per_second), "/s");
    let mut table = Table::default();
    for (floor, name, target) in [
        (Contender::Fdatasync, "F3 fdatasync", "P7 ≥ 4"),
        (Contender::PlainSqlite, "F4 plain SQLite", "P7 ≥ 0.40"),
    ] {
        table.push(Row {
            measure: format!("acknowledged messages, {SENDERS} senders, {confirmed} audited"),
            figure: figure.clone(),
            floor: format!("{name} {}", shown(turns.spread(floor, per_second), "/s")),
            ratio: turns.ratio(Contender::Server, floor, per_second),
            rounds: turns.note(),
            target,
        });
    }
    table.push(latency_row(turns));
    table.push(Row {
        measure: "server CPU per 1000 messages".into(),
        figure: shown(turns.spread(Contender::Server, |turn| turn.cpu_per_thousand), "s"),
        rounds: turns.note(),
        ..Row::default()
    });
    table
}

fn latency_row(turns: &Rounds<Contender, Turn>) -> Row {
    let median = shown(turns.spread(Contender::Server, |turn| turn.median), "ms");
    let slowest = shown(turns.spread(Contender::Server, |turn| turn.slowest_percent), "ms");
    Row {
        measure: "confirmation, p50 and p99".into(),
        figure: format!("{median}, {slowest}"),
        floor: format!("F3 p50 {}", shown(turns.spread(Contender::Fdatasync, |t| t.median), "ms")),
        rounds: turns.note(),
        target: "P7 p99 ≤ 12 × F3 p50",
        ..Row::default()
    }
}
