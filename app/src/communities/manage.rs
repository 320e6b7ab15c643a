//! `/c/<slug>/manage`: requests, invitations, settings, bans, and what was done.

use leptos::prelude::*;
use wire::communities::{
    ActCursor, Community, CommunityAct, CommunityForm, CommunityMembers, CommunityRight,
    CommunityRole, Deed, INVITATION_DAYS_MAX, INVITATION_USES_MAX, Invitation, PeopleCursor,
};
use wire::media::{PictureKind, picture_address};

use super::about::{Head, Refusal};
use super::card::CommunityIcon;
use super::form::{Fields, cover_words, icon_words, typed};
use super::members::deed;
use super::{Manage, Steps, action, role_name, whole};
use crate::media::PictureForm;
use crate::page::page;
use crate::profiles::profile_path;
use crate::text::{Texts, texts};
use crate::ui::{Avatar, LocalTime, PageMeta};

#[component]
pub(super) fn ManagePanel(manage: Manage) -> impl IntoView {
    let texts = texts();
    let Manage { community, role, requests, banned, invitations, acts, waiting, steps, is_saved } =
        manage;
    let title = texts.communities_manage_title(&community.name);
    let onwards = |list| onwards(&community, &steps, list);
    let more_requests = requests.next.map(|next| onwards(List::Requests(next)));
    let more_banned = banned.next.map(|next| onwards(List::Banned(next)));
    let more_acts = acts.next.map(|next| onwards(List::Acts(next)));
    view! {
        <PageMeta title=title.clone() indexed=false/>
        <div class="page community">
            <Refusal/>
            <Head community=community.clone() waiting here="manage"/>
            <h1 class="page__title community-part-title" dir="auto">{title}</h1>
            {is_saved.then(|| view! { <p class="notice" role="status">{texts.communities_saved()}</p> })}
            <Requests community=community.clone() requests more=more_requests/>
            <Invitations community=community.clone() invitations/>
            {role.may(CommunityRight::Change).then(|| view! {
                <Settings community=community.clone()/>
                <Pictures community=community.clone()/>
            })}
            <Banned community=community.clone() banned more=more_banned/>
            <Acts acts=acts.acts more=more_acts/>
            {role.may(CommunityRight::Delete).then(|| view! { <Delete community/> })}
        </div>
    }
    .into_any()
}

/// A list of this page and where it goes on.
enum List {
    Requests(PeopleCursor),
    Banned(PeopleCursor),
    Acts(ActCursor),
}

/// The page with one list further on and the others where they are.
fn onwards(community: &Community, steps: &Steps, list: List) -> String {
    let people = |next: PeopleCursor| format!("{}_{}", next.since.0, next.id);
    let mut steps = steps.clone();
    let part = match list {
        List::Requests(next) => {
            steps.requests = people(next);
            "community-requests"
        }
        List::Banned(next) => {
            steps.banned = people(next);
            "community-bans"
        }
        List::Acts(next) => {
            steps.acts = format!("{}_{}", next.at.0, next.id);
            "acts"
        }
    };
    let Steps { requests, banned, acts } = steps;
    let named = [("requests", requests), ("banned", banned), ("acts", acts)];
    let query = named.into_iter().filter(|(_, at)| !at.is_empty());
    let query: Vec<_> = query.map(|(name, at)| format!("{name}={at}")).collect();
    format!("{}?{}#{part}", action(community, "manage"), query.join("&"))
}

#[component]
fn More(href: Option<String>) -> impl IntoView {
    let words = texts().communities_more();
    href.map(|href| view! { <a class="button button--quiet community-more" href=href>{words}</a> })
        .into_any()
}

#[component]
fn Requests(
    community: Community,
    requests: CommunityMembers,
    more: Option<String>,
) -> impl IntoView {
    let texts = texts();
    let rows: Vec<_> = requests
        .people
        .into_iter()
        .map(|one| {
            let (name, image) = (one.user.username, one.user.profile_image);
            view! {
                <li class="people-row">
                    <Avatar name=name.clone() image/>
                    <span class="people-row__name">
                        <a class="people-row__link" href=profile_path(&name) dir="auto">{name.clone()}</a>
                    </span>
                    <div class="people-row__forms">
                        {deed(&community, "accept", &name, texts.communities_accept(), texts.communities_accept_of(&name))}
                        {deed(&community, "decline", &name, texts.communities_decline(), texts.communities_decline_of(&name))}
                    </div>
                </li>
            }
        })
        .collect();
    view! {
        <section class="panel page__panel community-part" id="community-requests" data-part="">
            <h2 class="page__subtitle">{texts.communities_requests_title()}</h2>
            {rows.is_empty().then(|| view! { <p class="page__body">{texts.communities_requests_empty()}</p> })}
            <ul class="people-rows">{rows}</ul>
            <More href=more/>
        </section>
    }
    .into_any()
}

