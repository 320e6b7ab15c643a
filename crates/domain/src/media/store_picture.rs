//! Taking a picture in.

use blob_store::Key;
use bytes::Bytes;
use entity::media;
use sea_orm::{EntityTrait, Set};
use wire::MediaId;
use wire::media::PictureKind;

use super::develop::{Crop, Developed};
use super::{MediaError, remove};
use crate::limits::Limit;
use crate::{Caller, Services, StoreError, clock, tx::Tx};

/// A picture that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Picture {
    pub id: MediaId,
    pub kind: PictureKind,
    /// Of its largest size, in pixels.
    pub width: u32,
    pub height: u32,
}

/// Looks at `bytes` by their content, turns them upright, cuts out `crop` and of it the shape of `kind`,
/// and keeps the sizes of `kind` as the caller's: `wire::media::picture_address` says where each is had.
/// What shows it names its id; whoever stops showing it calls `forget_picture`.
///
/// # Errors
/// [`MediaError::NotAPicture`], [`MediaError::TooLarge`] and [`MediaError::Crop`] belong beside the field;
/// too many acts, or a disk or a database that does not answer.
pub async fn store_picture(
    services: &Services,
    caller: &Caller,
    kind: PictureKind,
    bytes: Bytes,
    crop: Option<Crop>,
) -> Result<Picture, MediaError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let developed = services.darkroom.develop(kind, bytes, crop).await?;
    let (width, height) = (developed.width, developed.height);
    let picture = Picture { id: MediaId::new(), kind, width, height };
    let kept = keep(services, caller, picture, developed).await;
    if kept.is_err() {
        remove::throw_away(services, picture.id, kind).await;
    }
    kept.map(|()| picture)
}

/// The files first: a row whose files are missing would be a lie.
async fn keep(
    services: &Services,
    caller: &Caller,
    picture: Picture,
    developed: Developed,
) -> Result<(), MediaError> {
    let bytes: usize = developed.prints.iter().map(|(_, file)| file.len()).sum();
    for (size, file) in developed.prints {
        services.settings.blobs.put(&key(picture.id, size)?, file).await?;
    }
    let row = media::ActiveModel {
        id: Set(picture.id.0),
        owner_id: Set(caller.user_id.0),
        kind: Set(picture.kind.as_str().into()),
        width: Set(i32::try_from(picture.width).unwrap_or(i32::MAX)),
        height: Set(i32::try_from(picture.height).unwrap_or(i32::MAX)),
        bytes: Set(i64::try_from(bytes).unwrap_or(i64::MAX)),
        alt: Set(String::new()),
        created_at: Set(clock::now().0),
    };
    let tx = Tx::begin(&services.store, &services.hub).await?;
    media::Entity::insert(row).exec_without_returning(tx.rows()).await?;
    Ok(tx.commit().await?)
}

/// The name of the file of one size.
pub(super) fn key(id: MediaId, size: u32) -> Result<Key, StoreError> {
    let invalid = |_| StoreError::Failed(sea_orm::DbErr::Custom("the name of a picture".into()));
    Key::new(id.0, &format!("{size}.webp")).map_err(invalid)
}
