//! F8: what arrives in a frame goes back in a frame, by a task for each socket. No server that reads
//! and answers over WebSocket in tokio can be quicker.

use std::net::Ipv4Addr;

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::frames::answered;

pub(crate) fn serve(port: u16) -> Result<()> {
    tokio::runtime::Runtime::new()?.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        loop {
            let (socket, _) = listener.accept().await?;
            socket.set_nodelay(true)?;
            tokio::spawn(echo(socket));
        }
    })
}

async fn echo(mut socket: TcpStream) -> Result<()> {
    let (mut buffer, mut filled) = (vec![0; 1024], 0);
    loop {
        let read = socket.read(&mut buffer[filled..]).await?;
        anyhow::ensure!(read > 0, "the client is gone");
        filled += read;
        while let Some((size, answer)) = answered(&buffer[..filled]) {
            socket.write_all(&answer).await?;
            buffer.copy_within(size..filled, 0);
            filled -= size;
        }
    }
}
