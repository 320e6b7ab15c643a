//! Settings that are one form each.

use app::page::Theme;
use app::text::Language;
use axum::Extension;
use axum::extract::State;
use axum::response::Response;
use domain::accounts;
use wire::SessionId;

use super::{Fields, onwards};
use crate::cookies;
use crate::identify::Visit;
use crate::refusal::Refusal;
use crate::state::AppState;

const SESSIONS: &str = "/settings/sessions";

/// One device, or all others.
pub(super) async fn revoke(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    fields: Fields,
) -> Result<Response, Refusal> {
    let caller = visit.caller()?;
    if !fields.get("all_others").is_empty() {
        accounts::revoke_other_sessions(&state.services, caller).await?;
        return Ok(onwards(SESSIONS, SESSIONS));
    }
    // An id that is none names no device of the caller's.
    let id: Result<SessionId, _> = fields.get("session_id").parse();
    let id = id.map_err(|_| Refusal::from(accounts::AccountError::NotFound))?;
    accounts::revoke_session(&state.services, caller, id).await?;
    Ok(onwards(SESSIONS, SESSIONS))
}

/// Theme and language, kept in the browser; a word we do not know changes nothing.
pub(super) async fn appearance(State(state): State<AppState>, fields: Fields) -> Response {
    let mut response = onwards(fields.get("next"), "/settings/appearance");
    let headers = response.headers_mut();
    if let Some(theme) = Theme::from_word(fields.get("theme")) {
        cookies::set_for_a_year(headers, &state.config, cookies::THEME, theme.as_str());
    }
    if let Some(language) = Language::from_code(fields.get("language")) {
        cookies::set_for_a_year(headers, &state.config, cookies::LANGUAGE, language.code());
    }
    response
}
