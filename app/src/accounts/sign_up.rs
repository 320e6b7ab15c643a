//! `/signup`, and `/register` for those who know it by that name.

use leptos::prelude::*;
use wire::accounts::{self, Field, Issues, PASSWORD_MIN};

use super::checks::Checks;
use super::form::{AccountPanel, next, with_next};
use crate::page::{LIVE_ELEMENT, page};
use crate::text::texts;
use crate::ui::{PageMeta, PasswordField, TextField};

#[component]
pub fn SignUpPage() -> impl IntoView {
    view! {
        <PageMeta title=texts().auth_sign_up_title()/>
        <div class="live" id=LIVE_ELEMENT><SignUpForm/></div>
    }
}

/// The page without its place in the document.
#[component]
pub fn SignUpForm() -> impl IntoView {
    let (texts, next) = (texts(), next());
    let sign_in = with_next("/login", &next);
    let checks = Checks::new(validate);
    view! {
        <AccountPanel title=texts.auth_sign_up_title() body=texts.auth_sign_up_body()
            action="/signup" checks next>
            <Identity checks/>
            <Secret checks/>
            <button class="button button--wide">{texts.auth_sign_up()}</button>
            <p class="auth__other">
                {texts.auth_have_account()} " "
                <a href=sign_in rel="external">{texts.auth_sign_in()}</a>
            </p>
        </AccountPanel>
    }
}

#[component]
fn Identity(checks: Checks) -> impl IntoView {
    let (texts, page) = (texts(), page());
    view! {
        <TextField name="username" label=texts.auth_username() autocomplete="username"
            hint=texts.auth_username_hint() value=page.value("username")
            issue=checks.issue(Field::Username)
            autofocus=checks.starts_at(Field::Username, Field::Username)/>
        <TextField name="email" kind="email" label=texts.auth_email() autocomplete="email"
            hint=texts.auth_email_hint() value=page.value("email") optional=true
            issue=checks.issue(Field::Email)
            autofocus=checks.starts_at(Field::Email, Field::Username)/>
    }
}

#[component]
fn Secret(checks: Checks) -> impl IntoView {
    let texts = texts();
    view! {
        <PasswordField name="password" label=texts.auth_password() autocomplete="new-password"
            hint=texts.auth_password_hint(PASSWORD_MIN) issue=checks.issue(Field::Password)
            autofocus=checks.starts_at(Field::Password, Field::Username)/>
        <PasswordField name="password_confirm" label=texts.auth_password_confirm()
            autocomplete="new-password" issue=checks.issue(Field::PasswordConfirm)
            autofocus=checks.starts_at(Field::PasswordConfirm, Field::Username)/>
    }
}

fn validate(value: &dyn Fn(Field) -> String) -> Issues {
    let form = accounts::SignUpForm {
        username: value(Field::Username),
        email: value(Field::Email),
        password: value(Field::Password),
        password_confirm: Some(value(Field::PasswordConfirm)),
        next: String::new(),
    };
    form.issues()
}