#[component]
fn Invitations(community: Community, invitations: Vec<Invitation>) -> impl IntoView {
    let texts = texts();
    let link = Some(page().value("invitation")).filter(|link| !link.is_empty());
    let rows: Vec<_> =
        invitations.into_iter().map(|one| invitation(texts, &community, one)).collect();
    view! {
        <section class="panel page__panel community-part" id="invitations">
            <h2 class="page__subtitle">{texts.communities_invitations_title()}</h2>
            <p class="page__body">{texts.communities_invitations_body()}</p>
            {link.map(|link| view! {
                <p class="notice" role="status">{texts.communities_invited()}</p>
                <input class="field__input" readonly=true value=link aria-label=texts.communities_invite_link()/>
            })}
            <form class="community-invite" method="post" action=action(&community, "invite")>
                <input type="hidden" name="form" value="invite"/>
                {number_field("days", texts.communities_invite_days(), 7, INVITATION_DAYS_MAX)}
                {number_field("uses", texts.communities_invite_uses(), 10, i64::from(INVITATION_USES_MAX))}
                <button class="button button--quiet">{texts.communities_invite()}</button>
            </form>
            <ul class="people-rows">{rows}</ul>
        </section>
    }
    .into_any()
}

fn number_field(name: &'static str, label: &'static str, value: i64, max: i64) -> AnyView {
    let typed = page().notice_for("invite").map(|_| page().value(name));
    view! {
        <label class="field">
            <span class="field__label">{label}</span>
            <input class="field__input" type="number" name=name min="1" max=max value=typed.unwrap_or_else(|| value.to_string())/>
        </label>
    }
    .into_any()
}

fn invitation(texts: Texts, community: &Community, one: Invitation) -> AnyView {
    let label = texts.communities_uninvite_of(&one.by);
    view! {
        <li class="people-row">
            <div class="people-row__name">
                {texts.communities_invite_left(whole(i64::from(one.uses_left)))}
                <p class="row__detail"><span dir="auto">{texts.communities_invite_by(&one.by)}</span> " " <LocalTime at=one.expires_at/></p>
            </div>
            <form method="post" action=action(community, "uninvite")>
                <input type="hidden" name="invitation_id" value=one.id.to_string()/>
                <button class="button button--danger" aria-label=label>{texts.communities_uninvite()}</button>
            </form>
        </li>
    }
    .into_any()
}

#[component]
fn Settings(community: Community) -> impl IntoView {
    let texts = texts();
    let now = CommunityForm {
        name: community.name.clone(),
        description: community.description.clone(),
        rules: community.rules.clone(),
        is_private: community.is_private,
        slow_mode_seconds: community.slow_mode_seconds,
    };
    view! {
        <section class="panel page__panel community-part" id="settings">
            <h2 class="page__subtitle">{texts.communities_settings_title()}</h2>
            <form class="form community-form" method="post" action=action(&community, "settings")>
                <input type="hidden" name="form" value="settings"/>
                <Fields form=typed("settings").unwrap_or(now)/>
                <p class="actions"><button class="button">{texts.communities_save()}</button></p>
            </form>
        </section>
    }
    .into_any()
}

