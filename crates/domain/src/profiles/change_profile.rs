//! One's own links and pictures.

use bytes::Bytes;
use entity::{account, profile_link};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};
use uuid::Uuid;
use wire::MediaId;
use wire::media::PictureKind;
use wire::profiles::{LinkFault, ProfileLink, checked_links};

use super::profile::links;
use super::proofs::{DUE, may_look};
use crate::limits::Limit;
use crate::media::{Crop, MediaError, forget_picture, store_picture};
use crate::people::PeopleError;
use crate::{Caller, Services, StoreError, clock, tx::Tx};

/// The links on the caller's profile, in their order.
///
/// # Errors
/// Where the database does not answer.
pub async fn own_links(
    services: &Services,
    caller: &Caller,
) -> Result<Vec<ProfileLink>, PeopleError> {
    Ok(links(services, caller.user_id.0).await?)
}

/// Puts these links in place of those that are there; without an address one is left out. A link that was
/// there before keeps its proof; the pages of those without one are looked at soon.
///
/// # Errors
/// [`PeopleError::Invalid`] for one that cannot be shown.
pub async fn change_links(
    services: &Services,
    caller: &Caller,
    wanted: &[ProfileLink],
) -> Result<(), PeopleError> {
    let wanted = checked_links(wanted).map_err(refused)?;
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let due = due_among(services, caller, &wanted).await?;
    let tx = Tx::begin(&services.store, &services.hub).await?;
    // Two who change them at once come one after the other.
    super::hold_both(&tx, caller.user_id, caller.user_id).await?;
    let own = profile_link::Column::AccountId.eq(caller.user_id.0);
    let before = profile_link::Entity::find().filter(own.clone()).all(tx.rows()).await?;
    profile_link::Entity::delete_many().filter(own).exec(tx.rows()).await?;
    for (link, position) in wanted.into_iter().zip(0..) {
        let known = before.iter().find(|row| row.url == link.url);
        let checked_at = known.map_or(clock::now().0, |row| row.checked_at);
        let row = profile_link::ActiveModel {
            account_id: Set(caller.user_id.0),
            position: Set(position),
            label: Set(link.label),
            proved_at: Set(known.and_then(|row| row.proved_at)),
            checked_at: Set(if due.contains(&link.url) { DUE } else { checked_at }),
            url: Set(link.url),
        };
        profile_link::Entity::insert(row).exec_without_returning(tx.rows()).await?;
    }
    tx.commit().await?;
    services.links_due.notify_one();
    Ok(())
}

/// Those without a proof that may be looked at now.
async fn due_among(
    services: &Services,
    caller: &Caller,
    wanted: &[ProfileLink],
) -> Result<Vec<String>, PeopleError> {
    let known = links(services, caller.user_id.0).await?;
    let is_proved =
        |url: &str| known.iter().any(|link| link.url == url && link.proved_at.is_some());
    let mut due = Vec::new();
    for ProfileLink { url, .. } in wanted {
        if !is_proved(url) && may_look(services, caller.user_id, url).await {
            due.push(url.clone());
        }
    }
    Ok(due)
}

fn refused(fault: LinkFault) -> PeopleError {
    let why = match fault {
        LinkFault::TooMany => "There are at most five links.",
        LinkFault::Label => "A link's label has at most 50 characters.",
        LinkFault::Url => "A link is an address of a page: https://example.org.",
    };
    PeopleError::Invalid { field: "links", why }
}

/// Shows a picture as the caller's avatar or banner, in place of the one before, whose files go.
///
/// # Errors
/// As [`store_picture`]. Of another kind than the two nothing is shown.
pub async fn set_picture(
    services: &Services,
    caller: &Caller,
    kind: PictureKind,
    bytes: Bytes,
    crop: Option<Crop>,
) -> Result<MediaId, MediaError> {
    let picture = store_picture(services, caller, kind, bytes, crop).await?;
    show(services, caller, kind, Some(picture.id)).await?;
    Ok(picture.id)
}

/// Shows no avatar or no banner any more; its files go.
///
/// # Errors
/// Too many acts, or a database that does not answer.
pub async fn remove_picture(
    services: &Services,
    caller: &Caller,
    kind: PictureKind,
) -> Result<(), MediaError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    Ok(show(services, caller, kind, None).await?)
}

async fn show(
    services: &Services,
    caller: &Caller,
    kind: PictureKind,
    picture: Option<MediaId>,
) -> Result<(), StoreError> {
    let column = match kind {
        PictureKind::Avatar => account::Column::AvatarId,
        PictureKind::Banner => account::Column::BannerId,
        _ => return Ok(()),
    };
    let tx = Tx::begin(&services.store, &services.hub).await?;
    let before = shown(&tx, caller, kind).await?;
    account::Entity::update_many()
        .col_expr(column, Expr::value(picture.map(|picture| picture.0)))
        .filter(account::Column::Id.eq(caller.user_id.0))
        .exec(tx.rows())
        .await?;
    if let Some(before) = before {
        forget_picture(&tx, MediaId(before)).await?;
    }
    tx.commit().await?;
    services.due.notify_one();
    Ok(())
}

/// Two who change it at once wait for each other, so that each picture is forgotten by somebody.
async fn shown(
    tx: &Tx<'_>,
    caller: &Caller,
    kind: PictureKind,
) -> Result<Option<Uuid>, StoreError> {
    super::hold_both(tx, caller.user_id, caller.user_id).await?;
    let row = account::Entity::find_by_id(caller.user_id.0).one(tx.rows()).await?;
    Ok(row.and_then(|row| match kind {
        PictureKind::Avatar => row.avatar_id,
        _ => row.banner_id,
    }))
}
