//! `/api/auth/user/` and `/api/auth/users/`: oneself, and others.

#![allow(
    unused_qualifications,
    reason = "what describes an operation repeats the names of its shapes"
)]

use axum::extract::State;
use axum::http::Uri;
use axum::{Extension, Json};
use domain::Caller;
use domain::accounts::{change_own_account, own_account};
use domain::people::{change_privacy, page_of_people, privacy};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use wire::accounts::OwnChanges;
use wire::people::{PrivacyChange, WhoCanMessage};

use super::Body;
use super::paging::{Page, Paging, PagingQuery, query_value};
use super::shapes::{CurrentUser, User};
use crate::identify::Visit;
use crate::refusal::Refusal;
use crate::state::AppState;

/// Look at one's own account.
#[utoipa::path(get, path = "/api/auth/user", tag = "accounts",
    responses((status = 200, body = CurrentUser)))]
pub(super) async fn current_user(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
) -> Result<Json<CurrentUser>, Refusal> {
    current(&state, visit.caller()?).await.map(Json)
}

/// The caller's account with what they show of themselves.
pub(super) async fn current(state: &AppState, caller: &Caller) -> Result<CurrentUser, Refusal> {
    let own = own_account(&state.services, caller).await?;
    Ok(CurrentUser::new(own, privacy(&state.services, caller).await?))
}

/// What is absent stays as it is.
#[derive(Deserialize, ToSchema)]
pub(super) struct ChangesBody {
    /// Empty takes it away. Another one takes `current_password`.
    email: Option<String>,
    current_password: Option<String>,
    /// At most 150 characters, as `last_name`.
    first_name: Option<String>,
    last_name: Option<String>,
    /// At most 1000 characters.
    bio: Option<String>,
    /// Whether others see that one is here, and when one was.
    show_presence: Option<bool>,
    show_read_receipts: Option<bool>,
    /// `everyone`, `following` or `nobody`.
    #[schema(value_type = Option<String>)]
    who_can_message: Option<WhoCanMessage>,
}

/// Change one's own account.
///
/// Fields that only the server sets are ignored.
#[utoipa::path(patch, path = "/api/auth/user", tag = "accounts",
    request_body = ChangesBody, responses((status = 200, body = CurrentUser)))]
pub(super) async fn change_current_user(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    Body(body): Body<ChangesBody>,
) -> Result<Json<CurrentUser>, Refusal> {
    let caller = visit.caller()?;
    let ChangesBody { email, first_name, last_name, bio, current_password, .. } = body;
    let changes = OwnChanges { email, first_name, last_name, bio, current_password };
    let own = change_own_account(&state.services, caller, &changes).await?;
    let change = PrivacyChange {
        show_presence: body.show_presence,
        show_read_receipts: body.show_read_receipts,
        who_can_message: body.who_can_message,
    };
    let privacy = change_privacy(&state.services, caller, change).await?;
    Ok(Json(CurrentUser::new(own, privacy)))
}

/// For the documentation.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only described")]
pub(super) struct SearchQuery {
    /// The beginning of a username, in any case.
    search: Option<String>,
}

/// Find people by their username.
///
/// Twenty a page, by name, without oneself.
#[utoipa::path(get, path = "/api/auth/users", tag = "accounts", params(SearchQuery, PagingQuery),
    responses((status = 200, body = Page<User>)))]
pub(super) async fn users(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    paging: Paging<20>,
    uri: Uri,
) -> Result<Json<Page<User>>, Refusal> {
    let search = query_value(&uri, "search").unwrap_or_default();
    let (skip, size) = (paging.skip(), paging.size());
    let caller = visit.caller()?;
    let (people, count) = page_of_people(&state.services, caller, &search, skip, size).await?;
    let found = people.into_iter().map(User::from).collect();
    paging.page(&state.config.public_url, count, found).map(Json)
}
