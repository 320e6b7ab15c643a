//! A community in a list, and the pieces that its own page has too.

use leptos::prelude::*;
use wire::MediaId;
use wire::communities::{Community, Standing};
use wire::media::PictureKind;

use super::{action, address, whole};
use crate::page::page;
use crate::text::texts;
use crate::ui::{Glyph, Icon, Picture, hue, initial};

/// Its icon, or its first letter on a colour of its own; the name stands beside it in words.
#[component]
pub(crate) fn CommunityIcon(
    #[prop(into)] name: String,
    #[prop(optional_no_strip)] icon: Option<MediaId>,
) -> impl IntoView {
    let sizes = "4.5rem";
    let icon = icon.map(|id| view! { <Picture id kind=PictureKind::Icon class="" alt="" sizes/> });
    view! {
        <span class="community-icon" data-hue=hue(&name) aria-hidden="true">{initial(&name)} {icon}</span>
    }
    .into_any()
}

/// How many belong to it, and whether everybody may look in.
#[component]
pub(super) fn Facts(community: Community) -> impl IntoView {
    let texts = texts();
    view! {
        <p class="community-facts">
            <span>{texts.communities_members(whole(community.members_count))}</span>
            <span>{texts.communities_posts(whole(community.posts_count))}</span>
            {community.is_private.then(|| view! {
                <span class="tag"><Icon glyph=Glyph::LOCK/> {texts.communities_private()}</span>
            })}
        </p>
    }
    .into_any()
}

#[component]
pub(crate) fn CommunityCard(
    community: Community,
    /// The page that it stands on.
    #[prop(into, default = "/communities".into())]
    next: String,
) -> impl IntoView {
    let about = community.excerpt.clone();
    let part = format!("card-{}", community.id);
    view! {
        <li class="panel community-card" id=part data-part="">
            <CommunityIcon name=community.name.clone() icon=community.icon/>
            <div class="community-card__text">
                <h3 class="community-card__name">
                    <a href=address(&community) dir="auto">{community.name.clone()}</a>
                </h3>
                <Facts community=community.clone()/>
                {(!about.is_empty()).then(|| view! { <p class="community-card__about" dir="auto">{about}</p> })}
            </div>
            <JoinForm community next/>
        </li>
    }
    .into_any()
}

/// The one thing that the reader can do about their place in it, where that is not to leave.
#[component]
pub(super) fn JoinForm(
    community: Community,
    /// Where the form leads back to.
    #[prop(into)]
    next: String,
) -> impl IntoView {
    let texts = texts();
    let name = community.name.clone();
    if page().viewer.is_none() {
        let door = format!("/login?next={}", address(&community));
        return view! { <a class="button button--quiet" href=door>{texts.communities_sign_in_to_join()}</a> }.into_any();
    }
    let (words, label) = match community.standing {
        Standing::Member(_) => {
            return view! { <span class="tag community-card__state">{texts.communities_joined()}</span> }.into_any();
        }
        Standing::Requested => {
            return view! { <span class="tag community-card__state">{texts.communities_requested()}</span> }.into_any();
        }
        Standing::Banned => return ().into_any(),
        Standing::Stranger if community.is_private => {
            (texts.communities_ask(), texts.communities_ask_of(&name))
        }
        Standing::Stranger => (texts.communities_join(), texts.communities_join_of(&name)),
    };
    // On its own page nearly everything changes with it, so that is asked for anew.
    let quiet = (next != address(&community)).then_some("");
    view! {
        <form method="post" action=action(&community, "join") data-quiet=quiet>
            <input type="hidden" name="next" value=next/>
            <button class="button" aria-label=label>{words}</button>
        </form>
    }
    .into_any()
}
