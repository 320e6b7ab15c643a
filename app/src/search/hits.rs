//! What was found, each as a line that leads to it.

use leptos::prelude::*;
use wire::search::{CommunityHit, MessageHit, PersonHit, Piece, PostHit};

use crate::communities::CommunityIcon;
use crate::text::texts;
use crate::ui::{Avatar, Glyph, Icon, ShortTime};

/// A text with what was looked for.
pub(super) fn marked(pieces: Vec<Piece>) -> Vec<AnyView> {
    let piece = |Piece { text, is_hit }| match is_hit {
        true => view! { <mark>{text}</mark> }.into_any(),
        false => text.into_any(),
    };
    pieces.into_iter().map(piece).collect()
}

#[component]
pub(super) fn PostLine(hit: PostHit) -> impl IntoView {
    let card = hit.post.card;
    let name = card.author.name();
    let community = card.community.clone();
    view! {
        <li class="panel hit">
            <Avatar name=card.author.user.username.clone() image=card.author.user.profile_image.clone()/>
            <div class="hit__text">
                <h3 class="hit__title" dir="auto"><a class="hit__link" href=card.path()>{marked(hit.title)}</a></h3>
                <p class="hit__facts">
                    <span dir="auto">{name}</span>
                    {community.map(|community| view! { <span dir="auto">{community.name}</span> })}
                    <ShortTime at=card.dated()/>
                </p>
                <p class="hit__words" dir="auto">{marked(hit.excerpt)}</p>
            </div>
        </li>
    }
    .into_any()
}

#[component]
pub(super) fn PersonLine(hit: PersonHit) -> impl IntoView {
    let user = hit.person.user;
    let followers = usize::try_from(hit.person.followers_count).unwrap_or(0);
    view! {
        <li class="panel hit">
            <Avatar name=user.username.clone() image=user.profile_image/>
            <div class="hit__text">
                <h3 class="hit__title" dir="auto">
                    <a class="hit__link" href=crate::profiles::profile_path(&user.username)>{marked(hit.name)}</a>
                </h3>
                <p class="hit__facts">
                    <span dir="auto">"@" {marked(hit.username)}</span>
                    <span>{followers} " " {texts().profiles_followers_count(followers)}</span>
                </p>
                {(!hit.bio.is_empty()).then(|| view! { <p class="hit__words" dir="auto">{marked(hit.bio)}</p> })}
            </div>
        </li>
    }
    .into_any()
}

#[component]
pub(super) fn CommunityLine(hit: CommunityHit) -> impl IntoView {
    let texts = texts();
    let community = hit.community;
    let members = usize::try_from(community.members_count).unwrap_or(0);
    view! {
        <li class="panel hit">
            <CommunityIcon name=community.name.clone() icon=community.icon/>
            <div class="hit__text">
                <h3 class="hit__title" dir="auto">
                    <a class="hit__link" href=format!("/c/{}", community.slug)>{marked(hit.name)}</a>
                </h3>
                <p class="hit__facts">
                    <span>{texts.communities_members(members)}</span>
                    {community.is_private.then(|| view! {
                        <span class="tag"><Icon glyph=Glyph::LOCK/> {texts.communities_private()}</span>
                    })}
                </p>
                {(!hit.about.is_empty()).then(|| view! { <p class="hit__words" dir="auto">{marked(hit.about)}</p> })}
            </div>
        </li>
    }
    .into_any()
}

#[component]
pub(super) fn MessageLine(hit: MessageHit) -> impl IntoView {
    let texts = texts();
    let path = hit.path();
    let place = match (hit.conversation, hit.place) {
        (wire::ConversationKey::Global, _) => texts.room_title().to_owned(),
        (_, Some(name)) => name,
        (_, None) => texts.search_unnamed().to_owned(),
    };
    view! {
        <li class="panel hit">
            <Avatar name=hit.sender.username.clone() image=hit.sender.profile_image/>
            <div class="hit__text">
                <p class="hit__words hit__words--first" dir="auto"><a class="hit__link" href=path>{marked(hit.excerpt)}</a></p>
                <p class="hit__facts">
                    <span dir="auto">{hit.sender.username}</span>
                    <span dir="auto">{place}</span>
                    <ShortTime at=hit.created_at/>
                </p>
            </div>
        </li>
    }
    .into_any()
}
