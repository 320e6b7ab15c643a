//! `/settings/appearance`.

use leptos::prelude::*;

use super::SettingsPanel;
use crate::frame::ThemeChoices;
use crate::page::page;
use crate::text::{Language, texts};

const HERE: &str = "/settings/appearance";

#[component]
pub(crate) fn AppearancePage() -> impl IntoView {
    let texts = texts();
    view! {
        <SettingsPanel title=texts.appearance_title() body=texts.appearance_body()>
            <h2 class="page__subtitle">{texts.appearance_theme()}</h2>
            <form class="choices" method="post" action=HERE data-enhance="theme">
                <input type="hidden" name="next" value=HERE/>
                <ThemeChoices/>
            </form>
            <h2 class="page__subtitle">{texts.appearance_language()}</h2>
            <LanguageForm/>
        </SettingsPanel>
    }
}

#[component]
fn LanguageForm() -> impl IntoView {
    let texts = texts();
    let chosen = page().language;
    let options = Language::ALL.map(|language| {
        view! {
            <option value=language.code() selected=language == chosen>{language.name()}</option>
        }
    });
    view! {
        <form class="form form--row" method="post" action=HERE>
            <input type="hidden" name="next" value=HERE/>
            <p class="page__body" id="language-body">{texts.appearance_language_body()}</p>
            <select class="field__input" name="language" aria-label=texts.appearance_language()
                aria-describedby="language-body">{options}</select>
            <button class="button button--quiet">{texts.appearance_save()}</button>
        </form>
    }
}
