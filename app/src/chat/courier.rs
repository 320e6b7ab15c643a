//! Keeps the room connected, hands over what was written, and catches up with what was missed.

use std::time::Duration;

use gloo_timers::future::TimeoutFuture;
use leptos::ev;
use leptos::leptos_dom::helpers::{WindowListenerHandle, window_event_listener};
use leptos::prelude::*;
use leptos::task::spawn_local;
use send_wrapper::SendWrapper;
use wire::live::{ChatMessage, ClientFrame, Resume, ServerFrame, close};
use wire::{ClientId, Problem};

use super::ask::{is_signed_out, load_room, post_message};
use super::hear::hear;
use super::link::{Link, TRIES_BEFORE_POLLING, asked_delay_ms, delay_ms};
use super::outbox_store::OutboxStore;
use super::refresh;
use super::room_state::{RoomState, unless_gone};
use super::timeline::{Pending, Sending, Timeline};
use crate::live::{Ended, converse, voice};
use crate::ui::whenever;

const SOCKET: &str = "/ws/chat/";
const POLL_MS: u32 = 3_000;
/// Without a socket the list is taken anew this often.
const LIST_POLL_MS: u32 = 9_000;
/// A poll that fails waits longer each time, up to this.
const SLOWEST_POLL_MS: u32 = 30_000;
const CAUGHT_UP_FOR: Duration = Duration::from_secs(6);

/// Runs for as long as the page stands. Effects exist in the browser only, so the server never
/// starts it.
pub(super) fn start(state: RoomState) {
    let alive = StoredValue::new(true);
    whenever(move || {
        // In here, because the server would run it too, on whichever thread ends the page.
        on_cleanup(move || {
            alive.set_value(false);
            hang_up(state);
        });
        for listener in watch_network(state) {
            on_cleanup(move || listener.remove());
        }
        spawn_local(run(state, alive));
    });
    // Whatever is written, acknowledged, failed or reconnected: look whether something can leave.
    whenever(move || {
        state.timeline.track();
        state.held_until.track();
        if state.link.get().carries() {
            hand_over(state);
        }
    });
}

async fn run(state: RoomState, alive: StoredValue<bool>) {
    if let Some(me) = state.my_id() {
        take_up_what_was_left(state, me).await;
        spawn_local(poll_while_needed(state, alive));
        stay_connected(state, alive).await;
    } else {
        // Sockets are for members; readers ask now and then.
        state.link.set(Link::Live);
        poll_forever(state, alive).await;
    }
}

fn is_alive(alive: StoredValue<bool>) -> bool {
    alive.try_get_value().unwrap_or(false)
}

async fn take_up_what_was_left(state: RoomState, me: wire::UserId) {
    let Some(store) = OutboxStore::open(me).await else { return };
    let (left, elsewhere): (Vec<_>, Vec<_>) =
        store.everything().await.into_iter().partition(|left| left.conversation == state.key);
    spawn_local(deliver_elsewhere(store.clone(), elsewhere));
    // What was written before the store was open is kept from now on.
    for pending in state.timeline.with_untracked(|timeline| timeline.pending().to_vec()) {
        store.keep(&pending);
    }
    state.outbox.set_value(Some(SendWrapper::new(store.clone())));
    for pending in &left {
        let stored = state.timeline.with_untracked(|timeline| {
            timeline.stored().any(|message| message.client_id == pending.client_id)
        });
        if stored {
            store.forget(&pending.client_id);
        }
    }
    if !left.is_empty() {
        state.timeline.update(|timeline| timeline.take_up(left));
    }
}

// ---- the socket

async fn stay_connected(state: RoomState, alive: StoredValue<bool>) {
    let mut failures = 0;
    while is_alive(alive) {
        if state.link.get_untracked() == Link::Offline {
            TimeoutFuture::new(POLL_MS / 6).await;
            continue;
        }
        let ended = one_socket(state).await;
        state.voice.set_value(None);
        if !is_alive(alive) {
            return;
        }
        state.timeline.update(Timeline::take_back);
        failures = if ended.was_live { 0 } else { failures + 1 };
        if ended.code == close::SIGNED_OUT {
            return state.link.set(Link::SignedOut);
        }
        if state.link.get_untracked() != Link::Offline {
            state.link.set(without_socket(state, failures).await);
        }
        if [close::EXPIRED, close::UNAUTHENTICATED].contains(&ended.code) && is_signed_out().await {
            return state.link.set(Link::SignedOut);
        }
        let wait = asked_delay_ms(&ended.reason);
        wait_for_network(state, wait.unwrap_or_else(|| delay_ms(failures, js_sys::Math::random())))
            .await;
    }
}

