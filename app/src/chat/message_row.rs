//! One message in the list.

use leptos::either::{Either, EitherOf3};
use leptos::ev::MouseEvent;
use leptos::prelude::*;
use wire::UnixMillis;
use wire::conversations::{ConversationKind, Quote, Reaction};
use wire::profiles::{Piece, pieces};
use wire::time::Day;

use super::message_menu::{open_menu, toggle_reaction};
use super::room_state::RoomState;
use super::rows::{MessageRow, Row};
use super::timeline::{Sending, Timeline};
use crate::text::texts;
use crate::ui::Avatar;

#[component]
pub(super) fn RowView(row: Row, state: RoomState) -> impl IntoView {
    match row {
        Row::Day(day) => EitherOf3::A(view! { <DaySeparator day state/> }),
        Row::Unread => EitherOf3::B(view! {
            <div class="unread-line"><span>{texts().room_unread_line()}</span></div>
        }),
        Row::Message(row) => EitherOf3::C(view! { <MessageView row=*row state/> }),
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
    let chosen = row.clone();
    let MessageRow { client_id, seq, author, image, own, first, content, large, at, .. } = row;
    let failed = matches!(row.state, Some(Sending::Failed(_)));
    let pending = row.state.is_some() && !failed;
    let id = seq.map(|seq| format!("m{seq}"));
    let more = (seq.is_some() && !row.is_unsent && state.my_id().is_some()).then(|| chosen.clone());
    let content = if row.is_unsent { texts().chat_unsent().to_owned() } else { content };
    view! {
        <article class="message" id=id class:message--own=own class:message--first=first
            class:message--pending=pending class:message--failed=failed
            class:message--unsent=row.is_unsent class:message--mention=row.names_me data-seq=seq>
            {first.then(|| view! { <Head author=author.clone() image at state/> })}
            {(!first).then(|| view! { <Clock at state class="message__time"/> })}
            {row.quote.map(|quote| view! { <QuoteView quote state/> })}
            <div class="message__line">
                <div class="message__bubble" class:message__bubble--emoji=large dir="auto">{said(content, state)}</div>
                {more.map(|row| view! { <More row state/> })}
            </div>
            {row.is_edited.then(|| view! { <span class="message__edited">{texts().chat_edited()}</span> })}
            {row.state.map(|sending| view! { <Progress client_id sending state/> })}
            {seq.filter(|_| own && state.kind == Some(ConversationKind::Direct) && !row.is_unsent)
                .map(|seq| view! { <Tick seq state/> })}
            {(!row.reactions.is_empty()).then(|| view! { <Reactions row=chosen state/> })}
        </article>
    }
}

/// What was said, the addresses in it as links: not in words of somebody who has not been let in.
fn said(content: String, state: RoomState) -> impl IntoView {
    if !state.is_accepted() || !content.contains("://") {
        return Either::Left(content);
    }
    let piece = |piece| match piece {
        Piece::Text(text) => Either::Left(text.to_owned()),
        Piece::Url(url) => Either::Right(view! {
            <a href=url.to_owned() target="_blank" rel="nofollow ugc noopener noreferrer">{url.to_owned()}</a>
        }),
    };
    Either::Right(pieces(&content).into_iter().map(piece).collect::<Vec<_>>())
}

/// The way to what can be done with a message: a menu, or without script a page.
#[component]
fn More(row: MessageRow, state: RoomState) -> impl IntoView {
    let address = message_address(state, &row);
    let label = texts().chat_message_menu(&row.author);
    let open = move |event: MouseEvent| {
        event.prevent_default();
        open_menu(state, row.clone());
    };
    view! {
        <a class="message__more" href=address rel="external" aria-label=label aria-haspopup="dialog" on:click=open>"⋯"</a>
    }
}

/// Where a message has a page of its own.
pub(super) fn message_address(state: RoomState, row: &MessageRow) -> String {
    let id = row.id.map(|id| id.to_string()).unwrap_or_default();
    format!("{}/messages/{id}", state.path())
}

/// What the message answers, and the way there.
#[component]
fn QuoteView(quote: Quote, state: RoomState) -> impl IntoView {
    let texts = texts();
    let seq = quote.seq;
    let is_here = move || {
        state.timeline.with(|timeline| timeline.oldest_seq().is_some_and(|oldest| oldest <= seq))
    };
    // In the list it is a step; further back it is another page.
    let address = move || match is_here() {
        true => format!("#m{seq}"),
        false => format!("{}?at={seq}#m{seq}", state.path()),
    };
    let words = if quote.is_unsent { texts.chat_unsent().to_owned() } else { quote.content };
    view! {
        <a class="quote" href=address rel="external">
            <span class="quote__author">{quote.sender.username}</span>
            <span class="quote__text" dir="auto">{words}</span>
        </a>
    }
}

/// One tick for stored, two for read by the other.
#[component]
fn Tick(seq: i64, state: RoomState) -> impl IntoView {
    let texts = texts();
    let seen = move || {
        state.receipts.with(|receipts| receipts.iter().any(|receipt| receipt.last_read_seq >= seq))
    };
    let words = move || if seen() { texts.chat_seen() } else { texts.chat_sent() };
    view! {
        <span class="tick" data-seen=move || seen().then_some("") title=words>
            <span class="visually-hidden">{words}</span>
        </span>
    }
}

#[component]
fn Reactions(row: MessageRow, state: RoomState) -> impl IntoView {
    let chips = row.reactions.clone();
    let may_react = state.my_id().is_some();
    let row = StoredValue::new(row);
    let chip = move |reaction: Reaction| {
        let Reaction { emoji, count, mine } = reaction;
        let label = texts().chat_reaction_count(usize::try_from(count).unwrap_or(0), &emoji);
        let (name, shown) = (emoji.clone(), emoji.clone());
        let click = move |_| row.with_value(|row| toggle_reaction(state, row, &name));
        view! {
            <button type="button" class="reaction" aria-pressed=mine.to_string() aria-label=label
                disabled=!may_react data-emoji=emoji on:click=click>
                {shown} " " {count}
            </button>
        }
    };
    view! { <div class="message__reactions">{chips.into_iter().map(chip).collect::<Vec<_>>()}</div> }
}

/// Who has read down to the newest message, below it; in groups, where the message is one's own.
#[component]
pub(super) fn SeenLine(state: RoomState) -> impl IntoView {
    if state.kind != Some(ConversationKind::Group) {
        return Either::Left(());
    }
    Either::Right(view! { <p class="seen-line">{move || seen_by(state)}</p> })
}

fn seen_by(state: RoomState) -> Option<String> {
    let me = state.my_id();
    let newest = state.timeline.with(|timeline: &Timeline| {
        let newest = timeline.stored().next_back()?;
        (Some(newest.sender.id) == me && !newest.is_unsent).then_some(newest.seq)
    })?;
    let names: Vec<String> = state.receipts.with(|receipts| {
        let readers = receipts.iter().filter(|receipt| receipt.last_read_seq >= newest);
        readers.map(|receipt| receipt.user.username.clone()).collect()
    });
    match names.len() {
        0 => None,
        all if all == state.others && all > 1 => Some(texts().chat_seen_by_all().to_owned()),
        1..=3 => Some(texts().chat_seen_by(names.join(", "))),
        many => Some(texts().chat_seen_by_count(many)),
    }
}

/// Face, name and time of a group.
#[component]
fn Head(author: String, image: Option<String>, at: UnixMillis, state: RoomState) -> impl IntoView {
    view! {
        <span class="message__avatar"><Avatar name=author.clone() image/></span>
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
