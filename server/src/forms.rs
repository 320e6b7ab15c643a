//! Plain forms: everything a page can do works without script, through the same verbs.
//!
//! A form that is refused gives its own page back, with what was typed and each mistake beside its
//! field; one that succeeds redirects, so that a reload repeats nothing.

mod accounts;
mod communities;
mod conversation;
mod conversation_message;
mod new_conversation;
mod notifications;
mod own_settings;
mod pictures;
mod posts;
mod profiles;
mod room;
mod settings;

use std::collections::BTreeMap;

use app::page::FormEcho;
use axum::extract::rejection::FormRejection;
use axum::extract::{DefaultBodyLimit, FromRequest, Request};
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use domain::Caller;
use wire::accounts::safe_next;
use wire::{ErrorCode, Problem};

use crate::pages::{Asked, encode};
use crate::refusal::Refusal;
use crate::state::AppState;
use crate::uploads::{Files, UPLOAD_LIMIT, Upload, is_upload, within_limit};

pub(crate) fn routes() -> Router<AppState> {
    let page = crate::pages::page_or_file;
    with_pictures()
        .route("/login", post(accounts::sign_in).get(page))
        .route("/signup", post(accounts::sign_up).get(page))
        .route("/register", post(accounts::sign_up).get(page))
        .route("/password/reset", post(accounts::ask_reset).get(page))
        .route("/password/reset/{token}", post(accounts::reset).get(accounts::reset_page))
        .route("/logout", post(accounts::sign_out))
        .route("/feed/new", get(crate::pages::whats_new))
        .route("/u/{username}/card", get(crate::pages::card))
        .route("/u/{username}/{verb}", post(profiles::act).get(page))
        .route("/settings/profile", post(own_settings::profile).get(page))
        .route("/settings/privacy", post(own_settings::privacy).get(page))
        .route("/settings/privacy/{verb}", post(own_settings::let_in))
        .route("/settings/account/export", get(crate::export::download))
        .route("/settings/account/{verb}", post(own_settings::account))
        .route("/settings/sessions/revoke", post(settings::revoke))
        .route("/settings/appearance", post(settings::appearance).get(page))
        .route("/posts/preview", post(posts::preview))
        .route("/posts/{slug}/comments/{comment}", get(page))
        .route("/posts/{slug}/comments/{comment}/{verb}", post(posts::act_on_comment))
        .route("/chat/pane", get(crate::pages::part))
        .route("/chat/switch", get(crate::pages::part))
        .route("/chat/mentions", get(crate::pages::part))
        .route("/chat/new", post(new_conversation::start).get(page))
        .route("/chat/requests", get(page))
        .route("/chat/{key}", post(room::post_message).get(page))
        .route("/chat/{key}/details", get(page))
        .route("/chat/{key}/{verb}", post(conversation::act))
        .route("/chat/{key}/messages/{message}", get(page))
        .route("/chat/{key}/messages/{message}/{verb}", post(conversation_message::act))
        .route("/notifications/read", post(notifications::read))
        .route("/settings/notifications", post(notifications::choose).get(page))
        .route("/settings/notifications/devices", post(notifications::device))
        .route("/unsubscribe/{token}", post(notifications::unsubscribe).get(page))
        .route("/c/{slug}/join/{token}", post(communities::join_by_link).get(page))
}

/// Forms that may be as long as a picture.
fn with_pictures() -> Router<AppState> {
    let page = crate::pages::page_or_file;
    Router::new()
        .route("/settings/profile/{picture}", post(own_settings::picture).get(page))
        .route("/posts/new", post(posts::begin).get(page))
        .route("/posts/{slug}/{verb}", post(posts::act).get(page))
        .route("/communities/new", post(communities::create).get(page))
        .route("/c/{slug}/{verb}", post(communities::act).get(page))
        .layer(DefaultBodyLimit::max(UPLOAD_LIMIT))
}

/// The fields of a form by name; an absent one reads as empty.
#[derive(Debug, Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    pub(crate) fn get(&self, name: &str) -> &str {
        self.all(name).last().unwrap_or("")
    }

    /// Every value of a field that may be there more than once.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.get(name).to_owned()
    }

    /// Puts a value in the place of those that were sent.
    pub(crate) fn put(&mut self, name: &str, value: String) {
        self.0.retain(|(key, _)| key != name);
        self.0.push((name.to_owned(), value));
    }

    /// What a page gives back: these fields and no other, so that a secret is never among them.
    pub(crate) fn echo(&self, names: &[&str]) -> BTreeMap<String, String> {
        names.iter().map(|name| ((*name).to_owned(), self.text(name))).collect()
    }
}

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let form = Form::<Vec<(String, String)>>::from_request(request, state).await;
        form.map(|Form(pairs)| Self(pairs)).map_err(refusal)
    }
}