/// Asking over HTTP helps only where HTTP gets through.
async fn without_socket(state: RoomState, failures: u32) -> Link {
    if failures < TRIES_BEFORE_POLLING {
        return Link::Reconnecting;
    }
    if ask(state).await { Link::Polling } else { Link::Reconnecting }
}

/// Waits, but not on when the network comes back.
async fn wait_for_network(state: RoomState, millis: u32) {
    const STEP_MS: u32 = 250;
    let started_offline = state.link.get_untracked() == Link::Offline;
    let mut waited = 0;
    while waited < millis {
        TimeoutFuture::new(STEP_MS.min(millis - waited)).await;
        waited += STEP_MS;
        let offline = state.link.try_get_untracked() == Some(Link::Offline);
        if started_offline && !offline {
            return;
        }
    }
}

async fn one_socket(state: RoomState) -> Ended {
    let (speak, ear) = voice();
    state.voice.set_value(Some(speak.clone()));
    let mut resumed_from = None;
    converse(SOCKET, ear, move |frame| match frame {
        ServerFrame::ConnectionEstablished { online_count, .. } => {
            state.meet_anew(online_count);
            resumed_from = Some(state.timeline.with_untracked(Timeline::newest_seq));
            speak.say(ClientFrame::Resume(Resume { cursors: state.cursors() }));
        }
        ServerFrame::Resumed { .. } => {
            go_live(state, resumed_from.take());
        }
        frame => listen(state, frame),
    })
    .await
}

fn go_live(state: RoomState, resumed_from: Option<i64>) {
    let came_back =
        matches!(state.link.get_untracked(), Link::Reconnecting | Link::Polling | Link::Offline);
    if came_back {
        // What was said into the last socket may not have arrived.
        state.marked.set_value(0);
    }
    state.link.set(Link::Live);
    // The list may have grown old between the page and its socket.
    state.note_news();
    let newest = state.timeline.with_untracked(Timeline::newest_seq);
    if let Some(before) = resumed_from.filter(|_| came_back) {
        show_caught_up(state, usize::try_from(newest - before).unwrap_or(0));
        spawn_local(read_again(state));
    }
}

/// A resume gives the messages that were missed, not what happened to those that are here. They are
/// read again step by step, from the oldest on.
async fn read_again(state: RoomState) {
    let span = state.timeline.with_untracked(|timeline| {
        timeline.oldest_seq().map(|oldest| (oldest - 1, timeline.newest_seq()))
    });
    let Some((mut after, newest)) = span else { return };
    while after < newest {
        let Ok(room) = load_room(state.key, Some(("after", after))).await else { return };
        let Some(last) = room.history.messages.last() else { return };
        after = last.seq;
        if state.timeline.try_update(|timeline| timeline.refresh(room.history)).is_none() {
            return;
        }
    }
}

fn show_caught_up(state: RoomState, messages: usize) {
    state.caught_up.set(Some(messages));
    set_timeout(move || unless_gone(state.caught_up, None), CAUGHT_UP_FOR);
}

fn listen(state: RoomState, frame: ServerFrame) {
    match frame {
        ServerFrame::Gap { to_seq, conversation_id, .. } if conversation_id == state.key => {
            state.timeline.update(|timeline| timeline.announce(to_seq));
            spawn_local(fill_holes(state));
        }
        ServerFrame::Error { code, message, client_id: Some(client_id), retry_after_ms } => {
            let problem = Problem { retry_after_ms, ..Problem::new(code, message) };
            refused(state, &client_id, problem);
        }
        frame => {
            hear(state, frame);
            if state.timeline.with_untracked(Timeline::lacks_something) {
                spawn_local(fill_holes(state));
            }
        }
    }
}

/// Fetches what is missing, one fetch at a time.
async fn fill_holes(state: RoomState) {
    if state.filling.get_value() {
        return;
    }
    state.filling.set_value(true);
    while fill_next(state).await {}
    let _gone = state.filling.try_set_value(false);
}

/// After a long absence the newest stretch takes the place of everything. True where that was not all.
async fn fill_next(state: RoomState) -> bool {
    let place = || state.timeline.try_with_untracked(|all| (all.cursor(), all.lacks_something()));
    let Some((cursor, true)) = place() else { return false };
    let Ok(room) = load_room(state.key, Some(("after", cursor))).await else { return false };
    let reaches_end =
        room.history.messages.last().is_none_or(|last| last.seq >= room.history.last_seq);
    if reaches_end {
        for message in room.history.messages {
            state.receive(message);
        }
    } else {
        restart(state).await;
    }
    place().is_some_and(|(now, lacks)| lacks && now > cursor)
}

async fn restart(state: RoomState) {
    if let Ok(newest) = load_room(state.key, None).await {
        let _gone = state.timeline.try_update(|timeline| timeline.restart(newest.history));
    }
}

