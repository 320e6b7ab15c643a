//! What can be done with a message. The page's script sends the same forms and wants no page back.

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use domain::{chat, people};
use wire::people::{Report, ReportKind, ReportReason};
use wire::{ConversationKey, MessageId, Problem};

use super::conversation::reason;
use super::{Sent, nothing_here, open};
use crate::state::AppState;

pub(super) async fn act(
    State(state): State<AppState>,
    Path((key, message, verb)): Path<(String, String, String)>,
    request: Request,
) -> Response {
    let (Ok(key), Ok(id)) = (key.parse::<ConversationKey>(), message.parse::<MessageId>()) else {
        return nothing_here().into_response();
    };
    let sent = match open(&state, request).await {
        Ok(sent) => sent,
        Err(answer) => return *answer,
    };
    match change(&state, &sent, key, id, &verb).await {
        Ok(_) if verb == "report" => sent.done(&format!("/chat/{key}/messages/{id}?reported=1")),
        Ok(seq) => sent.done(&format!("/chat/{key}?at={seq}#m{seq}")),
        Err(problem) => {
            let page = format!("/chat/{key}/messages/{id}");
            sent.refuse(&page, &["content"], problem).await
        }
    }
}

/// Answers with the message's number. A message of another conversation is not there.
async fn change(
    state: &AppState,
    sent: &Sent,
    key: ConversationKey,
    id: MessageId,
    verb: &str,
) -> Result<i64, Problem> {
    let (services, caller, fields) = (&state.services, &sent.caller, &sent.fields);
    let seq = chat::seq_of_message(services, Some(caller), key, id).await?;
    match verb {
        "edit" => {
            let content = fields.text("content").replace("\r\n", "\n");
            chat::edit_message(services, caller, id, &content).await?;
        }
        "unsend" => chat::unsend_message(services, caller, id).await?,
        "react" => {
            let is_added = fields.get("on") != "0";
            chat::react(services, caller, id, fields.get("emoji"), is_added).await?;
        }
        "report" => {
            let reason = reason(fields)?.unwrap_or(ReportReason::Other);
            let report = Report { kind: ReportKind::Message, id: id.0, reason, note: None };
            people::report(services, caller, &report).await?;
        }
        _ => return Err(nothing_here().0),
    }
    Ok(seq)
}