/// What a form of either kind holds: its fields and its files.
async fn read(request: Request, state: &AppState) -> Result<(Fields, Files), Refusal> {
    if is_upload(request.headers()) {
        let Upload { fields, files } = Upload::from_request(request, state).await?;
        return Ok((Fields(fields.into_iter().collect()), files));
    }
    Ok((Fields::from_request(within_limit(request), state).await?, Files::new()))
}

fn refusal(rejection: FormRejection) -> Refusal {
    let code = match rejection.status().as_u16() {
        413 => ErrorCode::TooLarge,
        415 => ErrorCode::UnsupportedMediaType,
        _ => ErrorCode::BadRequest,
    };
    Refusal(Problem::new(code, rejection.body_text()))
}

/// A form of a member's, with everything its handler needs.
struct Sent {
    asked: Asked,
    caller: Caller,
    fields: Fields,
    files: Files,
    /// Whether the page's script sent it, which wants no page back.
    by_script: bool,
}

/// Reads a form that only members send; the answer for everybody else is the way to sign in.
async fn open(state: &AppState, request: Request) -> Result<Sent, Box<Response>> {
    let asked = Asked::of(state, &request)
        .ok_or_else(|| Box::new(StatusCode::INTERNAL_SERVER_ERROR.into_response()))?;
    let accepted = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let by_script = accepted.is_some_and(|types| types.starts_with("application/json"));
    let caller = match asked.visit.caller() {
        Ok(caller) => caller.clone(),
        Err(refusal) if by_script => return Err(Box::new(refusal.into_response())),
        Err(_) => return Err(Box::new(signed_out(asked, state, request).await)),
    };
    let read = read(request, state).await;
    let (fields, files) = read.map_err(|refusal| Box::new(refusal.into_response()))?;
    Ok(Sent { asked, caller, fields, files, by_script })
}

/// The way to sign in, and back to the page; what was written there goes along.
async fn signed_out(asked: Asked, state: &AppState, request: Request) -> Response {
    let page = page_of(request.uri().path());
    let (fields, _) = read(request, state).await.unwrap_or_default();
    let content = fields.get("content");
    let next = match content {
        "" => page,
        text => format!("{page}?text={}", encode(text)),
    };
    let door = format!("/login?next={}", encode(&next));
    let Some(uri) = door.parse().ok().filter(|_| !content.is_empty()) else {
        return Redirect::to(&door).into_response();
    };
    let problem = Problem::new(ErrorCode::NotAuthenticated, "");
    let notice = Some(asked.texts().auth_text_is_kept().to_owned());
    let echo = FormEcho { values: fields.echo(&["content"]), issues: Vec::new(), notice };
    asked.refuse(uri, echo, &problem).await
}

fn nothing_here() -> Refusal {
    Refusal::new(ErrorCode::NotFound, "There is nothing at this address.")
}

/// The page that holds the form of an address: `/chat/<key>`, whatever stands behind it.
fn page_of(path: &str) -> String {
    // One of these is a page itself.
    if path == "/posts/new" || (path.starts_with("/posts/") && path.ends_with("/edit")) {
        return path.to_owned();
    }
    path.split('/').take(3).collect::<Vec<_>>().join("/")
}

impl Sent {
    /// Back to a page, or nothing for a script.
    fn done(&self, next: &str) -> Response {
        if self.by_script {
            return StatusCode::NO_CONTENT.into_response();
        }
        onwards(next, "/chat")
    }

    /// The page that holds the form again, with what was typed into `kept` and the reason.
    async fn refuse(self, page: &str, kept: &[&str], problem: Problem) -> Response {
        let Ok(uri) = page.parse() else { return Refusal(problem).into_response() };
        // What is not there has no page to go back to.
        if self.by_script || problem.code == ErrorCode::NotFound {
            return Refusal(problem).into_response();
        }
        let notice = self.asked.words_of(&problem);
        self.show_again(uri, kept, problem, notice).await
    }

    async fn show_again(
        self,
        page: Uri,
        kept: &[&str],
        problem: Problem,
        notice: String,
    ) -> Response {
        let mut names = vec!["form"];
        names.extend(kept);
        let values = self.fields.echo(&names);
        let echo = FormEcho { values, issues: Vec::new(), notice: Some(notice) };
        self.asked.refuse(page, echo, &problem).await
    }
}

/// On to where the form says, if that is a page of ours.
fn onwards(next: &str, fallback: &str) -> Response {
    Redirect::to(safe_next(next, fallback)).into_response()
}