/// From a stretch out of the middle to the newest messages.
pub(super) async fn go_to_newest(state: RoomState) {
    restart(state).await;
    let _gone = state.at_end.try_set(true);
    fill_holes(state).await;
}

// ---- without a socket

async fn poll_while_needed(state: RoomState, alive: StoredValue<bool>) {
    let mut wait = POLL_MS;
    let mut list_age = 0;
    while is_alive(alive) {
        TimeoutFuture::new(wait).await;
        if state.link.try_get_untracked() != Some(Link::Polling) {
            continue;
        }
        list_age += wait;
        if list_age >= LIST_POLL_MS {
            list_age = 0;
            state.note_news();
        }
        wait = poll(state, wait).await;
    }
}

async fn poll_forever(state: RoomState, alive: StoredValue<bool>) {
    let mut wait = POLL_MS;
    while is_alive(alive) {
        TimeoutFuture::new(wait).await;
        if is_alive(alive) && !document().hidden() {
            wait = poll(state, wait).await;
        }
    }
}

/// Asks once; the answer is how long to wait before the next time.
async fn poll(state: RoomState, waited: u32) -> u32 {
    if ask(state).await { POLL_MS } else { (waited * 2).min(SLOWEST_POLL_MS) }
}

/// Fetches what is new over HTTP; false where nobody answers.
async fn ask(state: RoomState) -> bool {
    if state.is_nothing {
        return refresh::fetch(state).await;
    }
    let cursor = state.timeline.with_untracked(Timeline::resume_cursor);
    let Ok(room) = load_room(state.key, Some(("after", cursor))).await else { return false };
    for message in room.history.messages {
        state.receive(message);
    }
    state.unnamed.set(room.online_count.saturating_sub(room.online.len()));
    state.online.set(room.online);
    true
}

// ---- what was written

/// Hands over the next message, if it may leave now.
fn hand_over(state: RoomState) {
    let held = state.held_until.get_untracked().is_some_and(|until| until > js_sys::Date::now());
    let has_waiting = state.timeline.with_untracked(|timeline| !timeline.pending().is_empty());
    if held || !has_waiting {
        return;
    }
    // Tells only where something changed: this runs inside the effect that watches the timeline.
    let next = state.timeline.try_maybe_update(|timeline| {
        let next = timeline.hand_over();
        (next.is_some(), next)
    });
    let Some(pending) = next.flatten() else { return };
    let speaker = state.voice.with_value(Clone::clone);
    match speaker.filter(|_| state.link.get_untracked() == Link::Live) {
        Some(voice) => voice.say(ClientFrame::ChatMessage(ChatMessage {
            conversation_id: state.key,
            client_id: Some(pending.client_id),
            content: pending.content,
            reply_to: pending.reply_to.map(|quote| quote.id),
        })),
        None => spawn_local(post(state, pending)),
    }
}

async fn post(state: RoomState, pending: Pending) {
    match post_message(&pending).await {
        Ok(message) => state.receive(message),
        Err(problem) => refused(state, &pending.client_id, problem),
    }
}

/// What was written in other conversations and never left: whichever page stands takes it along.
async fn deliver_elsewhere(store: OutboxStore, left: Vec<Pending>) {
    for pending in left {
        if matches!(pending.state, Sending::Failed(_)) {
            continue;
        }
        // A refusal is shown where it was written; what has to wait is taken up there, too.
        match post_message(&pending).await {
            Ok(_) => store.forget(&pending.client_id),
            Err(problem) if problem.code.is_temporary() => {}
            Err(problem) => store.keep(&Pending { state: Sending::Failed(problem), ..pending }),
        }
    }
}

/// What only has to wait goes back into the queue; the rest is its author's to decide.
fn refused(state: RoomState, client_id: &ClientId, problem: Problem) {
    if !problem.code.is_temporary() {
        return state.fail(client_id, problem);
    }
    let wait = problem.retry_after_ms.unwrap_or(2_000);
    state.held_until.set(Some(js_sys::Date::now() + wait as f64));
    state.timeline.update(Timeline::take_back);
    set_timeout(move || unless_gone(state.held_until, None), Duration::from_millis(wait));
}

// ---- the network, as the browser sees it

/// An open socket does not notice at once that the network is gone; the browser says so.
fn watch_network(state: RoomState) -> [WindowListenerHandle; 2] {
    if !window().navigator().on_line() {
        state.link.set(Link::Offline);
    }
    let offline = window_event_listener(ev::offline, move |_| {
        state.link.set(Link::Offline);
        hang_up(state);
    });
    let online = window_event_listener(ev::online, move |_| {
        state.link.set(Link::Reconnecting);
    });
    [offline, online]
}

fn hang_up(state: RoomState) {
    let voice = state.voice.try_update_value(Option::take).flatten();
    if let Some(voice) = voice {
        voice.hang_up();
    }
}
