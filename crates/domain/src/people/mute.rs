//! Not seeing somebody's posts, without their knowing.

use entity::{account, mute};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Set};
use wire::UserId;
use wire::conversations::Target;
use wire::people::PersonCard;

use super::search::card;
use super::{PeopleError, other};
use crate::limits::Limit;
use crate::notifications::hush;
use crate::{Caller, Services, clock, tx::Tx};

/// Mutes `target`; again changes nothing.
///
/// # Errors
/// [`PeopleError::NotFound`] for nobody, [`PeopleError::Invalid`] for oneself.
pub async fn mute(
    services: &Services,
    caller: &Caller,
    target: &Target,
) -> Result<(), PeopleError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let tx = Tx::begin(&services.store, &services.hub).await?;
    let muted = other(tx.rows(), caller, target).await?;
    let row = mute::ActiveModel {
        muter_id: Set(caller.user_id.0),
        muted_id: Set(muted.id),
        created_at: Set(clock::now().0),
    };
    let once = OnConflict::new().do_nothing().to_owned();
    mute::Entity::insert(row).on_conflict(once).exec_without_returning(tx.rows()).await?;
    hush(&tx, caller.user_id, UserId(muted.id)).await?;
    Ok(tx.commit().await?)
}

/// Takes it back.
///
/// # Errors
/// As [`mute`].
pub async fn unmute(
    services: &Services,
    caller: &Caller,
    target: &Target,
) -> Result<(), PeopleError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let tx = Tx::begin(&services.store, &services.hub).await?;
    let muted = other(tx.rows(), caller, target).await?;
    mute::Entity::delete_by_id((caller.user_id.0, muted.id)).exec(tx.rows()).await?;
    Ok(tx.commit().await?)
}

/// Those whose posts the caller does not see, by name.
///
/// # Errors
/// Where the database does not answer.
pub async fn muted_people(
    services: &Services,
    caller: &Caller,
) -> Result<Vec<PersonCard>, PeopleError> {
    let rows = &services.store.read;
    let own = mute::Column::MuterId.eq(caller.user_id.0);
    let muted = mute::Entity::find().filter(own).all(rows).await?;
    let people = account::Entity::find()
        .filter(account::Column::Id.is_in(muted.into_iter().map(|row| row.muted_id)))
        .order_by_asc(account::Column::UsernameKey)
        .all(rows)
        .await?;
    Ok(people.into_iter().map(card).collect())
}
