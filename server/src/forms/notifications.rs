//! What was seen, and what one wants to hear of.

use std::collections::BTreeSet;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use domain::notifications;
use wire::notifications::NewsKind;

use super::{Sent, nothing_here, onwards, open};
use crate::refusal::Refusal;
use crate::state::AppState;

const LIST: &str = "/notifications";

/// One entry, where one is named; or all of them.
pub(super) async fn read(State(state): State<AppState>, request: Request) -> Response {
    let sent = match open(&state, request).await {
        Ok(sent) => sent,
        Err(answer) => return *answer,
    };
    match mark(&state, &sent).await {
        Ok(()) => onwards(LIST, LIST),
        Err(refusal) => refusal.into_response(),
    }
}

async fn mark(state: &AppState, sent: &Sent) -> Result<(), Refusal> {
    let (services, caller, fields) = (&state.services, &sent.caller, &sent.fields);
    if fields.get("topic").is_empty() {
        return Ok(notifications::mark_all_read(services, caller).await?);
    }
    let kind = NewsKind::from_word(fields.get("kind")).ok_or_else(nothing_here)?;
    let topic = fields.get("topic").parse().map_err(|_| nothing_here())?;
    Ok(notifications::mark_topic_read(services, caller, kind, topic).await?)
}

/// The kinds that are ticked, and no others.
pub(super) async fn choose(State(state): State<AppState>, request: Request) -> Response {
    let sent = match open(&state, request).await {
        Ok(sent) => sent,
        Err(answer) => return *answer,
    };
    let wanted: BTreeSet<_> = sent.fields.all("kind").filter_map(NewsKind::from_word).collect();
    match notifications::choose(&state.services, &sent.caller, &wanted).await {
        Ok(()) => onwards("/settings/notifications?saved=1", LIST),
        Err(error) => Refusal::from(error).into_response(),
    }
}
