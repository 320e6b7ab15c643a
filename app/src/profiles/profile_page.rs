//! `/u/<username>`.

use leptos::prelude::*;
use wire::activity::Record;
use wire::media::picture_address;
use wire::posts::PostStep;
use wire::profiles::Profile;

use super::head::{Figures, Head, Links};
use super::replies::Replies;
use super::rich_text::rich;
use super::{Shown, Tab, profile_path};
use crate::activity::{AchievementList, StreakView};
use crate::posts::PostCards;
use crate::text::{Texts, texts};
use crate::ui::{EmptyState, Glyph, Icon, PageMeta};

#[component]
pub(super) fn ProfilePane(shown: Shown) -> impl IntoView {
    let texts = texts();
    let Shown { profile, mutuals, tab, step, replies, record, here, reported } = shown;
    let below = match tab {
        Tab::Posts | Tab::Likes => {
            view! { <Posts profile=profile.clone() tab step here/> }.into_any()
        }
        Tab::Replies => view! { <Replies profile=profile.clone() replies/> }.into_any(),
        Tab::About => view! { <About profile=profile.clone() record/> }.into_any(),
    };
    view! {
        {meta(texts, &profile)}
        <div class="page">
            {reported.then(|| view! { <p class="notice" role="status">{texts.profiles_reported()}</p> })}
            <Head profile=profile.clone() mutuals/>
            <Tabs path=profile_path(&profile.user.username) tab is_own=profile.standing.is_self/>
            {below}
        </div>
    }
    .into_any()
}

/// What others say when they link here.
fn meta(texts: Texts, profile: &Profile) -> AnyView {
    let name = profile.display_name();
    let title = texts.profiles_title(&name, &profile.user.username);
    let description = match profile.bio.trim() {
        "" => texts.profiles_description(profile.followers_count, name),
        bio => short(bio),
    };
    let image = profile.avatar.map(|avatar| picture_address(avatar, 256));
    let image = image.unwrap_or_else(|| "/icons/icon-512.png".into());
    view! { <PageMeta title description image path=profile_path(&profile.user.username)/> }
        .into_any()
}

/// One line of a text, as long as search results show.
fn short(text: &str) -> String {
    const LONG: usize = 160;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONG) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[component]
fn Tabs(path: String, tab: Tab, is_own: bool) -> impl IntoView {
    let texts = texts();
    let here = |own: Tab| (own == tab).then_some("page");
    view! {
        <nav class="tabs profile__tabs" aria-label=texts.profiles_tabs()>
            <a class="tab" href=path.clone() aria-current=here(Tab::Posts)>{texts.profiles_tab_posts()}</a>
            <a class="tab" href=format!("{path}?tab=replies") aria-current=here(Tab::Replies)>
                {texts.profiles_tab_replies()}
            </a>
            {is_own.then(|| view! {
                <a class="tab" href=format!("{path}?tab=likes") aria-current=here(Tab::Likes)>
                    {texts.profiles_tab_likes()}
                </a>
            })}
            <a class="tab" href=format!("{path}?tab=about") aria-current=here(Tab::About)>
                {texts.profiles_tab_about()}
            </a>
        </nav>
    }
    .into_any()
}

/// What they have posted, or like.
#[component]
fn Posts(profile: Profile, tab: Tab, step: PostStep, here: String) -> impl IntoView {
    let texts = texts();
    if step.posts.is_empty() {
        return view! { <NoPosts profile tab/> }.into_any();
    }
    let path = profile_path(&profile.user.username);
    let word = if tab == Tab::Likes { "likes" } else { "posts" };
    let next = step.next.map(|next| format!("{path}?tab={word}&after={next}"));
    view! {
        <PostCards posts=step.posts here/>
        {next.map(|next| view! {
            <a class="button button--quiet feed__more" href=next>{texts.posts_load_more()}</a>
        })}
    }
    .into_any()
}

#[component]
fn NoPosts(profile: Profile, tab: Tab) -> impl IntoView {
    let texts = texts();
    let is_own = profile.standing.is_self;
    let (label, title, body) = match tab {
        Tab::Likes => (
            texts.profiles_tab_likes(),
            texts.profiles_likes_none_title(),
            texts.profiles_likes_none_body().to_owned(),
        ),
        _ => (
            texts.profiles_tab_posts(),
            texts.profiles_posts_none_title(),
            match is_own {
                true => texts.profiles_posts_none_own().to_owned(),
                false => texts.profiles_posts_none_body(&profile.user.username),
            },
        ),
    };
    view! {
        <section class="panel page__panel" aria-label=label>
            <EmptyState glyph=Glyph::FEATHER title body>
                {(is_own && tab == Tab::Posts).then(|| view! {
                    <a class="button" href="/posts/new"><Icon glyph=Glyph::FEATHER/> {texts.posts_write()}</a>
                })}
            </EmptyState>
        </section>
    }
    .into_any()
}

#[component]
fn About(profile: Profile, record: Record) -> impl IntoView {
    let texts = texts();
    let name = profile.display_name();
    let bio = profile.bio.clone();
    let has_links = !profile.links.is_empty();
    let joined = texts.profiles_joined(texts.date(profile.created_at.day()));
    view! {
        <section class="panel page__panel">
            <h2 class="page__subtitle profile__first" dir="auto">{texts.profiles_about_bio(name)}</h2>
            {match bio.is_empty() {
                true => view! { <p class="page__body">{texts.profiles_about_bio_none()}</p> }.into_any(),
                false => view! { <p class="profile__bio" dir="auto">{rich(&bio)}</p> }.into_any(),
            }}
            {has_links.then(|| view! {
                <h2 class="page__subtitle">{texts.profiles_about_links()}</h2>
                <Links profile=profile.clone()/>
            })}
            <h2 class="page__subtitle">{texts.profiles_about_facts()}</h2>
            <Figures profile=profile.clone() karma=Some(record.karma)/>
            <p class="page__body">{joined}</p>
            <h2 class="page__subtitle">{texts.activity_streak()}</h2>
            <StreakView streak=record.streak.clone()/>
            <h2 class="page__subtitle">{texts.activity_achievements()}</h2>
            <AchievementList record is_own=profile.standing.is_self/>
        </section>
    }
    .into_any()
}
