//! `/u/<username>/followers` and `/following`.

use leptos::prelude::*;
use wire::profiles::{Listed, Profile};

use super::follow_button::FollowButton;
use super::{Listing, Side, profile_path};
use crate::text::{Texts, texts};
use crate::ui::{Avatar, EmptyState, Glyph, PageMeta};

#[component]
pub(super) fn PeoplePane(listing: Listing) -> impl IntoView {
    let texts = texts();
    let Listing { profile, side, follows } = listing;
    let path = profile_path(&profile.user.username);
    let here = format!("{path}/{}", side.as_str());
    let title = title(texts, &profile, side);
    let is_empty = follows.people.is_empty();
    let row = |person| view! { <PersonRow person next=here.clone()/> };
    let rows: Vec<_> = follows.people.into_iter().map(row).collect();
    let next = follows.next.map(|next| format!("{here}?after={next}"));
    view! {
        <PageMeta title=title.clone() indexed=false/>
        <div class="page">
            <section class="panel page__panel">
                <a class="card__link" href=path.clone()>{texts.profiles_back_to(profile.display_name())}</a>
                <h1 class="page__title" dir="auto">{title}</h1>
                <Tabs path side/>
                <ul class="people-rows">{rows}</ul>
                {is_empty.then(|| nobody(texts, &profile, side))}
                {next.map(|next| view! { <p><a class="card__link" href=next>{texts.profiles_more_people()}</a></p> })}
            </section>
        </div>
    }
    .into_any()
}

fn title(texts: Texts, profile: &Profile, side: Side) -> String {
    match side {
        Side::Followers => texts.profiles_followers_title(profile.display_name()),
        Side::Following => texts.profiles_following_title(profile.display_name()),
    }
}

#[component]
fn Tabs(path: String, side: Side) -> impl IntoView {
    let texts = texts();
    let tab = |own: Side, label: &'static str| {
        let here = (own == side).then_some("page");
        view! { <a class="tab" href=format!("{path}/{}", own.as_str()) aria-current=here>{label}</a> }
    };
    view! {
        <nav class="tabs" aria-label=texts.profiles_tabs()>
            {tab(Side::Followers, texts.profiles_tab_followers())}
            {tab(Side::Following, texts.profiles_tab_following())}
        </nav>
    }
    .into_any()
}

/// Somebody in a list, and the way to follow them; `next` is the page that it stands on.
#[component]
pub(crate) fn PersonRow(person: Listed, #[prop(into)] next: String) -> impl IntoView {
    let texts = texts();
    let name = person.display_name();
    let Listed { user, standing, bio, .. } = person;
    let username = user.username;
    view! {
        <li class="people-row person-row" id=format!("person-{}", user.id) data-part="">
            <Avatar name=username.clone() image=user.profile_image/>
            <div class="people-row__name">
                <a class="person-row__name" href=profile_path(&username) dir="auto">{name}</a>
                <span class="person-row__detail">
                    <span dir="auto">"@" {username.clone()}</span>
                    {standing.follows_reader.then(|| view! { " " <span class="tag">{texts.profiles_follows_you()}</span> })}
                </span>
                {(!bio.is_empty()).then(|| view! { <span class="person-row__bio" dir="auto">{bio}</span> })}
            </div>
            <FollowButton username standing next/>
        </li>
    }
    .into_any()
}

fn nobody(texts: Texts, profile: &Profile, side: Side) -> AnyView {
    let name = profile.display_name();
    let (title, body) = match side {
        Side::Followers => (
            texts.profiles_followers_none_title(name),
            texts.profiles_followers_none_body().to_owned(),
        ),
        Side::Following => {
            (texts.profiles_following_none_title(&name), texts.profiles_following_none_body(&name))
        }
    };
    let seeks = profile.standing.is_self && side == Side::Following;
    view! {
        <EmptyState glyph=Glyph::PEOPLE title body>
            {seeks.then(|| view! {
                <a class="button button--quiet" href="/explore">{texts.search_explore_people()}</a>
            })}
        </EmptyState>
    }
    .into_any()
}
