//! `/api/auth/user/` and `/api/auth/users/`: oneself, and others.

#![allow(
    unused_qualifications,
    reason = "what describes an operation repeats the names of its shapes"
)]

use axum::extract::{FromRequest, Request, State};
use axum::http::Uri;
use axum::{Extension, Json};
use domain::Caller;
use domain::accounts::{change_own_account, own_account};
use domain::people::{change_privacy, page_of_people, privacy};
use domain::profiles::{change_links, remove_picture, set_picture};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use wire::accounts::OwnChanges;
use wire::media::PictureKind;
use wire::people::{PrivacyChange, WhoCanMessage};
use wire::profiles::ProfileLink;

use super::Body;
use super::paging::{Page, Paging, PagingQuery, query_value};
use super::shapes::{CurrentUser, User};
use crate::identify::Visit;
use crate::refusal::Refusal;
use crate::state::AppState;
use crate::uploads::{Upload, is_upload, within_limit};

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
    /// Shown on the profile, in place of those before; at most five.
    links: Option<Vec<LinkBody>>,
    /// Whether others see that one is here, and when one was.
    show_presence: Option<bool>,
    show_read_receipts: Option<bool>,
    /// `everyone`, `following` or `nobody`.
    #[schema(value_type = Option<String>)]
    who_can_message: Option<WhoCanMessage>,
}

#[derive(Deserialize, ToSchema)]
pub(super) struct LinkBody {
    /// The host where it is left out.
    #[serde(default)]
    label: String,
    url: String,
}

impl From<LinkBody> for ProfileLink {
    fn from(LinkBody { label, url }: LinkBody) -> Self {
        Self { label, url, proved_at: None }
    }
}

/// The same with files.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only described")]
pub(super) struct ChangesForm {
    email: Option<String>,
    current_password: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    bio: Option<String>,
    /// JPEG, PNG, WebP or GIF, at most 10 MB; an empty text takes the picture away. `crop_x`, `crop_y`,
    /// `crop_width` and `crop_height` say which part of it, in pixels.
    #[schema(value_type = Option<String>, format = Binary)]
    image: Option<Vec<u8>>,
    /// As `image`, over the profile.
    #[schema(value_type = Option<String>, format = Binary)]
    banner: Option<Vec<u8>>,
}

/// Change one's own account.
///
/// Fields that only the server sets are ignored.
#[utoipa::path(patch, path = "/api/auth/user", tag = "accounts",
    request_body(content((ChangesBody = "application/json"), (ChangesForm = "multipart/form-data"))), responses((status = 200, body = CurrentUser)))]
pub(super) async fn change_current_user(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    request: Request,
) -> Result<Json<CurrentUser>, Refusal> {
    let caller = visit.caller()?;
    if is_upload(request.headers()) {
        return change_by_form(&state, caller, Upload::from_request(request, &()).await?).await;
    }
    let Body(body) = Body::<ChangesBody>::from_request(within_limit(request), &()).await?;
    let ChangesBody { email, first_name, last_name, bio, current_password, links, .. } = body;
    let changes = OwnChanges { email, first_name, last_name, bio, current_password };
    if let Some(links) = links {
        let links: Vec<_> = links.into_iter().map(ProfileLink::from).collect();
        change_links(&state.services, caller, &links).await?;
    }
    let own = change_own_account(&state.services, caller, &changes).await?;
    let change = PrivacyChange {
        show_presence: body.show_presence,
        show_read_receipts: body.show_read_receipts,
        who_can_message: body.who_can_message,
    };
    let privacy = change_privacy(&state.services, caller, change).await?;
    Ok(Json(CurrentUser::new(own, privacy)))
}

/// A form with files: its texts, then its pictures. What it does not name stays.
async fn change_by_form(
    state: &AppState,
    caller: &Caller,
    upload: Upload,
) -> Result<Json<CurrentUser>, Refusal> {
    let text = |name: &str| upload.fields.get(name).cloned();
    let changes = OwnChanges {
        email: text("email"),
        first_name: text("first_name"),
        last_name: text("last_name"),
        bio: text("bio"),
        current_password: text("current_password"),
    };
    change_own_account(&state.services, caller, &changes).await?;
    for (name, kind) in [("image", PictureKind::Avatar), ("banner", PictureKind::Banner)] {
        if let Some(file) = upload.files.get(name) {
            set_picture(&state.services, caller, kind, file.clone(), upload.crop()).await?;
        } else if upload.fields.get(name).is_some_and(String::is_empty) {
            remove_picture(&state.services, caller, kind).await?;
        }
    }
    current(state, caller).await.map(Json)
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
