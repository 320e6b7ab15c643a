//! The tables, as sea-orm sees them. Rows never leave the server: what a client sees is built in
//! `domain` from shapes of `wire`.

pub mod account;
pub mod block;
pub mod conversation;
pub mod follow;
pub mod job;
pub mod media;
pub mod membership;
pub mod message;
pub mod mute;
pub mod one_time_token;
pub mod profile_link;
pub mod reaction;
pub mod refresh_token;
pub mod report;
pub mod session;
