//! `/c/<slug>`.

use leptos::prelude::*;
use wire::activity::CommunityPulse;
use wire::communities::{Community, CommunityRight, CommunityRole, ROOM_LIMIT, Standing};
use wire::posts::{PostCard, PostStep};

use super::about::{Head, Refusal, Words};
use super::{Inside, action, address};
use crate::activity::CommunityWeek;
use crate::posts::PostCard as PostCardView;
use crate::text::texts;
use crate::ui::{EmptyState, Glyph, Icon, PageMeta};

#[component]
pub(super) fn CommunityPanel(inside: Inside) -> impl IntoView {
    let Inside { community, description, rules, waiting, pinned, posts, pulse, here } = inside;
    let is_open = community.is_open();
    let is_first = !here.contains("after=");
    // Members come for what was posted; they have read the rest when they joined.
    let has_posts = pinned.is_some() || !posts.posts.is_empty();
    let is_unfolded = community.standing.role().is_none() || !has_posts;
    let excerpt = Some(community.excerpt.clone()).filter(|excerpt| !excerpt.is_empty());
    let description_of = excerpt.unwrap_or_else(|| texts().site_description().to_owned());
    view! {
        <PageMeta title=community.name.clone() description=description_of/>
        <div class="page community">
            <Refusal/>
            <Head community=community.clone() waiting here=""/>
            {(!is_open).then(|| view! { <Shut community=community.clone()/> })}
            {is_first.then(|| view! { <About community=community.clone() description rules pulse is_unfolded/> })}
            {is_open.then(|| view! { <Posts community=community.clone() pinned posts here/> })}
            <Goodbye community/>
        </div>
    }
    .into_any()
}

/// What was posted into it, and the way to post.
#[component]
fn Posts(
    community: Community,
    pinned: Option<PostCard>,
    posts: PostStep,
    here: String,
) -> impl IntoView {
    let texts = texts();
    let write = community.standing.role().map(|_| {
        let href = format!("/posts/new?community={}", community.slug);
        view! { <a class="button" href=href><Icon glyph=Glyph::FEATHER/> {texts.posts_write()}</a> }
    });
    let is_empty = posts.posts.is_empty() && pinned.is_none();
    let next = posts.next.map(|next| format!("{}?after={next}", address(&community)));
    let above =
        pinned.map(|card| view! { <Posted community=community.clone() card here=here.clone()/> });
    let below: Vec<_> = posts
        .posts
        .into_iter()
        .map(|card| view! { <Posted community=community.clone() card here=here.clone()/> })
        .collect();
    view! {
        <section class="community-feed" aria-labelledby="community-feed">
            <div class="community-feed__head">
                <h2 class="page__subtitle" id="community-feed">{texts.communities_feed()}</h2>
                {write}
            </div>
            {is_empty.then(|| view! {
                <div class="panel page__panel">
                    <EmptyState glyph=Glyph::FEATHER title=texts.communities_feed_empty_title()
                        body=texts.communities_feed_empty_body()/>
                </div>
            })}
            <ul class="post-list">{above} {below}</ul>
            {next.map(|next| view! {
                <a class="button button--quiet feed__more" href=next>{texts.posts_load_more()}</a>
            })}
        </section>
    }
    .into_any()
}

/// One post of it, with a way to pin it for those who may.
#[component]
fn Posted(community: Community, card: PostCard, here: String) -> impl IntoView {
    let texts = texts();
    let is_pinned = community.pinned_post_id == Some(card.id.0);
    let may_pin = community.standing.role().is_some_and(|role| role.may(CommunityRight::Pin));
    let (words, label) = match is_pinned {
        true => (texts.communities_unpin(), texts.communities_unpin_of(&card.title)),
        false => (texts.communities_pin(), texts.communities_pin_of(&card.title)),
    };
    let wanted = if is_pinned { String::new() } else { card.id.to_string() };
    let foot = may_pin.then(|| {
        view! {
            <div class="community-pin">
                <form method="post" action=action(&community, "pin")>
                    <input type="hidden" name="post_id" value=wanted/>
                    <button class="act" aria-label=label><Icon glyph=Glyph::PIN/> {words}</button>
                </form>
                <TakeOut community=community.clone() id=card.id.to_string() title=card.title.clone()/>
            </div>
        }
        .into_any()
    });
    view! {
        <li>
            {is_pinned.then(|| view! { <p class="tag community-pinned"><Icon glyph=Glyph::PIN/> {texts.communities_pinned()}</p> })}
            <PostCardView card here foot/>
        </li>
    }
    .into_any()
}

/// The way to take a post out, which is asked twice.
#[component]
fn TakeOut(community: Community, id: String, title: String) -> impl IntoView {
    let texts = texts();
    view! {
        <details class="unfold">
            <summary class="act" aria-label=texts.communities_take_out_of(title)>{texts.communities_take_out()}</summary>
            <form class="unfold__body" method="post" action=action(&community, "take-out")>
                <p>{texts.communities_take_out_sure()}</p>
                <input type="hidden" name="post_id" value=id/>
                <button class="button button--danger">{texts.communities_take_out()}</button>
            </form>
        </details>
    }
    .into_any()
}

/// What stands in the place of a private community's inside.
#[component]
fn Shut(community: Community) -> impl IntoView {
    let texts = texts();
    let words = match community.standing {
        Standing::Requested => texts.communities_waiting(),
        _ => texts.communities_private_body(),
    };
    view! {
        <section class="panel page__panel community-shut">
            <span class="card__glyph"><Icon glyph=Glyph::LOCK/></span>
            <p>{words}</p>
        </section>
    }
    .into_any()
}

#[component]
fn About(
    community: Community,
    description: String,
    rules: String,
    pulse: Option<CommunityPulse>,
    is_unfolded: bool,
) -> impl IntoView {
    let texts = texts();
    let Community { creator, standing, .. } = community;
    let maker = creator.map(|creator| texts.communities_made_by(&creator.username));
    let is_in = standing.role().is_some();
    view! {
        <details class="panel page__panel community-about" open=is_unfolded>
            <summary class="chevron"><h2 class="page__subtitle">{texts.communities_about()}</h2></summary>
            {if description.is_empty() {
                view! { <p class="page__body">{texts.communities_about_empty()}</p> }.into_any()
            } else {
                view! { <Words html=description/> }.into_any()
            }}
            {(!rules.is_empty()).then(|| view! {
                <h2 class="page__subtitle">{texts.communities_rules()}</h2>
                <Words html=rules/>
            })}
            {is_in.then(|| view! {
                <h2 class="page__subtitle">{texts.communities_room_title()}</h2>
                <p class="page__body">{texts.communities_room_note(ROOM_LIMIT)}</p>
            })}
            {pulse.map(|pulse| view! {
                <h2 class="page__subtitle">{texts.activity_in_week()}</h2>
                <CommunityWeek pulse/>
            })}
            {maker.map(|words| view! { <p class="page__body community-about__maker" dir="auto">{words}</p> })}
        </details>
    }
    .into_any()
}

/// The way out; an owner hands over first.
#[component]
fn Goodbye(community: Community) -> impl IntoView {
    let texts = texts();
    let stays = community.standing.role().is_none_or(|role| role == CommunityRole::Owner);
    if stays {
        return ().into_any();
    }
    let label = texts.communities_leave_of(&community.name);
    view! {
        <form class="community-goodbye" method="post" action=action(&community, "leave")>
            <button class="button button--danger" aria-label=label>{texts.communities_leave()}</button>
        </form>
    }
    .into_any()
}
