//! The picture over a post, in its editor. Without script it goes with the rest of the form; the editor's
//! script sends it at once.

use leptos::prelude::*;
use wire::MediaId;
use wire::media::{ALT_MAX, PICTURE_TYPES, PictureKind};
use wire::posts::PostCard as Card;

use super::editor::typed;
use crate::page::page;
use crate::text::texts;
use crate::ui::Picture;

#[component]
pub(super) fn CoverField(card: Option<Card>) -> impl IntoView {
    let texts = texts();
    let stored = card.as_ref().and_then(|card| card.cover);
    let id = typed("cover_id", || stored.map(|id| id.to_string()).unwrap_or_default());
    let alt = typed("cover_alt", || card.map(|card| card.cover_alt).unwrap_or_default());
    let is_to_go = !page().value("cover_remove").is_empty();
    let shown = id.parse::<MediaId>().ok();
    view! {
        <fieldset class="cover-field" data-cover="" class:cover-field--there=shown.is_some()>
            <legend class="field__label">{texts.posts_cover()}</legend>
            <div class="cover-field__shown" data-cover-shown="">
                {shown.map(|id| view! {
                    <Picture id kind=PictureKind::Cover class="cover-field__picture" alt="" sizes="(width < 46rem) 100vw, 40rem"/>
                })}
            </div>
            <input type="hidden" name="cover_id" value=id/>
            <div class="field">
                <label class="visually-hidden" for="cover">{texts.posts_cover_file()}</label>
                <input class="field__input field__file" id="cover" name="cover" type="file" accept=PICTURE_TYPES
                    aria-describedby="cover-hint"/>
                <p class="field__hint" id="cover-hint">{texts.posts_cover_hint()}</p>
                <div class="uploads" data-uploads-for="cover"></div>
            </div>
            <div class="field cover-field__alt">
                <label class="field__label" for="cover_alt">{texts.media_alt()}</label>
                <input class="field__input" id="cover_alt" name="cover_alt" value=alt dir="auto" maxlength=ALT_MAX
                    autocomplete="off" aria-describedby="cover_alt-hint"/>
                <p class="field__hint" id="cover_alt-hint">{texts.media_alt_hint()}</p>
            </div>
            <label class="check cover-field__remove">
                <input type="checkbox" name="cover_remove" value="1" checked=is_to_go/>
                <span>{texts.posts_cover_remove()}</span>
            </label>
        </fieldset>
    }
    .into_any()
}
