//! Where one types what one looks for.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use wire::search::Kind;

use crate::content::{Content, content};
use crate::text::texts;
use crate::ui::{Glyph, Icon};

/// The field of the page of search. What is pasted into it is never cut, but refused in words.
const FIELD: &str = "search";

/// The field in the top bar of pages that read; a link on those that talk, and where there is no room. The
/// page of search has its own.
#[component]
pub(crate) fn TopSearch() -> impl IntoView {
    let texts = texts();
    let content = content();
    if use_location().pathname.get_untracked() == "/search" {
        return ().into_any();
    }
    let link = view! {
        <a class="topbar__find" href="/search" rel="external" aria-label=texts.search_title()><Icon glyph=Glyph::FIND/></a>
    };
    if !content.is_social() {
        return matches!(*content, Content::Chat(_)).then_some(link).into_any();
    }
    view! {
        <form class="topbar__search" method="get" action="/search" role="search">
            <label>
                <span class="visually-hidden">{texts.search_label()}</span>
                <Icon glyph=Glyph::FIND/>
                <input type="search" name="q" placeholder=texts.search_title() dir="auto" autocomplete="off" data-find=""/>
            </label>
        </form>
        {link}
    }
    .into_any()
}

/// The field of the page of search, with what is wrong beside it.
#[component]
pub(super) fn SearchField(
    query: String,
    kind: Option<Kind>,
    refused: Option<String>,
) -> impl IntoView {
    let texts = texts();
    let is_refused = refused.is_some();
    let is_empty = query.is_empty();
    view! {
        <form class="find-form" method="get" action="/search" role="search">
            <label class="field__label" for=FIELD>{texts.search_label()}</label>
            <div class="field" class:field--invalid=is_refused>
                <input class="field__input" type="search" id=FIELD name="q" value=query dir="auto" autocomplete="off"
                    autocapitalize="none" spellcheck="false" data-find="" autofocus=is_empty || is_refused
                    aria-describedby=is_refused.then_some("search-issue") aria-invalid=is_refused.then_some("true")/>
                {refused.map(|words| view! { <p class="field__issue" id="search-issue" role="alert">{words}</p> })}
            </div>
            {kind.map(|kind| view! { <input type="hidden" name="type" value=kind.as_str()/> })}
            <button class="button">{texts.search_button()}</button>
        </form>
    }
    .into_any()
}
