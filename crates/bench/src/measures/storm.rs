//! P14: everybody is cut off at once and comes back for what they missed.
//!
//! Every connection breaks (the server gets resets), a few messages are said meanwhile, and every
//! client comes back after a random part of a second, as a good client does, with its cursor. The clock
//! runs from the cut to the last `resumed`, the waiting included, with the server on one processor.
//! Each client checks that what it is given has no hole, and that it is all.
//!
//! How often the database is asked is counted by Postgres itself, in a storm of its own: whatever is
//! asked outside a transaction is one there, and what an idle server asks is taken off.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::task::JoinSet;
use wire::live::{ClientFrame, Cursors, Resume};
use wire::{ClientId, ConversationKey};

use crate::accounts::{Account, sign_up};
use crate::affinity::{GENERATOR, TESTED, pin};
use crate::postgres;
use crate::rounds::{Plan, Rounds, rounds};
use crate::server::{Home, Server};
use crate::socket::{Socket, is_kind, message_seq};
use crate::stats::percentile;
use crate::table::{Row, Table, number, shown};

const ACCOUNTS: usize = 24;
/// Said while everybody is away.
const MISSED: i64 = 5;
/// Clients come back within this time, each at its own moment.
const JITTER: Duration = Duration::from_secs(1);
/// A storm that lasts longer never ends.
const PATIENCE: Duration = Duration::from_secs(120);
/// After so long Postgres has counted what its idle connections did.
const COUNTED: Duration = Duration::from_secs(11);
/// Handshakes at once while the audience is seated.
const SEATED_AT_ONCE: usize = 64;

/// One storm, in seconds.
#[derive(Debug)]
struct Turn {
    all: f64,
    /// From a client's own attempt to its `resumed`.
    median: f64,
    slowest_percent: f64,
    cpu: f64,
}

pub(crate) async fn measure(plan: Plan) -> Result<Table> {
    let clients = plan.pick(6_000, 18_000);
    let mut stage = Stage::open(Home::new()?, clients).await?;
    let storms = rounds(plan.rounds(), &[()], async |()| stage.storm().await).await?;
    drop(stage);
    let queries = queries_per_client(clients).await?;
    Ok(table(&storms, clients, queries))
}

struct Stage {
    server: Server,
    accounts: Vec<Account>,
    speaker: Socket,
    /// The number of the last message.
    last: i64,
    sockets: Vec<Socket>,
    _home: Home,
}

impl Stage {
    async fn open(home: Home, clients: usize) -> Result<Self> {
        let server = {
            let _tested = pin(TESTED)?;
            Server::start(&home).await?
        };
        let accounts = sign_up(&server, ACCOUNTS + 1).await?;
        let (first, others) = accounts.split_first().context("no accounts")?;
        let speaker = Socket::open(server.address, first).await?;
        let accounts = others.to_vec();
        let mut stage = Self { server, accounts, speaker, last: 0, sockets: vec![], _home: home };
        stage.say().await?;
        stage.sockets = seat(clients, stage.server.address, &stage.accounts).await?;
        Ok(stage)
    }

    /// Says something, and waits until it is stored.
    async fn say(&mut self) -> Result<()> {
        self.speaker.say(&ClientId::new()).await?;
        let before = self.last;
        while self.last == before {
            let hear = |text: &[u8]| {
                ensure!(!is_kind(text, "error"), "{}", String::from_utf8_lossy(text));
                self.last = message_seq(text).unwrap_or(self.last);
                Ok(())
            };
            self.speaker.read(hear).await?;
        }
        Ok(())
    }

    async fn storm(&mut self) -> Result<Turn> {
        let _generator = pin(GENERATOR)?;
        let clients = self.sockets.len();
        for socket in &self.sockets {
            socket.breaks_when_dropped()?;
        }
        let (begun, cpu) = (Instant::now(), self.server.process.cpu_seconds()?);
        self.sockets.clear();
        let cursor = self.last;
        for _ in 0..MISSED {
            self.say().await?;
        }
        let missed = Missed { from: cursor, to: self.last };
        let back = come_back(clients, self.server.address, &self.accounts, missed);
        let back =
            tokio::time::timeout(PATIENCE, back).await.context("the storm never ended")??;
        let all = begun.elapsed().as_secs_f64();
        let cpu = self.server.process.cpu_seconds()? - cpu;
        let (sockets, seconds): (Vec<_>, Vec<_>) = back.into_iter().unzip();
        self.sockets = sockets;
        let of = |share| percentile(&seconds, share).unwrap_or(f64::NAN);
        Ok(Turn { all, median: of(0.5), slowest_percent: of(0.99), cpu })
    }
}

