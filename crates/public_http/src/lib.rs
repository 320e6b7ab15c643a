//! Requests to addresses that people have written. They lead to the public internet alone: a name is
//! resolved, what it resolves to is looked at, and the connection goes to just that address, so that a name
//! that leads elsewhere a moment later changes nothing.

mod page;
mod public_address;
mod way;

pub use page::{NoPages, PAGE_LIMIT, PageReader, Pages, Reading};
pub use public_address::is_public;
pub use way::{Io, Target, Ways};

/// Where requests may go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Reach {
    /// To https at addresses of the public internet.
    #[default]
    Public,
    /// Anywhere, without TLS too: for a test with a server of its own.
    Anywhere,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It leads where nothing may be asked, or is no address at all.
    #[error("this is no public address")]
    Forbidden,
    /// Nobody answered, or not in time.
    #[error("no answer: {0}")]
    Unreachable(String),
    /// There was an answer, and it is none that could be used.
    #[error("no page: {0}")]
    Refused(String),
}
