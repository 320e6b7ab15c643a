//! P6: ordinary chat. Many rooms of ten sockets, a thousand stored messages a second at a fixed rate.
//!
//! From the moment a message was meant to be sent to each of its ten deliveries, beside the same load
//! on the echo floor (F8), which stores nothing and answers one. Every delivery is counted and
//! every room's end is looked up afterwards.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::Result;

use crate::load::{Crowd, Run, rooms};
use crate::process::{Process, free_port};
use crate::rounds::{Plan, Rounds, rounds};
use crate::server::{Home, Server, answers_at};
use crate::table::{Row, Table, shown};

const RATE: u32 = 1000;
const SOCKETS_IN_A_ROOM: usize = 10;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Contender {
    Server,
    Echo,
}

pub(crate) async fn measure(plan: Plan) -> Result<Table> {
    let home = Home::new()?;
    let server = Server::start(&home).await?;
    let places = rooms::open(&server.url(""), plan.pick(50, 500)).await?;
    let sockets = places.len() * SOCKETS_IN_A_ROOM;
    let mut crowd = Crowd::seat(server.address, &places, sockets).await?;
    let port = free_port()?;
    let _floor = Process::spawn_floor(&["floor-echo".into(), port.to_string()])?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    answers_at(address).await?;
    let mut echoed = Crowd::seat_unspoken(address, sockets).await?;
    let time = Duration::from_secs(plan.pick(3, 24));
    let contenders = [Contender::Server, Contender::Echo];
    let runs = rounds(plan.rounds(), &contenders, async |contender| match contender {
        Contender::Server => crowd.speak(RATE, time).await,
        Contender::Echo => echoed.speak(RATE, time).await,
    });
    let runs = runs.await?;
    rooms::audit(&server.url(""), &places, crowd.sent()).await?;
    Ok(table(&runs, sockets, places.len()))
}

fn table(runs: &Rounds<Contender, Run>, sockets: usize, rooms: usize) -> Table {
    let mut table = Table::default();
    let percentiles = [
        ("p50", (|run| run.latencies.p50) as fn(&Run) -> f64, "P6 ≤ 3 ms"),
        ("p99", |run| run.latencies.p99, "P6 ≤ 4"),
        ("p99.9", |run| run.latencies.p999, ""),
    ];
    for (name, figure, target) in percentiles {
        table.push(Row {
            measure: format!("send → delivery, {name}; {sockets} sockets, {rooms} rooms, {RATE}/s"),
            figure: shown(runs.spread(Contender::Server, figure), "ms"),
            floor: format!("F8 echo {}", shown(runs.spread(Contender::Echo, figure), "ms")),
            ratio: runs.ratio(Contender::Server, Contender::Echo, figure),
            rounds: runs.note(),
            target,
        });
    }
    table
}
