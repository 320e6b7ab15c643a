//! Keeps the parts of the page that the server renders as they are now: the list of conversations and
//! the head of this one. They come as the server's own HTML, so that their rules stand in one place.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;
use web_sys::Element;
use wire::conversations::SeenBy;

use super::ask::fetch_text;
use super::room_state::RoomState;
use crate::ui::whenever;

/// What happens within this time is fetched at once.
const GATHER: Duration = Duration::from_millis(250);
/// Where somebody is in the middle of a form, its part is looked at again after this long.
const LATER: Duration = Duration::from_secs(10);
/// What a part looked like when it was last taken; what the browser has done to it since is no news.
const TAKEN: &str = "taken";
/// A form that somebody has opened, has begun to fill in or is about to send, or one that says what is
/// wrong. `public/chat.js` marks those that were typed into.
const IN_USE: &str = "details[open], form:hover, [aria-invalid], \
    form[data-touched]:not(details:not([open]) form), :is(button, input, select, summary):focus";

/// Runs for as long as the page stands; in the browser only, like every effect.
pub(super) fn start(state: RoomState) {
    let fetching = StoredValue::new(false);
    whenever(move || {
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

/// Takes the parts anew, from the address that the list names; false where nobody answers.
pub(super) async fn fetch(state: RoomState) -> bool {
    let list = document().query_selector("[data-pane]").ok().flatten();
    let Some(address) = list.and_then(|list| list.get_attribute("data-pane")) else { return false };
    let Ok(html) = fetch_text(&address).await else { return false };
    let Ok(holder) = document().create_element("div") else { return false };
    holder.set_inner_html(&html);
    if state.unread_elsewhere.try_get_untracked().is_none() {
        return true;
    }
    let mut is_all = true;
    while let Some(fresh) = holder.first_element_child() {
        fresh.remove();
        match fresh.id().as_str() {
            "chat-receipts" => take_receipts(state, &fresh.text_content().unwrap_or_default()),
            _ => is_all &= replace(&fresh),
        }
    }
    count(state);
    if !is_all {
        set_timeout(move || state.note_news(), LATER);
    }
    true
}

/// Puts a part in the place of the old one, and the focus back to where it was in it. False where it
/// has to wait for somebody.
fn replace(fresh: &Element) -> bool {
    let Some(old) = document().get_element_by_id(&fresh.id()) else { return true };
    let html = fresh.inner_html();
    let taken = js_sys::Reflect::get(&old, &TAKEN.into()).ok().and_then(|taken| taken.as_string());
    if taken.unwrap_or_else(|| old.inner_html()) == html {
        return true;
    }
    if !matches!(old.query_selector(IN_USE), Ok(None)) {
        return false;
    }
    let focused = document().active_element().filter(|focused| old.contains(Some(focused)));
    let address = focused.and_then(|focused| focused.get_attribute("href"));
    old.set_inner_html(&html);
    // An element takes every property.
    let _noted = js_sys::Reflect::set(&old, &TAKEN.into(), &JsValue::from_str(&html));
    if let Some(address) = address
        && let Ok(Some(same)) = old.query_selector(&format!("[href=\"{address}\"]"))
    {
        focus(&same);
    }
    true
}

/// Who has read how far, as the server knows it; what has been heard since stays.
fn take_receipts(state: RoomState, json: &str) {
    let Some(mut fresh) = crate::json::read::<Vec<SeenBy>>(json) else { return };
    state.receipts.update(|receipts| {
        for receipt in &mut fresh {
            let known = receipts.iter().find(|known| known.user.id == receipt.user.id);
            let up_to = known.map_or(0, |known| known.last_read_seq);
            receipt.last_read_seq = receipt.last_read_seq.max(up_to);
        }
        *receipts = fresh;
    });
}

/// Moves the keyboard's focus; an element that cannot take it keeps it where it is.
pub(super) fn focus(element: &Element) {
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
