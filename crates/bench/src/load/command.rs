//! `bench load`: the generator by itself, against a server that somebody else runs.

use std::net::{SocketAddr, ToSocketAddrs};
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;

use super::{Crowd, Run, rooms};
use crate::table::{Row, Table, number};

/// What to load, and how much.
#[derive(Args, Clone)]
pub(crate) struct Load {
    /// Where the server is: `http://HOST:PORT`. Its limits of sign-ups and messages must be lifted.
    #[arg(long)]
    url: String,
    /// Sockets in all.
    #[arg(long, default_value_t = 100)]
    sockets: usize,
    /// Conversations that they are spread over, two people each; 0 is the global room.
    #[arg(long, default_value_t = 10)]
    rooms: usize,
    /// Messages a second, all together.
    #[arg(long, default_value_t = 100)]
    rate: u32,
    #[arg(long, default_value_t = 10)]
    seconds: u64,
}

pub(crate) async fn load(load: &Load) -> Result<Table> {
    let url = load.url.trim_end_matches('/');
    let rooms = rooms::open(url, load.rooms).await?;
    let mut crowd = Crowd::seat(address_of(url)?, &rooms, load.sockets).await?;
    let run = crowd.speak(load.rate, Duration::from_secs(load.seconds)).await?;
    rooms::audit(url, &rooms, crowd.sent()).await?;
    Ok(table(load, &run))
}

fn address_of(url: &str) -> Result<SocketAddr> {
    let place = url.strip_prefix("http://").context("the address must begin with http://")?;
    place.to_socket_addrs()?.next().with_context(|| format!("nobody is at {place}"))
}

fn table(load: &Load, run: &Run) -> Table {
    let Load { sockets, rooms, rate, seconds, .. } = load;
    let mut table = Table::default();
    let mut row = |measure: &str, figure: String| {
        table.push(Row { measure: measure.to_owned(), figure, ..Row::default() });
    };
    row("asked for", format!("{sockets} sockets, {rooms} rooms, {rate} messages/s, {seconds} s"));
    row("messages, all confirmed", run.messages.to_string());
    row("deliveries, all made", run.deliveries.to_string());
    let latencies = run.latencies;
    for (name, milliseconds) in [
        ("p50", latencies.p50),
        ("p90", latencies.p90),
        ("p99", latencies.p99),
        ("p99.9", latencies.p999),
        ("max", latencies.max),
    ] {
        row(&format!("send → delivery, {name}"), format!("{} ms", number(milliseconds)));
    }
    table
}
