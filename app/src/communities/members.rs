//! `/c/<slug>/members`: who is here, and what those who look after it can do about that.

use leptos::prelude::*;
use wire::communities::{
    Community, CommunityMember, CommunityMembers, CommunityRight, CommunityRole,
};

use super::about::{Head, Refusal};
use super::{action, role_name};
use crate::page::page;
use crate::profiles::profile_path;
use crate::text::{Texts, texts};
use crate::ui::{Avatar, LocalTime, PageMeta};

#[component]
pub(super) fn MembersPanel(
    community: Community,
    members: CommunityMembers,
    waiting: usize,
) -> impl IntoView {
    let texts = texts();
    let title = texts.communities_members_title(&community.name);
    let next = members
        .next
        .map(|next| action(&community, &format!("members?after={}_{}", next.since.0, next.id)));
    let rows: Vec<_> =
        members.people.into_iter().map(|member| row(texts, &community, member)).collect();
    view! {
        <PageMeta title=title.clone() indexed=false/>
        <div class="page community">
            <Refusal/>
            <Head community waiting here="members"/>
            <section class="panel page__panel" id="community-members" data-part="">
                <h1 class="page__title community-part-title" dir="auto">{title}</h1>
                <ul class="people-rows">{rows}</ul>
                {next.map(|href| view! { <a class="button button--quiet community-more" href=href>{texts.communities_more()}</a> })}
            </section>
        </div>
    }
    .into_any()
}

fn row(texts: Texts, community: &Community, member: CommunityMember) -> AnyView {
    let name = member.user.username.clone();
    let is_me = page().viewer.as_ref().is_some_and(|me| me.id == member.user.id);
    let role = (member.role > CommunityRole::Member).then(|| role_name(texts, member.role));
    let own = community.standing.role().filter(|own| !is_me && *own > member.role);
    let looks_after = own.filter(|own| own.may(CommunityRight::Remove));
    view! {
        <li class="people-row">
            <Avatar name=name.clone() image=member.user.profile_image.clone()/>
            <div class="people-row__name">
                <a class="people-row__link" href=profile_path(&name) dir="auto">{name.clone()}</a>
                {is_me.then(|| view! { <span class="person__you">" (" {texts.communities_you()} ")"</span> })}
                {role.map(|role| view! { " " <span class="tag">{role}</span> })}
                <p class="row__detail">{texts.communities_since()} " " <LocalTime at=member.since/></p>
            </div>
            {looks_after.map(|own| look_after(texts, community, &member, own))}
        </li>
    }
    .into_any()
}

/// What can be done with a member, behind one button.
fn look_after(
    texts: Texts,
    community: &Community,
    member: &CommunityMember,
    own: CommunityRole,
) -> AnyView {
    let name = member.user.username.clone();
    let gives = own.may(CommunityRight::GiveRole);
    view! {
        <details class="community-deeds">
            <summary class="button button--quiet" aria-label=texts.communities_look_after_of(&name)>"⋯"</summary>
            <div class="community-deeds__panel">
                {gives.then(|| role_form(texts, community, member, own))}
                <div class="actions">
                    {deed(community, "remove", &name, texts.communities_remove(), texts.communities_remove_of(&name))}
                    {deed(community, "ban", &name, texts.communities_ban(), texts.communities_ban_of(&name))}
                </div>
                {own.may(CommunityRight::HandOver).then(|| view! {
                    <p class="row__detail">{texts.communities_hand_over_body(&name)}</p>
                    {deed(community, "hand-over", &name, texts.communities_hand_over(), texts.communities_hand_over_of(&name))}
                })}
            </div>
        </details>
    }
    .into_any()
}

fn role_form(
    texts: Texts,
    community: &Community,
    member: &CommunityMember,
    own: CommunityRole,
) -> AnyView {
    let name = &member.user.username;
    let options: Vec<_> = CommunityRole::ALL
        .into_iter()
        .filter(|role| *role < own)
        .map(|role| {
            view! { <option value=role.as_str() selected=role == member.role>{role_name(texts, role)}</option> }
        })
        .collect();
    view! {
        <form class="form form--row" method="post" action=action(community, "role") data-quiet="">
            <input type="hidden" name="username" value=name.clone()/>
            <select class="field__input" name="role" aria-label=texts.communities_role_of(name)>{options}</select>
            <button class="button button--quiet" aria-label=texts.communities_save_role_of(name)>{texts.communities_save_role()}</button>
        </form>
    }
    .into_any()
}

/// One button that does one thing to somebody.
pub(super) fn deed(
    community: &Community,
    verb: &str,
    name: &str,
    words: &'static str,
    label: String,
) -> AnyView {
    let is_kind = matches!(verb, "accept" | "unban");
    let class = if is_kind { "button" } else { "button button--danger" };
    // The head of the page counts those who wait: it is had anew with them.
    let quiet = (!matches!(verb, "accept" | "decline")).then_some("");
    view! {
        <form method="post" action=action(community, verb) data-quiet=quiet>
            <input type="hidden" name="username" value=name.to_owned()/>
            <button class=class aria-label=label>{words}</button>
        </form>
    }
    .into_any()
}
