//! What can be done about somebody from their profile: one form each, one address each.

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::people;
use domain::profiles;
use wire::Problem;
use wire::accounts::safe_next;
use wire::conversations::Target;
use wire::people::{Report, ReportKind, ReportReason};

use super::conversation::reason;
use super::{Sent, nothing_here, open};
use crate::pages::encode;
use crate::refusal::Refusal;
use crate::state::AppState;

/// Back to the page that the form names, or to the profile.
pub(super) async fn act(
    State(state): State<AppState>,
    Path((username, verb)): Path<(String, String)>,
    request: Request,
) -> Response {
    let sent = match open(&state, request).await {
        Ok(sent) => sent,
        Err(answer) => return *answer,
    };
    match done(&state, &sent, &username, &verb).await {
        Ok(next) => Redirect::to(&next).into_response(),
        Err(problem) => Refusal(problem).into_response(),
    }
}

async fn done(
    state: &AppState,
    sent: &Sent,
    username: &str,
    verb: &str,
) -> Result<String, Problem> {
    let (services, caller) = (&state.services, &sent.caller);
    let them = || Target::Username(username.to_owned());
    let profile = format!("/u/{}", encode(username));
    let mut next = safe_next(sent.fields.get("next"), &profile).to_owned();
    match verb {
        "follow" => {
            profiles::follow(services, caller, username).await?;
        }
        "unfollow" => {
            profiles::unfollow(services, caller, username).await?;
        }
        "mute" => people::mute(services, caller, &them()).await?,
        "unmute" => people::unmute(services, caller, &them()).await?,
        "block" => {
            people::block(services, caller, &them()).await?;
            // There is no profile to go back to.
            next = "/settings/privacy?done=block".into();
        }
        "report" => {
            report(state, sent, username).await?;
            next = format!("{profile}?reported=1");
        }
        _ => return Err(nothing_here().0),
    }
    Ok(ascii(&next))
}

async fn report(state: &AppState, sent: &Sent, username: &str) -> Result<(), Problem> {
    let profile = profiles::profile(&state.services, Some(&sent.caller), username).await?;
    let reason = reason(&sent.fields)?.unwrap_or(ReportReason::Other);
    let report = Report { kind: ReportKind::User, id: profile.user.id.0, reason, note: None };
    Ok(people::report(&state.services, &sent.caller, &report).await?)
}

/// A header holds no letters beyond ASCII; what was escaped stays so.
fn ascii(address: &str) -> String {
    let escaped = |c: char| if c.is_ascii() { c.to_string() } else { encode(&c.to_string()) };
    address.chars().map(escaped).collect()
}
