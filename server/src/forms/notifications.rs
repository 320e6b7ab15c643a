//! What was seen, what one wants to hear of, and where.

use app::content::Content;
use app::notifications::NotificationContent;
use app::page::FormEcho;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::notifications;
use wire::notifications::{Digest, NewsChoice, NewsChoices, NewsKind};

use super::{Sent, nothing_here, onwards, open};
use crate::pages::Asked;
use crate::refusal::Refusal;
use crate::state::AppState;

const LIST: &str = "/notifications";
const SETTINGS: &str = "/settings/notifications";

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

/// Each kind where it is ticked, and nowhere else; and how often there is a letter.
pub(super) async fn choose(State(state): State<AppState>, request: Request) -> Response {
    let sent = match open(&state, request).await {
        Ok(sent) => sent,
        Err(answer) => return *answer,
    };
    match keep(&state, &sent).await {
        Ok(()) => onwards("/settings/notifications?saved=1", LIST),
        Err(refusal) => refusal.into_response(),
    }
}

async fn keep(state: &AppState, sent: &Sent) -> Result<(), Refusal> {
    let (services, caller, fields) = (&state.services, &sent.caller, &sent.fields);
    let ticked =
        |column: &str, kind: NewsKind| fields.all(column).any(|word| word == kind.as_str());
    let choice = |kind| NewsChoice {
        on_site: ticked("on_site", kind),
        by_push: ticked("by_push", kind),
        by_mail: ticked("by_mail", kind),
    };
    let wanted: NewsChoices = NewsKind::ALL.into_iter().map(|kind| (kind, choice(kind))).collect();
    notifications::choose(services, caller, &wanted).await?;
    if let Some(every) = Digest::from_word(fields.get("digest")) {
        let language = sent.asked.language().code();
        notifications::choose_digest(services, caller, every, language).await?;
    }
    Ok(())
}

/// One of the caller's browsers: tried out, or pushed to no more.
pub(super) async fn device(State(state): State<AppState>, request: Request) -> Response {
    let sent = match open(&state, request).await {
        Ok(sent) => sent,
        Err(answer) => return *answer,
    };
    match act_on_device(&state, &sent).await {
        Ok(next) => onwards(next, SETTINGS),
        Err(refusal) => refusal.into_response(),
    }
}

async fn act_on_device(state: &AppState, sent: &Sent) -> Result<&'static str, Refusal> {
    let (services, caller, fields) = (&state.services, &sent.caller, &sent.fields);
    let id = fields.get("device").parse().map_err(|_| nothing_here())?;
    match fields.get("do") {
        "try" => {
            notifications::try_device(services, caller, id).await?;
            Ok("/settings/notifications?tried=1#devices")
        }
        "remove" => {
            notifications::remove_device(services, caller, id).await?;
            Ok("/settings/notifications#devices")
        }
        _ => Err(nothing_here()),
    }
}

/// Ends somebody's letters. Their mail program may ask for it by itself (RFC 8058) and follows no redirect; the
/// token of the letter is all the proof there is.
pub(super) async fn unsubscribe(
    State(state): State<AppState>,
    Path(token): Path<String>,
    request: Request,
) -> Response {
    let Some(asked) = Asked::of(&state, &request) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    if let Err(error) = notifications::unsubscribe(&state.services, &token).await {
        return Refusal::from(error).into_response();
    }
    let uri = request.uri().clone();
    let done = |content: &mut Content| {
        let done = NotificationContent::Unsubscribe { is_done: true };
        *content = Content::Notifications(Box::new(done));
    };
    asked.render_with(uri, FormEcho::default(), StatusCode::OK, done).await
}
