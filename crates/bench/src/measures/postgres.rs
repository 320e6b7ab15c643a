//! P8: durable messages a second on Postgres, beside one row for each commit.
//!
//! The writer alone (the verb behind every door, no network) with sixteen and with sixty-four tasks,
//! against as many clients of pgbench (F5); then the release binary with sixty-four sockets in one
//! room, which also has 64 deliveries to make for each message. All on one Postgres, started for this
//! and gone with it, in databases of their own. Every confirmation is looked up with `psql`.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use domain::{Caller, Services};

use super::messages::{self, Confirmed, Turn, audit};
use super::writer;
use crate::accounts::sign_up;
use crate::floors::pgbench::Pgbench;
use crate::postgres;
use crate::rounds::{Plan, Rounds, rounds};
use crate::server::{Home, Server};
use crate::socket::Socket;
use crate::table::{Row, Table, shown};

const ACCOUNTS: usize = 16;
const FEW: usize = 16;
const MANY: usize = 64;
const WARMTH: Duration = Duration::from_secs(1);
/// Without these a commit is no commit.
const IN_EARNEST: [(&str, &str); 3] =
    [("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on")];

/// Who writes, and how many at once.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Contender {
    Writer(usize),
    Pgbench(usize),
    Sockets,
}
use Contender::{Pgbench as Floor, Sockets, Writer};

pub(crate) async fn measure(plan: Plan) -> Result<Table> {
    let database = postgres::database().await;
    flushes_in_earnest(&database)?;
    let home = Home::on(&database)?;
    let pgbench = Pgbench::prepare(postgres::database().await, home.path())?;
    let mut stage = Stage::open(&home).await?;
    stage.warm_up(&pgbench, &database).await?;
    let time = Duration::from_secs(plan.pick(2, 6));
    let contenders = [Writer(FEW), Floor(FEW), Writer(MANY), Floor(MANY), Sockets];
    let turns = rounds(plan.rounds(), &contenders, async |contender| match contender {
        Writer(senders) => writer::send(&stage.services, &stage.callers, senders, time).await,
        Floor(clients) => {
            let commits = pgbench.commits(clients, time)?;
            let busy = commits.iter().sum::<f64>() / clients as f64;
            Ok(Turn::of(&commits, busy))
        }
        Sockets => stage.send(time).await,
    });
    let turns = turns.await?;
    stage.services.shut_down().await;
    audit::every(&stage.confirmed, &audit::read_postgres(&database)?)?;
    Ok(table(&turns, stage.confirmed.len()))
}

fn flushes_in_earnest(url: &str) -> Result<()> {
    for (setting, wanted) in IN_EARNEST {
        let found = postgres::ask(url, &format!("SHOW {setting}"))?;
        ensure!(found.trim() == wanted, "{setting} is {found}");
    }
    Ok(())
}

/// Both ways to the same writer.
struct Stage {
    writers_own: String,
    server: Server,
    senders: Vec<Socket>,
    confirmed: Vec<Confirmed>,
    services: Arc<Services>,
    callers: Vec<Caller>,
}

impl Stage {
    async fn open(home: &Home) -> Result<Self> {
        let server = Server::start(home).await?;
        let accounts = sign_up(&server, ACCOUNTS).await?;
        let senders = messages::seat(MANY, &server, &accounts).await?;
        // In a database of its own: two nodes on one would want a Redis between them.
        let writers_own = postgres::database().await;
        let services = writer::services(&writers_own).await?;
        let callers = writer::people(&services).await?;
        Ok(Self { writers_own, server, senders, confirmed: Vec::new(), services, callers })
    }

    /// A few messages everywhere, and then what autovacuum does within a minute: until it has
    /// counted the rows of a new table, Postgres keeps plans that were made when there were none.
    async fn warm_up(&mut self, pgbench: &Pgbench<'_>, servers_own: &str) -> Result<()> {
        writer::send(&self.services, &self.callers, MANY, WARMTH).await?;
        self.send(WARMTH).await?;
        pgbench.commits(MANY, WARMTH)?;
        for database in [&self.writers_own, servers_own, &pgbench.url] {
            postgres::ask(database, "ANALYZE")?;
        }
        Ok(())
    }

    async fn send(&mut self, time: Duration) -> Result<Turn> {
        messages::send(&self.server, &mut self.senders, time, &mut self.confirmed).await
    }
}

fn table(turns: &Rounds<Contender, Turn>, confirmed: usize) -> Table {
    let mut table = Table::default();
    let sockets = format!("{MANY} sockets in one room, {confirmed} audited");
    for (ours, floor, what, target, tail) in [
        (Writer(FEW), FEW, "16 tasks, no network".to_owned(), "P8 ≥ 1.2", "P8 ≤ 3"),
        (Writer(MANY), MANY, "64 tasks, no network".to_owned(), "P8 ≥ 1.2", "P8 ≤ 3"),
        (Sockets, MANY, sockets, "", ""),
    ] {
        let row = |measure: String, figure: fn(&Turn) -> f64, unit, target| Row {
            measure,
            figure: shown(turns.spread(ours, figure), unit),
            floor: format!("F5 pgbench {}", shown(turns.spread(Floor(floor), figure), unit)),
            ratio: turns.ratio(ours, Floor(floor), figure),
            rounds: turns.note(),
            target,
        };
        table.push(row(format!("durable messages, {what}"), |turn| turn.per_second, "/s", target));
        table.push(row("p99 of the same".into(), |turn| turn.slowest_percent, "ms", tail));
    }
    table
}
