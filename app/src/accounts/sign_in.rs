//! `/login`.

use leptos::prelude::*;
use wire::accounts::{self, Field, Issues};

use super::checks::Checks;
use super::form::{AccountPanel, next, with_next};
use crate::page::{LIVE_ELEMENT, page};
use crate::text::texts;
use crate::ui::{PageMeta, PasswordField, TextField};

#[component]
pub fn SignInPage() -> impl IntoView {
    view! {
        <PageMeta title=texts().nav_sign_in()/>
        <div class="live" id=LIVE_ELEMENT><SignInForm/></div>
    }
}

/// The page without its place in the document.
#[component]
pub fn SignInForm() -> impl IntoView {
    let (texts, next) = (texts(), next());
    let sign_up = with_next("/signup", &next);
    let body = if next.starts_with("/settings/") {
        texts.auth_sign_in_first()
    } else {
        texts.auth_sign_in_body()
    };
    let checks = Checks::new(validate);
    view! {
        <AccountPanel title=texts.auth_sign_in_title() body
            action="/login" checks next>
            <Fields checks/>
            <button class="button button--wide">{texts.auth_sign_in()}</button>
            <p class="auth__other">
                <a href="/password/reset" rel="external">{texts.auth_forgot()}</a>
            </p>
            <p class="auth__other">
                {texts.auth_no_account()} " "
                <a href=sign_up rel="external">{texts.auth_sign_up_title()}</a>
            </p>
        </AccountPanel>
    }
}

#[component]
fn Fields(checks: Checks) -> impl IntoView {
    let texts = texts();
    let username = page().value(Field::Username.as_str());
    let first = if username.is_empty() { Field::Username } else { Field::Password };
    view! {
        <TextField name="username" label=texts.auth_username_or_email() autocomplete="username"
            value=username issue=checks.issue(Field::Username)
            autofocus=checks.starts_at(Field::Username, first)/>
        <PasswordField name="password" label=texts.auth_password() autocomplete="current-password"
            issue=checks.issue(Field::Password)
            autofocus=checks.starts_at(Field::Password, first)/>
    }
}

fn validate(value: &dyn Fn(Field) -> String) -> Issues {
    let form = accounts::SignInForm {
        username: value(Field::Username),
        password: value(Field::Password),
        next: String::new(),
    };
    form.issues()
}
