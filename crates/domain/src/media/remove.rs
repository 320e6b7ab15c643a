//! Taking pictures away: the row with what showed it, the files by a job.

use entity::media;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use wire::media::PictureKind;
use wire::{MediaId, UserId};

use super::store_picture::key;
use crate::{Services, StoreError, jobs, tx::Tx};

pub(crate) const REMOVE_FILES: &str = "remove_files";

/// The payload of a [`REMOVE_FILES`] job.
#[derive(Serialize, Deserialize)]
struct Files {
    id: Uuid,
    kind: PictureKind,
}

/// Forgets a picture that nothing shows any more. Its files go as soon as `tx` has been committed.
pub(crate) async fn forget_picture(tx: &Tx<'_>, id: MediaId) -> Result<(), StoreError> {
    let row = media::Entity::find_by_id(id.0).one(tx.rows()).await?;
    forget(tx, row.into_iter().collect()).await
}

/// As [`forget_picture`], for everything that somebody has sent.
pub(crate) async fn forget_pictures_of(tx: &Tx<'_>, owner: UserId) -> Result<(), StoreError> {
    let theirs = media::Column::OwnerId.eq(owner.0);
    forget(tx, media::Entity::find().filter(theirs).all(tx.rows()).await?).await
}

/// As [`forget_picture`], for each of these.
pub(super) async fn forget_all(tx: &Tx<'_>, ids: Vec<Uuid>) -> Result<(), StoreError> {
    let these = media::Column::Id.is_in(ids);
    forget(tx, media::Entity::find().filter(these).all(tx.rows()).await?).await
}

async fn forget(tx: &Tx<'_>, rows: Vec<media::Model>) -> Result<(), StoreError> {
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    for row in rows {
        let Some(kind) = PictureKind::from_word(&row.kind) else { continue };
        let payload = serde_json::to_string(&Files { id: row.id, kind }).unwrap_or_default();
        jobs::enqueue(tx, REMOVE_FILES, payload).await?;
    }
    media::Entity::delete_many().filter(media::Column::Id.is_in(ids)).exec(tx.rows()).await?;
    Ok(())
}

/// The job. Files that are gone already are no mistake.
pub(crate) async fn remove_files(services: &Services, payload: &str) -> Result<(), String> {
    let files: Files = serde_json::from_str(payload).map_err(|error| error.to_string())?;
    for size in files.kind.sizes() {
        let key = key(MediaId(files.id), *size).map_err(|error| error.to_string())?;
        services.settings.blobs.delete(&key).await.map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// What was written before the rest failed.
pub(super) async fn throw_away(services: &Services, id: MediaId, kind: PictureKind) {
    for key in kind.sizes().iter().filter_map(|size| key(id, *size).ok()) {
        if let Err(error) = services.settings.blobs.delete(&key).await {
            tracing::warn!(%error, "a file that nobody needs stays behind");
        }
    }
}
