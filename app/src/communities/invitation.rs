//! `/c/<slug>/join/<token>`: looking uses nothing up, the form does.

use leptos::prelude::*;
use wire::communities::Community;

use super::about::{Refusal, Words};
use super::card::{CommunityIcon, Facts};
use super::{action, address};
use crate::page::page;
use crate::text::texts;
use crate::ui::PageMeta;

#[component]
pub(super) fn InvitationPanel(
    community: Community,
    description: String,
    token: String,
) -> impl IntoView {
    let texts = texts();
    let here = action(&community, &format!("join/{token}"));
    let name = community.name.clone();
    let title = texts.communities_invitation_title(&name);
    view! {
        <PageMeta title=title.clone() indexed=false/>
        <div class="page">
            <section class="panel page__panel community-invitation">
                <Refusal/>
                <CommunityIcon name=name.clone() icon=community.icon/>
                <h1 class="page__title" dir="auto">{title}</h1>
                <Facts community=community.clone()/>
                <Words html=description/>
                <p class="actions">{way_in(community, here)}</p>
            </section>
        </div>
    }
    .into_any()
}

fn way_in(community: Community, here: String) -> AnyView {
    let texts = texts();
    let name = &community.name;
    if page().viewer.is_none() {
        let door = format!("/login?next={here}");
        return view! { <a class="button" href=door>{texts.communities_sign_in_to_join()}</a> }
            .into_any();
    }
    if community.standing.role().is_some() {
        return view! {
            <span>{texts.communities_invitation_member()}</span>
            <a class="button" href=address(&community)>{texts.communities_invitation_open(name)}</a>
        }
        .into_any();
    }
    view! {
        <form method="post" action=here>
            <button class="button">{texts.communities_invitation_join(name)}</button>
        </form>
    }
    .into_any()
}
