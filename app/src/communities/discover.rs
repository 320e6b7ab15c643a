//! `/communities`: one's own, and all there are.

use leptos::prelude::*;
use wire::communities::Community;

use super::Discover;
use super::card::CommunityCard;
use crate::activity::PulseLine;
use crate::page::page;
use crate::text::texts;
use crate::ui::{EmptyState, Glyph, PageMeta};

#[component]
pub(super) fn DiscoverPanel(discover: Discover) -> impl IntoView {
    let texts = texts();
    let Discover { own, found, query, refused, is_first, pulse } = discover;
    let is_empty = own.is_empty() && found.communities.is_empty();
    let searched = !query.is_empty();
    let next =
        found.next.map(|next| format!("/communities?after={}_{}", next.members_count, next.id));
    let member = page().viewer.is_some();
    let all = if own.is_empty() { texts.communities_all() } else { texts.communities_others() };
    view! {
        <PageMeta title=texts.communities_title() description=texts.communities_body()/>
        <div class="page communities">
            <header class="page__header community-header">
                <div>
                    <h1 class="page__title">{texts.communities_title()}</h1>
                    <p class="page__body">{texts.communities_body()}</p>
                    <PulseLine pulse/>
                </div>
                {member.then(|| view! { <a class="button" href="/communities/new">{texts.communities_new()}</a> })}
            </header>
            {refused.map(|words| view! { <p class="notice" role="alert">{words}</p> })}
            <SearchForm query=query.clone()/>
            {(is_first && !searched && !own.is_empty()).then(|| view! {
                <Cards title=texts.communities_own().to_owned() communities=own/>
            })}
            {if is_empty && !searched {
                view! {
                    <section class="panel page__panel">
                        <EmptyState glyph=Glyph::PEOPLE title=texts.communities_empty_title() body=texts.communities_empty_body()/>
                    </section>
                }.into_any()
            } else if found.communities.is_empty() && !searched {
                ().into_any()
            } else if found.communities.is_empty() {
                view! { <p class="page__body" role="status">{texts.communities_none_found(&query)}</p> }.into_any()
            } else {
                let title = if searched { texts.communities_found(&query) } else { all.to_owned() };
                view! { <Cards title communities=found.communities/> }.into_any()
            }}
            {next.map(|href| view! { <a class="button button--quiet community-more" href=href>{texts.communities_more()}</a> })}
        </div>
    }
    .into_any()
}

#[component]
fn SearchForm(query: String) -> impl IntoView {
    let texts = texts();
    view! {
        <form class="form form--row community-search" method="get" action="/communities" role="search"
            aria-label=texts.communities_search()>
            <label class="field">
                <span class="field__label">{texts.communities_search()}</span>
                <input class="field__input" type="search" name="q" value=query dir="auto" autocomplete="off"/>
            </label>
            <button class="button button--quiet">{texts.communities_search_button()}</button>
        </form>
    }
    .into_any()
}

#[component]
fn Cards(title: String, communities: Vec<Community>) -> impl IntoView {
    let cards: Vec<_> =
        communities.into_iter().map(|community| view! { <CommunityCard community/> }).collect();
    view! {
        <h2 class="page__subtitle" dir="auto">{title}</h2>
        <ul class="community-cards">{cards}</ul>
    }
    .into_any()
}
