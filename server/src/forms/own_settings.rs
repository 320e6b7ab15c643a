//! One's own profile, privacy and account.

use app::page::FormEcho;
use axum::extract::{FromRequest, Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::Caller;
use domain::accounts::{self, AccountError};
use domain::media::MediaError;
use domain::people::{self, PeopleError};
use domain::profiles;
use wire::accounts::{Field, FieldIssue, OwnChanges};
use wire::conversations::Target;
use wire::media::PictureKind;
use wire::people::{PrivacyChange, WhoCanMessage};
use wire::profiles::{LINKS_MAX, ProfileLink};
use wire::{ErrorCode, Problem};

use super::{Fields, Sent, nothing_here, open, pictures};
use crate::cookies;
use crate::pages::Asked;
use crate::refusal::Refusal;
use crate::state::AppState;
use crate::uploads::{Upload, is_upload};

const PROFILE: &str = "/settings/profile";
const PRIVACY: &str = "/settings/privacy";
const ACCOUNT: &str = "/settings/account";

/// Names, what one says of oneself, and links.
pub(super) async fn profile(State(state): State<AppState>, request: Request) -> Response {
    let sent = match open(&state, request).await {
        Ok(sent) => sent,
        Err(answer) => return *answer,
    };
    let fields = &sent.fields;
    let links: Vec<_> = (0..LINKS_MAX).map(|at| link(fields, at)).collect();
    if let Err(error) = profiles::change_links(&state.services, &sent.caller, &links).await {
        return refuse_links(sent, error).await;
    }
    let changes = OwnChanges {
        first_name: Some(fields.text("first_name")),
        last_name: Some(fields.text("last_name")),
        bio: Some(fields.text("bio").replace("\r\n", "\n")),
        ..OwnChanges::default()
    };
    match accounts::change_own_account(&state.services, &sent.caller, &changes).await {
        Ok(_) => saved(PROFILE),
        Err(error) => refuse(sent, PROFILE, error, &kept_details()).await,
    }
}

fn link(fields: &Fields, at: usize) -> ProfileLink {
    let text = |name: &str| fields.text(&format!("link_{name}_{at}"));
    ProfileLink { label: text("label"), url: text("url"), proved_at: None }
}

fn kept_details() -> Vec<String> {
    let links =
        (0..LINKS_MAX).flat_map(|at| [format!("link_label_{at}"), format!("link_url_{at}")]);
    ["first_name", "last_name", "bio"].map(str::to_owned).into_iter().chain(links).collect()
}

async fn refuse_links(sent: Sent, error: PeopleError) -> Response {
    let words = match &error {
        PeopleError::Invalid { .. } => Some(sent.asked.texts().profiles_links_wrong().to_owned()),
        _ => None,
    };
    again(sent, PROFILE, Vec::new(), words, error.into(), &kept_details()).await
}

/// `/settings/profile/avatar` and `/settings/profile/banner`: another picture, or none.
pub(super) async fn picture(
    State(state): State<AppState>,
    Path(kind): Path<String>,
    request: Request,
) -> Response {
    let kind = match PictureKind::from_word(&kind) {
        Some(kind @ (PictureKind::Avatar | PictureKind::Banner)) => kind,
        _ => return nothing_here().into_response(),
    };
    let Some(asked) = Asked::of(&state, &request) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let caller = match asked.visit.caller() {
        Ok(caller) => caller.clone(),
        Err(_) if is_upload(request.headers()) => return to_the_door(),
        Err(refusal) => return refusal.into_response(),
    };
    if !is_upload(request.headers()) {
        return remove(&state, &caller, kind).await;
    }
    let upload = match Upload::from_request(request, &()).await {
        Ok(upload) => upload,
        Err(refusal) => return refuse_picture(asked, kind, Err(refusal.0)).await,
    };
    if upload.fields.contains_key("remove") {
        return remove(&state, &caller, kind).await;
    }
    let Some(file) = upload.files.get("image") else {
        return refuse_picture(asked, kind, Ok(None)).await;
    };
    let crop = upload.crop();
    match profiles::set_picture(&state.services, &caller, kind, file.clone(), crop).await {
        Ok(_) => saved(PROFILE),
        Err(error) => refuse_picture(asked, kind, Ok(Some(error))).await,
    }
}

async fn remove(state: &AppState, caller: &Caller, kind: PictureKind) -> Response {
    match profiles::remove_picture(&state.services, caller, kind).await {
        Ok(()) => saved(PROFILE),
        Err(error) => Refusal::from(error).into_response(),
    }
}

fn to_the_door() -> Response {
    Redirect::to("/login?next=/settings/profile").into_response()
}

/// The page again with the reason beside the picture's field.
async fn refuse_picture(
    asked: Asked,
    kind: PictureKind,
    why: Result<Option<MediaError>, Problem>,
) -> Response {
    let texts = asked.texts();
    let (words, problem) = match why {
        Ok(None) => (Some(texts.media_missing()), Problem::field("image", "missing")),
        Ok(Some(error)) => (pictures::words(texts, &error), error.into()),
        Err(problem) if problem.code == ErrorCode::TooLarge => (Some(texts.media_large()), problem),
        Err(problem) => (None, problem),
    };
    let notice = words.map_or_else(|| asked.words_of(&problem), str::to_owned);
    let values = [("form".to_owned(), kind.as_str().to_owned())].into();
    let echo = FormEcho { values, issues: Vec::new(), notice: Some(notice) };
    asked.refuse(http::Uri::from_static(PROFILE), echo, &problem).await
}

/// Who may write, and what is shown.
pub(super) async fn privacy(State(state): State<AppState>, request: Request) -> Response {
    let sent = match open(&state, request).await {
        Ok(sent) => sent,
        Err(answer) => return *answer,
    };
    let who = match sent.fields.get("who_can_message") {
        "everyone" => Some(WhoCanMessage::Everyone),
        "following" => Some(WhoCanMessage::Following),
        "nobody" => Some(WhoCanMessage::Nobody),
        // A word we do not know changes nothing.
        _ => None,
    };
    let is_on = |name: &str| Some(!sent.fields.get(name).is_empty());
    let change = PrivacyChange {
        show_presence: is_on("show_presence"),
        show_read_receipts: is_on("show_read_receipts"),
        who_can_message: who,
    };
    match people::change_privacy(&state.services, &sent.caller, change).await {
        Ok(_) => saved(PRIVACY),
        Err(error) => Refusal::from(error).into_response(),
    }
}

/// Letting somebody in again.
pub(super) async fn let_in(
    State(state): State<AppState>,
    Path(verb): Path<String>,
    request: Request,
) -> Response {
    let sent = match open(&state, request).await {
        Ok(sent) => sent,
        Err(answer) => return *answer,
    };
    let them = Target::Username(sent.fields.text("username"));
    let done = match verb.as_str() {
        "unblock" => people::unblock(&state.services, &sent.caller, &them).await,
        "unmute" => people::unmute(&state.services, &sent.caller, &them).await,
        _ => return nothing_here().into_response(),
    };
    match done {
        Ok(()) => saved(PRIVACY),
        Err(error) => Refusal::from(error).into_response(),
    }
}

/// Address, password, and giving the account up or taking it back.
pub(super) async fn account(
    State(state): State<AppState>,
    Path(verb): Path<String>,
    request: Request,
) -> Response {
    let sent = match open(&state, request).await {
        Ok(sent) => sent,
        Err(answer) => return *answer,
    };
    let (services, caller, fields) = (&state.services, &sent.caller, &sent.fields);
    let done = match verb.as_str() {
        "email" => {
            let changes = OwnChanges {
                email: Some(fields.text("email")),
                current_password: Some(fields.text("current_password")),
                ..OwnChanges::default()
            };
            accounts::change_own_account(services, caller, &changes).await.map(drop)
        }
        "password" if fields.get("new_password") != fields.get("password_confirm") => {
            let differs = (Field::PasswordConfirm, FieldIssue::PasswordsDiffer);
            Err(AccountError::Invalid(vec![differs]))
        }
        "password" => {
            let (current, new) = (fields.get("current_password"), fields.get("new_password"));
            accounts::change_password(services, caller, current, new).await
        }
        "delete" => return give_up(&state, sent).await,
        "keep" => accounts::take_account_back(services, caller).await,
        _ => return nothing_here().into_response(),
    };
    match done {
        Ok(()) => saved(ACCOUNT),
        Err(error) => refuse(sent, ACCOUNT, error, &["email".to_owned()]).await,
    }
}

async fn give_up(state: &AppState, sent: Sent) -> Response {
    let current = sent.fields.get("current_password");
    match accounts::give_up_account(&state.services, &sent.caller, current).await {
        Ok(_) => {
            let mut response = Redirect::to("/").into_response();
            cookies::clear_tokens(response.headers_mut(), &state.config);
            response
        }
        Err(error) => refuse(sent, ACCOUNT, error, &[]).await,
    }
}

fn saved(page: &str) -> Response {
    Redirect::to(&format!("{page}?saved=1")).into_response()
}

/// The page again, with each mistake beside its field.
async fn refuse(sent: Sent, page: &'static str, error: AccountError, kept: &[String]) -> Response {
    let mut issues = error.issues();
    // Guessing too often is told where the password is asked for.
    for (field, issue) in &mut issues {
        if *issue == FieldIssue::TryLater {
            *field = Field::CurrentPassword;
        }
    }
    let problem = Problem::from(error);
    let words = issues.is_empty().then(|| sent.asked.words_of(&problem));
    again(sent, page, issues, words, problem, kept).await
}

async fn again(
    sent: Sent,
    page: &'static str,
    issues: wire::accounts::Issues,
    notice: Option<String>,
    problem: Problem,
    kept: &[String],
) -> Response {
    let mut names: Vec<_> = kept.iter().map(String::as_str).collect();
    names.push("form");
    let echo = FormEcho { values: sent.fields.echo(&names), issues, notice };
    sent.asked.refuse(http::Uri::from_static(page), echo, &problem).await
}
