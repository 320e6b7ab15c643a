//! One file for each measure.

pub(crate) mod big_room;
pub(crate) mod bytes;
pub(crate) mod chat;
pub(crate) mod crowd;
pub(crate) mod daphne;
pub(crate) mod depth;
pub(crate) mod fanout;
pub(crate) mod idle;
pub(crate) mod kills;
pub(crate) mod messages;
mod much_and_little;
pub(crate) mod overload;
pub(crate) mod pages;
pub(crate) mod postgres;
pub(crate) mod sockets;
pub(crate) mod start;
pub(crate) mod storm;
pub(crate) mod writer;
