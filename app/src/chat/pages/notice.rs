//! What stands in the way of a conversation: a request on either side, or a block.

use leptos::prelude::*;
use wire::conversations::{Conversation, REQUEST_MESSAGES, RequestState};

use super::name_of;
use super::requests::Answers;
use crate::text::texts;

#[component]
pub(super) fn Notice(conversation: Conversation) -> impl IntoView {
    let texts = texts();
    let name = name_of(texts, &conversation);
    let id = conversation.id.to_string();
    let words = match conversation.request {
        _ if conversation.is_blocked => Some(view! { <Blocked id name/> }.into_any()),
        RequestState::Accepted => None,
        RequestState::Sent => {
            let limit = usize::try_from(REQUEST_MESSAGES).unwrap_or(0);
            Some(view! { <p>{texts.chat_request_sent(limit, name)}</p> }.into_any())
        }
        RequestState::Received => Some(
            view! {
                <p><b>{texts.chat_request_from(name)}</b> " " {texts.chat_request_why()}</p>
                <Answers id/>
            }
            .into_any(),
        ),
    };
    view! { <div class="chat-notice" id="chat-notice">{words}</div> }.into_any()
}

#[component]
fn Blocked(id: String, name: String) -> impl IntoView {
    let texts = texts();
    view! {
        <p>{texts.chat_blocked(name)}</p>
        <form method="post" action=format!("/chat/{id}/unblock")>
            <button class="button button--quiet">{texts.chat_unblock()}</button>
        </form>
    }
    .into_any()
}
