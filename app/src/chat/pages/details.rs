//! `/chat/<id>/details`: who is in a conversation, and what one can do about it.

use leptos::prelude::*;
use wire::UnixMillis;
use wire::conversations::{Conversation, ConversationKind, FOR_EVER, Member, Role};

use super::requests::ReasonField;
use super::room_head::presence;
use super::{Details, name_of};
use crate::page::page;
use crate::profiles::profile_path;
use crate::text::{Texts, texts};
use crate::ui::{Avatar, LocalTime};

#[component]
pub(super) fn DetailsPane(details: Details) -> impl IntoView {
    let texts = texts();
    let Details { conversation, members, reported } = details;
    // Two forms say at their field what is wrong.
    let at_field = matches!(page().value("form").as_str(), "rename" | "add");
    let notice = page().form.notice.clone().filter(|_| !at_field);
    let name = name_of(texts, &conversation);
    let back = format!("/chat/{}", conversation.id);
    let details = Details { conversation, members, reported };
    view! {
        <section class="chat-pane" aria-labelledby="pane-title">
            <header class="room-header">
                <a class="room-header__back room-header__back--always" href=back aria-label=texts.chat_back_to(&name)>"‹"</a>
                <h1 class="room-header__title" id="pane-title" dir="auto">{texts.chat_details_of(&name)}</h1>
            </header>
            <div class="chat-pane__body">
                {notice.map(|words| view! { <p class="notice" role="alert">{words}</p> })}
                {reported.then(|| view! { <p class="notice" role="status">{texts.chat_reported()}</p> })}
                <DetailsParts details/>
            </div>
        </section>
    }
    .into_any()
}

/// All that is said and can be done, as it is now, in parts that are had anew one by one: what somebody
/// types into one of them keeps only that one as it is.
#[component]
pub(super) fn DetailsParts(details: Details) -> impl IntoView {
    let Details { conversation, members, .. } = details;
    let name = name_of(texts(), &conversation);
    let is_group = conversation.kind == ConversationKind::Group;
    view! {
        <div class="chat-part" id="details-members"><Members conversation=conversation.clone() members/></div>
        <div class="chat-part" id="details-group">
            {is_group.then(|| view! { <GroupForms conversation=conversation.clone()/> })}
        </div>
        <div class="chat-part" id="details-quiet"><Quiet conversation=conversation.clone()/></div>
        <div class="chat-part" id="details-ways"><Ways conversation name/></div>
    }
    .into_any()
}

/// Where a form of the conversation goes.
fn action(conversation: &Conversation, verb: &str) -> String {
    format!("/chat/{}/{verb}", conversation.id)
}

#[component]
fn Members(conversation: Conversation, members: Vec<Member>) -> impl IntoView {
    let texts = texts();
    let rows: Vec<_> =
        members.into_iter().map(|member| member_row(texts, &conversation, member)).collect();
    let count = usize::try_from(conversation.members_count).unwrap_or(0);
    view! {
        <section class="panel chat-card" aria-labelledby="members-title">
            <h2 class="page__subtitle" id="members-title">{texts.chat_members_count(count)}</h2>
            <ul class="people-rows">{rows}</ul>
        </section>
    }
    .into_any()
}

fn member_row(texts: Texts, conversation: &Conversation, member: Member) -> AnyView {
    let is_me = page().viewer.as_ref().is_some_and(|me| me.id == member.user.id);
    let name = member.user.username.clone();
    let is_group = conversation.kind == ConversationKind::Group;
    let role = match member.role {
        Role::Owner => Some(texts.chat_role_owner()),
        Role::Admin => Some(texts.chat_role_admin()),
        Role::Member => None,
    };
    let shown = (!is_me).then(|| presence(texts, &member)).flatten();
    view! {
        <li class="people-row">
            <Avatar name=name.clone() image=member.user.profile_image.clone()/>
            <div class="people-row__name">
                <a class="people-row__link" href=profile_path(&name) rel="external" dir="auto">{name.clone()}</a>
                {is_me.then(|| view! { <span class="person__you">" (" {texts.room_you()} ")"</span> })}
                {role.map(|role| view! { " " <span class="tag">{role}</span> })}
                {shown}
            </div>
            {(is_group && !is_me).then(|| member_forms(texts, conversation, &member))}
        </li>
    }
    .into_any()
}

/// What the reader may do with a member of the group.
fn member_forms(texts: Texts, conversation: &Conversation, member: &Member) -> AnyView {
    let id = member.user.id.to_string();
    let name = &member.user.username;
    let may_remove = conversation.role >= Role::Admin && conversation.role > member.role;
    let turn = (conversation.role == Role::Owner).then(|| match member.role {
        Role::Member => ("admin", texts.chat_make_admin(), texts.chat_make_admin_of(name)),
        _ => ("member", texts.chat_make_member(), texts.chat_make_member_of(name)),
    });
    view! {
        <div class="people-row__forms">
            {turn.map(|(role, words, label)| view! {
                <form method="post" action=action(conversation, "role")>
                    <input type="hidden" name="member" value=id.clone()/>
                    <input type="hidden" name="role" value=role/>
                    <button class="button button--quiet" aria-label=label>{words}</button>
                </form>
            })}
            {may_remove.then(|| view! {
                <form method="post" action=action(conversation, "remove")>
                    <input type="hidden" name="member" value=id.clone()/>
                    <button class="button button--danger" aria-label=texts.chat_remove_of(name)>{texts.chat_remove()}</button>
                </form>
            })}
        </div>
    }
    .into_any()
}

