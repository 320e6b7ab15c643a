//! `/search`: a question, and what was found.

use leptos::prelude::*;
use wire::search::{Found, Hits, Kind};

use super::field::SearchField;
use super::help::Operators;
use super::hits::{CommunityLine, MessageLine, PersonLine, PostLine};
use super::{Results, address};
use crate::text::{Texts, texts};
use crate::ui::{EmptyState, Glyph, PageMeta};

/// Nobody goes on further than that; whoever has not found it by then says more.
const LAST_PAGE: u64 = 25;

fn has_more(found: &Found) -> bool {
    found.people.has_more
        || found.posts.has_more
        || found.communities.has_more
        || found.messages.has_more
}

#[component]
pub(super) fn FoundPage(results: Results) -> impl IntoView {
    let texts = texts();
    let Results { query, is_asked, kind, page, found, refused } = results;
    let is_refused = refused.is_some();
    let is_empty = found.is_empty();
    let goes_on = kind.is_some() && page < LAST_PAGE && has_more(&found);
    view! {
        <PageMeta title=texts.search_title() description=texts.search_description() indexed=false/>
        <div class="page find">
            <h1 class="page__title">{texts.search_title()}</h1>
            <SearchField query=query.clone() kind refused/>
            {is_asked.then(|| view! { <Tabs query=query.clone() kind/> })}
            {match (is_refused, is_asked, is_empty) {
                (true, ..) => ().into_any(),
                (_, false, _) => view! { <Beginning/> }.into_any(),
                (_, _, true) => view! { <Nothing query=query.clone()/> }.into_any(),
                _ => view! { <AllHits query=query.clone() kind found/> }.into_any(),
            }}
            <p class="find__steps">
                {(kind.is_some() && page > 1).then(|| view! {
                    <a class="button button--quiet" href=address(&query, kind, page - 1)>{texts.search_previous()}</a>
                })}
                {goes_on.then(|| view! {
                    <a class="button button--quiet" href=address(&query, kind, page + 1)>{texts.search_next()}</a>
                })}
            </p>
            {(is_refused || is_asked).then(|| view! {
                <details class="find__more"><summary>{texts.search_help()}</summary><Operators/></details>
            })}
        </div>
    }
    .into_any()
}

#[component]
fn Tabs(query: String, kind: Option<Kind>) -> impl IntoView {
    let texts = texts();
    let tab = |own: Option<Kind>, words: &'static str| {
        let here = (own == kind).then_some("page");
        view! { <a class="tab" href=address(&query, own, 1) aria-current=here>{words}</a> }
    };
    let kinds = Kind::ALL.map(|own| tab(Some(own), name(texts, own)));
    view! {
        <nav class="tabs find__tabs" aria-label=texts.search_tabs()>
            {tab(None, texts.search_all())}
            {kinds.into_iter().collect_view()}
        </nav>
    }
    .into_any()
}

fn name(texts: Texts, kind: Kind) -> &'static str {
    match kind {
        Kind::Posts => texts.search_posts(),
        Kind::People => texts.search_people(),
        Kind::Communities => texts.search_communities(),
        Kind::Messages => texts.search_messages(),
    }
}

/// Before anything was typed.
#[component]
fn Beginning() -> impl IntoView {
    let texts = texts();
    view! {
        <section class="panel page__panel">
            <h2 class="find__subtitle">{texts.search_begin_title()}</h2>
            <p class="page__body">{texts.search_begin_body()}</p>
            <Operators/>
            <a class="card__link" href="/explore">{texts.search_explore()}</a>
        </section>
    }
    .into_any()
}

#[component]
fn Nothing(query: String) -> impl IntoView {
    let texts = texts();
    view! {
        <section class="panel page__panel" role="status">
            <EmptyState glyph=Glyph::FIND title=texts.search_none_title(&query) body=texts.search_none_body()/>
        </section>
    }
    .into_any()
}

#[component]
fn AllHits(query: String, kind: Option<Kind>, found: Found) -> impl IntoView {
    let Found { people, posts, communities, messages } = found;
    let group = |own: Kind| {
        let query = query.clone();
        move |lines: (Vec<AnyView>, bool)| group(query, own, kind, lines)
    };
    view! {
        {group(Kind::People)(lines(people, |hit| view! { <PersonLine hit/> }.into_any()))}
        {group(Kind::Posts)(lines(posts, |hit| view! { <PostLine hit/> }.into_any()))}
        {group(Kind::Communities)(lines(communities, |hit| view! { <CommunityLine hit/> }.into_any()))}
        {group(Kind::Messages)(lines(messages, |hit| view! { <MessageLine hit/> }.into_any()))}
    }
    .into_any()
}

fn lines<T>(hits: Hits<T>, line: impl Fn(T) -> AnyView) -> (Vec<AnyView>, bool) {
    (hits.hits.into_iter().map(line).collect(), hits.has_more)
}

/// What was found of one kind; where others stand beside it, with the way to more.
fn group(
    query: String,
    own: Kind,
    shown: Option<Kind>,
    (lines, has_more): (Vec<AnyView>, bool),
) -> AnyView {
    let texts = texts();
    if lines.is_empty() {
        return ().into_any();
    }
    let id = format!("found-{}", own.as_str());
    let more = (has_more && shown.is_none()).then(|| {
        view! { <a class="card__link" href=address(&query, Some(own), 1)>{more(texts, own)}</a> }
    });
    view! {
        <section class="find__group" aria-labelledby=id>
            <h2 class="page__subtitle" id=id.clone()>{name(texts, own)}</h2>
            <ul class="hits">{lines}</ul>
            {more}
        </section>
    }
    .into_any()
}

fn more(texts: Texts, kind: Kind) -> &'static str {
    match kind {
        Kind::Posts => texts.search_more_posts(),
        Kind::People => texts.search_more_people(),
        Kind::Communities => texts.search_more_communities(),
        Kind::Messages => texts.search_more_messages(),
    }
}
