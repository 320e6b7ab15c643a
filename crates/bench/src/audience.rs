//! Many sockets that listen, each checking that it misses nothing.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::accounts::Account;
use crate::socket::{Socket, message_seq};

/// Longest wait for deliveries that must come.
const PATIENCE: Duration = Duration::from_secs(30);

/// What all listeners heard together.
#[derive(Debug, Default)]
struct Heard {
    deliveries: AtomicU64,
    awaited: AtomicU64,
    pings: AtomicU64,
    bell: Notify,
}

#[derive(Debug, Default)]
pub(crate) struct Audience {
    heard: Arc<Heard>,
    listeners: JoinSet<Result<()>>,
}

impl Audience {
    pub(crate) fn len(&self) -> usize {
        self.listeners.len()
    }

    /// Opens sockets of these accounts in turn until there are `size`.
    pub(crate) async fn grow(
        &mut self,
        size: usize,
        address: SocketAddr,
        accounts: &[Account],
    ) -> Result<()> {
        self.seat(size, async |number| {
            let account = accounts.get(number % accounts.len().max(1)).context("no accounts")?;
            Socket::open(address, account).await
        })
        .await
    }

    /// The same for a floor, which knows no accounts and no handshake.
    pub(crate) async fn grow_unspoken(&mut self, size: usize, address: SocketAddr) -> Result<()> {
        self.seat(size, async |_| Socket::unspoken(address).await).await
    }

    async fn seat(
        &mut self,
        size: usize,
        open: impl AsyncFn(usize) -> Result<Socket>,
    ) -> Result<()> {
        while self.len() < size {
            let socket = open(self.len()).await?;
            // Thousands that ended in good order would keep their ports for a minute.
            socket.breaks_when_dropped()?;
            self.listeners.spawn(listen(socket, self.heard.clone()));
        }
        Ok(())
    }

    /// How many messages arrived so far, at all listeners together.
    pub(crate) fn deliveries(&self) -> u64 {
        self.heard.deliveries.load(Ordering::Relaxed)
    }

    /// How many pings arrived so far, and were answered.
    pub(crate) fn pings(&self) -> u64 {
        self.heard.pings.load(Ordering::Relaxed)
    }

    /// Waits until `total` messages have arrived, counted from the beginning.
    ///
    /// # Errors
    /// A listener that lost one, a closed socket, or nothing for too long.
    pub(crate) async fn hears(&mut self, total: u64) -> Result<()> {
        self.heard.awaited.store(total, Ordering::Relaxed);
        let all_heard = async {
            while self.heard.deliveries.load(Ordering::Relaxed) < total {
                self.heard.bell.notified().await;
            }
        };
        tokio::select! {
            () = all_heard => {}
            Some(ended) = self.listeners.join_next() => return ended?.context("a listener"),
            () = tokio::time::sleep(PATIENCE) => {
                bail!("{} of {total} deliveries arrived", self.deliveries());
            }
        }
        ensure!(self.deliveries() == total, "more deliveries than were sent");
        Ok(())
    }
}

/// Counts messages for ever. Numbers without a hole are how it knows that it missed none.
async fn listen(mut socket: Socket, heard: Arc<Heard>) -> Result<()> {
    let mut last = None;
    loop {
        let hear = |text: &[u8]| {
            let Some(seq) = message_seq(text) else { return Ok(()) };
            if let Some(last) = last.replace(seq) {
                ensure!(seq == last + 1, "message {seq} came after {last}");
            }
            let count = heard.deliveries.fetch_add(1, Ordering::Relaxed) + 1;
            if count == heard.awaited.load(Ordering::Relaxed) {
                heard.bell.notify_one();
            }
            Ok(())
        };
        if socket.read(hear).await? {
            heard.pings.fetch_add(1, Ordering::Relaxed);
        }
    }
}
