//! Forms for pictures, which others' pages carry.

use leptos::prelude::*;
use wire::media::PICTURE_TYPES;

use crate::page::page;
use crate::text::texts;

/// The words of a form for one picture.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PictureWords {
    pub(crate) label: &'static str,
    pub(crate) hint: &'static str,
    /// What removing it is called where nothing stands beside it.
    pub(crate) remove: &'static str,
}

/// A form that sends one picture, or takes it away.
#[component]
pub(crate) fn PictureForm(
    /// What the form and its field are called.
    name: &'static str,
    #[prop(into)] action: String,
    words: PictureWords,
    is_there: bool,
) -> impl IntoView {
    let texts = texts();
    let remove = words.remove;
    view! {
        <div class="own-picture__forms">
            <form class="form" method="post" action=action enctype="multipart/form-data">
                <input type="hidden" name="form" value=name/>
                <PictureField id=name name="image" words issue=page().notice_for(name) required=true/>
                <div class="actions">
                    <button class="button button--quiet">{texts.media_send()}</button>
                    {is_there.then(|| view! {
                        <button class="button button--danger" name="remove" value="1" formnovalidate=true aria-label=remove>
                            {texts.media_remove()}
                        </button>
                    })}
                </div>
            </form>
        </div>
    }
    .into_any()
}

/// The field for the file.
#[component]
pub(crate) fn PictureField(
    id: &'static str,
    name: &'static str,
    words: PictureWords,
    #[prop(optional_no_strip)] issue: Option<String>,
    #[prop(optional)] required: bool,
) -> impl IntoView {
    let is_refused = issue.is_some();
    view! {
        <div class="field" class:field--invalid=is_refused>
            <label class="field__label" for=id>{words.label}</label>
            <input class="field__input field__file" id=id name=name type="file" accept=PICTURE_TYPES required=required
                aria-describedby=format!("{id}-hint {id}-issue") aria-invalid=is_refused.then_some("true")/>
            <p class="field__hint" id=format!("{id}-hint")>{words.hint}</p>
            <p class="field__issue" id=format!("{id}-issue")>{issue}</p>
        </div>
    }
    .into_any()
}
