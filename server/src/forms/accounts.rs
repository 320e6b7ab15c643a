//! Signing up, in and out from a page.

use app::page::FormEcho;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use domain::accounts::{self, AccountError, Chain, SignedIn};
use wire::Problem;
use wire::accounts::{Field, FieldIssue, SignInForm, SignUpForm};

use super::{Fields, onwards};
use crate::cookies;
use crate::pages::{Asked, page_or_file, reset_words};
use crate::refusal::Refusal;
use crate::state::AppState;

const HOME: &str = "/chat/global";
const ACCOUNT: &str = "/settings/account";

pub(super) async fn sign_up(State(state): State<AppState>, request: Request) -> Response {
    let (asked, uri, fields) = match open(&state, request).await {
        Ok(opened) => opened,
        Err(answer) => return *answer,
    };
    let form = SignUpForm {
        username: fields.get("username").trim().to_owned(),
        email: fields.text("email"),
        password: fields.text("password"),
        password_confirm: Some(fields.text("password_confirm")),
        next: fields.text("next"),
    };
    let origin = &asked.visit.origin;
    match accounts::sign_up(&state.services, &form, origin, &[Chain::Cookie]).await {
        Ok(signed_in) => welcome(&state, &signed_in, &form.next),
        Err(error) => refuse(asked, uri, error, &fields, &["username", "email", "next"]).await,
    }
}

pub(super) async fn sign_in(State(state): State<AppState>, request: Request) -> Response {
    let device =
        cookies::read(request.headers(), &state.config, cookies::DEVICE).map(str::to_owned);
    let (asked, uri, fields) = match open(&state, request).await {
        Ok(opened) => opened,
        Err(answer) => return *answer,
    };
    let form = SignInForm {
        username: fields.text("username"),
        password: fields.text("password"),
        next: fields.text("next"),
    };
    let origin = &asked.visit.origin;
    let signed_in =
        accounts::sign_in(&state.services, &form, origin, device.as_deref(), &[Chain::Cookie])
            .await;
    match signed_in {
        Ok(signed_in) => {
            let leaves = is_leaving(&state, &signed_in).await;
            welcome(&state, &signed_in, if leaves { ACCOUNT } else { &form.next })
        }
        Err(error) => refuse(asked, uri, error, &fields, &["username", "next"]).await,
    }
}

/// Signing out twice is no mistake.
pub(super) async fn sign_out(State(state): State<AppState>, request: Request) -> Response {
    let asked = Asked::of(&state, &request);
    if let Some(caller) = asked.and_then(|asked| asked.visit.caller)
        && let Err(error) = accounts::sign_out(&state.services, &caller).await
    {
        return Refusal::from(error).into_response();
    }
    let mut response = onwards("/", "/");
    cookies::clear_tokens(response.headers_mut(), &state.config);
    response
}

/// Asks for a mail with a link. What comes next looks the same whoever asked.
pub(super) async fn ask_reset(State(state): State<AppState>, request: Request) -> Response {
    let (asked, uri, fields) = match open(&state, request).await {
        Ok(opened) => opened,
        Err(answer) => return *answer,
    };
    let (email, words) = (fields.get("email"), reset_words(asked.texts()));
    let origin = &asked.visit.origin;
    match accounts::request_password_reset(&state.services, email, words, origin).await {
        Ok(()) => Redirect::to("/password/reset?sent=1").into_response(),
        Err(error) => refuse(asked, uri, error, &fields, &["email"]).await,
    }
}

/// The page behind a mailed link, which says so at once where the link works no more.
pub(super) async fn reset_page(
    State(state): State<AppState>,
    Path(token): Path<String>,
    request: Request,
) -> Response {
    match accounts::is_reset_token(&state.services, &token).await {
        Ok(true) => page_or_file(State(state), request).await,
        Ok(false) => {
            let Some(asked) = Asked::of(&state, &request) else {
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            };
            let uri = request.uri().clone();
            let spent = AccountError::Invalid(vec![(Field::Token, FieldIssue::TokenSpent)]);
            refuse(asked, uri, spent, &Fields::default(), &[]).await
        }
        Err(error) => Refusal::from(error).into_response(),
    }
}

/// Sets the new password, and leads to where it is needed.
pub(super) async fn reset(
    State(state): State<AppState>,
    Path(token): Path<String>,
    request: Request,
) -> Response {
    let (asked, uri, fields) = match open(&state, request).await {
        Ok(opened) => opened,
        Err(answer) => return *answer,
    };
    let new = fields.get("new_password");
    let changed = if new == fields.get("password_confirm") {
        accounts::reset_password(&state.services, &token, new).await
    } else {
        let differs = (Field::PasswordConfirm, FieldIssue::PasswordsDiffer);
        Err(AccountError::Invalid(vec![differs]))
    };
    match changed {
        Ok(()) => onwards("/login", "/login"),
        Err(error) => refuse(asked, uri, error, &fields, &[]).await,
    }
}

async fn open(state: &AppState, request: Request) -> Result<(Asked, Uri, Fields), Box<Response>> {
    let asked = Asked::of(state, &request)
        .ok_or_else(|| Box::new(StatusCode::INTERNAL_SERVER_ERROR.into_response()))?;
    let uri = request.uri().clone();
    let fields = Fields::from_request(request, state).await;
    Ok((asked, uri, fields.map_err(|refusal| Box::new(refusal.into_response()))?))
}

fn welcome(state: &AppState, signed_in: &SignedIn, next: &str) -> Response {
    let mut response = onwards(next, HOME);
    let headers = response.headers_mut();
    if let Some(pair) = signed_in.tokens.first() {
        cookies::set_tokens(headers, &state.config, pair);
    }
    let device = accounts::known_device_token(&state.services, signed_in.caller.user_id);
    cookies::set_for_a_year(headers, &state.config, cookies::DEVICE, &device);
    response
}

/// Whoever has given the account up is led to where it can be taken back.
async fn is_leaving(state: &AppState, signed_in: &SignedIn) -> bool {
    let own = accounts::own_account(&state.services, &signed_in.caller).await;
    own.is_ok_and(|own| own.delete_at.is_some())
}

async fn refuse(
    asked: Asked,
    uri: Uri,
    error: AccountError,
    fields: &Fields,
    kept: &[&str],
) -> Response {
    let issues = error.issues();
    let problem = Problem::from(error);
    let notice = issues.is_empty().then(|| asked.words_of(&problem));
    let echo = FormEcho { values: fields.echo(kept), issues, notice };
    asked.refuse(uri, echo, &problem).await
}
