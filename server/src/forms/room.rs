//! A message from the composer's plain form.

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use domain::chat;
use wire::chat::Draft;
use wire::{ConversationKey, ErrorCode, Problem};

use super::{Sent, open};
use crate::refusal::Refusal;
use crate::state::AppState;

/// Back to the conversation's end, or the same page with the text and the reason.
pub(super) async fn post_message(
    State(state): State<AppState>,
    Path(key): Path<String>,
    request: Request,
) -> Response {
    let Ok(key) = key.parse::<ConversationKey>() else {
        return Refusal::new(ErrorCode::NotFound, "No such conversation.").into_response();
    };
    let sent = match open(&state, request).await {
        Ok(sent) => sent,
        Err(answer) => return *answer,
    };
    let draft = Draft {
        conversation: key,
        // The page gives each composer an id, so that a double click is one message.
        client_id: sent.fields.get("client_id").parse().unwrap_or_default(),
        content: sent.fields.text("content").replace("\r\n", "\n"),
        reply_to: sent.fields.get("reply_to").parse().ok(),
    };
    let page = format!("/chat/{key}");
    match chat::post_message(&state.services, &sent.caller, draft).await {
        Ok(_) => {
            // The message is stored; a draft that stays behind is only untidy.
            let _untidy = chat::keep_draft(&state.services, &sent.caller, key, "").await;
            sent.done(&format!("{page}#latest"))
        }
        Err(error) => {
            let page = answering(&state, &sent, key).await.unwrap_or(page);
            let problem = Problem::from(error);
            // Under an id that another text has taken it would be refused for ever.
            let is_taken = problem.code == ErrorCode::ClientIdConflict;
            let kept = if is_taken { &["content"][..] } else { &["content", "client_id"] };
            sent.refuse(&page, kept, problem).await
        }
    }
}

/// The page on which a refused answer is still an answer.
async fn answering(state: &AppState, sent: &Sent, key: ConversationKey) -> Option<String> {
    let quoted = sent.fields.get("reply_to").parse().ok()?;
    let found = chat::seq_of_message(&state.services, Some(&sent.caller), key, quoted).await;
    found.ok().map(|seq| format!("/chat/{key}?reply={seq}"))
}
