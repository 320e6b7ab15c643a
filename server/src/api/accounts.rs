//! `/api/auth/…`: signing up, in and out, and staying in.

use axum::Extension;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::accounts::{self, Chain, SignedIn, TokenFault};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wire::ErrorCode;
use wire::accounts::{SignInForm, SignUpForm};

use super::shapes::{CurrentUser, Done, User};
use super::{Body, own_account};
use crate::cookies;
use crate::identify::Visit;
use crate::refusal::Refusal;
use crate::state::AppState;

#[derive(Deserialize, ToSchema)]
pub(super) struct SignUpBody {
    /// 2 to 64 letters, digits and `@ . + - _`.
    #[serde(default)]
    #[schema(required = true, example = "ada")]
    username: String,
    /// 8 to 256 characters, and none of the common ones.
    #[serde(default)]
    #[schema(required = true, example = "correct horse battery")]
    password: String,
    /// Compared where it is sent.
    password_confirm: Option<String>,
    email: Option<String>,
}

impl From<SignUpBody> for SignUpForm {
    fn from(body: SignUpBody) -> Self {
        let SignUpBody { username, password, password_confirm, email } = body;
        let email = email.unwrap_or_default();
        Self { username, email, password, password_confirm, ..Self::default() }
    }
}

#[derive(Deserialize, ToSchema)]
pub(super) struct SignInBody {
    /// Or the account's e-mail address.
    #[serde(default)]
    #[schema(required = true, example = "ada")]
    username: String,
    #[serde(default)]
    #[schema(required = true, example = "correct horse battery")]
    password: String,
}

/// Somebody who has just come in: the account's own fields, its short form, and the tokens.
#[derive(Serialize, ToSchema)]
pub(super) struct Welcome {
    #[serde(flatten)]
    own: CurrentUser,
    user: User,
    /// For `Authorization: Bearer`, a quarter of an hour.
    access: String,
    /// For the next pair, once.
    refresh: String,
}

/// Make an account and sign in.
///
/// Tokens for a program; a page of this site gets cookies too.
#[utoipa::path(post, path = "/api/auth/signup", tag = "accounts", security(()),
    request_body = SignUpBody, responses((status = 201, body = Welcome)))]
pub(super) async fn sign_up(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    Body(body): Body<SignUpBody>,
) -> Result<Response, Refusal> {
    let (form, origin) = (SignUpForm::from(body), &visit.origin);
    let signed_in = accounts::sign_up(&state.services, &form, origin, chains(&visit)).await?;
    welcome(&state, &visit, signed_in, StatusCode::CREATED).await
}

/// Make an account and sign in, by the other name of the same thing.
#[utoipa::path(post, path = "/api/auth/register", tag = "accounts", security(()),
    request_body = SignUpBody, responses((status = 201, body = Welcome)))]
pub(super) async fn register(
    state: State<AppState>,
    visit: Extension<Visit>,
    body: Body<SignUpBody>,
) -> Result<Response, Refusal> {
    sign_up(state, visit, body).await
}

/// Sign in.
///
/// One answer, 401, for whatever does not fit.
#[utoipa::path(post, path = "/api/auth/login", tag = "accounts", security(()),
    request_body = SignInBody, responses((status = 200, body = Welcome)))]
pub(super) async fn sign_in(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    headers: HeaderMap,
    Body(body): Body<SignInBody>,
) -> Result<Response, Refusal> {
    let device = cookies::read(&headers, &state.config, cookies::DEVICE);
    let form =
        SignInForm { username: body.username, password: body.password, ..SignInForm::default() };
    let signed_in =
        accounts::sign_in(&state.services, &form, &visit.origin, device, chains(&visit)).await?;
    welcome(&state, &visit, signed_in, StatusCode::OK).await
}

/// Sign out.
///
/// The session ends with its whole family of tokens, and its sockets close.
#[utoipa::path(post, path = "/api/auth/logout", tag = "accounts",
    responses((status = 200, body = Done)))]
pub(super) async fn sign_out(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
) -> Result<Response, Refusal> {
    accounts::sign_out(&state.services, visit.caller()?).await?;
    let mut response = Json(Done::saying("Successfully logged out.")).into_response();
    cookies::clear_tokens(response.headers_mut(), &state.config);
    Ok(response)
}

#[derive(Deserialize, ToSchema)]
pub(super) struct RefreshBody {
    refresh: String,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Tokens {
    access: String,
    refresh: String,
}

/// Get the next pair of tokens.
///
/// A refresh token is spent once; a second use ends its session. Two tabs that come with the same
/// one within ten seconds get the same successor.
#[utoipa::path(post, path = "/api/auth/token/refresh", tag = "accounts", security(()),
    request_body = RefreshBody, responses((status = 200, body = Tokens)))]
pub(super) async fn refresh_tokens(
    State(state): State<AppState>,
    Body(body): Body<RefreshBody>,
) -> Result<Json<Tokens>, Refusal> {
    let refreshed = accounts::refresh(&state.services, &body.refresh).await;
    let signed_in = refreshed.map_err(|fault| match fault {
        TokenFault::Store(error) => error.into(),
        TokenFault::Expired => Refusal::new(ErrorCode::TokenExpired, "The token has expired."),
        _ => Refusal::new(ErrorCode::TokenInvalid, "The token is not valid."),
    })?;
    let pair = signed_in.tokens.into_iter().next().ok_or_else(no_tokens)?;
    Ok(Json(Tokens { access: pair.access, refresh: pair.refresh }))
}

/// Nothing to fetch: cookies need no such token here.
///
/// Kept for clients that ask before they write. What counts is where a request comes from.
#[utoipa::path(get, path = "/api/csrf", tag = "accounts", security(()),
    responses((status = 200, body = Done)))]
pub(super) async fn csrf() -> Json<Done> {
    Json(Done::saying("ok"))
}

fn no_tokens() -> Refusal {
    Refusal::new(ErrorCode::Internal, "Something went wrong on the server.")
}

/// A program's chain always; the browser's only for a page that proves it is ours.
fn chains(visit: &Visit) -> &'static [Chain] {
    if visit.same_origin { &[Chain::Bearer, Chain::Cookie] } else { &[Chain::Bearer] }
}

async fn welcome(
    state: &AppState,
    visit: &Visit,
    signed_in: SignedIn,
    status: StatusCode,
) -> Result<Response, Refusal> {
    let SignedIn { caller, tokens } = signed_in;
    let mut tokens = tokens.into_iter();
    let (bearer, cookie) = (tokens.next().ok_or_else(no_tokens)?, tokens.next());
    let body = Welcome {
        own: own_account::current(state, &caller).await?,
        user: domain::people::person(&state.services, &caller).await?.into(),
        access: bearer.access,
        refresh: bearer.refresh,
    };
    let mut response = (status, Json(body)).into_response();
    if visit.same_origin
        && let Some(cookie) = cookie
    {
        cookies::set_tokens(response.headers_mut(), &state.config, &cookie);
        let device = accounts::known_device_token(&state.services, caller.user_id);
        cookies::set_for_a_year(response.headers_mut(), &state.config, cookies::DEVICE, &device);
    }
    Ok(response)
}
