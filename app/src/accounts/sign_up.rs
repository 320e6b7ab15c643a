//! `/signup`, and `/register` for those who know it by that name.

use leptos::prelude::*;
use wire::accounts::{Field, PASSWORD_MIN};

use super::form::{AccountPanel, next, starts_at, with_next};
use crate::page::page;
use crate::text::texts;
use crate::ui::{PageMeta, PasswordField, TextField};

#[component]
pub fn SignUpPage() -> impl IntoView {
    let (texts, next) = (texts(), next());
    let sign_in = with_next("/login", &next);
    view! {
        <PageMeta title=texts.auth_sign_up_title()/>
        <AccountPanel title=texts.auth_sign_up_title() body=texts.auth_sign_up_body()
            action="/signup" next>
            <Identity/>
            <Secret/>
            <button class="button button--wide">{texts.auth_sign_up()}</button>
            <p class="auth__other">
                {texts.auth_have_account()} " "
                <a href=sign_in rel="external">{texts.auth_sign_in()}</a>
            </p>
        </AccountPanel>
    }
    .into_any()
}

#[component]
fn Identity() -> impl IntoView {
    let (texts, page) = (texts(), page());
    view! {
        <TextField name="username" label=texts.auth_username() autocomplete="username"
            hint=texts.auth_username_hint() value=page.value("username")
            issue=page.issue(Field::Username)
            autofocus=starts_at(Field::Username, Field::Username)/>
        <TextField name="email" kind="email" label=texts.auth_email() autocomplete="email"
            hint=texts.auth_email_hint() value=page.value("email") optional=true
            issue=page.issue(Field::Email)
            autofocus=starts_at(Field::Email, Field::Username)/>
    }
}

#[component]
fn Secret() -> impl IntoView {
    let (texts, page) = (texts(), page());
    view! {
        <PasswordField name="password" label=texts.auth_password() autocomplete="new-password"
            hint=texts.auth_password_hint(PASSWORD_MIN) issue=page.issue(Field::Password)
            autofocus=starts_at(Field::Password, Field::Username)/>
        <PasswordField name="password_confirm" label=texts.auth_password_confirm()
            autocomplete="new-password" issue=page.issue(Field::PasswordConfirm)
            autofocus=starts_at(Field::PasswordConfirm, Field::Username)/>
    }
}