/// The numbers after `from`, up to and with `to`.
#[derive(Debug, Clone, Copy)]
struct Missed {
    from: i64,
    to: i64,
}

async fn seat(clients: usize, address: SocketAddr, accounts: &[Account]) -> Result<Vec<Socket>> {
    let (mut sockets, mut opening) = (Vec::with_capacity(clients), JoinSet::new());
    for account in accounts.iter().cycle().take(clients) {
        if opening.len() >= SEATED_AT_ONCE
            && let Some(opened) = opening.join_next().await
        {
            sockets.push(opened??);
        }
        let account = account.clone();
        opening.spawn(async move { Socket::open(address, &account).await });
    }
    while let Some(opened) = opening.join_next().await {
        sockets.push(opened??);
    }
    Ok(sockets)
}

/// Everybody's new socket, and how long each took from its first attempt.
async fn come_back(
    clients: usize,
    address: SocketAddr,
    accounts: &[Account],
    missed: Missed,
) -> Result<Vec<(Socket, f64)>> {
    let mut returning = JoinSet::new();
    for (number, account) in accounts.iter().cycle().take(clients).cloned().enumerate() {
        // Evenly spread is what many random waits come to.
        let wait = JITTER.mul_f64(number as f64 / clients as f64);
        returning.spawn(async move {
            tokio::time::sleep(wait).await;
            let begun = Instant::now();
            let mut socket = Socket::open(address, &account).await?;
            resume(&mut socket, missed).await?;
            anyhow::Ok((socket, begun.elapsed().as_secs_f64()))
        });
    }
    let mut back = Vec::with_capacity(clients);
    while let Some(one) = returning.join_next().await {
        back.push(one?.context("coming back")?);
    }
    Ok(back)
}

/// Names the cursor and takes what was missed: each number once, in order, up to the last.
async fn resume(socket: &mut Socket, missed: Missed) -> Result<()> {
    let cursors = Cursors::from([(ConversationKey::Global, missed.from)]);
    socket.line().send(&ClientFrame::Resume(Resume { cursors })).await?;
    let (mut last, mut resumed) = (missed.from, false);
    while !resumed {
        let hear = |text: &[u8]| {
            ensure!(!is_kind(text, "gap"), "a gap: {}", String::from_utf8_lossy(text));
            ensure!(!is_kind(text, "error"), "{}", String::from_utf8_lossy(text));
            if let Some(seq) = message_seq(text) {
                ensure!(seq == last + 1, "message {seq} came after {last}");
                last = seq;
            }
            resumed |= is_kind(text, "resumed");
            Ok(())
        };
        socket.read(hear).await?;
    }
    ensure!(last == missed.to, "resumed up to {last} of {}", missed.to);
    Ok(())
}

/// How often the database is asked for each client that comes back.
async fn queries_per_client(clients: usize) -> Result<f64> {
    let database = postgres::database().await;
    let mut stage = Stage::open(Home::on(&database)?, clients).await?;
    let asked = async || {
        tokio::time::sleep(COUNTED).await;
        let sql = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()";
        anyhow::Ok((Instant::now(), postgres::ask(&database, sql)?.trim().parse::<f64>()?))
    };
    let quiet = [asked().await?, asked().await?];
    stage.storm().await?;
    let after = asked().await?;
    let seconds = |from: Instant, to: Instant| (to - from).as_secs_f64();
    let idle = (quiet[1].1 - quiet[0].1) / seconds(quiet[0].0, quiet[1].0);
    let asked = after.1 - quiet[1].1 - idle * seconds(quiet[1].0, after.0);
    Ok(asked / clients as f64)
}

fn table(storms: &Rounds<(), Turn>, clients: usize, queries: f64) -> Table {
    let mut table = Table::default();
    let row = |measure: String, figure: String, target| Row {
        measure,
        figure,
        rounds: storms.note(),
        target,
        ..Row::default()
    };
    let spread = |figure: fn(&Turn) -> f64| shown(storms.spread((), figure), "s");
    table.push(row(
        format!("{clients} cut off, all back with {MISSED} missed messages, no hole"),
        spread(|storm| storm.all),
        "P14 ≤ 5 s for 18 000",
    ));
    let each =
        format!("{}, {}", spread(|storm| storm.median), spread(|storm| storm.slowest_percent));
    table.push(row("a client's own way back, p50 and p99".into(), each, ""));
    table.push(row("the server's processor time of it".into(), spread(|storm| storm.cpu), ""));
    table.push(Row {
        measure: format!("queries for each client that comes back, {clients} on Postgres"),
        figure: number(queries),
        rounds: "1".into(),
        target: "P14 ≤ 0.05",
        ..Row::default()
    });
    table
}
