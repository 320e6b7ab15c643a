//! R10: what comes of it when more is sent than can be written.
//!
//! First the capacity, closed loop: sixty-four messages on their way, and never more; and a thousand, for
//! a server that writes larger batches then. The higher one counts. Then half of it, all of it, twice and
//! four times that, open loop, from hundreds of sockets in conversations of two:
//! nobody waits for an answer before the next message falls due. Time runs from that moment, so a server
//! that only lets its clients wait cannot hide it. A refusal has to say when to come again; its time runs
//! from the moment at which the message was written. Afterwards a further socket asks how long it takes
//! until confirmations are as quick again as before. Server and generator have a processor each, and
//! what the generator could really send stands in the table.

use std::pin::pin;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use wire::{ClientId, ConversationKey};

use crate::affinity::{GENERATOR, TESTED, pin};
use crate::load::flood::{Flood, Poured};
use crate::load::rooms::{self, Room};
use crate::process::Process;
use crate::rounds::Plan;
use crate::server::{Home, Server};
use crate::socket::{Socket, body_of, is_kind};
use crate::stats::{Spread, percentile};
use crate::table::{Row, Table, number};

/// Messages on their way while the capacity is looked for.
const SENDERS: [usize; 2] = [64, 1024];
/// Of the capacity.
const LOADS: [f64; 4] = [0.5, 1.0, 2.0, 4.0];
/// Between two looks at the memory.
const LOOK: Duration = Duration::from_millis(100);

/// Confirmations that say how quick a server is that has nothing to do.
const PROBES: usize = 100;
const BETWEEN_PROBES: Duration = Duration::from_millis(20);
/// This many in a row, none slower than twice the slowest percent of before, are as quick as before.
const IN_A_ROW: usize = 5;
const NO_SLOWER: f64 = 2.0;
const PATIENCE: Duration = Duration::from_secs(60);

struct Turn {
    load: f64,
    poured: Poured,
    /// MiB at most.
    memory: f64,
    /// Seconds.
    recovery: f64,
}

pub(crate) async fn measure(plan: Plan) -> Result<Table> {
    let home = Home::new()?;
    let server = {
        let _tested = pin(TESTED)?;
        Server::start(&home).await?
    };
    let rooms = rooms::open(&server.url(""), plan.pick(101, 501)).await?;
    let _generator = pin(GENERATOR)?;
    let (own, rooms) = rooms.split_first().context("no rooms")?;
    let mut probe = Probe::seat(&server, own).await?;
    let mut flood = Flood::seat(server.address, rooms).await?;
    probe.learn().await?;
    let time = Duration::from_secs(plan.pick(10, 60));
    let mut capacities = [0.0; SENDERS.len()];
    for (capacity, senders) in capacities.iter_mut().zip(SENDERS) {
        *capacity = flood.capacity(senders, time / 4).await?;
    }
    let capacity = capacities.into_iter().fold(0.0, f64::max);
    let mut turns = Vec::new();
    for load in LOADS {
        probe.recovery().await?;
        let rate = (capacity * load).max(1.0) as u32;
        let (poured, memory) = watched(&server.process, flood.pour(rate, time)).await?;
        let recovery = probe.recovery().await?;
        turns.push(Turn { load, poured, memory, recovery });
    }
    Ok(table(&capacities, flood.len(), &probe, &turns))
}

/// The load, and the most memory that the server had meanwhile.
async fn watched(
    server: &Process,
    load: impl Future<Output = Result<Poured>>,
) -> Result<(Poured, f64)> {
    let (mut load, mut looks) = (pin!(load), interval(LOOK));
    looks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut most = 0.0_f64;
    loop {
        tokio::select! {
            poured = &mut load => return Ok((poured?, most)),
            _ = looks.tick() => most = most.max(server.memory()?.rss / 1024.0),
        }
    }
}

/// Somebody who says something now and then.
struct Probe {
    socket: Socket,
    room: ConversationKey,
    /// Milliseconds on a server that has nothing to do.
    usual: f64,
    slowest_percent: f64,
}

impl Probe {
    async fn seat(server: &Server, room: &Room) -> Result<Self> {
        let account = room.people.first().context("an empty room")?;
        let socket = Socket::open(server.address, account).await?;
        Ok(Self { socket, room: room.key, usual: f64::NAN, slowest_percent: f64::NAN })
    }

