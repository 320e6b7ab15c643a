//! Its icon, and the picture over its pages.

use entity::media;
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, Value};
use uuid::Uuid;
use wire::communities::{CommunityRight, Deed};
use wire::media::PictureKind;
use wire::{CommunityId, MediaId};

use super::CommunityError;
use super::acts::note;
use super::lists::seen;
use super::rows::{Which, execute, hold, one};
use crate::limits::Limit;
use crate::media::forget_picture;
use crate::{Caller, Services, tx::Tx};

/// Whether the caller may change the pictures of a community, before one is taken in.
///
/// # Errors
/// [`CommunityError::NotFound`], [`CommunityError::Forbidden`] for everybody but owner and admins.
pub async fn may_show_picture(
    services: &Services,
    caller: &Caller,
    slug: &str,
) -> Result<(), CommunityError> {
    let seen = seen(&services.store.read, Some(caller), slug).await?;
    let may = seen.standing.role().is_some_and(|role| role.may(CommunityRight::Change));
    if may { Ok(()) } else { Err(CommunityError::Forbidden) }
}

/// Shows a picture of the caller's as icon or cover of a community, or none, in place of the one before,
/// whose files go. Of another kind than the two nothing is shown.
///
/// # Errors
/// [`CommunityError::NotFound`], also where there is no such picture of the caller's;
/// [`CommunityError::Forbidden`] for everybody but owner and admins.
pub async fn show_picture(
    services: &Services,
    caller: &Caller,
    slug: &str,
    kind: PictureKind,
    picture: Option<MediaId>,
) -> Result<(), CommunityError> {
    let column = match kind {
        PictureKind::Icon => "icon_id",
        PictureKind::Cover => "cover_id",
        _ => return Ok(()),
    };
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let tx = Tx::begin(&services.store, &services.hub).await?;
    let held = hold(&tx, Which::Slug(slug), caller).await?;
    held.permit(CommunityRight::Change)?;
    if let Some(picture) = picture {
        is_own(&tx, caller, kind, picture).await?;
    }
    let before = shown(&tx, held.id, column).await?;
    let sql = format!("UPDATE community SET {column} = $2 WHERE id = $1");
    let values: [Value; 2] = [held.id.0.into(), picture.map(|picture| picture.0).into()];
    execute(tx.rows(), &sql, values).await?;
    if let Some(before) = before.filter(|before| Some(*before) != picture) {
        forget_picture(&tx, before).await?;
    }
    note(&tx, held.id, caller, Deed::Changed, None, "").await?;
    tx.commit().await?;
    services.due.notify_one();
    Ok(())
}

async fn is_own(
    tx: &Tx<'_>,
    caller: &Caller,
    kind: PictureKind,
    picture: MediaId,
) -> Result<(), CommunityError> {
    let own = media::Entity::find_by_id(picture.0)
        .filter(media::Column::OwnerId.eq(caller.user_id.0))
        .filter(media::Column::Kind.eq(kind.as_str()));
    own.one(tx.rows()).await?.map(drop).ok_or(CommunityError::NotFound)
}

async fn shown(
    tx: &Tx<'_>,
    community: CommunityId,
    column: &str,
) -> Result<Option<MediaId>, CommunityError> {
    #[derive(FromQueryResult)]
    struct Row {
        picture: Option<Uuid>,
    }
    let sql = format!("SELECT {column} AS picture FROM community WHERE id = $1");
    let row: Option<Row> = one(tx.rows(), &sql, [community.0.into()]).await?;
    Ok(row.and_then(|row| row.picture).map(MediaId))
}

/// Forgets both pictures of a community that ends.
pub(super) async fn forget_pictures(
    tx: &Tx<'_>,
    community: CommunityId,
) -> Result<(), CommunityError> {
    for column in ["icon_id", "cover_id"] {
        if let Some(picture) = shown(tx, community, column).await? {
            forget_picture(tx, picture).await?;
        }
    }
    Ok(())
}
