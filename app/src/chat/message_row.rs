//! One message in the list.

use leptos::either::EitherOf3;
use leptos::prelude::*;
use wire::UnixMillis;
use wire::time::Day;

use super::room_state::RoomState;
use super::rows::{MessageRow, Row};
use super::timeline::Sending;
use crate::text::texts;
use crate::ui::Avatar;

#[component]
pub(super) fn RowView(row: Row, state: RoomState) -> impl IntoView {
    match row {
        Row::Day(day) => EitherOf3::A(view! { <DaySeparator day state/> }),
        Row::Unread => EitherOf3::B(view! {
            <div class="unread-line"><span>{texts().room_unread_line()}</span></div>
        }),
        Row::Message(row) => EitherOf3::C(view! { <MessageView row state/> }),
    }
}

#[component]
fn DaySeparator(day: Day, state: RoomState) -> impl IntoView {
    let date = format!("{:04}-{:02}-{:02}", day.year, day.month, day.day);
    view! { <div class="day-separator"><time datetime=date>{move || in_words(day, state)}</time></div> }
}

/// Today and yesterday are words only the reader's own clock can say.
fn in_words(day: Day, state: RoomState) -> String {
    let texts = texts();
    match state.days_ago(day) {
        Some(0) => texts.room_today().to_owned(),
        Some(1) => texts.room_yesterday().to_owned(),
        _ => texts.date_long_of(day),
    }
}

#[component]
fn MessageView(row: MessageRow, state: RoomState) -> impl IntoView {
    let MessageRow { client_id, seq, author, own, first, content, large, at, state: sending } = row;
    let failed = matches!(sending, Some(Sending::Failed(_)));
    let pending = sending.is_some() && !failed;
    view! {
        <article class="message" class:message--own=own class:message--first=first
            class:message--pending=pending class:message--failed=failed data-seq=seq>
            {first.then(|| view! { <Head author=author.clone() at state/> })}
            {(!first).then(|| view! { <Clock at state class="message__time"/> })}
            <div class="message__bubble" class:message__bubble--emoji=large dir="auto">{content}</div>
            {sending.map(|sending| view! { <Progress client_id sending state/> })}
        </article>
    }
}

/// Face, name and time of a group.
#[component]
fn Head(author: String, at: UnixMillis, state: RoomState) -> impl IntoView {
    view! {
        <span class="message__avatar"><Avatar name=author.clone()/></span>
        <div class="message__meta">
            <span class="message__author">{author}</span>
            <Clock at state class=""/>
        </div>
    }
}

/// Hours and minutes: UTC from the server, the reader's own once the page is alive.
#[component]
fn Clock(at: UnixMillis, state: RoomState, class: &'static str) -> impl IntoView {
    let words = move || {
        let (hour, minute) = at.shifted(state.offset(at)).hour_minute();
        format!("{hour:02}:{minute:02}")
    };
    view! { <time class=class datetime=at.to_string()>{words}</time> }
}

/// What became of one's own message, and what can be done about it.
#[component]
fn Progress(client_id: String, sending: Sending, state: RoomState) -> impl IntoView {
    let texts = texts();
    let line = match sending {
        Sending::Sent => EitherOf3::A(texts.room_pending()),
        Sending::Waiting => EitherOf3::B(view! { <Waiting state/> }),
        Sending::Failed(problem) => {
            let reason = format!("{}. {}", texts.room_failed(), texts.problem(problem.code));
            EitherOf3::C(view! { <span role="alert">{reason}</span> <Remedies client_id state/> })
        }
    };
    view! { <div class="message__actions">{line}</div> }
}

/// Nothing for the moment it takes while the connection carries.
#[component]
fn Waiting(state: RoomState) -> impl IntoView {
    let texts = texts();
    move || if state.link.get().carries() { texts.room_pending() } else { texts.room_waiting() }
}

#[component]
fn Remedies(client_id: String, state: RoomState) -> impl IntoView {
    let texts = texts();
    let id = StoredValue::new(client_id.parse().ok());
    let act = move |change: fn(RoomState, &wire::ClientId)| {
        id.with_value(|id| {
            if let Some(id) = id {
                change(state, id);
            }
        });
    };
    view! {
        <button type="button" on:click=move |_| act(RoomState::retry)>{texts.room_retry()}</button>
        <button type="button" on:click=move |_| act(RoomState::discard)>{texts.room_delete()}</button>
    }
}
