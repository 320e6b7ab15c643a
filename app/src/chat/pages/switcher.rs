//! Going to any conversation, or to anybody, from the keyboard. What is chosen from is the server's.

use leptos::prelude::*;
use wire::ConversationKey;
use wire::conversations::Conversation;
use wire::people::PersonCard;

use super::list::{face, last_line};
use super::name_of;
use crate::text::texts;
use crate::ui::{Avatar, Glyph, Icon};

/// Stands closed in every page of conversations; the script opens it. Without script the same is the
/// search of `/chat/new`.
#[component]
pub(super) fn Switcher() -> impl IntoView {
    let texts = texts();
    view! {
        <dialog class="message-menu switcher" id="switcher" aria-label=texts.chat_switch_title()>
            <form method="post" action="/chat/new">
                <input class="field__input" role="combobox" aria-expanded="true" aria-autocomplete="list"
                    aria-controls="switcher-list" aria-label=texts.chat_switch_title() placeholder=texts.chat_switch_title()
                    dir="auto" autocomplete="off" autocapitalize="none" spellcheck="false"/>
                <div class="switcher__list" id="switcher-list" role="listbox" aria-label=texts.chat_switch_title()></div>
                <p class="room-header__tagline">{texts.chat_switch_keys()}</p>
            </form>
        </dialog>
    }
    .into_any()
}

/// What fits the words: conversations first, then people. The first one is chosen.
#[component]
pub fn Choices(
    /// Whether the global room is among them.
    global: bool,
    conversations: Vec<Conversation>,
    people: Vec<PersonCard>,
) -> impl IntoView {
    let texts = texts();
    let count = usize::from(global) + conversations.len() + people.len();
    let talks = conversations.into_iter().map(|conversation| {
        let (name, line) = (name_of(texts, &conversation), last_line(texts, &conversation));
        let key = ConversationKey::Id(conversation.id);
        view! {
            <a class="chat-row" role="option" tabindex="-1" href=format!("/chat/{key}")>
                {face(texts, &conversation, name.clone())}
                <span class="chat-row__name" dir="auto">{name}</span>
                <span class="chat-row__line" dir="auto">{line}</span>
            </a>
        }
        .into_any()
    });
    let people = people.into_iter().map(|card| {
        let name = card.user.username;
        view! {
            <button class="chat-row" role="option" tabindex="-1" name="username" value=name.clone()>
                <Avatar name=name.clone() image=card.user.profile_image/>
                <span class="chat-row__name" dir="auto">{name.clone()}</span>
                <span class="chat-row__line">{texts.chat_write()}</span>
            </button>
        }
        .into_any()
    });
    let global = global.then(|| {
        view! {
            <a class="chat-row" role="option" tabindex="-1" href="/chat/global">
                <span class="avatar avatar--room"><Icon glyph=Glyph::PEOPLE/></span>
                <span class="chat-row__name">{texts.room_title()}</span>
                <span class="chat-row__line">{texts.room_tagline()}</span>
            </a>
        }
        .into_any()
    });
    let rows: Vec<_> = global.into_iter().chain(talks).chain(people).collect();
    view! {
        {rows}
        {(count == 0).then(|| view! { <p class="page__body">{texts.chat_switch_nothing()}</p> })}
    }
    .into_any()
}
