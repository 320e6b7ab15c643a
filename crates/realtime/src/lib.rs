//! Topics, subscribers, slow readers, and who is present.
//!
//! This crate moves frames that others have made; it knows no rooms, users or sockets.
//! A frame is made once and shared: a subscriber's queue holds references, so memory grows with
//! messages, not with listeners.

mod hub;
mod outbox;
mod presence;

pub use hub::{Cast, Hub, Topic};
pub use outbox::{Drained, Frame, Outbox};
pub use presence::{Presence, Ticket};
