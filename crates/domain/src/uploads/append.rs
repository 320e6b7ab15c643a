//! The next piece of an upload.

use bytes::Bytes;
use sea_orm::Value;
use uuid::Uuid;

use super::UploadError;
use super::finish::finish;
use super::rows::{Upload, key, run, upload};
use crate::limits::Limit;
use crate::{Caller, Services, clock, tx::Tx};

/// Puts `bytes` at the end of what is there, which has to be at `offset`, and answers with how it stands
/// then. The last piece makes a picture of the whole; where that was not done for another reason than the
/// picture, an empty piece at the end tries again.
///
/// # Errors
/// [`UploadError::NotFound`], [`UploadError::Elsewhere`], [`UploadError::TooLong`],
/// [`UploadError::Picture`] for what is no picture, of which nothing is kept; too many acts, or a disk or a
/// database that does not answer.
pub async fn append(
    services: &Services,
    caller: &Caller,
    id: Uuid,
    offset: u64,
    bytes: Bytes,
) -> Result<Upload, UploadError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let before = upload(services, caller, id).await?;
    if before.received != offset {
        return Err(UploadError::Elsewhere(before.received));
    }
    let added = bytes.len() as u64;
    if offset + added > before.length {
        return Err(UploadError::TooLong);
    }
    let received = offset + added;
    if added > 0 {
        keep(services, caller, &before, bytes).await?;
    }
    let now = Upload { received, ..before };
    if received < now.length || now.picture.is_some() {
        return Ok(now);
    }
    finish(services, caller, now).await
}

/// The file first: a row whose file is missing would be a lie.
async fn keep(
    services: &Services,
    caller: &Caller,
    upload: &Upload,
    bytes: Bytes,
) -> Result<(), UploadError> {
    let (part, length) = (Uuid::now_v7(), bytes.len());
    let file = key(part)?;
    services.settings.blobs.put(&file, bytes).await?;
    let kept = write_down(services, upload, part, length).await;
    // After any other failure it may be written down, after all.
    if let Ok(false) = kept {
        services.settings.blobs.delete(&file).await?;
        let now = super::upload(services, caller, upload.id).await?;
        return Err(UploadError::Elsewhere(now.received));
    }
    kept.map(drop)
}

/// False where another piece came first.
async fn write_down(
    services: &Services,
    upload: &Upload,
    part: Uuid,
    length: usize,
) -> Result<bool, UploadError> {
    let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let (offset, length) = (number(upload.received), number(length as u64));
    let tx = Tx::begin(&services.store, &services.hub).await?;
    let sql = "UPDATE upload SET received = received + $3 \
        WHERE id = $1 AND received = $2 AND expires_at > $4";
    let values: [Value; 4] =
        [upload.id.into(), offset.into(), length.into(), clock::now().0.into()];
    if run(&tx, sql, values).await? == 0 {
        return Ok(false);
    }
    let sql = "INSERT INTO upload_part (id, upload_id, position, length) VALUES ($1, $2, $3, $4)";
    let values: [Value; 4] = [part.into(), upload.id.into(), offset.into(), length.into()];
    run(&tx, sql, values).await?;
    tx.commit().await?;
    Ok(true)
}
