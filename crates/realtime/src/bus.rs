//! Between the nodes: a way for hints, which may get lost.

use std::fmt::Debug;

use tokio::sync::mpsc;

/// Parcels that may wait for the bus, either way. What comes in beyond it is lost, which the numbers
/// of its events show.
pub(crate) const BACKLOG: usize = 4096;

/// Carries parcels to every other node, as well as it can.
pub trait Bus: Debug + Send + Sync {
    /// Never waits; a parcel that cannot be carried is lost.
    fn send(&self, parcel: Vec<u8>);
}

/// What other nodes, and perhaps this one, have sent.
pub type Arrivals = mpsc::Receiver<Vec<u8>>;
