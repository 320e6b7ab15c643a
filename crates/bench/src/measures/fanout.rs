//! P4: deliveries for each second of the server's processor time, in one room of N sockets.
//!
//! The server stays on one processor and the generator on another; the floor (F1, a bare loop of
//! `write`) takes the server's place with as many sockets and frames of the same length, heard by
//! the same readers. Every reader checks that the numbers have no hole, so a lost message voids the
//! run. Messages come one at a time, so that nothing can be coalesced, and in bursts, where the floor
//! puts a whole burst into each `write` as the server may. The server's time holds everything it did
//! for a message: reading, storing and telling it.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use anyhow::Result;
use wire::ClientId;

use crate::accounts::{Account, sign_up};
use crate::affinity::{GENERATOR, TESTED, pin};
use crate::audience::Audience;
use crate::process::{Process, free_port};
use crate::rounds::{Plan, rounds};
use crate::server::{Home, Server};
use crate::socket::{Socket, is_kind};
use crate::table::{Row, Table, shown};

const ACCOUNTS: usize = 24;
const BURST: usize = 16;
/// Writes of one turn in which nothing is coalesced; in bursts, half as many.
const WRITES: usize = 320_000;

/// How long a floor may take to start, and between two looks whether it has.
const PATIENCE: Duration = Duration::from_secs(10);
const TRY_EVERY: Duration = Duration::from_millis(1);

/// Who tells, and how many messages at once.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Contender {
    Server(usize),
    WriteLoop(usize),
}
use Contender::{Server as Ours, WriteLoop};

pub(crate) async fn measure(plan: Plan) -> Result<Table> {
    let mut table = Table::default();
    for &listeners in plan.pick(&[1000][..], &[1000, 5000][..]) {
        fan_out(listeners, plan, &mut table).await?;
    }
    Ok(table)
}

async fn fan_out(listeners: usize, plan: Plan, table: &mut Table) -> Result<()> {
    let mut stage = Stage::open(listeners).await?;
    let _generator = pin(GENERATOR)?;
    let singles = plan.pick(WRITES / 2, WRITES) / listeners;
    let bursts = |burst| if burst == 1 { singles } else { singles / 2 };
    let contenders = [Ours(1), WriteLoop(1), Ours(BURST), WriteLoop(BURST)];
    let told = rounds(plan.rounds(), &contenders, async |contender| match contender {
        Ours(burst) => stage.tell(bursts(burst), burst).await,
        WriteLoop(burst) => stage.floor.tell(bursts(burst), burst).await,
    });
    let told = told.await?;
    let thousands = |per_second: &f64| per_second / 1e3;
    for (burst, how, target) in
        [(1, "one at a time", "P4 ≥ 0.5 now, ≥ 0.75 later"), (BURST, "bursts of 16", "")]
    {
        table.push(Row {
            measure: format!("deliveries per CPU-second, {listeners} sockets, {how}"),
            figure: shown(told.spread(Ours(burst), thousands), "k"),
            floor: format!("F1 {}", shown(told.spread(WriteLoop(burst), thousands), "k")),
            ratio: told.ratio(Ours(burst), WriteLoop(burst), thousands),
            rounds: told.note(),
            target,
        });
    }
    Ok(())
}

/// The server, the floor, and as many listeners for each.
struct Stage {
    server: Server,
    _home: Home,
    publisher: Socket,
    audience: Audience,
    floor: Floor,
}

impl Stage {
    async fn open(listeners: usize) -> Result<Self> {
        let home = Home::new()?;
        let (server, floor) = {
            let _tested = pin(TESTED)?;
            (Server::start(&home).await?, Floor::start(listeners)?)
        };
        let accounts = sign_up(&server, ACCOUNTS + 1).await?;
        let (publisher, others) = split(&accounts);
        let publisher = Socket::open(server.address, publisher).await?;
        let mut audience = Audience::default();
        audience.grow(listeners, server.address, others).await?;
        let mut floor = floor;
        floor.seat(listeners).await?;
        Ok(Self { server, _home: home, publisher, audience, floor })
    }

    /// Deliveries per second of the server's processor time.
    async fn tell(&mut self, bursts: usize, burst: usize) -> Result<f64> {
        let before = self.server.process.cpu_seconds()?;
        for _ in 0..bursts {
            self.tell_burst(burst).await?;
        }
        let deliveries = bursts * burst * self.audience.len();
        Ok(deliveries as f64 / (self.server.process.cpu_seconds()? - before))
    }

    /// Says `burst` things and waits until everybody has heard all of them.
    async fn tell_burst(&mut self, burst: usize) -> Result<()> {
        let expected = self.audience.deliveries() + (burst * self.audience.len()) as u64;
        for _ in 0..burst {
            self.publisher.say(&ClientId::new()).await?;
        }
        let mut acknowledged = 0;
        while acknowledged < burst {
            let hear = |text: &[u8]| {
                acknowledged += usize::from(is_kind(text, "message_sent"));
                anyhow::ensure!(!is_kind(text, "error"), "{}", String::from_utf8_lossy(text));
                Ok(())
            };
            self.publisher.read(hear).await?;
        }
        self.audience.hears(expected).await
    }
}

fn split(accounts: &[Account]) -> (&Account, &[Account]) {
    (&accounts[0], &accounts[1..])
}

/// F1 and its listeners.
pub(super) struct Floor {
    process: Process,
    address: SocketAddr,
    audience: Audience,
}

impl Floor {
    pub(super) fn start(listeners: usize) -> Result<Self> {
        let port = free_port()?;
        let arguments = ["floor-fanout".into(), port.to_string(), listeners.to_string()];
        let process = Process::spawn_floor(&arguments)?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        Ok(Self { process, address, audience: Audience::default() })
    }

    pub(super) async fn seat(&mut self, listeners: usize) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        // It counts its connections, so the first try that succeeds must be a listener already.
        while self.audience.grow_unspoken(1, self.address).await.is_err() {
            anyhow::ensure!(Instant::now() < deadline, "the floor does not listen");
            tokio::time::sleep(TRY_EVERY).await;
        }
        self.audience.grow_unspoken(listeners, self.address).await
    }

    /// Deliveries per second of the floor's processor time.
    pub(super) async fn tell(&mut self, bursts: usize, burst: usize) -> Result<f64> {
        let deliveries = bursts * burst * self.audience.len();
        let expected = self.audience.deliveries() + deliveries as u64;
        let before = self.process.cpu_seconds()?;
        writeln!(self.process.stdin()?, "{bursts} {burst}")?;
        self.audience.hears(expected).await?;
        Ok(deliveries as f64 / (self.process.cpu_seconds()? - before))
    }
}
