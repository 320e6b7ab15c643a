//! Fields of forms, with their label, hint and what is wrong with them.
//!
//! `boot.js` puts what is wrong beside the field it belongs to, where a form has `data-kept`; so the
//! places of hint and issue are always there.

use leptos::prelude::*;

use crate::text::texts;

#[component]
pub fn TextField(
    name: &'static str,
    label: &'static str,
    autocomplete: &'static str,
    issue: Option<String>,
    #[prop(default = "text")] kind: &'static str,
    #[prop(optional, into)] value: String,
    #[prop(optional, into)] hint: String,
    #[prop(optional)] optional: bool,
    #[prop(optional)] autofocus: bool,
) -> impl IntoView {
    let is_refused = issue.is_some();
    view! {
        <div class="field" class:field--invalid=is_refused>
            <Label name label optional/>
            <input class="field__input" id=name name=name type=kind value=value dir="auto"
                autocomplete=autocomplete autocapitalize="none" spellcheck="false"
                required=!optional autofocus=autofocus aria-describedby=described_by(name)
                aria-invalid=invalid(is_refused)/>
            <Notes name hint issue/>
        </div>
    }
    .into_any()
}

#[component]
pub fn PasswordField(
    name: &'static str,
    label: &'static str,
    autocomplete: &'static str,
    issue: Option<String>,
    #[prop(optional, into)] hint: String,
    #[prop(optional)] autofocus: bool,
) -> impl IntoView {
    let is_refused = issue.is_some();
    view! {
        <div class="field" class:field--invalid=is_refused>
            <Label name label optional=false/>
            <div class="field__box">
                <input class="field__input" id=name name=name type="password"
                    autocomplete=autocomplete autocapitalize="none" spellcheck="false"
                    required=true autofocus=autofocus aria-describedby=described_by(name)
                    aria-invalid=invalid(is_refused)/>
                <ShowPassword name/>
            </div>
            <Notes name hint issue/>
        </div>
    }
    .into_any()
}

fn described_by(name: &str) -> String {
    format!("{name}-hint {name}-issue")
}

fn invalid(is_refused: bool) -> Option<&'static str> {
    is_refused.then_some("true")
}

#[component]
fn Label(name: &'static str, label: &'static str, optional: bool) -> impl IntoView {
    let mark =
        optional.then(|| view! { <span class="field__optional">{texts().auth_optional()}</span> });
    view! { <label class="field__label" for=name>{label} {mark}</label> }
}

/// The hint and the issue always have their places, so that a field can point at both.
#[component]
fn Notes(name: &'static str, hint: String, issue: Option<String>) -> impl IntoView {
    view! {
        <p class="field__hint" id=format!("{name}-hint")>{hint}</p>
        <p class="field__issue" id=format!("{name}-issue")>{issue}</p>
    }
}

/// `boot.js` does the work; without script it hides.
#[component]
fn ShowPassword(name: &'static str) -> impl IntoView {
    let texts = texts();
    view! {
        <button class="field__toggle" type="button" data-toggle-password=name aria-pressed="false"
            aria-label=texts.auth_show_password_label()>
            <span class="when-off">{texts.auth_show_password()}</span>
            <span class="when-on">{texts.auth_hide_password()}</span>
        </button>
    }
}
