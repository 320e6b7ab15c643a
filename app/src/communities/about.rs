//! What a community says of itself, and the head of its pages.

use leptos::prelude::*;
use wire::communities::{Community, CommunityRight, Standing};
use wire::media::PictureKind;

use super::card::{CommunityIcon, Facts, JoinForm};
use super::{action, address};
use crate::page::page;
use crate::text::texts;
use crate::ui::{Picture, hue};

/// Name, numbers and the reader's place in it, above the ways to its parts.
#[component]
pub(super) fn Head(
    community: Community,
    /// Those who wait to be let in, where the reader may answer.
    waiting: usize,
    /// The part that is open, as the end of its address.
    here: &'static str,
) -> impl IntoView {
    let is_main = here.is_empty();
    let name = community.name.clone();
    let title = if is_main {
        view! { <h1 class="page__title" dir="auto">{name}</h1> }.into_any()
    } else {
        view! { <p class="page__title" dir="auto">{name}</p> }.into_any()
    };
    view! {
        <header class="panel community-head" id="community-head" data-part="">
            <div class="community-cover" data-hue=hue(&community.name) aria-hidden="true">
                {community.cover.map(|id| view! {
                    <Picture id kind=PictureKind::Cover class="" alt="" sizes="(width < 46rem) 100vw, 46rem" at_once=true/>
                })}
            </div>
            <div class="community-head__body">
                <CommunityIcon name=community.name.clone() icon=community.icon/>
                <div class="community-head__text">
                    {title}
                    <Facts community=community.clone()/>
                </div>
                <Place community=community.clone()/>
            </div>
            <Parts community waiting here/>
        </header>
    }
    .into_any()
}

/// What the reader is here, and how that can change.
#[component]
fn Place(community: Community) -> impl IntoView {
    let texts = texts();
    let next = address(&community);
    match community.standing {
        Standing::Stranger => {
            view! { <div class="actions"><JoinForm community next/></div> }.into_any()
        }
        Standing::Banned => {
            view! { <p class="page__body">{texts.communities_banned()}</p> }.into_any()
        }
        Standing::Requested => view! {
            <form class="actions" method="post" action=action(&community, "leave") data-quiet="">
                <span class="tag community-card__state">{texts.communities_requested()}</span>
                <button class="button button--quiet">{texts.communities_take_back()}</button>
            </form>
        }
        .into_any(),
        Standing::Member(_) => view! {
            <form class="actions" method="post" action=action(&community, "room")>
                <button class="button">{texts.communities_enter_room()}</button>
            </form>
        }
        .into_any(),
    }
}

/// The parts of a community that the reader may open; only for those who may look in.
#[component]
fn Parts(community: Community, waiting: usize, here: &'static str) -> impl IntoView {
    let texts = texts();
    if !community.is_open() {
        return ().into_any();
    }
    let manages =
        community.standing.role().is_some_and(|role| role.may(CommunityRight::AnswerRequests));
    let tab = |part: &'static str, words: &'static str, waiting: usize| {
        let href = if part.is_empty() { address(&community) } else { action(&community, part) };
        view! {
            <a class="tab" href=href aria-current=(part == here).then_some("page")>
                <span>{words}</span>
                {(waiting > 0).then(|| view! {
                    <span class="count">
                        <span aria-hidden="true">{waiting}</span>
                        <span class="visually-hidden">{texts.communities_requests(waiting)}</span>
                    </span>
                })}
            </a>
        }
        .into_any()
    };
    view! {
        <nav class="tabs community-tabs" aria-label=texts.communities_tabs(&community.name)>
            {tab("", texts.communities_tab_home(), 0)}
            {tab("members", texts.communities_tab_members(), 0)}
            {manages.then(|| tab("manage", texts.communities_tab_manage(), waiting))}
        </nav>
    }
    .into_any()
}

/// What somebody has written, as safe HTML.
#[component]
pub(super) fn Words(#[prop(into)] html: String) -> impl IntoView {
    view! { <div class="prose community-words" dir="auto" inner_html=html></div> }.into_any()
}

/// Why a form was refused that has no field of its own to say it at.
#[component]
pub(super) fn Refusal() -> impl IntoView {
    page()
        .form
        .notice
        .clone()
        .map(|words| view! { <p class="notice" role="alert">{words}</p> })
        .into_any()
}
