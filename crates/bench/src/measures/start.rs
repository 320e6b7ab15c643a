//! P13: how long from `exec` to the first answers, and what the program weighs at rest.
//!
//! The peer is the smallest axum program that says hello. Memory is read a second after the last
//! answer. The peer's pages are shared with this very process, which makes its Pss meaningless;
//! Rss is what the two are compared by.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::process::{Memory, Process, free_port};
use crate::rounds::{Plan, Rounds, rounds};
use crate::server::{Home, Server, answers};
use crate::stats::Spread;
use crate::table::{Row, Table, shown};

/// After the last answer, before memory is read.
const REST: Duration = Duration::from_secs(1);
const MIB: f64 = 1024.0;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Contender {
    FreshDatabase,
    ExistingDatabase,
    HelloAxum,
}
use Contender::{ExistingDatabase, FreshDatabase, HelloAxum};

/// Milliseconds since `exec`, and memory at rest.
#[derive(Debug)]
struct Start {
    ready: f64,
    page: f64,
    memory: Memory,
}

pub(crate) async fn measure(plan: Plan) -> Result<Table> {
    let existing = Home::new()?;
    drop(Server::start(&existing).await?);
    let contenders = [FreshDatabase, HelloAxum, ExistingDatabase];
    let starts = rounds(2 * plan.rounds(), &contenders, async |contender| match contender {
        FreshDatabase => start_server(&Home::new()?).await,
        ExistingDatabase => start_server(&existing).await,
        HelloAxum => start_hello().await,
    });
    Ok(table(&starts.await?))
}

async fn start_server(home: &Home) -> Result<Start> {
    let begun = Instant::now();
    let mut server = Server::spawn(home)?;
    let (ready, page) = (server.url("/readyz"), server.url("/"));
    watch(begun, &mut server.process, &ready, &page).await
}

async fn start_hello() -> Result<Start> {
    let port = free_port()?;
    let url = format!("http://127.0.0.1:{port}/");
    let begun = Instant::now();
    let mut hello = Process::spawn_floor(&["floor-http".into(), port.to_string()])?;
    watch(begun, &mut hello, &url, &url).await
}

async fn watch(begun: Instant, process: &mut Process, ready: &str, page: &str) -> Result<Start> {
    answers(process, ready).await?;
    let ready = milliseconds_since(begun);
    answers(process, page).await?;
    let page = milliseconds_since(begun);
    tokio::time::sleep(REST).await;
    Ok(Start { ready, page, memory: process.memory()? })
}

fn milliseconds_since(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1e3
}

fn table(starts: &Rounds<Contender, Start>) -> Table {
    let mut table = Table::default();
    for (contender, database) in [(FreshDatabase, "fresh"), (ExistingDatabase, "existing")] {
        let row = |measure: &str, figure: fn(&Start) -> f64, unit, target| Row {
            measure: format!("{measure}, {database} database"),
            figure: shown(starts.spread(contender, figure), unit),
            floor: format!("{} hello-axum", shown(starts.spread(HelloAxum, figure), unit)),
            ratio: starts.ratio(contender, HelloAxum, figure),
            rounds: starts.note(),
            target,
        };
        table.push(row("exec → 200 of /readyz", |start| start.ready, "ms", "P13 ≤ 50 ms, ≤ 3 ×"));
        table.push(row("exec → page /", |start| start.page, "ms", "P13 ≤ 120 ms"));
        table.push(row("Rss at rest", |start| start.memory.rss / MIB, "MiB", ""));
        table.push(Row {
            measure: format!("Pss at rest, {database} database"),
            figure: shown(pss(starts, contender), "MiB"),
            rounds: starts.note(),
            target: "P13 ≤ 18 MiB",
            ..Row::default()
        });
    }
    table
}

fn pss(starts: &Rounds<Contender, Start>, contender: Contender) -> Option<Spread> {
    starts.spread(contender, |start| start.memory.pss / MIB)
}
