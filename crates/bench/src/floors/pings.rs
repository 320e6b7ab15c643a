//! A task for each socket that pings it and reads what comes: what keeping a connection alive costs in
//! tokio when nothing else is done.

use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, interval_at};

const PING: [u8; 2] = [0x89, 0];

pub(crate) fn serve(port: u16, every: Duration) -> Result<()> {
    tokio::runtime::Runtime::new()?.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        loop {
            let (socket, _) = listener.accept().await?;
            tokio::spawn(keep_alive(socket, every));
        }
    })
}

async fn keep_alive(mut socket: TcpStream, every: Duration) -> Result<()> {
    let (mut buffer, mut clock) = ([0; 64], interval_at(Instant::now() + every, every));
    loop {
        tokio::select! {
            _ = clock.tick() => socket.write_all(&PING).await?,
            read = socket.read(&mut buffer) => anyhow::ensure!(read? > 0, "the client is gone"),
        }
    }
}
