//! P5: how long until the last of ten thousand has heard it, and what others feel meanwhile.
//!
//! From the moment the sender speaks (so reading, storing and committing are in it too) to the moment
//! the last socket has its frame, one message at a time, beside the bare write loop (F1) on as many
//! sockets. Then the same again while somebody else writes in a conversation for two, a hundred times
//! a second at a fixed rate: how long their confirmations take, against those in a quiet server. The
//! server has one processor; the generator, the listeners and the other writer share the second one.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, ensure};
use wire::{ClientId, ConversationKey};

use super::fanout::Floor;
use crate::accounts::{Account, sign_up};
use crate::affinity::{GENERATOR, TESTED, pin};
use crate::audience::Audience;
use crate::load::Pace;
use crate::load::rooms::talk;
use crate::rounds::{Plan, Rounds, rounds};
use crate::server::{Home, Server};
use crate::socket::{Socket, body_of, is_kind};
use crate::stats::percentile;
use crate::table::{Row, Table, shown};

const ACCOUNTS: usize = 24;
const POSTS_PER_SECOND: u32 = 100;
/// How long the other writer is watched in a quiet server.
const QUIET: Duration = Duration::from_secs(1);
/// After thousands of sockets have gone.
const REST: Duration = Duration::from_secs(1);

#[derive(Debug, Clone, Copy, PartialEq)]
enum Contender {
    Server,
    WriteLoop,
}

/// Milliseconds.
#[derive(Debug, Default)]
struct Turn {
    median: f64,
    slowest_percent: f64,
    /// The 99th percentile of the other writer's confirmations.
    posting_quiet: f64,
    posting_meanwhile: f64,
}

pub(crate) async fn measure(plan: Plan) -> Result<Table> {
    let listeners = plan.pick(2_000, 10_000);
    let messages = plan.pick(40, 200);
    let mut stage = Stage::open().await?;
    let _generator = pin(GENERATOR)?;
    let contenders = [Contender::Server, Contender::WriteLoop];
    let turns = rounds(plan.rounds(), &contenders, async |contender| match contender {
        Contender::Server => stage.turn(listeners, messages).await,
        Contender::WriteLoop => floor(listeners, messages).await,
    });
    Ok(table(&turns.await?, listeners))
}

struct Stage {
    server: Server,
    publisher: Socket,
    writer: Account,
    talk: ConversationKey,
    listeners: Vec<Account>,
    _home: Home,
}

impl Stage {
    async fn open() -> Result<Self> {
        let home = Home::new()?;
        let server = {
            let _tested = pin(TESTED)?;
            Server::start(&home).await?
        };
        let mut listeners = sign_up(&server, ACCOUNTS + 3).await?;
        let pair = listeners.split_off(ACCOUNTS + 1);
        let publisher = listeners.pop().context("no accounts")?;
        let publisher = Socket::open(server.address, &publisher).await?;
        let client = reqwest::Client::builder().no_proxy().build()?;
        let talk = talk(&client, &server.url(""), &pair).await?.key;
        let writer = pair[0].clone();
        Ok(Self { server, publisher, writer, talk, listeners, _home: home })
    }

    async fn turn(&mut self, listeners: usize, messages: usize) -> Result<Turn> {
        let mut audience = Audience::default();
        audience.grow(listeners, self.server.address, &self.listeners).await?;
        let quiet = Writer::start(self.server.address, self.writer.clone(), self.talk);
        tokio::time::sleep(QUIET).await;
        let quiet = quiet.stop().await?;
        let mut to_the_last = Vec::with_capacity(messages);
        for _ in 0..messages {
            to_the_last.push(self.tell(&mut audience).await?);
        }
        let writer = Writer::start(self.server.address, self.writer.clone(), self.talk);
        for _ in 0..messages {
            self.tell(&mut audience).await?;
        }
        let meanwhile = writer.stop().await?;
        drop(audience);
        tokio::time::sleep(REST).await;
        let posting_quiet = percentile(&quiet, 0.99).context("nothing was posted")?;
        let posting_meanwhile = percentile(&meanwhile, 0.99).context("nothing was posted")?;
        Ok(Turn { posting_quiet, posting_meanwhile, ..Turn::of(&to_the_last) })
    }

    /// Milliseconds until everybody has heard a message.
    async fn tell(&mut self, audience: &mut Audience) -> Result<f64> {
        let expected = audience.deliveries() + audience.len() as u64;
        let begun = Instant::now();
        let client_id = ClientId::new();
        self.publisher.say(&client_id).await?;
        confirmed(&mut self.publisher, &client_id).await?;
        audience.hears(expected).await?;
        Ok(milliseconds_since(begun))
    }
}

