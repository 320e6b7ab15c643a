//! `/settings/profile`, `/settings/privacy` and `/settings/account`.

use leptos::prelude::*;

use super::account::AccountForms;
use super::details_form::DetailsForm;
use super::pictures_form::PictureForms;
use super::privacy::PrivacyForms;
use super::{OwnSettings, profile_path};
use crate::activity::summary;
use crate::settings::SettingsPanel;
use crate::text::texts;

#[component]
pub(super) fn SettingsPane(settings: OwnSettings) -> impl IntoView {
    let texts = texts();
    match settings {
        OwnSettings::Profile { own, links, record, saved } => view! {
            <SettingsPanel title=texts.profiles_settings() body=texts.profiles_settings_body()>
                {saved.then(saved_notice)}
                <p><a class="card__link" href=profile_path(&own.username)>{texts.profiles_settings_look()}</a></p>
                <p class="page__body">
                    {summary(texts, &record)} " "
                    <a href=format!("{}?tab=about", profile_path(&own.username))>{texts.activity_own_all()}</a>
                </p>
                <PictureForms own=own.clone()/>
                <DetailsForm own=own.clone() links=links.clone()/>
            </SettingsPanel>
        }
        .into_any(),
        OwnSettings::Privacy { privacy, blocked, muted, done } => view! {
            <SettingsPanel title=texts.profiles_privacy() body=texts.profiles_privacy_body()>
                {done.map(|words| view! { <p class="notice" role="status">{words}</p> })}
                <PrivacyForms privacy blocked=blocked.clone() muted=muted.clone()/>
            </SettingsPanel>
        }
        .into_any(),
        OwnSettings::Account { own, saved } => view! {
            <SettingsPanel title=texts.profiles_account() body=texts.profiles_account_body()>
                {saved.then(saved_notice)}
                <AccountForms own=own.clone()/>
            </SettingsPanel>
        }
        .into_any(),
    }
}

fn saved_notice() -> impl IntoView {
    view! { <p class="notice" role="status">{texts().profiles_settings_saved()}</p> }
}
