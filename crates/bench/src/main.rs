//! Measures the release binary against floors taken in the same run, and prints a table.
//!
//! A figure of a shared machine means little alone, so each measure runs beside a tiny program that
//! does only what cannot be avoided (its *floor*), in the order A B, B A, A B …, and the ratios are
//! what counts. Nothing is asserted; a run whose answers were wrong prints `void` and no figure.
//!
//! `TMPDIR` says on which disk the databases lie, `SPHERESPACE_BIN` which program is measured,
//! `BENCH_POSTGRES_URL` that it should use Postgres.

mod accounts;
mod affinity;
mod asker;
mod audience;
mod floors;
mod frames;
mod load;
mod measures;
mod peer;
mod postgres;
mod process;
mod rounds;
mod server;
mod socket;
mod stats;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

use crate::load::command::{Load, load};
use crate::measures::{
    big_room, bytes, chat, crowd, daphne, depth, fanout, idle, kills, messages, overload, pages,
    postgres as on_postgres, sockets, start, storm, writer,
};
use crate::rounds::Plan;
use crate::table::Table;

/// The server's allocator, so that a floor's memory differs by what it does and not by who gave it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(about = "Measures the release binary against floors taken in the same run")]
struct Cli {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand, Clone)]
enum What {
    /// Every measure below.
    All(Extent),
    /// P13: from exec to the first answers, and memory at rest.
    Start(Extent),
    /// P7: acknowledged durable messages a second.
    Messages(Extent),
    /// P7 without a network: the message writer alone.
    Writer(Extent),
    /// P8: the same on Postgres, beside one row for each commit.
    Postgres(Extent),
    /// P4: deliveries for each second of the server's CPU.
    Fanout(Extent),
    /// P1: memory of an idle socket.
    Sockets(Extent),
    /// P2: processor time of an idle socket.
    Idle(Extent),
    /// P5: how long until the last of a big room has heard it.
    BigRoom(Extent),
    /// P15: whether a long past costs anything.
    Depth(Extent),
    /// P15: whether very many posts and follows cost anything.
    Crowd(Extent),
    /// P6: ordinary chat at a fixed rate.
    Chat(Extent),
    /// P9: pages for somebody who is signed in.
    Pages(Extent),
    /// P14: everybody is cut off and comes back.
    Storm(Extent),
    /// R10: more than the server can write.
    Overload(Extent),
    /// P11: bytes of a page's first load.
    Bytes(Extent),
    /// R1: kills under load, and an audit of everything that was said and heard.
    Kills(kills::Extent),
    /// P4 and P6 beside Django Channels on Daphne.
    Daphne(Extent),
    /// The load generator by itself, against a server that runs already.
    Load(Load),
    #[command(hide = true)]
    FloorEcho { port: u16 },
    #[command(hide = true)]
    FloorPings { port: u16, seconds: u64 },
    #[command(hide = true)]
    FloorHttp { port: u16 },
    #[command(hide = true)]
    FloorPage { port: u16, folder: PathBuf },
    #[command(hide = true)]
    FloorFanout { port: u16, sockets: usize },
    #[command(hide = true)]
    FloorSockets { port: u16 },
}

#[derive(Args, Clone, Copy)]
struct Extent {
    /// Three rounds instead of five, and smaller ones.
    #[arg(long)]
    quick: bool,
}

fn main() -> ExitCode {
    match run(Cli::parse().what) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// In the order in which they are printed.
const ALL: [&str; 16] = [
    "start", "bytes", "writer", "messages", "postgres", "fanout", "big-room", "chat", "pages",
    "overload", "storm", "sockets", "idle", "depth", "crowd", "daphne",
];

/// Whether every answer was right.
fn run(what: What) -> Result<bool> {
    match what {
        What::All(extent) => measure(&ALL, extent),
        What::Start(extent) => measure(&["start"], extent),
        What::Messages(extent) => measure(&["messages"], extent),
        What::Writer(extent) => measure(&["writer"], extent),
        What::Postgres(extent) => measure(&["postgres"], extent),
        What::Fanout(extent) => measure(&["fanout"], extent),
        What::Sockets(extent) => measure(&["sockets"], extent),
        What::Idle(extent) => measure(&["idle"], extent),
        What::BigRoom(extent) => measure(&["big-room"], extent),
        What::Depth(extent) => measure(&["depth"], extent),
        What::Crowd(extent) => measure(&["crowd"], extent),
        What::Chat(extent) => measure(&["chat"], extent),
        What::Pages(extent) => measure(&["pages"], extent),
        What::Storm(extent) => measure(&["storm"], extent),
        What::Overload(extent) => measure(&["overload"], extent),
        What::Bytes(extent) => measure(&["bytes"], extent),
        What::Kills(extent) => report("kills", kills::measure(extent)),
        What::Daphne(extent) => measure(&["daphne"], extent),
        What::Load(wanted) => report("load", load(&wanted)),
        What::FloorEcho { port } => floors::echo::serve(port).map(|()| true),
        What::FloorPings { port, seconds } => {
            floors::pings::serve(port, Duration::from_secs(seconds)).map(|()| true)
        }
        What::FloorHttp { port } => floors::http::serve(port).map(|()| true),
        What::FloorPage { port, folder } => floors::page::serve(port, &folder).map(|()| true),
        What::FloorFanout { port, sockets } => floors::fanout::serve(port, sockets).map(|()| true),
        What::FloorSockets { port } => floors::sockets::serve(port).map(|()| true),
    }
}

fn measure(names: &[&str], extent: Extent) -> Result<bool> {
    let plan = Plan { quick: extent.quick };
    let mut valid = true;
    for name in names {
        valid &= report(name, one(name, plan))?;
    }
    Ok(valid)
}

/// On one thread: the generator must leave the other core to the server.
fn report(name: &str, measure: impl Future<Output = Result<Table>>) -> Result<bool> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let table = runtime.block_on(measure);
    match &table {
        Ok(table) => table.print(name),
        Err(reason) => table::print_void(name, reason),
    }
    Ok(table.is_ok())
}

async fn one(name: &str, plan: Plan) -> Result<Table> {
    match name {
        "start" => start::measure(plan).await,
        "messages" => messages::measure(plan).await,
        "writer" => writer::measure(plan).await,
        "postgres" => on_postgres::measure(plan).await,
        "fanout" => fanout::measure(plan).await,
        "idle" => idle::measure(plan).await,
        "big-room" => big_room::measure(plan).await,
        "depth" => depth::measure(plan).await,
        "crowd" => crowd::measure(plan).await,
        "daphne" => daphne::measure(plan).await,
        "chat" => chat::measure(plan).await,
        "pages" => pages::measure(plan).await,
        "overload" => overload::measure(plan).await,
        "storm" => storm::measure(plan).await,
        "sockets" => sockets::measure(plan).await,
        _ => bytes::measure().await,
    }
}
