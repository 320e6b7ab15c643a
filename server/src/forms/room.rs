//! A message from the composer's plain form.

use app::page::FormEcho;
use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::chat;
use wire::chat::Draft;
use wire::{ConversationKey, Problem};

use super::{Fields, onwards};
use crate::pages::Asked;
use crate::state::AppState;

/// Back to the room's end, or the same page with the text and the reason.
pub(super) async fn post_message(State(state): State<AppState>, request: Request) -> Response {
    let Some(asked) = Asked::of(&state, &request) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let Some(caller) = asked.visit.caller.clone() else {
        return Redirect::to("/login?next=/chat/global").into_response();
    };
    let uri = request.uri().clone();
    let fields = match Fields::from_request(request, &state).await {
        Ok(fields) => fields,
        Err(refusal) => return refusal.into_response(),
    };
    let draft = Draft {
        conversation: ConversationKey::Global,
        // The page gives each composer an id, so that a double click is one message.
        client_id: fields.get("client_id").parse().unwrap_or_default(),
        content: fields.text("content").replace("\r\n", "\n"),
        reply_to: None,
    };
    match chat::post_message(&state.services, &caller, draft).await {
        Ok(_) => onwards("/chat/global#latest", "/chat/global"),
        Err(error) => {
            let problem = Problem::from(error);
            let values = fields.echo(&["content", "client_id"]);
            let echo = FormEcho {
                values,
                issues: Vec::new(),
                notice: Some(asked.words_for(problem.code)),
            };
            asked.refuse(uri, echo, &problem).await
        }
    }
}