    async fn learn(&mut self) -> Result<()> {
        let mut took = Vec::new();
        for _ in 0..PROBES {
            took.extend(self.say().await?);
            sleep(BETWEEN_PROBES).await;
        }
        self.usual = percentile(&took, 0.5).context("refused at rest")?;
        self.slowest_percent = percentile(&took, 0.99).context("refused at rest")?;
        Ok(())
    }

    /// Milliseconds until the confirmation; `None` for a refusal.
    async fn say(&mut self) -> Result<Option<f64>> {
        let (client_id, begun) = (ClientId::new(), Instant::now());
        self.socket.line().say(self.room, &client_id, body_of(&client_id)).await?;
        let mut answer = None;
        while answer.is_none() {
            let hear = |text: &[u8]| {
                if memchr::memmem::find(text, client_id.as_str().as_bytes()).is_some() {
                    let took = begun.elapsed().as_secs_f64() * 1e3;
                    answer = Some((!is_kind(text, "error")).then_some(took));
                }
                Ok(())
            };
            timeout(PATIENCE, self.socket.read(hear)).await.context("no answer")??;
        }
        Ok(answer.flatten())
    }

    /// Seconds until it is as quick as before.
    async fn recovery(&mut self) -> Result<f64> {
        let begun = Instant::now();
        let mut quick = Vec::new();
        while begun.elapsed() < PATIENCE {
            let at = begun.elapsed().as_secs_f64();
            match self.say().await? {
                Some(took) if took <= NO_SLOWER * self.slowest_percent => quick.push(at),
                _ => quick.clear(),
            }
            if quick.len() == IN_A_ROW {
                return Ok(quick[0]);
            }
            sleep(BETWEEN_PROBES).await;
        }
        bail!("not as quick as before within {PATIENCE:?}")
    }
}

fn table(capacities: &[f64], sockets: usize, probe: &Probe, turns: &[Turn]) -> Table {
    let mut table = Table::default();
    for (capacity, senders) in capacities.iter().zip(SENDERS) {
        table.push(Row {
            measure: format!("capacity, {senders} messages on their way, {sockets} sockets"),
            figure: format!("{} /s", number(*capacity)),
            floor: format!(
                "at rest: p50 {} ms, p99 {} ms",
                number(probe.usual),
                number(probe.slowest_percent)
            ),
            ..Row::default()
        });
    }
    // What it could do under some load, it must be able to do under more.
    let goodputs = turns.iter().map(|turn| turn.poured.goodput);
    let peak = capacities.iter().copied().chain(goodputs).fold(0.0, f64::max);
    let calm = turns.first().map_or(f64::NAN, |turn| turn.poured.confirmations.p99);
    for turn in turns {
        rows_of(turn, peak, calm, &mut table);
    }
    table
}

fn rows_of(turn: &Turn, peak: f64, calm: f64, table: &mut Table) {
    let Turn { load, poured, memory, recovery } = turn;
    let mut row = |measure: &str, figure: String, floor: String, ratio, target| {
        let measure = format!("{load} ×: {measure}");
        table.push(Row { measure, figure, floor, ratio, rounds: String::new(), target });
    };
    let goodput = Spread::of([poured.goodput / peak]);
    row(
        "confirmed",
        format!("{} /s", number(poured.goodput)),
        format!(
            "offered {} /s, sent {} /s, the generator busy for {:.0} %",
            number(poured.offered),
            number(poured.written),
            100.0 * poured.busy
        ),
        goodput,
        "R10 ≥ 0.9 of the most, from 1 × on",
    );
    let of = &poured.confirmations;
    row(
        "due → confirmation, p50 and p99",
        format!("{} and {} ms", number(of.p50), number(of.p99)),
        format!("p99 at 0.5 × {} ms", number(calm)),
        Spread::of([of.p99 / calm]),
        "R10 ≤ 2",
    );
    let refusals = poured.refusals.map_or_else(
        || "none".to_owned(),
        |all| format!("{} ms, {} of them", number(all.p99), poured.refused),
    );
    row("written → refusal, p99", refusals, String::new(), None, "R10 ≤ 50 ms");
    row("the server's Rss at most", format!("{} MiB", number(*memory)), String::new(), None, "");
    row(
        "as quick as before after",
        format!("{} s", number(*recovery)),
        String::new(),
        None,
        "R10 ≤ 2 s",
    );
}
