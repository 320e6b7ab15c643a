//! From the pieces to a picture.

use bytes::{Bytes, BytesMut};
use sea_orm::Value;
use wire::MediaId;

use super::UploadError;
use super::abandon::forget;
use super::rows::{Part, Upload, key, parts, run};
use super::sweep::throw_away;
use crate::media::{MediaError, forget_picture, store_picture};
use crate::{Caller, Services, tx::Tx};

/// Makes the picture, once, however many ask for it at once. What is no picture is forgotten.
pub(super) async fn finish(
    services: &Services,
    caller: &Caller,
    upload: Upload,
) -> Result<Upload, UploadError> {
    let parts = parts(&services.store.read, upload.id).await?;
    let whole = whole(services, &upload, &parts).await?;
    match store_picture(services, caller, upload.kind, whole, None).await {
        Ok(picture) => show(services, caller, upload, picture.id, &parts).await,
        Err(error @ (MediaError::NotAPicture | MediaError::TooLarge | MediaError::Crop)) => {
            forget(services, caller, upload.id).await?;
            Err(UploadError::Picture(error))
        }
        Err(error) => Err(UploadError::Picture(error)),
    }
}

async fn whole(services: &Services, upload: &Upload, parts: &[Part]) -> Result<Bytes, UploadError> {
    let mut whole = BytesMut::with_capacity(usize::try_from(upload.length).unwrap_or(0));
    for part in parts {
        // Somebody else has just been faster, or a file is gone.
        let blob = services.settings.blobs.get(&key(part.id)?).await?;
        let bytes = blob.ok_or(UploadError::NotFound)?.whole().await;
        whole.extend_from_slice(&bytes.map_err(blob_store::BlobError::from)?);
    }
    if whole.len() as u64 == upload.length {
        Ok(whole.freeze())
    } else {
        Err(UploadError::NotFound)
    }
}

async fn show(
    services: &Services,
    caller: &Caller,
    upload: Upload,
    picture: MediaId,
    parts: &[Part],
) -> Result<Upload, UploadError> {
    let tx = Tx::begin(&services.store, &services.hub).await?;
    let sql = "UPDATE upload SET media_id = $2 WHERE id = $1 AND media_id IS NULL";
    let values: [Value; 2] = [upload.id.into(), picture.0.into()];
    let is_first = run(&tx, sql, values).await? == 1;
    if is_first {
        run(&tx, "DELETE FROM upload_part WHERE upload_id = $1", [upload.id.into()]).await?;
        throw_away(&tx, parts).await?;
    } else {
        forget_picture(&tx, picture).await?;
    }
    tx.commit().await?;
    services.due.notify_one();
    match is_first {
        true => Ok(Upload { picture: Some(picture), ..upload }),
        false => super::upload(services, caller, upload.id).await,
    }
}
