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
mod title_badge;

use leptos::prelude::IntoView;
pub use room_page::GlobalRoomPage;

/// The room's content, as the server rendered it and the browser brings it to life.
pub fn room(room: wire::chat::Room) -> impl IntoView {
    room::Room(room::RoomProps { room })
}
