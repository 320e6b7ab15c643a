//! The head of a conversation: with whom, and whether they are there.

use leptos::prelude::*;
use wire::conversations::{Conversation, ConversationKind, Member};
use wire::people::LastSeen;

use super::name_of;
use crate::text::{Texts, texts};
use crate::ui::{Avatar, Glyph, Icon};

#[component]
pub(super) fn RoomHead(conversation: Conversation) -> impl IntoView {
    let texts = texts();
    let name = name_of(texts, &conversation);
    let is_group = conversation.kind == ConversationKind::Group;
    let face = match is_group {
        true => view! { <span class="avatar avatar--group" aria-hidden="true"><Icon glyph=Glyph::PEOPLE/></span> }.into_any(),
        false => {
            let other = conversation.people.first();
            let image = other.and_then(|member| member.user.profile_image.clone());
            view! { <Avatar name=name.clone() image/> }.into_any()
        }
    };
    let details = format!("/chat/{}/details", conversation.id);
    view! {
        <header class="room-header" id="chat-head">
            <BackLink/>
            {face}
            <div class="room-header__words">
                <h1 class="room-header__title" id="room-title" dir="auto">{name}</h1>
                {below(texts, &conversation)}
            </div>
            <a class="room-header__details" href=details aria-label=texts.chat_details() title=texts.chat_details()>
                <Icon glyph=Glyph::INFO/>
            </a>
        </header>
    }
    .into_any()
}

/// Back to the list, where only one of the two is shown.
#[component]
pub(super) fn BackLink() -> impl IntoView {
    view! { <a class="room-header__back" href="/chat" aria-label=texts().chat_back()>"‹"</a> }
        .into_any()
}

fn below(texts: Texts, conversation: &Conversation) -> AnyView {
    if conversation.kind == ConversationKind::Group {
        let members = usize::try_from(conversation.members_count).unwrap_or(0);
        return view! { <p class="room-header__tagline">{texts.chat_members_count(members)}</p> }
            .into_any();
    }
    conversation.people.first().map(|member| presence(texts, member)).into_any()
}

/// In words, with a sign whose shape says the same as its colour.
pub(super) fn presence(texts: Texts, member: &Member) -> Option<AnyView> {
    if !member.shows_presence {
        return None;
    }
    let online = member.is_online.then_some("");
    let before = last_seen(texts, member).map(|words| {
        view! { <span class="presence"><span class="presence__sign" aria-hidden="true"></span>{words}</span> }
    });
    // Both stand there: the script only says which of them is true.
    Some(
        view! {
            <p class="room-header__tagline" data-user=member.user.id.to_string() data-online=online>
                <span class="presence presence--online">
                    <span class="presence__sign" aria-hidden="true"></span>{texts.chat_online()}
                </span>
                {before}
            </p>
        }
        .into_any(),
    )
}

/// Whoever is here will have been seen within the hour when they go.
fn last_seen(texts: Texts, member: &Member) -> Option<&'static str> {
    let last_seen = if member.is_online { Some(LastSeen::Recently) } else { member.last_seen };
    Some(match last_seen? {
        LastSeen::Recently => texts.chat_seen_recently(),
        LastSeen::Today => texts.chat_seen_today(),
        LastSeen::ThisWeek => texts.chat_seen_this_week(),
        LastSeen::LongAgo => texts.chat_seen_long_ago(),
    })
}
