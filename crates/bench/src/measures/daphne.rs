//! P4 and P6 beside Django Channels: fifty listeners and ten speakers in one room, who listen too.
//!
//! Both get the same messages at the same fixed rate, one that Daphne survives; ours also gets fifty
//! times as many, since what a delivery costs falls with the load. Every delivery is counted, and what
//! Daphne stored is looked up. Django's app does nothing but store and tell (see
//! `crates/bench/daphne`), ours everything it always does. Each program's own processor time counts;
//! what Daphne's Redis needs beside it does not. Where Python's packages or Redis cannot be had, the
//! table says so.

use std::time::Duration;

use anyhow::{Result, ensure};

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

#[derive(Debug, Clone, Copy, PartialEq)]
enum Contender {
    Server,
    ServerBusy,
    Daphne,
}

#[derive(Debug)]
struct Turn {
    run: Run,
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
    let time = Duration::from_secs(plan.pick(5, 20));
    let contenders = [Contender::Server, Contender::Daphne, Contender::ServerBusy];
    let turns = rounds(plan.rounds(), &contenders, async |contender| match contender {
        Contender::Server => speak(&mut crowd, &server.process, RATE, time).await,
        Contender::ServerBusy => speak(&mut crowd, &server.process, MANY, time).await,
        Contender::Daphne => speak(&mut djangos, &daphne.process, RATE, time).await,
    });
    let turns = turns.await.map_err(|error| error.context(daphne.last_words()))?;
    let (stored, sent) = (daphne.stored()?, djangos.sent()[0]);
    ensure!(stored as u64 == sent, "Daphne stored {stored} of {sent}");
    Ok(table(&turns))
}

async fn speak(crowd: &mut Crowd, process: &Process, rate: u32, time: Duration) -> Result<Turn> {
    let before = process.cpu_seconds()?;
    let run = crowd.speak(rate, time).await?;
    let cpu = process.cpu_seconds()? - before;
    Ok(Turn { deliveries_per_cpu_second: run.deliveries as f64 / cpu, run })
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
    let tail: fn(&Turn) -> f64 = |turn| turn.run.latencies.p99;
    row("deliveries per CPU-second", Server, RATE, work, "/s", "");
    row("deliveries per CPU-second", ServerBusy, MANY, work, "/s", "P4 ≥ 200");
    row("send → delivery, p50", Server, RATE, |turn| turn.run.latencies.p50, "ms", "");
    row("send → delivery, p99", Server, RATE, tail, "ms", "P6 ≤ 0.05");
    row("send → delivery, p99", ServerBusy, MANY, tail, "ms", "");
    table
}
