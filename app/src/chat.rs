//! Conversations: the global room, two people, groups. Timeline, composer, connection, the list.
//!
//! Pure state (`timeline`, `rows`, `write_rows`, `link`) knows no browser and is tested natively; the rest shows
//! it and feeds it. What stands around the living part (`pages`) only the server renders.

pub mod api;
mod ask;
mod by_number;
mod composer;
mod connection_bar;
mod courier;
mod draft_keeper;
mod hear;
pub mod link;
mod message_menu;
mod outbox_store;
pub mod pages;
mod people;
mod refresh;
mod room;
mod room_state;
mod row_list;
pub mod rows;
mod scroll;
mod seen_line;
mod start;
pub mod timeline;
mod timeline_view;
mod title_badge;
mod typists;
pub mod write_rows;

use leptos::prelude::IntoView;
pub use start::{RoomStart, TalkStart};

/// The living part of a conversation's page, as the server rendered it and the browser brings it to
/// life.
pub fn room(start: RoomStart) -> impl IntoView {
    room::Room(room::RoomProps { start })
}

/// Nothing to see: what keeps the list fresh where no conversation is open.
pub fn list_alone() -> impl IntoView {
    room::ListAlone()
}
