//! Plain forms: everything a page can do works without script, through the same verbs.
//!
//! A form that is refused gives its own page back, with what was typed and each mistake beside its
//! field; one that succeeds redirects, so that a reload repeats nothing.

mod accounts;
mod room;
mod settings;

use std::collections::BTreeMap;

use axum::extract::rejection::FormRejection;
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use axum::{Form, Router};
use wire::accounts::safe_next;
use wire::{ErrorCode, Problem};

use crate::refusal::Refusal;
use crate::state::AppState;

pub(crate) fn routes() -> Router<AppState> {
    let page = crate::pages::page_or_file;
    Router::new()
        .route("/login", post(accounts::sign_in).get(page))
        .route("/signup", post(accounts::sign_up).get(page))
        .route("/register", post(accounts::sign_up).get(page))
        .route("/password/reset", post(accounts::ask_reset).get(page))
        .route("/password/reset/{token}", post(accounts::reset).get(accounts::reset_page))
        .route("/logout", post(accounts::sign_out))
        .route("/settings/sessions/revoke", post(settings::revoke))
        .route("/settings/appearance", post(settings::appearance).get(page))
        .route("/chat/global", post(room::post_message).get(page))
}

/// The fields of a form by name; an absent one reads as empty.
#[derive(Debug, Default)]
pub(crate) struct Fields(BTreeMap<String, String>);

impl Fields {
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    pub(crate) fn text(&self, name: &str) -> String {
        self.get(name).to_owned()
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
        form.map(|Form(pairs)| Self(pairs.into_iter().collect())).map_err(refusal)
    }
}

fn refusal(rejection: FormRejection) -> Refusal {
    let code = match rejection.status().as_u16() {
        413 => ErrorCode::TooLarge,
        415 => ErrorCode::UnsupportedMediaType,
        _ => ErrorCode::BadRequest,
    };
    Refusal(Problem::new(code, rejection.body_text()))
}

/// On to where the form says, if that is a page of ours.
fn onwards(next: &str, fallback: &str) -> Response {
    Redirect::to(safe_next(next, fallback)).into_response()
}
