//! P1: what one more idle socket costs in resident memory.
//!
//! The slope of a least-squares line through Rss at growing numbers of authenticated sockets, which
//! leaves out what the program weighs anyhow. Afterwards one message must reach every one of them.
//! The peer (F7) is a tokio task that reads into one kibibyte. Each turn starts a new process, and
//! the accounts are made by an earlier one: hashing a password takes and gives back 19 MiB, which
//! would hide what the sockets take. Beside it stands what the kernel takes for a socket (F6), where it
//! may be asked: counted at the peer, whose connections have both their ends on this machine.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, Result};
use wire::ClientId;

use crate::accounts::{Account, sign_up};
use crate::audience::Audience;
use crate::floors::slab;
use crate::process::{Process, free_port};
use crate::rounds::{Plan, Rounds, rounds};
use crate::server::{Home, Server, answers_at};
use crate::socket::Socket;
use crate::stats::{Line, line_through};
use crate::table::{Row, Table, shown};

const ACCOUNTS: usize = 24;
/// A worse fit than this means that something else than sockets moved the memory.
const STRAIGHT: f64 = 0.99;

/// The client's and the server's.
const ENDS: f64 = 2.0;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Contender {
    Server,
    ReadLoop,
}

/// How memory grows with sockets, in KiB for each.
#[derive(Debug)]
struct Held {
    program: Line,
    /// `None` where the kernel does not tell.
    kernel: Option<Line>,
}

pub(crate) async fn measure(plan: Plan) -> Result<Table> {
    let held =
        rounds(plan.rounds(), &[Contender::Server, Contender::ReadLoop], async |who| match who {
            Contender::Server => hold_at_server(plan).await,
            Contender::ReadLoop => hold_at_floor(plan).await,
        });
    let held = held.await?;
    let slope = |held: &Held| held.program.slope;
    let straight = held.spread(Contender::Server, |held| held.program.r_squared);
    let straight = straight.map_or(f64::NAN, |r_squared| r_squared.min);
    let mut table = Table::default();
    table.push(Row {
        measure: format!(
            "Rss per idle socket, {} of {ACCOUNTS} people",
            steps(plan).last().unwrap_or(&0)
        ),
        figure: format!(
            "{}, R² ≥ {straight:.3}{}",
            shown(held.spread(Contender::Server, slope), "KiB"),
            if straight < STRAIGHT { " (no line: do not trust the slope)" } else { "" },
        ),
        floor: format!("F7 {}", shown(held.spread(Contender::ReadLoop, slope), "KiB")),
        ratio: held.ratio(Contender::Server, Contender::ReadLoop, slope),
        rounds: held.note(),
        target: "P1 ≤ 8 KiB, R² ≥ 0.99",
    });
    table.push(kernel_row(&held));
    Ok(table)
}

fn kernel_row(held: &Rounds<Contender, Held>) -> Row {
    let of_kernel = |figure: fn(&Line) -> f64| {
        let of = move |held: &Held| held.kernel.as_ref().map_or(f64::NAN, figure);
        held.spread(Contender::ReadLoop, of).filter(|spread| spread.median.is_finite())
    };
    let straight = of_kernel(|line| line.r_squared).map_or(f64::NAN, |spread| spread.min);
    let figure = match of_kernel(|line| line.slope / ENDS) {
        Some(slope) => format!("{}, R² ≥ {straight:.3}", shown(Some(slope), "KiB")),
        None => "/proc/slabinfo cannot be read here".into(),
    };
    let measure = "F6: the kernel's slabs for one end of a connection".into();
    Row { measure, figure, rounds: held.note(), ..Row::default() }
}

fn steps(plan: Plan) -> &'static [usize] {
    plan.pick(&[500, 1500, 3000], &[500, 1500, 3000, 5000, 8000])
}

/// Between the last handshake of a step and the look at the memory.
fn rest(plan: Plan) -> Duration {
    Duration::from_secs(plan.pick(2, 5))
}

async fn hold_at_server(plan: Plan) -> Result<Held> {
    let home = Home::new()?;
    let accounts = sign_up(&Server::start(&home).await?, ACCOUNTS).await?;
    let server = Server::start(&home).await?;
    let mut audience = Audience::default();
    let mut points = Vec::new();
    for &size in steps(plan) {
        audience.grow(size, server.address, &accounts).await?;
        tokio::time::sleep(rest(plan)).await;
        points.push((size as f64, server.process.memory()?.rss));
    }
    reach_everybody(&mut audience, &server, &accounts).await?;
    Ok(Held { program: line_through(&points).context("no line")?, kernel: None })
}

async fn reach_everybody(
    audience: &mut Audience,
    server: &Server,
    accounts: &[Account],
) -> Result<()> {
    let speaker = accounts.first().context("no accounts")?;
    let mut speaker = Socket::open(server.address, speaker).await?;
    speaker.say(&ClientId::new()).await?;
    audience.hears(audience.len() as u64).await
}

async fn hold_at_floor(plan: Plan) -> Result<Held> {
    let port = free_port()?;
    let process = Process::spawn_floor(&["floor-sockets".into(), port.to_string()])?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    answers_at(address).await?;
    let mut audience = Audience::default();
    let (mut points, mut kernel) = (Vec::new(), Vec::new());
    for &size in steps(plan) {
        audience.grow_unspoken(size, address).await?;
        tokio::time::sleep(rest(plan)).await;
        points.push((size as f64, process.memory()?.rss));
        kernel.extend(slab::kib().ok().map(|kib| (size as f64, kib)));
    }
    let kernel = if kernel.is_empty() { None } else { line_through(&kernel) };
    Ok(Held { program: line_through(&points).context("no line")?, kernel })
}
