//! Signing up, in and out from a page.

use app::page::FormEcho;
use axum::extract::{FromRequest, Request, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use domain::accounts::{self, AccountError, Chain, SignedIn};
use wire::Problem;
use wire::accounts::{SignInForm, SignUpForm};

use super::{Fields, onwards};
use crate::cookies;
use crate::pages::Asked;
use crate::refusal::Refusal;
use crate::state::AppState;

const HOME: &str = "/chat/global";

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
        Ok(signed_in) => welcome(&state, &signed_in, &form.next),
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

async fn refuse(
    asked: Asked,
    uri: Uri,
    error: AccountError,
    fields: &Fields,
    kept: &[&str],
) -> Response {
    let issues = error.issues();
    let problem = Problem::from(error);
    let notice = issues.is_empty().then(|| asked.words_for(problem.code));
    let echo = FormEcho { values: fields.echo(kept), issues, notice };
    asked.refuse(uri, echo, &problem).await
}
