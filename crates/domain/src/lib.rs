//! The rules: who may do what, in which transaction, and who is told.
//!
//! A folder is a feature, a file is a verb. Every door (pages, REST, sockets, the command line)
//! calls the same verbs; none of them is known here.

pub mod accounts;
pub mod activity;
pub mod chat;
pub mod clock;
pub mod communities;
pub mod export;
mod gather;
pub mod jobs;
mod keys;
mod limits;
#[cfg(test)]
mod measured;
pub mod media;
pub mod nodes;
pub mod notifications;
pub mod people;
pub mod posts;
pub mod profiles;
pub mod search;
pub mod seed;
mod services;
pub mod store;
pub mod tally;
mod together;
mod tx;
pub mod uploads;

pub use accounts::Caller;
pub use keys::{Keys, SECRET_MIN_BYTES};
pub use services::{Services, Settings};
pub use store::{Store, StoreError};
