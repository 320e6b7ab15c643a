//! Topics, subscribers, slow readers, and who is present.
//!
//! This crate moves frames that others have made; it knows no rooms, users or sockets.
//! A frame is made once and written to each subscriber's line as it is, so work and memory grow with
//! writes, not with copies.

mod bus;
mod endings;
mod event;
mod frame;
mod hub;
mod ledger;
mod outbox;
mod presence;
pub mod redis;
mod relay;
mod shard;
#[cfg(test)]
mod simulation;
mod tail;
mod telling;
#[cfg(test)]
mod testing;

pub use bus::{Arrivals, Bus};
pub use event::{Cast, Event, Place, Topic};
pub use frame::Frame;
pub use hub::{Dialect, Hub, Listener};
pub use ledger::{Balance, Ledger, Spending, Tally};
pub use outbox::{GONE, Line, News, Outbox};
pub use presence::{Presence, Ticket};
pub use relay::{Answer, NodeId, Truth, Unavailable};
pub use tail::{Kept, Reading, Recalled};
pub use telling::Telling;
