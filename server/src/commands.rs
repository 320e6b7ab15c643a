//! The command line, besides `serve`.

mod ask;
mod check;
mod createsuperuser;
mod migrate;
mod openapi;
mod seed;
mod serve;

pub use check::check;
pub use createsuperuser::{NewSuperuser, createsuperuser};
pub use migrate::{Direction, migrate};
pub use openapi::openapi;
pub use seed::{seed, seed_demo};
pub use serve::serve;
