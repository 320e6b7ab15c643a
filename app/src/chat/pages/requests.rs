//! `/chat/requests`: those who want to write, on neutral cards.
//!
//! Nothing that they chose themselves is shown but name and words, and the words are only text.

use leptos::prelude::*;
use wire::conversations::Conversation;

use super::room_head::BackLink;
use super::{Requests, name_of};
use crate::text::{Texts, texts};
use crate::ui::{EmptyState, Glyph};

/// Why somebody is reported, as `wire::people::ReportReason` names it.
pub(super) const REASONS: [&str; 7] =
    ["spam", "harassment", "hate", "violence", "impersonation", "illegal", "other"];

#[component]
pub(super) fn RequestsPane(requests: Requests) -> impl IntoView {
    let texts = texts();
    view! {
        <section class="chat-pane" aria-labelledby="pane-title">
            <header class="room-header">
                <BackLink/>
                <h1 class="room-header__title" id="pane-title">{texts.chat_requests_title()}</h1>
            </header>
            <div class="chat-pane__body">
                <p class="page__body">{texts.chat_requests_body()}</p>
                <RequestCards requests/>
            </div>
        </section>
    }
    .into_any()
}

/// Those who wait, as they are now.
#[component]
pub(super) fn RequestCards(requests: Requests) -> impl IntoView {
    let texts = texts();
    let Requests { conversations, next, .. } = requests;
    let is_empty = conversations.is_empty();
    let cards = conversations.into_iter().map(|request| view! { <Card request/> }).collect_view();
    view! {
        <div class="chat-part" id="requests">
            <ul class="request-cards">{cards}</ul>
            {next.map(|next| view! {
                <p><a class="card__link" href=format!("/chat/requests?after={next}")>{texts.chat_requests_more()}</a></p>
            })}
            {is_empty.then(|| view! {
                <EmptyState glyph=Glyph::CALM title=texts.chat_requests_none_title() body=texts.chat_requests_none_body()/>
            })}
        </div>
    }
    .into_any()
}

#[component]
fn Card(request: Conversation) -> impl IntoView {
    let texts = texts();
    let name = name_of(texts, &request);
    let id = request.id.to_string();
    let joined = request.people.first().map(|member| texts.date(member.created_at.day()));
    let words = request.last_message.map(|message| match message.is_unsent {
        true => texts.chat_unsent().to_owned(),
        false => message.content,
    });
    view! {
        <li class="panel request-card">
            <h2 class="request-card__title" dir="auto">{texts.chat_request_from(name)}</h2>
            <p class="request-card__why">
                {texts.chat_request_why()} " " {joined.map(|date| texts.chat_account_since(date))}
            </p>
            <blockquote class="request-card__words" dir="auto">{words}</blockquote>
            <p><a class="card__link" href=format!("/chat/{id}")>{texts.chat_request_read()}</a></p>
            <Answers id/>
        </li>
    }
    .into_any()
}

/// What can be done with a request.
#[component]
pub(super) fn Answers(id: String) -> impl IntoView {
    let texts = texts();
    let action = |verb: &str| format!("/chat/{id}/{verb}");
    view! {
        <div class="answers">
            <form method="post" action=action("accept")><button class="button">{texts.chat_accept()}</button></form>
            <form method="post" action=action("ignore")>
                <button class="button button--quiet">{texts.chat_ignore()}</button>
            </form>
            <details class="answers__block">
                <summary class="button button--danger">{texts.chat_block_report()}</summary>
                <form class="form" method="post" action=action("block-request")>
                    <ReasonField/>
                    <button class="button button--danger">{texts.chat_block_report()}</button>
                </form>
            </details>
        </div>
    }
    .into_any()
}

#[component]
pub(crate) fn ReasonField() -> impl IntoView {
    let texts = texts();
    let options =
        REASONS.map(|reason| view! { <option value=reason>{reason_words(texts, reason)}</option> });
    view! {
        <label class="field">
            <span class="field__label">{texts.chat_report_reason()}</span>
            <select class="field__input" name="reason">{options}</select>
        </label>
    }
    .into_any()
}

fn reason_words(texts: Texts, reason: &str) -> &'static str {
    match reason {
        "spam" => texts.report_spam(),
        "harassment" => texts.report_harassment(),
        "hate" => texts.report_hate(),
        "violence" => texts.report_violence(),
        "impersonation" => texts.report_impersonation(),
        "illegal" => texts.report_illegal(),
        _ => texts.report_other(),
    }
}
