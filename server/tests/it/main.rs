//! The program from outside: pages, forms, REST, sockets, cross-site refusal, and the command line.
//!
//! One program for all of them, so that Postgres starts once. Most tests run the server inside of
//! this process, on a port and a database of their own; those that ask about the process run the
//! real binary.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

mod anonymous_callers;
mod api_accounts;
mod api_activity;
mod api_chat;
mod api_communities;
mod api_conversations;
mod api_documents;
mod api_hostile;
mod api_liquid_conversations;
mod api_notifications;
mod api_own_account;
mod api_passwords;
mod api_people;
mod api_posts;
mod api_profiles;
mod api_schema;
mod api_search;
mod api_sessions;
mod api_uploads;
mod assets;
mod browser;
mod command_line;
mod conversing;
mod cross_site;
mod draining;
mod fault_rows;
mod fault_table;
mod faults;
mod form_accounts;
mod form_communities;
mod form_conversations;
mod form_notifications;
mod form_passwords;
mod form_pictures;
mod form_posts;
mod form_settings;
mod form_writing;
#[cfg(target_os = "linux")] // what it mounts is a tmpfs
mod full_disk;
mod good_time;
mod hostile_requests;
mod kept_pages;
mod kill_nine;
mod languages;
mod nodes;
mod pages;
mod pages_conversations;
mod pages_profiles;
mod panics;
mod postgres_outage;
mod program;
mod resuming;
mod rfc6455;
mod rfc6455_cases;
mod rfc6455_frames;
mod rfc6455_texts;
mod server_functions;
mod serving;
mod shared_limits;
mod site;
mod slow_heads;
mod slow_readers;
mod socket;
mod socket_conversations;
mod socket_endings;
mod socket_entry;
mod socket_liquid_private;
mod socket_liquid_room;
mod socket_nonsense;
mod socket_resume;
mod socket_talk;
mod socket_tickets;
mod statements_of_pages;
mod talk;

use browser::Browser;
use site::{Answer, Member, Site};
use socket::Socket;
use test_support::Backend;

/// Each function becomes a module with two tests, `sqlite` and `postgres`.
macro_rules! on_both {
    ($(async fn $name:ident($site:ident: Site) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports, reason = "not every test needs what its file imports")]
            use super::*;

            async fn on($site: crate::Site) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn sqlite() {
                on(crate::Site::on(crate::Backend::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn postgres() {
                on(crate::Site::on(crate::Backend::Postgres).await).await;
            }
        }
    )*};
}
pub(crate) use on_both;
