//! `/chat/<id>/messages/<message>`: one message and what can be done with it, as plain forms.

use leptos::prelude::*;
use wire::chat::Message;
use wire::conversations::SeenBy;

use super::MessageDetails;
use super::requests::ReasonField;
use crate::chat::message_menu::QUICK_REACTIONS;
use crate::page::page;
use crate::text::texts;
use crate::ui::{LocalTime, in_textarea};

#[component]
pub(super) fn MessagePane(details: MessageDetails) -> impl IntoView {
    let texts = texts();
    let back = format!("/chat/{0}?at={1}#m{1}", details.key, details.message.seq);
    let notice = page().form.notice.clone().filter(|_| page().value("form") != "edit");
    let reported = details.reported;
    view! {
        <section class="chat-pane" aria-labelledby="pane-title">
            <header class="room-header">
                <a class="room-header__back room-header__back--always" href=back aria-label=texts.chat_back_to_talk()>"‹"</a>
                <h1 class="room-header__title" id="pane-title">{texts.chat_message_title()}</h1>
            </header>
            <div class="chat-pane__body">
                {notice.map(|words| view! { <p class="notice" role="alert">{words}</p> })}
                {reported.then(|| view! { <p class="notice" role="status">{texts.chat_reported()}</p> })}
                <Words message=details.message.clone()/>
                <Doings details/>
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn Words(message: Message) -> impl IntoView {
    let words = if message.is_unsent { texts().chat_unsent().to_owned() } else { message.content };
    view! {
        <blockquote class="panel chat-card message-card">
            <p class="message-card__words" dir="auto">{words}</p>
            <footer class="page__body">{message.sender.username} ", " <LocalTime at=message.created_at/></footer>
        </blockquote>
    }
    .into_any()
}

/// What can be done with it: a message that was taken back can only be reported, one's own cannot.
#[component]
fn Doings(details: MessageDetails) -> impl IntoView {
    let texts = texts();
    let MessageDetails { key, message, seen_by, .. } = details;
    let here = format!("/chat/{key}/messages/{}", message.id);
    let reply = format!("/chat/{key}?reply={}#message", message.seq);
    let own = page().viewer.as_ref().is_some_and(|me| me.id == message.sender.id);
    let open = !message.is_unsent;
    view! {
        {open.then(|| view! {
            <div class="panel chat-card">
                <ReactForms here=here.clone() message=message.clone()/>
                <p><a class="button" href=reply>{texts.chat_reply()}</a></p>
            </div>
        })}
        <Seen seen_by/>
        {(own && open).then(|| view! { <OwnForms here=here.clone() message/> })}
        {(!own).then(|| view! {
            <form class="panel chat-card form--row" method="post" action=format!("{here}/report")>
                <ReasonField/>
                <button class="button button--danger">{texts.chat_report()}</button>
            </form>
        })}
    }
    .into_any()
}

/// The quick reactions, and those that are there; each is a switch.
#[component]
fn ReactForms(here: String, message: Message) -> impl IntoView {
    let texts = texts();
    let known = message.reactions.iter().map(|reaction| reaction.emoji.clone());
    let mut all: Vec<String> = known.collect();
    all.extend(QUICK_REACTIONS.map(str::to_owned));
    let mut seen = std::collections::BTreeSet::new();
    all.retain(|emoji| seen.insert(emoji.clone()));
    let forms: Vec<_> = all
        .into_iter()
        .map(|emoji| {
            let found = message.reactions.iter().find(|reaction| reaction.emoji == emoji);
            let (count, mine) = found.map_or((0, false), |found| (found.count, found.mine));
            view! {
                <form method="post" action=format!("{here}/react")>
                    <input type="hidden" name="emoji" value=emoji.clone()/>
                    <input type="hidden" name="on" value=if mine { "0" } else { "1" }/>
                    <button class="reaction" aria-pressed=mine.to_string() aria-label=texts.chat_react_with(&emoji)>
                        {emoji.clone()} " " {(count > 0).then_some(count)}
                    </button>
                </form>
            }
        })
        .collect();
    view! { <div class="message__reactions">{forms}</div> }.into_any()
}

#[component]
fn Seen(seen_by: Vec<SeenBy>) -> impl IntoView {
    let names: Vec<_> = seen_by.into_iter().map(|seen| seen.user.username).collect();
    (!names.is_empty()).then(|| {
        view! { <p class="page__body">{texts().chat_seen_by(names.join(", "))}</p> }.into_any()
    })
}

/// One's own can be changed for a day, and taken back for good.
#[component]
fn OwnForms(here: String, message: Message) -> impl IntoView {
    let texts = texts();
    let issue = page().notice_for("edit");
    let value = issue.as_ref().map(|_| page().value("content")).unwrap_or(message.content);
    let is_refused = issue.is_some();
    let invalid = is_refused.then_some("true");
    view! {
        <form class="panel chat-card form" method="post" action=format!("{here}/edit")>
            <input type="hidden" name="form" value="edit"/>
            <div class="field" class:field--invalid=is_refused>
                <label>
                    <span class="field__label">{texts.chat_edit_label()}</span>
                    <textarea class="field__input" name="content" rows="3" dir="auto" aria-describedby="edit-issue" aria-invalid=invalid>{in_textarea(value)}</textarea>
                </label>
                <p class="field__issue" id="edit-issue">{issue}</p>
            </div>
            <p><button class="button">{texts.chat_edit_save()}</button></p>
        </form>
        <form class="panel chat-card form--row" method="post" action=format!("{here}/unsend")>
            <p class="page__body">{texts.chat_unsend_sure()}</p>
            <button class="button button--danger">{texts.chat_unsend()}</button>
        </form>
    }
    .into_any()
}
