//! How many sockets are open, and whether new ones are still welcome.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::watch;

/// The sockets of this node.
#[derive(Debug, Clone)]
pub struct Sockets(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    open: watch::Sender<usize>,
    draining: AtomicBool,
}

/// One open socket, counted until it is dropped.
#[derive(Debug)]
pub(super) struct Open(Arc<Inner>);

impl Default for Sockets {
    fn default() -> Self {
        let (open, _) = watch::channel(0);
        Self(Arc::new(Inner { open, draining: AtomicBool::new(false) }))
    }
}

impl Sockets {
    pub(super) fn opened(&self) -> Open {
        self.0.open.send_modify(|open| *open += 1);
        Open(self.0.clone())
    }

    /// From now on new sockets are sent away.
    pub fn start_draining(&self) {
        self.0.draining.store(true, Ordering::Release);
    }

    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.0.draining.load(Ordering::Acquire)
    }

    /// Waits until the last one is gone.
    pub async fn all_closed(&self) {
        let mut open = self.0.open.subscribe();
        // The sender lives in `self`, so the wait ends by the count alone.
        let _ = open.wait_for(|open| *open == 0).await;
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.send_modify(|open| *open -= 1);
    }
}
