//! The living part of a conversation.

use leptos::either::Either;
use leptos::prelude::*;

use super::composer::Composer;
use super::connection_bar::ConnectionBar;
use super::message_menu::MessageMenu;
use super::people::{People, PresenceStrip};
use super::room_state::RoomState;
use super::start::RoomStart;
use super::timeline_view::TimelineView;
use super::typists::TypingLine;
use super::{courier, refresh, title_badge};
use crate::text::texts;
use crate::ui::whenever;

#[component]
pub(super) fn Room(start: RoomStart) -> impl IntoView {
    let state = RoomState::new(start);
    courier::start(state);
    title_badge::start(state);
    refresh::start(state);
    // After hydration, so that what hydrates is what the server sent.
    whenever(move || {
        state.go_local();
        mark_alive();
    });
    view! {
        <GlobalHead state/>
        <ConnectionBar state/>
        <TimelineView state/>
        <TypingLine state/>
        <Composer state/>
        <GlobalPeople state/>
        <MessageMenu state/>
    }
}

/// The socket and the list's freshness, without a conversation.
#[component]
pub(super) fn ListAlone() -> impl IntoView {
    let state = RoomState::of_nothing();
    courier::start(state);
    title_badge::start(state);
    refresh::start(state);
    whenever(mark_alive);
    // Something has to stand there to come alive.
    view! { <span hidden></span> }
}

/// The head of a conversation between known people is the server's.
#[component]
fn GlobalHead(state: RoomState) -> impl IntoView {
    if !state.is_global() {
        return Either::Left(());
    }
    let texts = texts();
    Either::Right(view! {
        <header class="room-header">
            <a class="room-header__back" href="/chat" rel="external" aria-label=texts.chat_back()>"‹"</a>
            <div class="room-header__words">
                <h1 class="room-header__title" id="room-title">{texts.room_title()}</h1>
                <p class="room-header__tagline">{texts.room_tagline()}</p>
            </div>
            <PresenceStrip state/>
        </header>
    })
}

#[component]
fn GlobalPeople(state: RoomState) -> impl IntoView {
    if state.is_global() { Either::Left(view! { <People state/> }) } else { Either::Right(()) }
}

/// For tests and style sheets: from here on the page answers to clicks.
fn mark_alive() {
    if let Some(root) = document().document_element() {
        let _kept = root.set_attribute("data-hydrated", "");
    }
}