impl Turn {
    fn of(milliseconds: &[f64]) -> Self {
        let of = |share| percentile(milliseconds, share).unwrap_or(f64::NAN);
        Self { median: of(0.5), slowest_percent: of(0.99), ..Self::default() }
    }
}

async fn floor(listeners: usize, messages: usize) -> Result<Turn> {
    let mut floor = {
        let _tested = pin(TESTED)?;
        Floor::start(listeners)?
    };
    floor.seat(listeners).await?;
    let mut to_the_last = Vec::with_capacity(messages);
    for _ in 0..messages {
        let begun = Instant::now();
        floor.tell(1, 1).await?;
        to_the_last.push(milliseconds_since(begun));
    }
    drop(floor);
    tokio::time::sleep(REST).await;
    Ok(Turn::of(&to_the_last))
}

/// Somebody who writes in another conversation, on a thread of their own: what the listeners do must
/// not look as if it were the server's doing.
struct Writer {
    over: Arc<AtomicBool>,
    thread: JoinHandle<Result<Vec<f64>>>,
}

impl Writer {
    fn start(address: SocketAddr, account: Account, talk: ConversationKey) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let until = over.clone();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(post_until(&until, address, &account, talk))
        });
        Self { over, thread }
    }

    /// Milliseconds until each confirmation, from the moment its message was due.
    async fn stop(self) -> Result<Vec<f64>> {
        self.over.store(true, Ordering::Relaxed);
        let ended = tokio::task::spawn_blocking(move || self.thread.join()).await?;
        ended.map_err(|_| anyhow!("the other writer"))?
    }
}

async fn post_until(
    over: &AtomicBool,
    address: SocketAddr,
    account: &Account,
    talk: ConversationKey,
) -> Result<Vec<f64>> {
    let mut socket = Socket::open(address, account).await?;
    let (mut pace, mut milliseconds) = (Pace::start(POSTS_PER_SECOND)?, Vec::new());
    while !over.load(Ordering::Relaxed) {
        for due in pace.due().await? {
            let client_id = ClientId::new();
            socket.line().say(talk, &client_id, body_of(&client_id)).await?;
            confirmed(&mut socket, &client_id).await?;
            milliseconds.push(milliseconds_since(pace.moment(due)));
        }
    }
    Ok(milliseconds)
}

async fn confirmed(socket: &mut Socket, client_id: &ClientId) -> Result<()> {
    let (name, mut is_confirmed) = (client_id.as_str().as_bytes(), false);
    while !is_confirmed {
        let hear = |text: &[u8]| {
            ensure!(!is_kind(text, "error"), "{}", String::from_utf8_lossy(text));
            is_confirmed |=
                is_kind(text, "message_sent") && memchr::memmem::find(text, name).is_some();
            Ok(())
        };
        socket.read(hear).await?;
    }
    Ok(())
}

fn milliseconds_since(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1e3
}

fn table(turns: &Rounds<Contender, Turn>, listeners: usize) -> Table {
    use Contender::{Server, WriteLoop};
    let mut table = Table::default();
    let spread = |of, figure: fn(&Turn) -> f64| turns.spread(of, figure);
    for (name, figure, target) in [
        ("p50", (|turn| turn.median) as fn(&Turn) -> f64, "P5 ≤ 1.3"),
        ("p99", |turn| turn.slowest_percent, ""),
    ] {
        table.push(Row {
            measure: format!("spoken → the last of {listeners} has it, {name}"),
            figure: shown(spread(Server, figure), "ms"),
            floor: format!("F1 {}", shown(spread(WriteLoop, figure), "ms")),
            ratio: turns.ratio(Server, WriteLoop, figure),
            rounds: turns.note(),
            target,
        });
    }
    let unevenness = |turn: &Turn| turn.slowest_percent / turn.median;
    table.push(Row {
        measure: "p99 / p50 of that".into(),
        figure: shown(spread(Server, unevenness), ""),
        floor: format!("F1 {}", shown(spread(WriteLoop, unevenness), "")),
        rounds: turns.note(),
        target: "P5 ≤ 2",
        ..Row::default()
    });
    table.push(Row {
        measure: "another writer's confirmation meanwhile, p99".into(),
        figure: shown(spread(Server, |turn| turn.posting_meanwhile), "ms"),
        floor: format!("quiet {}", shown(spread(Server, |turn| turn.posting_quiet), "ms")),
        ratio: spread(Server, |turn| turn.posting_meanwhile / turn.posting_quiet),
        rounds: turns.note(),
        target: "P5 ≤ 2",
    });
    table
}
