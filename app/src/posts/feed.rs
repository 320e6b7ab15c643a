//! `/` for a member.

use leptos::prelude::*;

use super::{Feed, PostCards};
use crate::home::Welcome;
use crate::text::texts;
use crate::ui::{EmptyState, Glyph, Icon, PageMeta};

#[component]
pub(super) fn FeedPage(feed: Feed) -> impl IntoView {
    let texts = texts();
    let Feed { tab, step, as_of, here } = feed;
    let is_first = !here.contains("after=");
    let is_empty = step.posts.is_empty() && is_first;
    let next = step.next.map(|next| format!("/?tab={tab}&after={next}"));
    let is_at_end = next.is_none() && !is_first && tab == "for-you";
    view! {
        <PageMeta title=texts.home_title()/>
        <div class="page feed">
            <h1 class="visually-hidden">{texts.home_title()}</h1>
            <div class="feed__head">
                <Tabs tab/>
                <a class="button" href="/posts/new"><Icon glyph=Glyph::FEATHER/> {texts.posts_write()}</a>
            </div>
            {(is_first && tab != "saved").then(|| view! {
                <div class="feed__new" id="feed-new" role="status"
                    data-ask=format!("/feed/new?tab={tab}&since={}", as_of.0)></div>
            })}
            {is_empty.then(|| view! { <Empty tab/> })}
            <PostCards posts=step.posts here/>
            {next.map(|next| view! { <a class="button button--quiet feed__more" href=next>{texts.posts_load_more()}</a> })}
            {is_at_end.then(|| view! {
                <a class="button button--quiet feed__more" href="/?tab=fresh">{texts.posts_to_fresh()}</a>
            })}
        </div>
    }
    .into_any()
}

/// The way to what came since the feed was opened; `feed.js` puts it over the feed.
#[component]
pub fn NewPosts(tab: &'static str, count: usize, is_all: bool) -> impl IntoView {
    let texts = texts();
    let words = if is_all { texts.posts_new(count) } else { texts.posts_new_more(count) };
    view! { <a class="button" href=format!("/?tab={tab}")>{words}</a> }.into_any()
}

#[component]
fn Tabs(tab: &'static str) -> impl IntoView {
    let texts = texts();
    let tabs = [
        ("for-you", texts.posts_feed_for_you()),
        ("following", texts.posts_feed_following()),
        ("fresh", texts.posts_feed_fresh()),
        ("saved", texts.posts_feed_saved()),
    ];
    let links = tabs.map(|(name, words)| {
        let here = (name == tab).then_some("page");
        view! { <a class="tab" href=format!("/?tab={name}") aria-current=here>{words}</a> }
    });
    view! { <nav class="tabs feed__tabs" aria-label=texts.posts_feed_label()>{links}</nav> }
        .into_any()
}

#[component]
fn Empty(tab: &'static str) -> impl IntoView {
    let texts = texts();
    let (title, body, href, words) = match tab {
        "following" => (
            texts.posts_following_empty_title(),
            texts.posts_following_empty_body(),
            "/explore",
            texts.search_explore_people(),
        ),
        "saved" => (
            texts.posts_saved_empty_title(),
            texts.posts_saved_empty_body(),
            "/?tab=fresh",
            texts.posts_to_fresh(),
        ),
        _ => return view! { <Welcome/> }.into_any(),
    };
    view! {
        <section class="panel page__panel">
            <EmptyState glyph=Glyph::CALM title body>
                <a class="button button--quiet" href=href>{words}</a>
            </EmptyState>
        </section>
    }
    .into_any()
}
