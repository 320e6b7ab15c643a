//! E-mail address, password, one's data, and giving the account up.

use leptos::prelude::*;
use wire::UnixMillis;
use wire::accounts::{Field, OwnAccount, PASSWORD_MIN};

use super::{issue, typed};
use crate::text::texts;
use crate::ui::{PasswordField, TextField};

#[component]
pub(super) fn AccountForms(own: OwnAccount) -> impl IntoView {
    let texts = texts();
    view! {
        {own.delete_at.map(|at| view! { <Leaving at/> })}
        <EmailForm email=own.email/>
        <PasswordForm/>
        <section>
            <h2 class="page__subtitle">{texts.profiles_export()}</h2>
            <p class="page__body">{texts.profiles_export_body()}</p>
            <p class="actions settings-form__after">
                <a class="button button--quiet" href="/settings/account/export" rel="external" download="">
                    {texts.profiles_export_get()}
                </a>
            </p>
        </section>
        {own.delete_at.is_none().then(|| view! { <DeleteForm/> })}
    }
    .into_any()
}

/// What was begun can be taken back.
#[component]
fn Leaving(at: UnixMillis) -> impl IntoView {
    let texts = texts();
    view! {
        <section class="notice settings-form">
            <h2 class="page__subtitle profile__first">{texts.profiles_leaving(texts.date(at.day()))}</h2>
            <p>{texts.profiles_leaving_body()}</p>
            <form method="post" action="/settings/account/keep">
                <button class="button">{texts.profiles_keep()}</button>
            </form>
        </section>
    }
    .into_any()
}

#[component]
fn EmailForm(email: String) -> impl IntoView {
    const FORM: &str = "email";
    let texts = texts();
    view! {
        <form class="form settings-form" data-kept method="post" action="/settings/account/email">
            <input type="hidden" name="form" value=FORM/>
            <TextField name="email" kind="email" label=texts.profiles_email() autocomplete="email"
                hint=texts.profiles_email_hint() value=typed(FORM, "email", &email) optional=true
                issue=issue(FORM, Field::Email)/>
            <Secret id="email-password" name="current_password" label=texts.profiles_current_password()
                autocomplete="current-password" issue=issue(FORM, Field::CurrentPassword)/>
            <button class="button button--quiet settings-form__send">{texts.profiles_email_save()}</button>
        </form>
    }
    .into_any()
}

#[component]
fn PasswordForm() -> impl IntoView {
    const FORM: &str = "password";
    let texts = texts();
    view! {
        <form class="form settings-form" data-kept method="post" action="/settings/account/password">
            <h2 class="page__subtitle profile__first">{texts.profiles_password()}</h2>
            <p class="page__body">{texts.profiles_password_body()}</p>
            <input type="hidden" name="form" value=FORM/>
            <PasswordField name="current_password" label=texts.profiles_current_password()
                autocomplete="current-password" issue=issue(FORM, Field::CurrentPassword)/>
            <PasswordField name="new_password" label=texts.profiles_new_password()
                autocomplete="new-password" hint=texts.auth_password_hint(PASSWORD_MIN)
                issue=issue(FORM, Field::NewPassword)/>
            <PasswordField name="password_confirm" label=texts.profiles_password_again()
                autocomplete="new-password" issue=issue(FORM, Field::PasswordConfirm)/>
            <button class="button button--quiet settings-form__send">{texts.profiles_password_save()}</button>
        </form>
    }
    .into_any()
}

#[component]
fn DeleteForm() -> impl IntoView {
    const FORM: &str = "delete";
    let texts = texts();
    view! {
        <form class="form settings-form" data-kept method="post" action="/settings/account/delete">
            <h2 class="page__subtitle profile__first">{texts.profiles_delete()}</h2>
            <p class="page__body">{texts.profiles_delete_body()}</p>
            <input type="hidden" name="form" value=FORM/>
            <Secret id="delete-password" name="current_password" label=texts.profiles_current_password()
                autocomplete="current-password" issue=issue(FORM, Field::CurrentPassword)/>
            <button class="button button--danger settings-form__send">{texts.profiles_delete_send()}</button>
        </form>
    }
    .into_any()
}

/// A password that is asked for more than once on a page, each time under an id of its own.
#[component]
fn Secret(
    id: &'static str,
    name: &'static str,
    label: &'static str,
    autocomplete: &'static str,
    issue: Option<String>,
) -> impl IntoView {
    let (issue_id, is_refused) = (format!("{id}-issue"), issue.is_some());
    let invalid = is_refused.then_some("true");
    view! {
        <div class="field" class:field--invalid=is_refused>
            <label class="field__label" for=id>{label}</label>
            <input class="field__input" id=id name=name type="password" autocomplete=autocomplete
                required=true aria-describedby=issue_id.clone() aria-invalid=invalid/>
            <p class="field__issue" id=issue_id>{issue}</p>
        </div>
    }
    .into_any()
}
