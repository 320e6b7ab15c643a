//! The denominators: programs that do only what cannot be avoided.
//!
//! Those that stand in for the server run as processes of their own, so that their memory and
//! processor time are read exactly as the server's are.

pub(crate) mod echo;
pub(crate) mod fanout;
pub(crate) mod fdatasync;
pub(crate) mod http;
pub(crate) mod page;
pub(crate) mod pgbench;
pub(crate) mod pings;
pub(crate) mod slab;
pub(crate) mod sockets;
pub(crate) mod sqlite;
