//! P2: processor time of an idle connection, its pings every 25 seconds included.
//!
//! The window is a whole number of those 25 seconds, so that every socket is pinged as often as every
//! other; the pings are counted on the wire. The floor pings as many sockets from bare tokio tasks.
//! What the server uses with no socket at all is a row of its own, and not taken off.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Result, ensure};

use crate::accounts::sign_up;
use crate::audience::Audience;
use crate::process::{Process, free_port};
use crate::rounds::Plan;
use crate::server::{Home, Server, answers_at};
use crate::stats::Spread;
use crate::table::{Row, Table, number, shown};

const ACCOUNTS: usize = 24;
const HEARTBEAT: Duration = Duration::from_secs(25);
/// Between the last handshake and the window.
const REST: Duration = Duration::from_secs(2);
/// How long the server is watched with no socket at all.
const ALONE: Duration = Duration::from_secs(5);
/// Pings that may fall on the other side of the window's edges.
const LATE: f64 = 0.02;

/// Microseconds of processor for each second and connection.
#[derive(Debug, Clone, Copy)]
struct Turn {
    ours: f64,
    floor: f64,
    /// Milliseconds for each second, with no connection.
    alone: f64,
}

pub(crate) async fn measure(plan: Plan) -> Result<Table> {
    let sockets = plan.pick(6_000, 18_000);
    let mut turns = Vec::new();
    for _ in 0..plan.pick(1, 3) {
        turns.push(turn(plan, sockets).await?);
    }
    Ok(table(&turns, sockets))
}

/// Processor time is each program's own, so where their sockets fit into one generator both are
/// watched in one window.
async fn turn(plan: Plan, sockets: usize) -> Result<Turn> {
    let windows = plan.pick(1, 4);
    let ((ours, alone), floor) = if plan.quick {
        tokio::try_join!(watch_server(sockets, windows), watch_floor(sockets, windows))?
    } else {
        (watch_server(sockets, windows).await?, watch_floor(sockets, windows).await?)
    };
    Ok(Turn { ours, floor, alone })
}

async fn watch_server(sockets: usize, windows: u32) -> Result<(f64, f64)> {
    let home = Home::new()?
        .with("PRESENCE_HEARTBEAT", HEARTBEAT.as_secs())
        .with("PRESENCE_EXPIRY", 3 * HEARTBEAT.as_secs());
    let server = Server::start(&home).await?;
    let accounts = sign_up(&server, ACCOUNTS).await?;
    let alone = used(&server.process, ALONE).await? * 1e3;
    let mut audience = Audience::default();
    audience.grow(sockets, server.address, &accounts).await?;
    Ok((watch(&server.process, &audience, windows).await?, alone))
}

async fn watch_floor(sockets: usize, windows: u32) -> Result<f64> {
    let port = free_port()?;
    let every = HEARTBEAT.as_secs().to_string();
    let process = Process::spawn_floor(&["floor-pings".into(), port.to_string(), every])?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    answers_at(address).await?;
    let mut audience = Audience::default();
    audience.grow_unspoken(sockets, address).await?;
    watch(&process, &audience, windows).await
}

/// Microseconds for each second and connection.
async fn watch(process: &Process, audience: &Audience, windows: u32) -> Result<f64> {
    tokio::time::sleep(REST).await;
    let pings = audience.pings();
    let used = used(process, HEARTBEAT * windows).await?;
    let pinged = (audience.pings() - pings) as f64;
    let expected = audience.len() as f64 * f64::from(windows);
    ensure!((pinged / expected - 1.0).abs() <= LATE, "{pinged} pings instead of {expected}");
    Ok(used * 1e6 / audience.len() as f64)
}

/// Seconds of processor for each second of `time`.
async fn used(process: &Process, time: Duration) -> Result<f64> {
    let before = process.cpu_seconds()?;
    tokio::time::sleep(time).await;
    Ok((process.cpu_seconds()? - before) / time.as_secs_f64())
}

fn table(turns: &[Turn], sockets: usize) -> Table {
    let spread = |figure: fn(&Turn) -> f64| Spread::of(turns.iter().map(figure));
    let mut table = Table::default();
    table.push(Row {
        measure: format!("CPU of an idle socket, {sockets} of {ACCOUNTS} people, pings included"),
        figure: shown(spread(|turn| turn.ours), "µs/s"),
        floor: format!("ping loop {}", shown(spread(|turn| turn.floor), "µs/s")),
        ratio: spread(|turn| turn.ours / turn.floor),
        rounds: turns.len().to_string(),
        target: "P2 ≤ 1.5 µs/s",
    });
    table.push(Row {
        measure: "CPU of the server with no socket".into(),
        figure: format!(
            "{} ms/s",
            number(spread(|turn| turn.alone).map_or(f64::NAN, |s| s.median))
        ),
        rounds: turns.len().to_string(),
        ..Row::default()
    });
    table
}