/// Name and new members, for those who look after the group.
#[component]
fn GroupForms(conversation: Conversation) -> impl IntoView {
    let texts = texts();
    if conversation.role < Role::Admin {
        return ().into_any();
    }
    let title = page().notice_for("rename").map(|_| page().value("title"));
    let title = title.or(conversation.title.clone()).unwrap_or_default();
    let username = page().notice_for("add").map(|_| page().value("username")).unwrap_or_default();
    view! {
        <section class="panel chat-card">
            <form class="form--row" method="post" action=action(&conversation, "rename")>
                <input type="hidden" name="form" value="rename"/>
                <TextLine name="title" label=texts.chat_group_name() value=title form="rename"/>
                <button class="button button--quiet">{texts.chat_rename()}</button>
            </form>
            <form class="form--row" method="post" action=action(&conversation, "add")>
                <input type="hidden" name="form" value="add"/>
                <TextLine name="username" label=texts.chat_add_label() value=username form="add"/>
                <button class="button button--quiet">{texts.chat_add()}</button>
            </form>
        </section>
    }
    .into_any()
}

/// One field with what is wrong with it beside it.
#[component]
fn TextLine(
    name: &'static str,
    label: &'static str,
    value: String,
    /// The form that a refusal has to name.
    form: &'static str,
) -> impl IntoView {
    let issue = page().notice_for(form);
    let is_refused = issue.is_some();
    let invalid = is_refused.then_some("true");
    let id = format!("{form}-issue");
    view! {
        <div class="field" class:field--invalid=is_refused>
            <label>
                <span class="field__label">{label}</span>
                <input class="field__input" name=name value=value required=true dir="auto" autocomplete="off"
                    autocapitalize="none" aria-describedby=id.clone() aria-invalid=invalid autofocus=is_refused/>
            </label>
            <p class="field__issue" id=id>{issue}</p>
        </div>
    }
    .into_any()
}

/// Hours of silence that are offered; 0 is for good.
const SILENCES: [u32; 4] = [1, 8, 168, 0];

#[component]
fn Quiet(conversation: Conversation) -> impl IntoView {
    let texts = texts();
    let form = match conversation.muted_until {
        Some(until) => view! {
            <form class="form--row" method="post" action=action(&conversation, "unmute")>
                <p class="page__body">{muted(texts, until)}</p>
                <button class="button button--quiet">{texts.chat_unmute()}</button>
            </form>
        }
        .into_any(),
        None => {
            let options = SILENCES
                .map(|hours| view! { <option value=hours>{silence(texts, hours)}</option> });
            view! {
                <form class="form--row" method="post" action=action(&conversation, "mute")>
                    <label class="field">
                        <span class="field__label">{texts.chat_mute_label()}</span>
                        <select class="field__input" name="hours">{options}</select>
                    </label>
                    <button class="button button--quiet">{texts.chat_mute()}</button>
                </form>
            }
            .into_any()
        }
    };
    view! {
        <section class="panel chat-card">
            {form}
            <form class="form--row" method="post" action=action(&conversation, "unread")>
                <p class="page__body">{texts.chat_mark_unread_body()}</p>
                <button class="button button--quiet">{texts.chat_mark_unread()}</button>
            </form>
        </section>
    }
    .into_any()
}

fn muted(texts: Texts, until: UnixMillis) -> AnyView {
    if until >= FOR_EVER {
        return texts.chat_muted_for_good().into_any();
    }
    view! { {texts.chat_muted_until()} " " <LocalTime at=until/> }.into_any()
}

fn silence(texts: Texts, hours: u32) -> &'static str {
    match hours {
        1 => texts.chat_mute_hour(),
        8 => texts.chat_mute_day(),
        168 => texts.chat_mute_week(),
        _ => texts.chat_mute_always(),
    }
}

/// The ways out.
#[component]
fn Ways(conversation: Conversation, name: String) -> impl IntoView {
    let texts = texts();
    let is_group = conversation.kind == ConversationKind::Group;
    let apart = match is_group {
        true => (!conversation.is_blocked)
            .then(|| ("leave", texts.chat_leave_body(), texts.chat_leave())),
        false if conversation.is_blocked => None,
        false => Some(("block", texts.chat_block_body(), texts.chat_block())),
    };
    let unblock = conversation.is_blocked.then(|| {
        view! {
            <form class="form--row" method="post" action=action(&conversation, "unblock")>
                <p class="page__body">{texts.chat_blocked(&name)}</p>
                <button class="button button--quiet">{texts.chat_unblock()}</button>
            </form>
        }
    });
    view! {
        <section class="panel chat-card">
            <form class="form--row" method="post" action=action(&conversation, "delete")>
                <p class="page__body">{texts.chat_delete_body()}</p>
                <button class="button button--danger">{texts.chat_delete()}</button>
            </form>
            {apart.map(|(verb, body, words)| view! {
                <form class="form--row" method="post" action=action(&conversation, verb)>
                    <p class="page__body">{body}</p>
                    <button class="button button--danger">{words}</button>
                </form>
            })}
            {unblock}
            <form class="form--row" method="post" action=action(&conversation, "report")>
                <ReasonField/>
                <button class="button button--danger">{texts.chat_report()}</button>
            </form>
        </section>
    }
    .into_any()
}
