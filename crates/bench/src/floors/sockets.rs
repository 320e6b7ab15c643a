//! F7: accept, read into one kibibyte, nothing else. What a task and its socket weigh in tokio.

use std::net::Ipv4Addr;

use anyhow::Result;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};

pub(crate) fn serve(port: u16) -> Result<()> {
    tokio::runtime::Runtime::new()?.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        loop {
            let (socket, _) = listener.accept().await?;
            tokio::spawn(read_to_end(socket));
        }
    })
}

async fn read_to_end(mut socket: TcpStream) -> std::io::Result<()> {
    let mut buffer = vec![0; 1024];
    while socket.read(&mut buffer).await? > 0 {}
    Ok(())
}
