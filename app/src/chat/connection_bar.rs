//! The state of the connection in words, once it has been unwell for a while.

use std::time::Duration;

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;

use super::link::Link;
use super::room_state::{RoomState, unless_gone};
use crate::text::{Texts, texts};
use crate::ui::whenever;

/// A hiccup shorter than this is nobody's business.
const PATIENCE: Duration = Duration::from_secs(5);

#[component]
pub(super) fn ConnectionBar(state: RoomState) -> impl IntoView {
    let texts = texts();
    let told = RwSignal::new(false);
    tell_after_patience(state, told);
    let name = move || shown(state, told.get());
    let words = move || match (state.caught_up.get(), name()) {
        (Some(0), Some("caught-up")) => texts.room_state_back().to_owned(),
        (Some(messages), Some("caught-up")) => texts.room_state_caught_up(messages),
        (_, Some(_)) => sentence(texts, state.link.get()).to_owned(),
        _ => String::new(),
    };
    let is_signed_in = move || state.link.get() != Link::SignedOut;
    view! {
        <p class="connection-bar" role="status" data-state=name>
            {words}
            <a href=format!("/login?next={}", state.path()) rel="external" hidden=is_signed_in>{texts.nav_sign_in()}</a>
        </p>
    }
}

/// What `data-state` says: nothing while all is well.
fn shown(state: RoomState, told: bool) -> Option<&'static str> {
    if state.caught_up.get().is_some() && state.link.get() == Link::Live {
        return Some("caught-up");
    }
    let link = state.link.get();
    link.as_str().filter(|_| told || link == Link::SignedOut)
}

fn tell_after_patience(state: RoomState, told: RwSignal<bool>) {
    let mut waiting: Option<TimeoutHandle> = None;
    whenever(move || {
        let is_well = state.link.get() == Link::Live;
        if is_well {
            told.set(false);
        }
        waiting = match waiting.take() {
            Some(handle) if is_well => {
                handle.clear();
                None
            }
            Some(handle) => Some(handle),
            None if is_well => None,
            None => set_timeout_with_handle(move || unless_gone(told, true), PATIENCE).ok(),
        };
    });
}

fn sentence(texts: Texts, link: Link) -> &'static str {
    match link {
        Link::Live => "",
        Link::Connecting | Link::Reconnecting => texts.room_state_reconnecting(),
        Link::Polling => texts.room_state_polling(),
        Link::Offline => texts.room_state_offline(),
        Link::SignedOut => texts.room_state_signed_out(),
    }
}
