//! Three nodes with Postgres, Redis and a balancer on this machine, for anyone who wants to watch.
//!
//! Postgres and Redis are this program's own and go with it. `SPHERESPACE_BIN` names the program that
//! the nodes run.
#![allow(clippy::print_stdout, reason = "what it prints is what it is for")]

mod balance;
mod node;

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context, Result};
use test_support::{Backend, Database, Redis};
use tokio::net::TcpListener;

use crate::node::{Node, Place};

/// Where browsers go.
const DOOR: u16 = 8000;
const NODES: [u16; 3] = [8101, 8102, 8103];

#[tokio::main]
async fn main() -> Result<()> {
    let door = SocketAddr::from((Ipv4Addr::LOCALHOST, DOOR));
    let listener = TcpListener::bind(door).await.with_context(|| format!("{door} is in use"))?;
    println!("==> Starting Postgres and Redis (this program's own, gone when it ends)");
    let database = Database::migrated(Backend::Postgres).await;
    let redis = tokio::task::spawn_blocking(Redis::start).await?;
    let place = Place { database: database.url.clone(), redis: redis.url(), door: DOOR };
    let mut nodes = Vec::new();
    for port in NODES {
        nodes.push(Node::start(port, &place)?);
    }
    let addresses = NODES.map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    for address in addresses {
        node::answers(address).await?;
    }
    explain(&nodes);
    tokio::select! {
        ended = balance::serve(listener, addresses.to_vec()) => ended?,
        signal = tokio::signal::ctrl_c() => signal?,
    }
    for node in &mut nodes {
        node.stop().await?;
    }
    Ok(())
}

fn explain(nodes: &[Node]) {
    println!("\n    http://localhost:{DOOR}    open it in two browsers and talk\n");
    for node in nodes {
        println!("    node on :{}    kill -9 {}", node.port, node.pid());
    }
    println!(
        "\n    Whoever was on a killed node reconnects to another one. Ctrl-C ends everything.\n"
    );
}
