//! P4 and P6 beside Django Channels: fifty listeners and ten speakers in one room, who listen too.
//!
//! Both get the same messages at the same fixed rate, one that Daphne survives; ours also gets fifty
//! times as many, since what a delivery costs falls with the load. Then each as much as it can take:
//! ours as fast as it answers, thirty-two messages of each speaker on their way; Daphne the highest of the
//! rates 30, 60, 120 … at which nothing is lost and nearly everything is told within two seconds. A bare
//! loop of `write` to as many sockets (F1) stands beside both, with one message or sixteen at a time.
//!
//! Every delivery is counted, and what Daphne stored is looked up. Django's app does nothing but store and
//! tell (see `crates/bench/daphne`), ours everything it always does. Each program's own processor time
//! counts; what Daphne's Redis needs beside it does not. Where Python's packages or Redis cannot be had,
//! the table says so.

use std::time::Duration;

use anyhow::{Result, ensure};

use super::fanout::Floor;
use crate::load::latencies::Summary;
use crate::load::{Crowd, Run, rooms};
use crate::peer::Daphne;
use crate::process::Process;
use crate::rounds::{Plan, Rounds, rounds};
use crate::server::{Home, Server};
use crate::table::{Row, Table, shown};

const SPEAKERS: usize = 10;
const SOCKETS: usize = 50 + SPEAKERS;
/// Messages a second.
const RATE: u32 = 30;
const MANY: u32 = 50 * RATE;
/// Messages of each speaker on their way where each sends as fast as it is answered.
const IN_FLIGHT: usize = 32;
/// Messages in one `write` of the floor, where the server may put several together too.
const BURST: usize = 16;
/// Rates that are tried.
const RATES: [u32; 8] = [RATE, 60, 120, 240, 480, 960, 1920, 3840];
/// How long one of them is.
const TRIAL: Duration = Duration::from_secs(5);
/// Milliseconds within which a server that keeps up has told nearly everything.
const KEEPS_UP: f64 = 2_000.0;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Contender {
    Server,
    ServerBusy,
    ServerFull,
    Daphne,
    DaphneFull,
    WriteLoop(usize),
}

#[derive(Debug)]
struct Turn {
    /// The floor has none.
    run: Option<Run>,
    deliveries_per_cpu_second: f64,
}

pub(crate) async fn measure(plan: Plan) -> Result<Table> {
    let daphne = match Daphne::start().await {
        Ok(daphne) => daphne,
        Err(reason) => return Ok(without(&reason)),
    };
    let home = Home::new()?;
    let server = Server::start(&home).await?;
    let places = rooms::open(&server.url(""), 0).await?;
    let mut crowd = Crowd::seat(server.address, &places, SOCKETS).await?;
    let mut djangos = Crowd::seat_strangers(daphne.address, SOCKETS).await?;
    crowd.let_only_some_speak(SPEAKERS);
    djangos.let_only_some_speak(SPEAKERS);
    let mut floor = Floor::start(SOCKETS)?;
    floor.seat(SOCKETS).await?;
    let highest = highest_rate().await?;
    let time = Duration::from_secs(plan.pick(5, 20));
    let writes = plan.pick(5_000, 20_000);
    let contenders = [
        Contender::Server,
        Contender::Daphne,
        Contender::ServerBusy,
        Contender::ServerFull,
        Contender::DaphneFull,
        Contender::WriteLoop(1),
        Contender::WriteLoop(BURST),
    ];
    let turns = rounds(plan.rounds(), &contenders, async |contender| match contender {
        Contender::Server => speak(&mut crowd, &server.process, RATE, time).await,
        Contender::ServerBusy => speak(&mut crowd, &server.process, MANY, time).await,
        Contender::ServerFull => fill(&mut crowd, &server.process, time).await,
        Contender::Daphne => speak(&mut djangos, &daphne.process, RATE, time).await,
        Contender::DaphneFull => speak(&mut djangos, &daphne.process, highest, time).await,
        Contender::WriteLoop(burst) => {
            Ok(Turn { deliveries_per_cpu_second: floor.tell(writes, burst).await?, run: None })
        }
    });
    let turns = turns.await.map_err(|error| error.context(daphne.last_words()))?;
    let (stored, sent) = (daphne.stored()?, djangos.sent()[0]);
    ensure!(stored as u64 == sent, "Daphne stored {stored} of {sent}");
    let mut table = table(&turns);
    saturated(&turns, highest, &mut table);
    Ok(table)
}

async fn speak(crowd: &mut Crowd, process: &Process, rate: u32, time: Duration) -> Result<Turn> {
    let before = process.cpu_seconds()?;
    let run = crowd.speak(rate, time).await?;
    Turn::of(run, process.cpu_seconds()? - before)
}

