//! The program's edge: configuration, the URL map, pages, REST, sockets and the command line.
//! Rules are in `domain`; a handler here says in a few lines who asks, which verb, and how the
//! answer travels.

mod accept;
pub mod api;
pub mod assets;
pub mod boot;
pub mod commands;
pub mod config;
mod connections;
mod cookies;
mod cross_site;
mod export;
mod feeds;
mod forms;
pub mod good_time;
mod headers;
mod health;
mod identify;
mod keep;
pub mod live;
pub mod logging;
mod media;
mod pages;
mod paths;
mod refusal;
pub mod routes;
pub mod state;
mod uploads;
mod wording;
