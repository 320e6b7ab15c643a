//! `/api/auth/password/…`: a new password.

use app::text::texts_in;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::{Extension, Json};
use domain::accounts::{change_password, request_password_reset, reset_password};
use serde::Deserialize;
use utoipa::ToSchema;

use super::Body;
use super::shapes::Done;
use crate::identify::Visit;
use crate::pages::{choices, reset_words};
use crate::refusal::Refusal;
use crate::state::AppState;

#[derive(Deserialize, ToSchema)]
pub(super) struct ChangeBody {
    #[serde(default)]
    #[schema(required = true)]
    current_password: String,
    #[serde(default)]
    #[schema(required = true)]
    new_password: String,
}

/// Change the password.
///
/// Every other session ends, this one stays.
#[utoipa::path(post, path = "/api/auth/password/change", tag = "accounts",
    request_body = ChangeBody, responses((status = 200, body = Done)))]
pub(super) async fn change(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    Body(body): Body<ChangeBody>,
) -> Result<Json<Done>, Refusal> {
    let (current, new) = (&body.current_password, &body.new_password);
    change_password(&state.services, visit.caller()?, current, new).await?;
    Ok(Json(Done::saying("The password has been changed.")))
}

#[derive(Deserialize, ToSchema)]
pub(super) struct ResetBody {
    #[serde(default)]
    #[schema(required = true, example = "ada@example.org")]
    email: String,
}

/// Ask for a mail that lets its reader choose a new password.
///
/// The answer is the same whether the address is anybody's. The mail is in the language of
/// `Accept-Language`.
#[utoipa::path(post, path = "/api/auth/password/reset", tag = "accounts", security(()),
    request_body = ResetBody, responses((status = 200, body = Done)))]
pub(super) async fn reset(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    headers: HeaderMap,
    Body(body): Body<ResetBody>,
) -> Result<Json<Done>, Refusal> {
    let words = reset_words(texts_in(choices(&state, &headers).1));
    request_password_reset(&state.services, &body.email, words, &visit.origin).await?;
    Ok(Json(Done::saying("If the address belongs to an account, a mail is on its way.")))
}

#[derive(Deserialize, ToSchema)]
pub(super) struct ConfirmBody {
    /// From the mail; good once, for an hour.
    #[serde(default)]
    #[schema(required = true)]
    token: String,
    #[serde(default)]
    #[schema(required = true)]
    new_password: String,
}

/// Choose a new password with the token of a mail.
///
/// Every session of the account ends.
#[utoipa::path(post, path = "/api/auth/password/reset/confirm", tag = "accounts", security(()),
    request_body = ConfirmBody, responses((status = 200, body = Done)))]
pub(super) async fn confirm(
    State(state): State<AppState>,
    Body(body): Body<ConfirmBody>,
) -> Result<Json<Done>, Refusal> {
    reset_password(&state.services, &body.token, &body.new_password).await?;
    Ok(Json(Done::saying("The password has been changed. Sign in with the new one.")))
}
