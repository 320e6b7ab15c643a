//! Forms for pictures, which others' pages carry.

use leptos::prelude::*;
use wire::media::{PICTURE_TYPES, PictureKind};

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
    /// What the form and its field are called by.
    kind: PictureKind,
    #[prop(into)] action: String,
    words: PictureWords,
    is_there: bool,
) -> impl IntoView {
    let texts = texts();
    let (name, remove) = (kind.as_str(), words.remove);
    view! {
        <div class="own-picture__forms">
            <form class="form" method="post" action=action enctype="multipart/form-data">
                <input type="hidden" name="form" value=name/>
                <PictureField id=name name="image" words issue=page().notice_for(name) required=true/>
                {kind.shape().map(|shape| view! { <Crop kind shape/> })}
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

/// Where the part is chosen that is kept; `crop.js` shows it once there is a picture.
#[component]
fn Crop(kind: PictureKind, shape: (u32, u32)) -> impl IntoView {
    let texts = texts();
    let class = if kind == PictureKind::Avatar { "crop crop--round" } else { "crop" };
    let fields: Vec<_> = ["x", "y", "width", "height"].into_iter().map(crop_field).collect();
    view! {
        <div class=class data-crop=format!("{}/{}", shape.0, shape.1) hidden=true>
            <p class="field__hint">{texts.media_crop_hint()}</p>
            <div class="crop__frame">
                <input class="visually-hidden" type="range" data-of="x" step="any" aria-label=texts.media_crop_x()/>
                <input class="visually-hidden" type="range" data-of="y" step="any" aria-label=texts.media_crop_y()/>
                <canvas class="crop__view"></canvas>
            </div>
            <label class="crop__zoom">
                <span class="field__label">{texts.media_crop_zoom()}</span>
                <input type="range" data-of="zoom" min="1" max="5" step="any" value="1"/>
            </label>
            {fields}
        </div>
    }
    .into_any()
}

/// Off until there is a picture, so that nothing is said of a part of none.
fn crop_field(of: &'static str) -> AnyView {
    view! { <input type="hidden" name=format!("crop_{of}") data-of=of disabled=true/> }.into_any()
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
