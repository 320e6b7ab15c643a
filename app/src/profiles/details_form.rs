//! Names, what one says of oneself, and links.

use leptos::prelude::*;
use wire::accounts::{Field, OwnAccount};
use wire::profiles::{LINK_LABEL_MAX, LINKS_MAX, ProfileLink};

use super::{issue, profile_path, typed};
use crate::page::page;
use crate::text::texts;
use crate::ui::{TextField, in_textarea};

const FORM: &str = "details";

#[component]
pub(super) fn DetailsForm(own: OwnAccount, links: Vec<ProfileLink>) -> impl IntoView {
    let texts = texts();
    view! {
        <form class="form settings-form" method="post" action="/settings/profile">
            <input type="hidden" name="form" value=FORM/>
            <div class="settings-form__pair">
                <TextField name="first_name" label=texts.profiles_first_name() autocomplete="given-name"
                    value=typed(FORM, "first_name", &own.first_name) optional=true
                    issue=issue(FORM, Field::FirstName)/>
                <TextField name="last_name" label=texts.profiles_last_name() autocomplete="family-name"
                    value=typed(FORM, "last_name", &own.last_name) optional=true
                    issue=issue(FORM, Field::LastName)/>
            </div>
            <Bio text=typed(FORM, "bio", &own.bio)/>
            <LinkFields links/>
            <button class="button settings-form__send">{texts.profiles_save()}</button>
        </form>
    }
    .into_any()
}

#[component]
fn Bio(text: String) -> impl IntoView {
    let texts = texts();
    let issue = issue(FORM, Field::Bio);
    let is_refused = issue.is_some();
    let invalid = is_refused.then_some("true");
    view! {
        <div class="field" class:field--invalid=is_refused>
            <label class="field__label" for="bio">{texts.profiles_bio()}</label>
            <textarea class="field__input" id="bio" name="bio" rows="5" dir="auto"
                aria-describedby="bio-hint bio-issue" aria-invalid=invalid>{in_textarea(text)}</textarea>
            <p class="field__hint" id="bio-hint">{texts.profiles_bio_hint()}</p>
            <p class="field__issue" id="bio-issue">{issue}</p>
        </div>
    }
    .into_any()
}

#[component]
fn LinkFields(links: Vec<ProfileLink>) -> impl IntoView {
    let texts = texts();
    let issue = page().notice_for(FORM);
    let is_refused = issue.is_some();
    let username = page().viewer.as_ref().map(|viewer| viewer.username.clone()).unwrap_or_default();
    let profile = format!("{}{}", page().public_url, profile_path(&username));
    let proof = format!("<a rel=\"me\" href=\"{profile}\">");
    // Those in use, and one to add to them; the others unfold.
    let ready = (links.len() + 1).min(LINKS_MAX);
    let rows: Vec<_> = (0..ready).map(|at| link_fields(&links, at)).collect();
    let more: Vec<_> = (ready..LINKS_MAX).map(|at| link_fields(&links, at)).collect();
    view! {
        <fieldset class="field" class:field--invalid=is_refused>
            <legend class="field__label">{texts.profiles_links()}</legend>
            <ol class="link-fields">{rows}</ol>
            {(!more.is_empty()).then(|| view! {
                <details class="unfold link-fields__more" open=is_refused>
                    <summary class="act chevron">{texts.profiles_links_more()}</summary>
                    <ol class="link-fields" start=ready + 1>{more}</ol>
                </details>
            })}
            <p class="field__hint" id="links-hint">{texts.profiles_links_hint()} " " {texts.profiles_links_proof()}</p>
            <p class="field__hint"><code class="links-proof" dir="ltr">{proof}</code></p>
            <p class="field__issue" id="links-issue">{issue}</p>
        </fieldset>
    }
    .into_any()
}

/// What a link is called and where it leads, beside each other.
fn link_fields(links: &[ProfileLink], at: usize) -> AnyView {
    let texts = texts();
    let now = links.get(at);
    let label = now.map_or("", |link| link.label.as_str());
    let url = now.map_or("", |link| link.url.as_str());
    let (label_name, url_name) = (format!("link_label_{at}"), format!("link_url_{at}"));
    let (label, url) = (typed(FORM, &label_name, label), typed(FORM, &url_name, url));
    view! {
        <li class="settings-form__pair">
            <input class="field__input" name=label_name value=label dir="auto" autocomplete="off"
                maxlength=LINK_LABEL_MAX placeholder=texts.profiles_link_label_short() aria-label=texts.profiles_link_label(at + 1)/>
            <input class="field__input" name=url_name value=url inputmode="url" autocomplete="off"
                autocapitalize="none" spellcheck="false" placeholder="https://" aria-label=texts.profiles_link_url(at + 1)
                aria-describedby="links-hint links-issue"/>
        </li>
    }
    .into_any()
}
