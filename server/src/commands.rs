//! The command line, besides `serve`.

mod check;
mod createsuperuser;
mod migrate;
mod seed;
mod serve;

pub use check::check;
pub use createsuperuser::{NewSuperuser, createsuperuser};
pub use migrate::{Direction, migrate};
pub use seed::seed;
pub use serve::serve;
