//! The reading side of a socket, and its line for whoever writes.
//!
//! The protocol library reads: it joins fragments, answers pings and closes, and knows every way in
//! which a client may break the rules. What it has to say goes out through the outbox like everything
//! else, so that no two frames are ever mixed.

use std::io::{self, IoSlice, Read, Write};
use std::sync::Arc;

use bytes::{Buf, Bytes};
use realtime::{Line, Outbox};
use rustix::net::sockopt::set_socket_send_buffer_size;
use rustix::net::{Shutdown, shutdown};
use tokio::net::TcpStream;
use tungstenite::error::ProtocolError;
use tungstenite::protocol::{CloseFrame, Role, WebSocketConfig, WebSocketContext};
use tungstenite::{Error, Message};
use wire::live::{FRAME_LIMIT, close};

use super::handshake::Taken;

/// The default of 128 KiB for each socket is most of what an idle one would cost.
const READ_BUFFER: usize = 512;
/// A frame over [`FRAME_LIMIT`] is read to its end so that the socket can say why it closes; one
/// over this is not.
const READ_LIMIT: usize = 4 * FRAME_LIMIT;
/// What the kernel holds of what a client has not taken (Linux doubles it). By itself it would take
/// megabytes, and more than our own queue does.
const SEND_BUFFER: usize = 64 * 1024;
/// Room for what is read only to be thrown away.
const SCRAPS: usize = 1024;

/// Bytes straight into the kernel.
#[derive(Debug)]
struct Tcp(Arc<TcpStream>);

impl Line for Tcp {
    fn write(&self, pieces: &[IoSlice<'_>]) -> io::Result<usize> {
        match pieces {
            [one] => self.0.try_write(one),
            many => self.0.try_write_vectored(many),
        }
    }
}

/// What ends the reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// The other side closed, or is gone.
    Gone,
    /// It broke the protocol: the code to say so with.
    Fault(u16),
}

/// One connection, as its own task holds it.
pub(super) struct Socket {
    protocol: WebSocketContext,
    ends: Ends,
    /// The other side broke the protocol: what it says from then on has no meaning (§7.1.7).
    broken: bool,
}

/// Where the protocol reads from and writes to.
struct Ends {
    stream: Arc<TcpStream>,
    early: Bytes,
    outbox: Arc<Outbox>,
}

impl Socket {
    pub(super) fn new(taken: Taken) -> Self {
        let stream = Arc::new(taken.stream);
        if let Err(error) = set_socket_send_buffer_size(&*stream, SEND_BUFFER) {
            tracing::debug!(%error, "the send buffer of a socket");
        }
        let outbox = Outbox::new(Tcp(stream.clone()), close::SLOW_READER).until_greeted();
        let outbox = Arc::new(outbox);
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(0)
            .max_message_size(Some(READ_LIMIT))
            .max_frame_size(Some(READ_LIMIT));
        let protocol = WebSocketContext::new(Role::Server, Some(config));
        Self { protocol, ends: Ends { stream, early: taken.early, outbox }, broken: false }
    }

    pub(super) fn outbox(&self) -> &Arc<Outbox> {
        &self.ends.outbox
    }

    /// The next message. Nothing is lost where this is dropped before its end.
    pub(super) async fn next(&mut self) -> Result<Message, Ending> {
        loop {
            match self.protocol.read(&mut self.ends) {
                Ok(message) => return Ok(message),
                Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.ends.stream.readable().await.map_err(|_| Ending::Gone)?;
                }
                Err(error) => {
                    let ending = ending(&error);
                    self.broken |= ending != Ending::Gone;
                    return Err(ending);
                }
            }
        }
    }

    /// Waits until everything that waits has left.
    pub(super) async fn see_off(&self) -> Result<(), Ending> {
        while !self.ends.outbox.flush() {
            self.ends.stream.writable().await.map_err(|_| Ending::Gone)?;
        }
        Ok(())
    }

    pub(super) fn ping(&mut self) {
        // A socket that is closing already needs no sign of life.
        let _closing = self.protocol.write(&mut self.ends, Message::Ping(Bytes::new()));
    }

    /// Answers the other side's close.
    pub(super) fn acknowledge_close(&mut self) {
        let _closed = self.protocol.flush(&mut self.ends);
    }

    /// Says why it ends, and reads on until the other side has answered: data that is still on its
    /// way would otherwise turn our close into a reset, and the page would learn nothing.
    pub(super) async fn part(mut self, frame: CloseFrame) -> Result<(), Ending> {
        self.ends.outbox.close(frame.code.into());
        let _closed = self.protocol.close(&mut self.ends, Some(frame));
        self.see_off().await?;
        while !self.broken {
            if self.next().await == Err(Ending::Gone) {
                return Ok(());
            }
        }
        self.discard().await
    }

    /// Says that nothing more will come, and reads without understanding until the other side ends.
    async fn discard(&self) -> Result<(), Ending> {
        shutdown(&*self.ends.stream, Shutdown::Write).map_err(|_| Ending::Gone)?;
        let mut scraps = vec![0; SCRAPS];
        loop {
            self.ends.stream.readable().await.map_err(|_| Ending::Gone)?;
            match self.ends.stream.try_read(&mut scraps) {
                Ok(0) => return Ok(()),
                Err(error) if error.kind() != io::ErrorKind::WouldBlock => {
                    return Err(Ending::Gone);
                }
                Ok(_) | Err(_) => {}
            }
        }
    }
}

/// The close codes of RFC 6455 §7.4.1.
fn ending(error: &Error) -> Ending {
    match error {
        Error::Capacity(_) => Ending::Fault(close::TOO_LARGE),
        Error::Utf8(_) => Ending::Fault(close::NOT_UTF8),
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => Ending::Gone,
        Error::Protocol(_) => Ending::Fault(close::PROTOCOL_ERROR),
        _ => Ending::Gone,
    }
}

impl Read for Ends {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.early.is_empty() {
            return self.stream.try_read(into);
        }
        let taken = self.early.len().min(into.len());
        self.early.copy_to_slice(&mut into[..taken]);
        if self.early.is_empty() {
            self.early = Bytes::new();
        }
        Ok(taken)
    }
}

impl Write for Ends {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.outbox.say(Bytes::copy_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
