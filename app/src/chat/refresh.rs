//! Keeps the parts of the page that the server renders as they are now: the list of conversations and
//! the head of this one. They come as the server's own HTML, so that their rules stand in one place.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::ask::fetch_text;
use super::room_state::RoomState;

/// What happens within this time is fetched at once.
const GATHER: Duration = Duration::from_millis(250);

/// Runs for as long as the page stands; in the browser only, like every effect.
pub(super) fn start(state: RoomState) {
    let fetching = StoredValue::new(false);
    Effect::new(move |_| {
        if state.news.get() > 0 {
            schedule(state, fetching);
        } else {
            count(state);
        }
    });
}

fn schedule(state: RoomState, fetching: StoredValue<bool>) {
    if fetching.get_value() || state.my_id().is_none() {
        return;
    }
    fetching.set_value(true);
    set_timeout(
        move || {
            spawn_local(async move {
                let told = state.news.try_get_untracked();
                fetch(state).await;
                let _gone = fetching.try_set_value(false);
                if told.is_some() && state.news.try_get_untracked() != told {
                    schedule(state, fetching);
                }
            });
        },
        GATHER,
    );
}

async fn fetch(state: RoomState) {
    let Ok(html) = fetch_text(&format!("/chat/pane?here={}", state.key)).await else { return };
    let Ok(holder) = document().create_element("div") else { return };
    holder.set_inner_html(&html);
    while let Some(fresh) = holder.first_element_child() {
        fresh.remove();
        replace(&fresh);
    }
    if state.unread_elsewhere.try_get_untracked().is_some() {
        count(state);
    }
}

/// Puts a part in the place of the old one, and the focus back to where it was in it.
fn replace(fresh: &web_sys::Element) {
    let Some(old) = document().get_element_by_id(&fresh.id()) else { return };
    if old.inner_html() == fresh.inner_html() {
        return;
    }
    let focused = document().active_element().filter(|focused| old.contains(Some(focused)));
    let address = focused.and_then(|focused| focused.get_attribute("href"));
    old.set_inner_html(&fresh.inner_html());
    let Some(address) = address else { return };
    if let Ok(Some(same)) = old.query_selector(&format!("[href=\"{address}\"]")) {
        focus(&same);
    }
}

/// Moves the keyboard's focus; an element that cannot take it keeps it where it is.
pub(super) fn focus(element: &web_sys::Element) {
    use wasm_bindgen::JsCast;
    if let Some(element) = element.dyn_ref::<web_sys::HtmlElement>() {
        let _kept = element.focus();
    }
}

/// The number that the list shows.
fn count(state: RoomState) {
    let Ok(Some(total)) = document().query_selector("#chat-list [data-unread]") else { return };
    let unread = total.get_attribute("data-unread").and_then(|text| text.parse().ok());
    state.unread_elsewhere.set(unread.unwrap_or(0));
}