async fn fill(crowd: &mut Crowd, process: &Process, time: Duration) -> Result<Turn> {
    let before = process.cpu_seconds()?;
    let run = crowd.saturate((SPEAKERS * IN_FLIGHT) as u64, time).await?;
    Turn::of(run, process.cpu_seconds()? - before)
}

impl Turn {
    fn of(run: Run, cpu: f64) -> Result<Self> {
        Ok(Self { deliveries_per_cpu_second: run.deliveries as f64 / cpu, run: Some(run) })
    }

    /// Of the latencies, in milliseconds.
    fn latency(&self, of: fn(&Summary) -> f64) -> f64 {
        self.run.as_ref().map_or(f64::NAN, |run| of(&run.latencies))
    }
}

/// At a Daphne of its own: what it was not equal to stays with it.
async fn highest_rate() -> Result<u32> {
    let daphne = Daphne::start().await?;
    let mut crowd = Crowd::seat_strangers(daphne.address, SOCKETS).await?;
    crowd.let_only_some_speak(SPEAKERS);
    let mut highest = RATE;
    for rate in RATES {
        let Ok(run) = crowd.speak(rate, TRIAL).await else { break };
        if run.latencies.p99 > KEEPS_UP {
            break;
        }
        highest = rate;
    }
    Ok(highest)
}

fn without(reason: &anyhow::Error) -> Table {
    let mut table = Table::default();
    table.push(Row {
        measure: "Django Channels on Daphne".into(),
        figure: "not measured".into(),
        floor: format!("this machine cannot run it: {reason:#}"),
        ..Row::default()
    });
    table
}

fn table(turns: &Rounds<Contender, Turn>) -> Table {
    use Contender::{Daphne, Server, ServerBusy};
    let mut table = Table::default();
    let mut row = |measure: &str, ours, rate, figure: fn(&Turn) -> f64, unit, target| {
        table.push(Row {
            measure: format!("{measure}, {SOCKETS} sockets, {rate} messages/s"),
            figure: shown(turns.spread(ours, figure), unit),
            floor: format!("Daphne at {RATE}/s: {}", shown(turns.spread(Daphne, figure), unit)),
            ratio: turns.ratio(ours, Daphne, figure),
            rounds: turns.note(),
            target,
        });
    };
    let work: fn(&Turn) -> f64 = |turn| turn.deliveries_per_cpu_second;
    let median: fn(&Turn) -> f64 = |turn| turn.latency(|all| all.p50);
    let tail: fn(&Turn) -> f64 = |turn| turn.latency(|all| all.p99);
    row("deliveries per CPU-second", Server, RATE, work, "/s", "");
    row("deliveries per CPU-second", ServerBusy, MANY, work, "/s", "P4 ≥ 200");
    row("send → delivery, p50", Server, RATE, median, "ms", "");
    row("send → delivery, p99", Server, RATE, tail, "ms", "P6 ≤ 0.05");
    row("send → delivery, p99", ServerBusy, MANY, tail, "ms", "");
    table
}

/// Each with as much as it can take, beside one another and beside a bare loop of `write`.
fn saturated(turns: &Rounds<Contender, Turn>, highest: u32, table: &mut Table) {
    use Contender::{DaphneFull, ServerFull, WriteLoop};
    let work = |turn: &Turn| turn.deliveries_per_cpu_second;
    let full = format!("{SPEAKERS} speakers with {IN_FLIGHT} on their way each");
    let daphnes = format!("Daphne at {highest}/s");
    let mut row = |who: &str, ours, floor: &str, theirs, target| {
        table.push(Row {
            measure: format!("deliveries per CPU-second, {SOCKETS} sockets, {who}"),
            figure: shown(turns.spread(ours, work), "/s"),
            floor: format!("{floor}: {}", shown(turns.spread(theirs, work), "/s")),
            ratio: turns.ratio(ours, theirs, work),
            rounds: turns.note(),
            target,
        });
    };
    row(&full, ServerFull, &daphnes, DaphneFull, "P4 ≥ 50");
    for (floor, burst) in [("F1, one at a time", 1), ("F1, sixteen at a time", BURST)] {
        row(&full, ServerFull, floor, WriteLoop(burst), "");
    }
    row(&daphnes, DaphneFull, "F1, one at a time", WriteLoop(1), "");
    table.push(Row {
        measure: format!("send → delivery, p99, {full}"),
        figure: shown(turns.spread(ServerFull, |turn| turn.latency(|all| all.p99)), "ms"),
        floor: format!(
            "{daphnes}: {}",
            shown(turns.spread(DaphneFull, |turn| turn.latency(|all| all.p99)), "ms")
        ),
        rounds: turns.note(),
        ..Row::default()
    });
}
