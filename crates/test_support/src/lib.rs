//! A fresh database for each test, on SQLite and on Postgres, with people in it.
//!
//! ```text
//! test_support::on_both! {
//!     async fn a_message_is_numbered(world: World) {
//!         let ada = world.person("ada").await;
//!         …
//!     }
//! }
//! ```
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot start has to say so")]

mod database;
mod fault_proxy;
pub mod history;
mod listener;
mod postgres;
mod push_server;
mod redis;
mod talker;
mod world;

pub use database::{Backend, Database};
pub use fault_proxy::{Conduct, FaultProxy, Way};
pub use listener::{Heard, Listener};
pub use postgres::Postgres;
pub use push_server::{Arrived, PushServer, Subscribed};
pub use redis::Redis;
pub use talker::{Place, State, Talker, Who};
pub use world::{PASSWORD, SECRET, World, origin, quick_settings, sign_in_form, sign_up_form};

/// Longest that anything a test waits for may take. A bound on a hang, never a pause.
pub const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

/// How many cases a property is tried with: `PROPTEST_CASES`, or else this many.
#[must_use]
pub fn cases(short: u32) -> u32 {
    let wanted = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    wanted.unwrap_or(short)
}

/// Each function becomes a module with two tests, `sqlite` and `postgres`, on several threads.
#[macro_export]
macro_rules! on_both {
    ($($(#[$attribute:meta])* async fn $name:ident($world:ident: $type:ty) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports, reason = "not every test needs what its file imports")]
            use super::*;

            $(#[$attribute])*
            async fn on($world: $type) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                on($crate::World::sqlite().await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                on($crate::World::postgres().await).await;
            }
        }
    )*};
}
