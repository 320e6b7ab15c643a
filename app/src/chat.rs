//! The room: timeline, composer and who is here.

mod room_page;

pub use room_page::GlobalRoomPage;
