//! R1: the server is killed again and again while people write, and none of it is lost.
//!
//! Everybody is in the global room, says something, waits for the confirmation and says the next thing;
//! what is not confirmed is said again under the same client id after the next start. In the end
//! everything that anybody was told is held against the database: nothing acknowledged may be lost,
//! nothing be there twice, nobody have heard another order or a hole.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use clap::Args;
use rusqlite::{Connection, OpenFlags};
use test_support::history::{Entry, Log, faults, stored_at};
use test_support::{Place, Talker, Who};
use tokio::sync::watch;

use crate::accounts::{Account, sign_up};
use crate::server::{Home, Server, database_url, postgres_url};
use crate::stats::{Spread, percentile};
use crate::table::{Row, Table, shown};

/// Longest work between two kills; each is somewhere below it.
const UPTIME: Duration = Duration::from_millis(800);

#[derive(Args, Clone, Copy)]
pub(crate) struct Extent {
    #[arg(long, default_value_t = 200)]
    cycles: usize,
    #[arg(long, default_value_t = 200)]
    clients: usize,
    /// Messages a second, all clients together.
    #[arg(long, default_value_t = 500)]
    rate: usize,
}

/// What came of it.
struct Outcome {
    stored: Vec<Entry>,
    logs: Vec<Log>,
    /// From `exec` to the first 200 of `/readyz`.
    restarts: Vec<f64>,
    seconds: f64,
}

pub(crate) async fn measure(extent: Extent) -> Result<Table> {
    let home = Home::new()?;
    let server = Server::start(&home).await?;
    let accounts = sign_up(&server, extent.clients).await?;
    let begun = Instant::now();
    let (found, place) = watch::channel(Some(server.address));
    let since = last(&stored_at(&database_url(&home)).await?);
    let talkers = talkers(&accounts, extent, since, &place);
    // Its end is the drop at the end of this function: a kill, like every other.
    let (_server, restarts) = torment(&home, server, extent.cycles, &found).await?;
    for talker in &talkers {
        talker.be_quiet().await;
    }
    let stored = stored_at(&database_url(&home)).await?;
    let mut logs = Vec::with_capacity(talkers.len());
    for talker in talkers {
        logs.push(talker.hear_out(last(&stored)).await);
    }
    check_file(&home)?;
    let seconds = begun.elapsed().as_secs_f64();
    report(&Outcome { stored, logs, restarts, seconds })
}

fn last(stored: &[Entry]) -> i64 {
    stored.iter().map(|entry| entry.seq).max().unwrap_or(0)
}

fn talkers(accounts: &[Account], extent: Extent, since: i64, place: &Place) -> Vec<Talker> {
    let pace = Duration::from_secs_f64(extent.clients as f64 / extent.rate.max(1) as f64);
    let who = |(n, account): (usize, &Account)| Who {
        name: format!("client {n}"),
        access: account.access.clone(),
        pace: Some(pace),
        since,
    };
    accounts.iter().enumerate().map(|each| Talker::start(who(each), place.clone())).collect()
}

/// Kills and starts again; the last server, and how long each start took in seconds.
async fn torment(
    home: &Home,
    mut server: Server,
    cycles: usize,
    found: &watch::Sender<Option<std::net::SocketAddr>>,
) -> Result<(Server, Vec<f64>)> {
    let mut restarts = Vec::with_capacity(cycles);
    for cycle in 0..cycles {
        // Spread evenly over the range, in an order that looks like none.
        let share = (cycle as f64 * 0.618_034).fract();
        tokio::time::sleep(UPTIME.mul_f64(share)).await;
        found.send_replace(None);
        drop(server);
        let begun = Instant::now();
        server = Server::start(home).await.with_context(|| format!("after kill {cycle}"))?;
        restarts.push(begun.elapsed().as_secs_f64());
        found.send_replace(Some(server.address));
    }
    Ok((server, restarts))
}

fn check_file(home: &Home) -> Result<()> {
    if postgres_url().is_some() {
        return Ok(());
    }
    let file = Connection::open_with_flags(home.database(), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let said: String = file.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    ensure!(said == "ok", "the database file: {said}");
    Ok(())
}

fn report(outcome: &Outcome) -> Result<Table> {
    let found = faults(&outcome.stored, &outcome.logs);
    let shown_faults: Vec<_> = found.iter().take(10).map(ToString::to_string).collect();
    ensure!(found.is_empty(), "{} faults: {}", found.len(), shown_faults.join("; "));
    let acknowledged: usize = outcome.logs.iter().map(|log| log.acknowledged.len()).sum();
    let told: usize = outcome.logs.iter().map(|log| log.seen.len()).sum();
    let kills = outcome.restarts.len();
    let mut table = Table::default();
    table.push(Row {
        measure: format!(
            "acknowledged, {} clients, {kills} kills: none lost, doubled or out of order",
            outcome.logs.len()
        ),
        figure: format!(
            "{acknowledged} ({:.0}/s), {told} told",
            acknowledged as f64 / outcome.seconds
        ),
        target: "R1 0 faults",
        ..Row::default()
    });
    let slowest = percentile(&outcome.restarts, 0.99).map_or(f64::NAN, |seconds| seconds * 1e3);
    let milliseconds = Spread::of(outcome.restarts.iter().map(|seconds| seconds * 1e3));
    table.push(Row {
        measure: "exec → 200 of /readyz after a kill".into(),
        figure: format!("{}, p99 {slowest:.0} ms", shown(milliseconds, "ms")),
        target: "R1 ≤ 300 ms",
        ..Row::default()
    });
    Ok(table)
}
