//! The list of conversations, with the global room on top.

use leptos::prelude::*;
use wire::ConversationKey;
use wire::conversations::{Conversation, ConversationKind};

use super::{List, name_of};
use crate::page::page;
use crate::text::{Texts, texts};
use crate::ui::{Avatar, Glyph, Icon, ShortTime};

/// `is_page`: whether the list is what the page is about, and has its heading; `beside`: what else is had
/// anew with it.
#[component]
pub(super) fn ListPane(list: List, is_page: bool, beside: String) -> impl IntoView {
    let texts = texts();
    let pane = list.address(is_page, &beside);
    let List { conversations, counts, here, next, .. } = list;
    let is_empty = conversations.is_empty() && counts.requests_count == 0;
    let rows = conversations
        .into_iter()
        .map(|conversation| view! { <ConversationRow conversation here/> });
    let rows = rows.collect_view();
    let heading = match is_page {
        true => view! { <h1 class="chat-list__title">{texts.chat_title()}</h1> }.into_any(),
        false => view! { <p class="chat-list__title">{texts.chat_title()}</p> }.into_any(),
    };
    view! {
        <nav class="chat-list" id="chat-list" aria-label=texts.chat_list_label() data-pane=pane>
            <div class="chat-list__head" data-unread=counts.unread_count>
                {heading}
                <a class="room-header__details" href="/chat/new" data-switcher="" aria-label=texts.chat_switch_title() title=texts.chat_switch_hint()>
                    <Icon glyph=Glyph::FIND/>
                </a>
                <a class="button button--quiet chat-list__new" href="/chat/new">
                    <Icon glyph=Glyph::PLUS/> {texts.chat_new_short()}
                </a>
            </div>
            <Requests count=usize::try_from(counts.requests_count).unwrap_or(0)/>
            <ul class="chat-list__rows">
                <GlobalRow is_here=here == Some(ConversationKey::Global)/>
                {rows}
            </ul>
            {is_empty.then(|| view! { <p class="chat-list__empty">{texts.chat_list_empty()}</p> })}
            {next.map(|next| view! {
                <a class="chat-list__more" href=format!("/chat?after={next}")>{texts.chat_list_more()}</a>
            })}
        </nav>
    }
    .into_any()
}

/// The way to those who want to write; absent while there are none.
#[component]
fn Requests(count: usize) -> impl IntoView {
    let texts = texts();
    (count > 0).then(|| {
        view! {
            <a class="chat-list__requests" href="/chat/requests">
                <Icon glyph=Glyph::LOCK/>
                <span>{texts.chat_requests_count(count)}</span>
                <Icon glyph=Glyph::ARROW/>
            </a>
        }
        .into_any()
    })
}

#[component]
fn GlobalRow(is_here: bool) -> impl IntoView {
    let texts = texts();
    view! {
        <li>
            <a class="chat-row" href="/chat/global" aria-current=is_here.then_some("page")>
                <span class="avatar avatar--room"><Icon glyph=Glyph::PEOPLE/></span>
                <span class="chat-row__name">{texts.room_title()}</span>
                <span class="chat-row__line">{texts.room_tagline()}</span>
            </a>
        </li>
    }
    .into_any()
}

#[component]
fn ConversationRow(conversation: Conversation, here: Option<ConversationKey>) -> impl IntoView {
    let texts = texts();
    let key = ConversationKey::Id(conversation.id);
    let name = name_of(texts, &conversation);
    let muted = conversation.muted_until.is_some();
    let unread = usize::try_from(conversation.unread_count).unwrap_or(0);
    let at = conversation.updated_at;
    let draft = conversation.draft.clone().filter(|_| here != Some(key));
    let line = match draft {
        Some(draft) => view! {
            <span class="chat-row__line" dir="auto"><b class="chat-row__draft">{texts.chat_draft()}</b>" "{draft}</span>
        }
        .into_any(),
        None => view! { <span class="chat-row__line" dir="auto">{last_line(texts, &conversation)}</span> }.into_any(),
    };
    view! {
        <li>
            <a class="chat-row" class:chat-row--unread=unread != 0 class:chat-row--muted=muted
                href=format!("/chat/{key}") aria-current=(here == Some(key)).then_some("page")>
                {face(texts, &conversation, name.clone())}
                <span class="chat-row__name" dir="auto">
                    {name}
                    {muted.then(|| view! { <span class="chat-row__muted"><Icon glyph=Glyph::MUTED/><span class="visually-hidden">{texts.chat_muted()}</span></span> })}
                </span>
                <span class="chat-row__time"><ShortTime at/></span>
                {line}
                {(unread > 0).then(|| view! { <Count unread quiet=muted/> })}
            </a>
        </li>
    }
    .into_any()
}

/// Unread messages, as a number and in words.
#[component]
pub fn Count(unread: usize, #[prop(optional)] quiet: bool) -> impl IntoView {
    let shown = if unread > 99 { "99+".to_owned() } else { unread.to_string() };
    view! {
        <span class="count" class:count--quiet=quiet>
            <span aria-hidden="true">{shown}</span>
            <span class="visually-hidden">{texts().chat_unread(unread)}</span>
        </span>
    }
    .into_any()
}

/// A person's letter with their presence, or a group's sign.
pub(super) fn face(texts: Texts, conversation: &Conversation, name: String) -> AnyView {
    if conversation.kind == ConversationKind::Group {
        return view! { <span class="avatar avatar--group" aria-hidden="true"><Icon glyph=Glyph::PEOPLE/></span> }.into_any();
    }
    let image = conversation.people.first().and_then(|member| member.user.profile_image.clone());
    let shown = conversation.people.first().filter(|member| member.shows_presence);
    let online = shown.is_some_and(|member| member.is_online).then_some("");
    view! {
        <span class="face" data-user=shown.map(|member| member.user.id.to_string()) data-online=online>
            <Avatar name image/>
            <span class="face__online"><span class="visually-hidden">{texts.chat_online()}</span></span>
        </span>
    }
    .into_any()
}

/// The last message in one line, with who said it where that is not plain.
pub(super) fn last_line(texts: Texts, conversation: &Conversation) -> String {
    let Some(message) = &conversation.last_message else {
        return texts.chat_nothing_said().to_owned();
    };
    let words = if message.is_unsent { texts.chat_unsent() } else { &message.content };
    let me = page().viewer.as_ref().map(|viewer| viewer.id);
    if me == Some(message.sender.id) {
        return texts.chat_you_said(words);
    }
    match conversation.kind {
        ConversationKind::Direct => words.to_owned(),
        ConversationKind::Group => texts.chat_said(&message.sender.username, words),
    }
}
