//! The room as a whole.

use leptos::prelude::*;
use wire::chat;

use super::composer::Composer;
use super::connection_bar::ConnectionBar;
use super::courier;
use super::people::{People, PresenceStrip};
use super::room_state::RoomState;
use super::timeline_view::TimelineView;
use super::title_badge;
use crate::text::texts;

#[component]
pub(super) fn Room(room: chat::Room) -> impl IntoView {
    let texts = texts();
    let state = RoomState::new(room);
    courier::start(state);
    title_badge::start(state);
    // After hydration, so that what hydrates is what the server sent.
    Effect::new(move |_| {
        state.go_local();
        mark_alive();
    });
    view! {
        <section class="room" aria-labelledby="room-title">
            <header class="room-header">
                <div>
                    <h1 class="room-header__title" id="room-title">{texts.room_title()}</h1>
                    <p class="room-header__tagline">{texts.room_tagline()}</p>
                </div>
                <PresenceStrip state/>
            </header>
            <ConnectionBar state/>
            <TimelineView state/>
            <Composer state/>
            <People state/>
        </section>
    }
}

/// For tests and style sheets: from here on the page answers to clicks.
fn mark_alive() {
    if let Some(root) = document().document_element() {
        let _kept = root.set_attribute("data-hydrated", "");
    }
}
