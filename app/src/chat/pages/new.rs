//! `/chat/new`: whom to write to, alone or as a group.
//!
//! It is one form. Searching sends it as a question, so who was picked stays picked; writing and making
//! a group send it as an order.

use leptos::prelude::*;
use wire::people::PersonCard;

use super::Search;
use super::room_head::BackLink;
use crate::page::page;
use crate::text::texts;
use crate::ui::Avatar;

#[component]
pub(super) fn NewPane(search: Search) -> impl IntoView {
    let texts = texts();
    let Search { query, picked, title, found, refused } = search;
    let nobody = !query.is_empty() && found.is_empty() && refused.is_none();
    let nobody = nobody.then(|| texts.chat_nobody_found(&query));
    let rest = found.into_iter().filter(|card| !picked.contains(&card.user.username));
    let rows: Vec<_> = rest.map(|card| view! { <FoundRow card/> }).collect();
    let notice = page().form.notice.clone().or(refused);
    view! {
        <section class="chat-pane" aria-labelledby="pane-title">
            <header class="room-header">
                <BackLink/>
                <h1 class="room-header__title" id="pane-title">{texts.chat_new_title()}</h1>
            </header>
            <form class="chat-pane__body new-chat" method="get" action="/chat/new">
                {notice.map(|words| view! { <p class="notice" role="alert">{words}</p> })}
                <div class="form--row">
                    <label class="field">
                        <span class="field__label">{texts.chat_search()}</span>
                        <input class="field__input" type="search" name="q" value=query dir="auto"
                            autocomplete="off" autocapitalize="none" spellcheck="false" autofocus=true/>
                    </label>
                    <button class="button button--quiet">{texts.chat_search_button()}</button>
                </div>
                {nobody.map(|words| view! { <p class="page__body" role="status">{words}</p> })}
                <ul class="people-rows">{rows}</ul>
                <Group picked title/>
            </form>
        </section>
    }
    .into_any()
}

#[component]
fn FoundRow(card: PersonCard) -> impl IntoView {
    let texts = texts();
    let name = card.user.username;
    view! {
        <li class="people-row">
            <label class="people-row__pick">
                <input type="checkbox" name="with" value=name.clone()/>
                <Avatar name=name.clone() image=card.user.profile_image/>
                <span class="people-row__name" dir="auto">{name.clone()}</span>
            </label>
            <button class="button button--quiet" formmethod="post" name="username" value=name.clone()
                aria-label=texts.chat_write_to(&name)>{texts.chat_write()}</button>
        </li>
    }
    .into_any()
}

/// Those who have been picked, and a name for the group of them.
#[component]
fn Group(picked: Vec<String>, title: String) -> impl IntoView {
    let texts = texts();
    let rows: Vec<_> = picked
        .into_iter()
        .map(|name| {
            view! {
                <li class="people-row">
                    <label class="people-row__pick">
                        <input type="checkbox" name="with" value=name.clone() checked=true/>
                        <Avatar name=name.clone()/>
                        <span class="people-row__name" dir="auto">{name.clone()}</span>
                    </label>
                </li>
            }
        })
        .collect();
    view! {
        <fieldset class="panel group-form">
            <legend class="group-form__title">{texts.chat_group_title()}</legend>
            <p class="page__body">{texts.chat_group_body()}</p>
            <ul class="people-rows">{rows}</ul>
            <div class="form--row">
                <label class="field">
                    <span class="field__label">{texts.chat_group_name()}</span>
                    <input class="field__input" name="title" value=title maxlength="100" dir="auto" autocomplete="off"/>
                </label>
                <button class="button" formmethod="post" name="group" value="1">{texts.chat_group_make()}</button>
            </div>
        </fieldset>
    }
    .into_any()
}
