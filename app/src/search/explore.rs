//! `/explore`: what is going on, for who is looking for nothing.

use leptos::prelude::*;
use wire::posts::tag_path;

use super::Explore;
use crate::communities::CommunityCard;
use crate::posts::PostCards;
use crate::profiles::PersonRow;
use crate::text::texts;
use crate::ui::{EmptyState, Glyph, PageMeta};

#[component]
pub(super) fn ExplorePage(explore: Explore) -> impl IntoView {
    let texts = texts();
    let Explore { people, posts, communities, tags } = explore;
    let is_empty =
        people.is_empty() && posts.is_empty() && communities.is_empty() && tags.is_empty();
    view! {
        <PageMeta title=texts.search_explore_title() description=texts.search_explore_body()/>
        <div class="page explore">
            <header class="page__header">
                <h1 class="page__title">{texts.search_explore_title()}</h1>
                <p class="page__body">{texts.search_explore_body()}</p>
            </header>
            {is_empty.then(|| view! {
                <section class="panel page__panel">
                    <EmptyState glyph=Glyph::CALM title=texts.search_explore_none_title() body=texts.search_explore_none_body()/>
                </section>
            })}
            {(!tags.is_empty()).then(|| view! { <Tags tags/> })}
            {(!people.is_empty()).then(|| {
                let rows = people.into_iter().map(|person| view! { <PersonRow person next="/explore"/> });
                view! {
                    <section class="find__group" aria-labelledby="explore-people">
                        <h2 class="page__subtitle" id="explore-people">{texts.search_people()}</h2>
                        <ul class="panel explore__people people-rows">{rows.collect_view()}</ul>
                    </section>
                }
            })}
            {(!posts.is_empty()).then(|| view! {
                <section class="find__group" aria-labelledby="explore-posts">
                    <h2 class="page__subtitle" id="explore-posts">{texts.search_trending()}</h2>
                    <PostCards posts here="/explore"/>
                </section>
            })}
            {(!communities.is_empty()).then(|| {
                let cards = communities.into_iter().map(|community| view! { <CommunityCard community next="/explore"/> });
                view! {
                    <section class="find__group" aria-labelledby="explore-communities">
                        <h2 class="page__subtitle" id="explore-communities">{texts.search_communities()}</h2>
                        <ul class="community-cards">{cards.collect_view()}</ul>
                        <a class="card__link" href="/communities">{texts.search_all_communities()}</a>
                    </section>
                }
            })}
        </div>
    }
    .into_any()
}

#[component]
fn Tags(tags: Vec<(String, i64)>) -> impl IntoView {
    let texts = texts();
    let links = tags.into_iter().map(|(tag, posts)| {
        let posts = usize::try_from(posts).unwrap_or(0);
        view! {
            <li>
                <a class="tag tag--link" href=tag_path(&tag) rel="tag" dir="auto" title=texts.communities_posts(posts)>
                    {texts.posts_tag(&tag)}
                </a>
            </li>
        }
    });
    view! {
        <section class="find__group" aria-labelledby="explore-tags">
            <h2 class="page__subtitle" id="explore-tags">{texts.search_tags()}</h2>
            <ul class="tags explore__tags">{links.collect_view()}</ul>
        </section>
    }
    .into_any()
}
