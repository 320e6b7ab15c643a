//! Who is here.

use leptos::prelude::*;
use wire::UserId;
use wire::chat::Person;

use super::link::Link;
use super::room_state::RoomState;
use crate::text::texts;
use crate::ui::{Markup, write_avatar};

/// Everybody online, and oneself: nobody is told of their own presence.
fn everybody(state: RoomState) -> Vec<Person> {
    let mut people = state.online.get();
    if let Some(me) = state.me.get_value()
        && !people.iter().any(|person| person.id == me.id)
    {
        add(&mut people, Person { id: me.id, username: me.username });
    }
    people
}

/// Puts somebody among others where their name belongs.
pub(super) fn add(people: &mut Vec<Person>, person: Person) {
    let at = people.iter().position(|other| *other > person);
    people.insert(at.unwrap_or(people.len()), person);
}

/// With those who are not named.
fn count(state: RoomState) -> usize {
    everybody(state).len() + state.unnamed.get()
}

/// Whether nobody says any more who is here: what is known is from before.
fn is_old(state: RoomState) -> bool {
    matches!(state.link.get(), Link::Reconnecting | Link::Offline | Link::SignedOut)
}

/// The count, in the room's header; away while it may be wrong, with its place kept.
#[component]
pub(super) fn PresenceStrip(state: RoomState) -> impl IntoView {
    let texts = texts();
    view! {
        <p class="presence-strip" data-old=move || is_old(state).then_some("")>
            <span class="presence-dot" aria-hidden="true"></span>
            <span class="presence-count">{move || texts.room_online(count(state))}</span>
        </p>
    }
}

/// The list, where there is room for it.
#[component]
pub(super) fn People(state: RoomState) -> impl IntoView {
    let texts = texts();
    let me = state.my_id();
    let nobody = move || count(state) == 0;
    let more = move || Some(state.unnamed.get()).filter(|unnamed| *unnamed > 0);
    view! {
        <aside class="people" aria-labelledby="people-title">
            <h2 class="people__title" id="people-title">{texts.room_who_is_here()}</h2>
            <ul inner_html=move || names(state, me)></ul>
            {move || more().map(|more| view! { <p class="people__more">{texts.room_more(more)}</p> })}
            <p class="people__nobody" hidden=move || !nobody()>{texts.room_nobody_here()}</p>
        </aside>
    }
}

/// Everybody as HTML.
fn names(state: RoomState, me: Option<UserId>) -> String {
    let mut html = Markup::default();
    for person in everybody(state) {
        html.raw("<li class=\"person\">");
        write_avatar(&mut html, &person.username, None);
        html.raw("<span class=\"person__name\">").text(&person.username);
        if me == Some(person.id) {
            html.raw(" <span class=\"person__you\">(").text(texts().room_you()).raw(")</span>");
        }
        html.raw("</span></li>");
    }
    html.into_html()
}
