//! What one writes about a community: the page for a new one, and the fields that its settings have too.

use leptos::prelude::*;
use wire::communities::{CommunityForm, NAME_MAX, TEXT_MAX};

use super::about::Refusal;
use crate::media::{PictureField, PictureWords};
use crate::page::page;
use crate::text::{Texts, texts};
use crate::ui::{PageMeta, in_textarea};

/// Seconds of slow mode that can be chosen.
const PAUSES: [i32; 7] = [0, 10, 60, 300, 1800, 3600, 21_600];

#[component]
pub(super) fn NewPanel() -> impl IntoView {
    let texts = texts();
    let typed = typed("create").unwrap_or_default();
    view! {
        <PageMeta title=texts.communities_create_title() indexed=false/>
        <div class="page">
            <section class="panel page__panel">
                <h1 class="page__title">{texts.communities_create_title()}</h1>
                <p class="page__body">{texts.communities_create_body()}</p>
                <form class="form community-form" method="post" action="/communities/new" enctype="multipart/form-data">
                    <input type="hidden" name="form" value="create"/>
                    <Refusal/>
                    <Fields form=typed/>
                    <PictureField id="icon" name="icon" words=icon_words(texts)/>
                    <PictureField id="cover" name="cover" words=cover_words(texts)/>
                    <p class="actions"><button class="button">{texts.communities_create()}</button></p>
                </form>
            </section>
        </div>
    }
    .into_any()
}

pub(super) fn icon_words(texts: Texts) -> PictureWords {
    PictureWords {
        label: texts.communities_icon(),
        hint: texts.communities_icon_hint(),
        remove: texts.communities_icon_remove(),
    }
}

pub(super) fn cover_words(texts: Texts) -> PictureWords {
    PictureWords {
        label: texts.communities_cover(),
        hint: texts.communities_cover_hint(),
        remove: texts.communities_cover_remove(),
    }
}

/// What was typed into this form before it was refused.
pub(super) fn typed(name: &str) -> Option<CommunityForm> {
    let page = page();
    page.notice_for(name).map(|_| CommunityForm {
        name: page.value("name"),
        description: page.value("description"),
        rules: page.value("rules"),
        is_private: !page.value("is_private").is_empty(),
        slow_mode_seconds: page.value("slow_mode_seconds").parse().unwrap_or(0),
    })
}

#[component]
pub(super) fn Fields(form: CommunityForm) -> impl IntoView {
    let texts = texts();
    let CommunityForm { name, description, rules, is_private, slow_mode_seconds } = form;
    view! {
        <div class="field">
            <label class="field__label" for="name">{texts.communities_name()}</label>
            <input class="field__input" id="name" name="name" value=name dir="auto" required=true
                maxlength=NAME_MAX autocomplete="off" aria-describedby="name-hint"/>
            <p class="field__hint" id="name-hint">{texts.communities_name_hint()}</p>
        </div>
        <LongField name="description" label=texts.communities_description() hint=texts.communities_description_hint() value=description/>
        <LongField name="rules" label=texts.communities_rules() hint=texts.communities_rules_hint() value=rules/>
        <div class="field community-check">
            <input type="checkbox" id="is_private" name="is_private" value="1" checked=is_private aria-describedby="is_private-hint"/>
            <label for="is_private">{texts.communities_is_private()}</label>
            <p class="field__hint" id="is_private-hint">{texts.communities_is_private_hint()}</p>
        </div>
        <SlowMode seconds=slow_mode_seconds/>
    }
    .into_any()
}

#[component]
fn LongField(
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    value: String,
) -> impl IntoView {
    let hint_id = format!("{name}-hint");
    view! {
        <div class="field">
            <label class="field__label" for=name>{label}</label>
            <textarea class="field__input community-text" id=name name=name rows="5" dir="auto" maxlength=TEXT_MAX
                aria-describedby=hint_id.clone()>{in_textarea(value)}</textarea>
            <p class="field__hint" id=hint_id>{hint}</p>
        </div>
    }
    .into_any()
}

#[component]
fn SlowMode(seconds: i32) -> impl IntoView {
    let texts = texts();
    // What a program has set stays what it is.
    let others = (!PAUSES.contains(&seconds)).then_some(seconds);
    let options: Vec<_> = PAUSES
        .into_iter()
        .chain(others)
        .map(|pause| {
            view! { <option value=pause selected=pause == seconds>{in_words(texts, pause)}</option> }
        })
        .collect();
    view! {
        <div class="field">
            <label class="field__label" for="slow_mode_seconds">{texts.communities_slow_mode()}</label>
            <select class="field__input" id="slow_mode_seconds" name="slow_mode_seconds"
                aria-describedby="slow_mode_seconds-hint">{options}</select>
            <p class="field__hint" id="slow_mode_seconds-hint">{texts.communities_slow_mode_hint()}</p>
        </div>
    }
    .into_any()
}

fn in_words(texts: Texts, seconds: i32) -> String {
    let count = usize::try_from(seconds).unwrap_or(0);
    match count {
        0 => texts.communities_slow_off().to_owned(),
        _ if count.is_multiple_of(3600) => texts.communities_slow_hours(count / 3600),
        _ if count.is_multiple_of(60) => texts.communities_slow_minutes(count / 60),
        _ => texts.communities_slow_seconds(count),
    }
}
