//! Reading a picture.

use blob_store::Blob;
use wire::MediaId;
use wire::media::PictureKind;

use super::MediaError;
use super::store_picture::key;
use crate::Services;

/// The file of a picture in one of its sizes; `None` where there is none. Whoever has an address may
/// look: the id in it cannot be guessed.
///
/// # Errors
/// Where the files cannot be reached.
pub async fn open_picture(
    services: &Services,
    id: MediaId,
    size: u32,
) -> Result<Option<Blob>, MediaError> {
    let kinds =
        [PictureKind::Avatar, PictureKind::Banner, PictureKind::Cover, PictureKind::Picture];
    if !kinds.iter().any(|kind| kind.sizes().contains(&size)) {
        return Ok(None);
    }
    Ok(services.settings.blobs.get(&key(id, size)?).await?)
}
