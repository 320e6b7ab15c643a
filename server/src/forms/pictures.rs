//! Pictures in forms that carry other things, too.

use app::text::Texts;
use domain::media::{MediaError, store_picture};
use wire::media::PictureKind;
use wire::{MediaId, Problem};

use super::Sent;
use crate::state::AppState;
use crate::uploads::crop_of;

/// Why a picture was not taken, in words; `None` where that is not its fault.
pub(super) fn words(texts: Texts, error: &MediaError) -> Option<&'static str> {
    match error {
        MediaError::NotAPicture | MediaError::Crop => Some(texts.media_unknown()),
        MediaError::TooLarge => Some(texts.media_large()),
        MediaError::TooOften { .. } | MediaError::Store(_) => None,
    }
}

/// Keeps the picture in the field `name`, if there is one; of it the part that the form names.
///
/// # Errors
/// Why it was not taken, beside the field.
pub(super) async fn take(
    state: &AppState,
    sent: &mut Sent,
    name: &'static str,
    kind: PictureKind,
) -> Result<Option<MediaId>, Problem> {
    let Some(bytes) = sent.files.remove(name) else { return Ok(None) };
    let crop = crop_of(|name| sent.fields.all(name).last());
    match store_picture(&state.services, &sent.caller, kind, bytes, crop).await {
        Ok(picture) => Ok(Some(picture.id)),
        Err(error) => Err(match words(sent.asked.texts(), &error) {
            Some(words) => Problem::field(name, words),
            None => error.into(),
        }),
    }
}
