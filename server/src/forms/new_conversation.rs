//! Writing to somebody, or making a group, from `/chat/new`.

use axum::extract::{Request, State};
use axum::response::Response;
use domain::chat::{self, ChatError};
use wire::conversations::Target;
use wire::{ConversationId, Problem};

use super::{Sent, open};
use crate::pages::encode;
use crate::state::AppState;

/// On to the conversation, or the page again with who was picked and the reason.
pub(super) async fn start(State(state): State<AppState>, request: Request) -> Response {
    let sent = match open(&state, request).await {
        Ok(sent) => sent,
        Err(answer) => return *answer,
    };
    let started = match sent.fields.get("username") {
        "" => group(&state, &sent).await,
        name => direct(&state, &sent, name.to_owned()).await,
    };
    match started {
        Ok(id) => sent.done(&format!("/chat/{id}")),
        Err(problem) => {
            let page = again(&sent);
            sent.refuse(&page, &[], problem).await
        }
    }
}

async fn direct(state: &AppState, sent: &Sent, name: String) -> Result<ConversationId, Problem> {
    let target = Target::Username(name);
    match chat::start_direct(&state.services, &sent.caller, &target).await {
        Ok(started) => Ok(started.into_conversation().id),
        Err(ChatError::NotFound) => {
            Err(Problem::field("username", sent.asked.texts().chat_nobody_called()))
        }
        Err(error) => Err(error.into()),
    }
}

async fn group(state: &AppState, sent: &Sent) -> Result<ConversationId, Problem> {
    let texts = sent.asked.texts();
    let names: Vec<_> = sent.fields.all("with").map(|name| Target::Username(name.into())).collect();
    if names.is_empty() {
        return Err(Problem::field("with", texts.chat_group_needs_people()));
    }
    let title = sent.fields.get("title");
    match chat::create_group(&state.services, &sent.caller, title, &names).await {
        Ok(group) => Ok(group.id),
        Err(ChatError::Invalid { field: "title", .. }) => {
            Err(Problem::field("title", texts.chat_group_needs_name()))
        }
        Err(ChatError::NotFound) => Err(Problem::field("with", texts.chat_nobody_called())),
        Err(error) => Err(error.into()),
    }
}

/// The page as it was, with everybody who had been picked.
fn again(sent: &Sent) -> String {
    let (query, title) = (sent.fields.get("q"), sent.fields.get("title"));
    let picked = sent.fields.all("with").map(|name| ("with", name));
    let pairs = [("q", query), ("title", title)].into_iter().chain(picked);
    let pairs: Vec<_> = pairs.map(|(name, value)| format!("{name}={}", encode(value))).collect();
    format!("/chat/new?{}", pairs.join("&"))
}
