//! `/login`.

use leptos::prelude::*;
use wire::accounts::Field;

use super::form::{AccountPanel, next, starts_at, with_next};
use crate::page::page;
use crate::text::texts;
use crate::ui::{PageMeta, PasswordField, TextField};

#[component]
pub fn SignInPage() -> impl IntoView {
    let (texts, next) = (texts(), next());
    let sign_up = with_next("/signup", &next);
    let body = if next.starts_with("/settings/") {
        texts.auth_sign_in_first()
    } else {
        texts.auth_sign_in_body()
    };
    view! {
        <PageMeta title=texts.nav_sign_in()/>
        <AccountPanel title=texts.auth_sign_in_title() body action="/login" next>
            <Fields/>
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
    .into_any()
}

#[component]
fn Fields() -> impl IntoView {
    let (texts, page) = (texts(), page());
    let username = page.value(Field::Username.as_str());
    let first = if username.is_empty() { Field::Username } else { Field::Password };
    view! {
        <TextField name="username" label=texts.auth_username_or_email() autocomplete="username"
            value=username issue=page.issue(Field::Username)
            autofocus=starts_at(Field::Username, first)/>
        <PasswordField name="password" label=texts.auth_password() autocomplete="current-password"
            issue=page.issue(Field::Password)
            autofocus=starts_at(Field::Password, first)/>
    }
}
