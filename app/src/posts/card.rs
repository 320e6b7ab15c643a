//! A post in a list.

use leptos::prelude::*;
use wire::media::PictureKind;
use wire::posts::{PostCard as Card, Visibility, tag_path};

use super::actions::Actions;
use crate::text::texts;
use crate::ui::{Avatar, Picture, ShortTime};

/// A list of posts. `here` is the address of the page that it stands on.
#[component]
pub fn PostCards(posts: Vec<Card>, #[prop(into)] here: String) -> impl IntoView {
    let cards = posts.into_iter().map(|card| view! { <li><PostCard card here=here.clone()/></li> });
    view! { <ul class="post-list">{cards.collect_view()}</ul> }.into_any()
}

/// A post as lists show it, with what can be done with it at once.
#[component]
pub fn PostCard(
    card: Card,
    /// The page it stands on, to come back to.
    here: String,
    /// What else can be done with it there.
    #[prop(optional_no_strip)]
    foot: Option<AnyView>,
) -> impl IntoView {
    let id = format!("post-{}", card.id);
    let path = card.path();
    let is_covered = card.cover.is_some();
    let has_excerpt = !card.excerpt.is_empty();
    view! {
        <article class="panel post-card" id=id.clone() data-part="post" class:post-card--covered=is_covered>
            {card.cover.map(|cover| view! {
                <Picture id=cover kind=PictureKind::Cover class="post-card__cover" alt=card.cover_alt.clone()
                    sizes="(width < 46rem) 100vw, 44rem"/>
            })}
            <div class="post-card__body">
                <Byline card=card.clone()/>
                <h2 class="post-card__title" dir="auto"><a href=path.clone()>{card.title.clone()}</a></h2>
                {has_excerpt.then(|| view! { <p class="post-card__excerpt" dir="auto">{card.excerpt.clone()}</p> })}
                <Tags tags=card.tags.clone()/>
                <Actions card next=format!("{here}#{id}") has_all=false/>
                {foot}
            </div>
        </article>
    }
    .into_any()
}

/// Who has written it, when, for whom, and how long reading takes.
#[component]
pub(super) fn Byline(card: Card) -> impl IntoView {
    let texts = texts();
    let username = card.author.user.username.clone();
    let name = card.author.name();
    let minutes = card.reading_minutes().map(|minutes| texts.posts_minutes(minutes as usize));
    let readers = match card.visibility {
        Visibility::Public => None,
        Visibility::Followers => Some(texts.posts_for_followers()),
        Visibility::Community => Some(texts.posts_for_community()),
    };
    let image = card.author.user.profile_image.clone();
    view! {
        <div class="byline">
            <Avatar name=username.clone() image/>
            <p class="byline__text">
                <a class="byline__name" href=format!("/u/{username}") dir="auto">{name}</a>
                {card.community.clone().map(|community| view! {
                    <span class="byline__community">
                        {texts.posts_in()} " " <a href=format!("/c/{}", community.slug) dir="auto">{community.name}</a>
                    </span>
                })}
                <span class="byline__facts">
                    <ShortTime at=card.dated()/>
                    {minutes.map(|minutes| view! { <span>{minutes}</span> })}
                    {readers.map(|readers| view! { <span class="tag">{readers}</span> })}
                </span>
            </p>
        </div>
    }
    .into_any()
}

#[component]
pub(super) fn Tags(tags: Vec<String>) -> impl IntoView {
    if tags.is_empty() {
        return ().into_any();
    }
    let links = tags.into_iter().map(|tag| {
        let words = texts().posts_tag(&tag);
        view! { <li><a class="tag tag--link" href=tag_path(&tag) rel="tag" dir="auto">{words}</a></li> }
    });
    view! { <ul class="tags">{links.collect_view()}</ul> }.into_any()
}
