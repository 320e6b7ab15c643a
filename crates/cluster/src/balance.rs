//! A small balancer: each connection goes to the next node that takes it.

use std::net::SocketAddr;

use anyhow::Result;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

/// Until the listener fails.
///
/// # Errors
/// A listener that takes no more connections.
pub(crate) async fn serve(listener: TcpListener, nodes: Vec<SocketAddr>) -> Result<()> {
    let mut turn = 0;
    loop {
        let (client, _) = listener.accept().await?;
        turn += 1;
        tokio::spawn(pass_through(client, in_turn(&nodes, turn)));
    }
}

/// Every node, beginning with another one each time.
fn in_turn(nodes: &[SocketAddr], turn: usize) -> Vec<SocketAddr> {
    let first = turn % nodes.len().max(1);
    nodes.iter().cycle().skip(first).take(nodes.len()).copied().collect()
}

async fn pass_through(mut client: TcpStream, nodes: Vec<SocketAddr>) {
    for node in nodes {
        if let Ok(mut server) = TcpStream::connect(node).await {
            // Small frames must not wait for company, and either side may end it.
            let _small = (client.set_nodelay(true), server.set_nodelay(true));
            let _ended = copy_bidirectional(&mut client, &mut server).await;
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// A node that says its name.
    async fn node(name: &'static str) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                client.write_all(name.as_bytes()).await.unwrap();
            }
        });
        address
    }

    async fn gone() -> SocketAddr {
        TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
    }

    #[tokio::test]
    async fn each_node_has_its_turn_and_a_dead_one_is_passed_over() {
        let nodes = vec![node("a").await, gone().await, node("c").await];
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let door = listener.local_addr().unwrap();
        tokio::spawn(serve(listener, nodes));
        let mut names = Vec::new();
        for _ in 0..6 {
            let mut name = String::new();
            TcpStream::connect(door).await.unwrap().read_to_string(&mut name).await.unwrap();
            names.push(name);
        }
        names.sort();
        assert_eq!(names.concat(), "aacccc");
    }
}
