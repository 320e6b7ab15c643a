//! The list of messages.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::ask::load_room;
use super::room_state::RoomState;
use super::row_list::RowList;
use super::rows::Row;
use super::scroll::{Scroll, Wanted};
use super::seen_line::SeenLine;
use super::timeline::Timeline;
use crate::text::texts;
use crate::ui::{EmptyState, Glyph, Icon, fixed, whenever};

#[component]
pub(super) fn TimelineView(state: RoomState) -> impl IntoView {
    let texts = texts();
    let scroll = Scroll::new();
    let loading = RwSignal::new(false);
    let rows = Memo::new(move |_| state.rows());
    let has_rows = move || rows.with(|rows| !rows.is_empty());
    let nothing_yet =
        if state.is_global() { texts.room_empty_body() } else { texts.chat_empty_body() };
    follow(state, scroll, rows);
    let on_scroll = move |_| match scroll.note(state) {
        Wanted::Older => load_older(state, loading),
        Wanted::Newer => load_newer(state, loading),
        Wanted::Nothing => {}
    };
    view! {
        <div class="timeline" role="log" tabindex="0" aria-live="off" aria-label=state.name()
            aria-busy=move || loading.get().to_string() node_ref=scroll.list on:scroll=on_scroll>
            <div class="timeline__rows">
                <Top state loading/>
                <div class="timeline__empty" hidden=has_rows inner_html=fixed(|| view! {
                    <EmptyState glyph=Glyph::CALM title=texts.room_empty_title() body=nothing_yet/>
                })></div>
                <RowList state rows/>
                <SeenLine state/>
                <div id="latest"></div>
            </div>
        </div>
        <JumpPill state scroll/>
    }
}

/// What stands above the oldest message: the way to older ones, or the beginning.
#[component]
fn Top(state: RoomState, loading: RwSignal<bool>) -> impl IntoView {
    let texts = texts();
    let has_older = move || state.timeline.with(Timeline::has_older);
    let has_any = move || state.timeline.with(|timeline| timeline.oldest_seq().is_some());
    let address = move || {
        let oldest = state.timeline.with(Timeline::oldest_seq).unwrap_or(0);
        format!("{}?before={oldest}", state.path())
    };
    let load = move |event: MouseEvent| {
        event.prevent_default();
        load_older(state, loading);
    };
    view! {
        <a class="timeline__older" href=address rel="external" hidden=move || !has_older() on:click=load>
            {move || if loading.get() { texts.room_loading_older() } else { texts.room_older() }}
        </a>
        <p class="timeline__beginning" hidden=move || has_older() || !has_any()>{texts.room_beginning()}</p>
    }
}

/// The way back down, with what has come meanwhile.
#[component]
fn JumpPill(state: RoomState, scroll: Scroll) -> impl IntoView {
    let texts = texts();
    let words = move || match state.below.get() {
        0 => texts.room_jump_latest().to_owned(),
        below => texts.room_new_messages(below),
    };
    let has_new = move || (state.below.get() > 0).then_some("");
    let jump = move |event: MouseEvent| {
        event.prevent_default();
        scroll.to_end(state);
    };
    view! {
        <a class="jump-pill" href=format!("{}#latest", state.path()) rel="external" data-new=has_new
            hidden=move || state.at_end.get() on:click=jump>
            <span class="jump-pill__sign" inner_html=fixed(|| view! { <Icon glyph=Glyph::DOWN/> })></span>
            {words}
        </a>
    }
}

/// Keeps the view steady while rows change, and tells the server what has been seen.
fn follow(state: RoomState, scroll: Scroll, rows: Memo<Vec<Row>>) {
    let mut is_first = true;
    whenever(move || {
        rows.track();
        if std::mem::take(&mut is_first) {
            request_animation_frame(move || {
                let _first = scroll.note(state);
                // An address that names a message has brought the reader to it.
                if window().location().hash().is_ok_and(|hash| !hash.starts_with("#m")) {
                    scroll.to_unread();
                }
                let _wanted_later = scroll.note(state);
            });
        }
        // The rows are in the page by the next frame.
        request_animation_frame(move || scroll.settle(state));
    });
    whenever(move || {
        state.timeline.track();
        state.out_of_sight_since.track();
        state.at_end.track();
        state.link.track();
        state.mark_read();
    });
}

/// The next stretch of a window, where the reader has come to its end.
fn load_newer(state: RoomState, loading: RwSignal<bool>) {
    if loading.get_untracked() {
        return;
    }
    loading.set(true);
    let newest = state.timeline.with_untracked(Timeline::newest_seq);
    spawn_local(async move {
        if let Ok(room) = load_room(state.key, Some(("after", newest))).await {
            state.timeline.update(|timeline| timeline.merge(room.history));
        }
        loading.set(false);
    });
}

fn load_older(state: RoomState, loading: RwSignal<bool>) {
    let oldest = state
        .timeline
        .with_untracked(|timeline| timeline.oldest_seq().filter(|_| timeline.has_older()));
    let Some(oldest) = oldest.filter(|_| !loading.get_untracked()) else { return };
    loading.set(true);
    spawn_local(async move {
        if let Ok(room) = load_room(state.key, Some(("before", oldest))).await {
            state.timeline.update(|timeline| timeline.merge_older(room.history));
        }
        loading.set(false);
    });
}
