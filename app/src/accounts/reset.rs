//! `/password/reset`: a link by mail, and behind it the place to choose a new password.
//!
//! Plain forms: both pages are complete as they come.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use leptos_router::location::RequestUrl;
use wire::accounts::Field;

use super::form::AccountPanel;
use crate::page::page;
use crate::text::texts;
use crate::ui::{PageMeta, PasswordField, TextField};

/// Asks for the address.
#[component]
pub fn AskResetPage() -> impl IntoView {
    let texts = texts();
    let page = page();
    let sent = use_query_map().with_untracked(|query| query.get("sent").is_some());
    view! {
        <PageMeta title=texts.auth_reset_title()/>
        <AccountPanel title=texts.auth_reset_title() body=texts.auth_reset_body()
            action="/password/reset".to_owned() next=String::new()>
            {sent.then(|| view! { <p class="notice" role="status">{texts.auth_reset_sent()}</p> })}
            <TextField name="email" label=texts.auth_email() autocomplete="email" kind="email"
                value=page.value(Field::Email.as_str()) issue=page.issue(Field::Email)
                autofocus=true/>
            <button class="button button--wide">{texts.auth_reset_send()}</button>
            <p class="auth__other"><a href="/login" rel="external">{texts.auth_reset_back()}</a></p>
        </AccountPanel>
    }
    .into_any()
}

/// Asks for the new password. The form goes back to its own address, which holds the token.
#[component]
pub fn ResetPage() -> impl IntoView {
    let texts = texts();
    let page = page();
    view! {
        <PageMeta title=texts.auth_new_password_title()/>
        <AccountPanel title=texts.auth_new_password_title() body=texts.auth_new_password_body()
            action=own_address() next=String::new()>
            {match page.issue(Field::Token) {
                Some(issue) => view! { <Spent issue/> }.into_any(),
                None => view! { <NewPassword/> }.into_any(),
            }}
        </AccountPanel>
    }
    .into_any()
}

#[component]
fn NewPassword() -> impl IntoView {
    let (texts, page) = (texts(), page());
    view! {
        <PasswordField name="new_password" label=texts.auth_new_password()
            autocomplete="new-password" issue=page.issue(Field::NewPassword) autofocus=true/>
        <PasswordField name="password_confirm" label=texts.auth_password_confirm()
            autocomplete="new-password" issue=page.issue(Field::PasswordConfirm)/>
        <button class="button button--wide">{texts.auth_new_password_save()}</button>
    }
    .into_any()
}

/// A link that works no more, and the way to another.
#[component]
fn Spent(issue: String) -> impl IntoView {
    view! {
        <p class="notice" role="alert">{issue}</p>
        <a class="button button--wide" href="/password/reset" rel="external">{texts().auth_new_link()}</a>
    }
    .into_any()
}

/// The path of this page.
fn own_address() -> String {
    let url = use_context::<RequestUrl>().map(|url| url.as_ref().to_owned()).unwrap_or_default();
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.find("/password/").map_or(String::new(), |start| path[start..].to_owned())
}
