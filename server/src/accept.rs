//! Taking connections off the kernel's hands, on a thread of its own.
//!
//! After a cut or a restart everybody comes back within a second. The kernel keeps so many
//! (`net.core.somaxconn`, 4096 by default) until they are accepted and drops the rest, whose clients try
//! again after one second, three, seven: the last of 18 000 was back after half a minute, with a server
//! that was done with the others in four seconds. So whoever accepts does nothing else.

use std::io;
use std::net::SocketAddr;
use std::thread;

use axum::serve::Listener;
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::Builder;
use tokio::sync::{mpsc, oneshot};

/// As many as the kernel lets wait: it takes its own maximum for less.
const BACKLOG: u32 = 65_535;

/// A connection that nobody has read from yet.
pub(crate) type Accepted = (std::net::TcpStream, SocketAddr);

/// # Errors
/// An address that is taken, or not ours to take.
pub(crate) fn listen(bind: SocketAddr) -> io::Result<TcpListener> {
    let socket = if bind.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A restart must not wait for connections of the run before.
    socket.set_reuseaddr(true)?;
    socket.bind(bind)?;
    socket.listen(BACKLOG)
}

/// What `listener` takes from now on, until `quiet` says so (or its sender is gone).
///
/// # Errors
/// Where there is no thread to be had.
pub(crate) fn connections(
    listener: TcpListener,
    quiet: oneshot::Receiver<()>,
) -> io::Result<mpsc::UnboundedReceiver<Accepted>> {
    let listener = listener.into_std()?;
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let (hand_over, accepted) = mpsc::unbounded_channel();
    thread::Builder::new().name("accept".into()).spawn(move || {
        if let Err(error) = runtime.block_on(accept(listener, hand_over, quiet)) {
            tracing::error!(%error, "accepting connections");
        }
    })?;
    Ok(accepted)
}

async fn accept(
    listener: std::net::TcpListener,
    hand_over: mpsc::UnboundedSender<Accepted>,
    mut quiet: oneshot::Receiver<()>,
) -> io::Result<()> {
    let mut listener = TcpListener::from_std(listener)?;
    loop {
        let (stream, peer) = tokio::select! {
            biased;
            _ = &mut quiet => return Ok(()),
            accepted = Listener::accept(&mut listener) => accepted,
        };
        // It is registered here, and belongs to the threads that answer it.
        let Ok(stream) = stream.into_std() else { continue };
        if hand_over.send((stream, peer)).is_err() {
            return Ok(());
        }
    }
}
