//! The head of a profile: who it is, and what can be done about them.

use leptos::prelude::*;
use wire::media::picture_address;
use wire::profiles::{Mutuals, Profile};

use super::follow_button::FollowButton;
use super::profile_path;
use super::rich_text::{OWN, rich};
use crate::chat::pages::ReasonField;
use crate::page::page;
use crate::text::{Texts, texts};
use crate::ui::{Avatar, Glyph, Icon};

#[component]
pub(super) fn Head(profile: Profile, mutuals: Mutuals) -> impl IntoView {
    let name = profile.display_name();
    let username = profile.user.username.clone();
    let picture = profile.avatar.map(|avatar| picture_address(avatar, 256));
    let bio = profile.bio.clone();
    view! {
        <header class="panel profile" id="profile" data-part="">
            <Banner profile=profile.clone()/>
            <div class="profile__row">
                <span class="profile__avatar"><Avatar name=username.clone() image=picture/></span>
                <div class="profile__actions"><Actions profile=profile.clone()/></div>
            </div>
            <div class="profile__who">
                <h1 class="profile__name" dir="auto">{name}</h1>
                <p class="profile__username"><span dir="auto">"@" {username}</span> {signs(&profile)}</p>
            </div>
            {(!bio.is_empty()).then(|| view! { <p class="profile__bio" dir="auto">{rich(&bio)}</p> })}
            <Links profile=profile.clone()/>
            <Figures profile/>
            {mutual_words(texts(), &mutuals).map(|words| view! { <p class="profile__mutuals">{words}</p> })}
        </header>
    }
    .into_any()
}

#[component]
fn Banner(profile: Profile) -> impl IntoView {
    let image = profile.banner.map(|banner| {
        let wide = picture_address(banner, 1500);
        let both = format!("{} 640w, {wide} 1500w", picture_address(banner, 640));
        view! { <img src=wide srcset=both sizes="(width < 64rem) 100vw, 46rem" alt="" width="1500" height="500"/> }
    });
    view! { <div class="profile__banner">{image}</div> }.into_any()
}

/// What is between the two, in a word each.
pub(super) fn signs(profile: &Profile) -> AnyView {
    let texts = texts();
    let standing = profile.standing;
    view! {
        {standing.follows_reader.then(|| view! { " " <span class="tag">{texts.profiles_follows_you()}</span> })}
        {standing.is_muted.then(|| view! { " " <span class="tag">{texts.profiles_muted()}</span> })}
    }
    .into_any()
}

#[component]
fn Actions(profile: Profile) -> impl IntoView {
    let texts = texts();
    let username = profile.user.username.clone();
    if profile.standing.is_self {
        return view! { <a class="button button--quiet" href="/settings/profile" rel="external">{texts.profiles_edit()}</a> }
            .into_any();
    }
    let next = profile_path(&username);
    let member = page().viewer.is_some();
    view! {
        <FollowButton username=username.clone() standing=profile.standing next/>
        {member.then(|| view! {
            <form method="post" action="/chat/new">
                <input type="hidden" name="username" value=username.clone()/>
                <button class="button button--quiet" aria-label=texts.profiles_message_of(&username)>
                    {texts.profiles_message()}
                </button>
            </form>
            <More profile/>
        })}
    }
    .into_any()
}

/// Muting, blocking and reporting.
#[component]
fn More(profile: Profile) -> impl IntoView {
    let texts = texts();
    let username = profile.user.username;
    let action = |verb: &str| format!("{}/{verb}", profile_path(&username));
    let (verb, words) = match profile.standing.is_muted {
        true => ("unmute", texts.profiles_unmute()),
        false => ("mute", texts.profiles_mute()),
    };
    view! {
        <details class="menu" name="menu">
            <summary class="menu__button" aria-label=texts.profiles_more_of(&username)>
                <span aria-hidden="true">"⋯"</span>
            </summary>
            <div class="menu__panel panel">
                <form method="post" action=action(verb)>
                    <button class="choice"><Icon glyph=Glyph::MUTED/> <span>{words}</span></button>
                </form>
                <form method="post" action=action("block")>
                    <button class="choice"><Icon glyph=Glyph::LOCK/> <span>{texts.profiles_block()}</span></button>
                </form>
                <details>
                    <summary class="choice"><Icon glyph=Glyph::INFO/> <span>{texts.profiles_report()}</span></summary>
                    <form class="form profile__report" method="post" action=action("report")>
                        <ReasonField/>
                        <button class="button button--danger">{texts.profiles_report_send()}</button>
                    </form>
                </details>
            </div>
        </details>
    }
    .into_any()
}

#[component]
pub(super) fn Links(profile: Profile) -> impl IntoView {
    if profile.links.is_empty() {
        return ().into_any();
    }
    let links = profile.links.into_iter().map(|link| {
        let proof = link.proved_at.map(|_| {
            let texts = texts();
            view! {
                <span class="proof">
                    <Icon glyph=Glyph::CHECK/> {texts.profiles_link_proved()}
                    <span class="visually-hidden">{texts.profiles_link_proved_how()}</span>
                </span>
            }
        });
        view! { <li><a href=link.url rel=OWN dir="auto">{link.label}</a> {proof}</li> }
    });
    view! { <ul class="profile__links">{links.collect_view()}</ul> }.into_any()
}

/// How much there is of each, and the ways there.
#[component]
pub(super) fn Figures(
    profile: Profile,
    /// Said only where it is given.
    #[prop(optional_no_strip)]
    karma: Option<i64>,
) -> impl IntoView {
    let texts = texts();
    let path = profile_path(&profile.user.username);
    let count = |number: i64| usize::try_from(number).unwrap_or(0);
    let (posts, followers) = (count(profile.posts_count), count(profile.followers_count));
    let following = count(profile.following_count);
    view! {
        <ul class="profile__figures">
            <li><a href=path.clone()><strong>{texts.number(posts)}</strong> " " {texts.profiles_posts_count(posts)}</a></li>
            <li>
                <a href=format!("{path}/followers")>
                    <strong>{texts.number(followers)}</strong> " " {texts.profiles_followers_count(followers)}
                </a>
            </li>
            <li>
                <a href=format!("{path}/following")>
                    <strong>{texts.number(following)}</strong> " " {texts.profiles_following_count(following)}
                </a>
            </li>
            {karma.map(|karma| view! { <li><span><strong>{karma}</strong> " " {texts.activity_karma()}</span></li> })}
        </ul>
    }
    .into_any()
}

/// Of those whom the reader follows, who follows them.
pub(super) fn mutual_words(texts: Texts, mutuals: &Mutuals) -> Option<String> {
    let mut names = mutuals.names.iter();
    let one = names.next()?;
    let others = usize::try_from(mutuals.count - 1).unwrap_or(0);
    Some(match (others, names.next()) {
        (0, _) => texts.profiles_mutual_one(one),
        (1, Some(two)) => texts.profiles_mutual_two(one, two),
        _ => texts.profiles_mutual_more(others, one),
    })
}