/// Icon and cover, each a form of its own.
#[component]
fn Pictures(community: Community) -> impl IntoView {
    let texts = texts();
    let (icon, cover) = (community.icon, community.cover);
    let shown = cover.map(|cover| {
        view! {
            <img src=picture_address(cover, 640) alt="" width="640" height="336"/>
        }
    });
    view! {
        <section class="panel page__panel community-part" id="pictures">
            <h2 class="page__subtitle">{texts.communities_pictures()}</h2>
            <div class="own-picture">
                <span class="own-picture__shown"><CommunityIcon name=community.name.clone() icon/></span>
                <PictureForm kind=PictureKind::Icon action=action(&community, "icon") words=icon_words(texts) is_there=icon.is_some()/>
            </div>
            <div class="own-picture">
                <span class="own-picture__shown own-picture__banner own-picture__cover">{shown}</span>
                <PictureForm kind=PictureKind::Cover action=action(&community, "cover") words=cover_words(texts) is_there=cover.is_some()/>
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn Banned(community: Community, banned: CommunityMembers, more: Option<String>) -> impl IntoView {
    let texts = texts();
    let rows: Vec<_> = banned
        .people
        .into_iter()
        .map(|one| {
            let (name, image) = (one.user.username, one.user.profile_image);
            view! {
                <li class="people-row">
                    <Avatar name=name.clone() image/>
                    <span class="people-row__name" dir="auto">{name.clone()}</span>
                    {deed(&community, "unban", &name, texts.communities_unban(), texts.communities_unban_of(&name))}
                </li>
            }
        })
        .collect();
    view! {
        <section class="panel page__panel community-part" id="community-bans" data-part="">
            <h2 class="page__subtitle">{texts.communities_bans_title()}</h2>
            {rows.is_empty().then(|| view! { <p class="page__body">{texts.communities_bans_empty()}</p> })}
            <ul class="people-rows">{rows}</ul>
            <More href=more/>
            <form class="form form--row" method="post" action=action(&community, "ban")>
                <input type="hidden" name="next" value=action(&community, "manage")/>
                <label class="field">
                    <span class="field__label">{texts.communities_ban_somebody()}</span>
                    <input class="field__input" name="username" dir="auto" required=true autocomplete="off" autocapitalize="none"/>
                </label>
                <button class="button button--danger">{texts.communities_ban()}</button>
            </form>
        </section>
    }
    .into_any()
}

#[component]
fn Acts(acts: Vec<CommunityAct>, more: Option<String>) -> impl IntoView {
    let texts = texts();
    let rows: Vec<_> = acts
        .into_iter()
        .map(|act| {
            view! {
                <li class="community-act">
                    <span dir="auto">{sentence(texts, &act)}</span>
                    <span class="row__detail"><LocalTime at=act.at/></span>
                </li>
            }
        })
        .collect();
    view! {
        <section class="panel page__panel community-part" id="acts">
            <h2 class="page__subtitle">{texts.communities_acts_title()}</h2>
            <ul class="community-acts">{rows}</ul>
            <More href=more/>
        </section>
    }
    .into_any()
}

fn sentence(texts: Texts, act: &CommunityAct) -> String {
    let nobody = texts.communities_act_nobody();
    let who = act.by.as_deref().unwrap_or(nobody);
    let whom = act.to.as_deref().unwrap_or(nobody);
    match act.deed {
        Deed::Created => texts.communities_act_created(who),
        Deed::Changed => texts.communities_act_changed(who),
        Deed::Accepted => texts.communities_act_accepted(who, whom),
        Deed::Declined => texts.communities_act_declined(who, whom),
        Deed::Removed => texts.communities_act_removed(who, whom),
        Deed::Banned => texts.communities_act_banned(who, whom),
        Deed::Unbanned => texts.communities_act_unbanned(who, whom),
        Deed::GaveRole => {
            let role = CommunityRole::from_word(&act.note).unwrap_or(CommunityRole::Member);
            texts.communities_act_gave_role(role_name(texts, role), who, whom)
        }
        Deed::HandedOver => texts.communities_act_handed_over(who, whom),
        Deed::Invited => texts.communities_act_invited(who),
        Deed::TookInvitationBack => texts.communities_act_uninvited(who),
        Deed::Pinned => texts.communities_act_pinned(who),
        Deed::Unpinned => texts.communities_act_unpinned(who),
        Deed::TookPostOut => texts.communities_act_took_post_out(who, whom),
        Deed::TookCommentOut => texts.communities_act_took_comment_out(who, whom),
    }
}

#[component]
fn Delete(community: Community) -> impl IntoView {
    let texts = texts();
    let name = community.name.clone();
    view! {
        <section class="panel page__panel community-part" id="delete">
            <h2 class="page__subtitle" dir="auto">{texts.communities_delete_title(&name)}</h2>
            <p class="page__body">{texts.communities_delete_body()}</p>
            <form class="form community-form" method="post" action=action(&community, "delete")>
                <input type="hidden" name="form" value="delete"/>
                <label class="field">
                    <span class="field__label" dir="auto">{texts.communities_delete_confirm(&name)}</span>
                    <input class="field__input" name="confirm" dir="auto" required=true autocomplete="off"/>
                </label>
                <p class="actions"><button class="button button--danger">{texts.communities_delete()}</button></p>
            </form>
        </section>
    }
    .into_any()
}
