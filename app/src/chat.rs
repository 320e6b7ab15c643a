//! The room: timeline, composer, connection and who is here.
//!
//! Pure state (`timeline`, `rows`, `link`) knows no browser and is tested natively; the rest shows
//! it and feeds it.

pub mod api;
mod composer;
mod connection_bar;
mod courier;
pub mod link;
mod message_row;
mod outbox_store;
mod people;
mod room;
mod room_page;
mod room_state;
pub mod rows;
mod scroll;
pub mod timeline;
mod timeline_view;

pub use room_page::GlobalRoomPage;
