//! Keeping somebody away. It works both ways, and the other side is not told.

use entity::{account, block, conversation, membership};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, Set};
use wire::UserId;
use wire::conversations::Target;
use wire::people::PersonCard;

use super::search::card;
use super::{PeopleError, other};
use crate::chat::{direct_key, hold_conversation, met, parted, whom_one_knows};
use crate::limits::Limit;
use crate::notifications::hush;
use crate::profiles::{hold_both, unfollow_pair};
use crate::{Caller, Services, StoreError, clock, tx::Tx};

/// Blocks `target`: neither can write to the other or find the other, no presence, typing or receipt
/// goes between them, and neither follows the other. A request of theirs is out of sight. Blocking again
/// changes nothing.
///
/// # Errors
/// [`PeopleError::NotFound`] for nobody, [`PeopleError::Invalid`] for oneself.
pub async fn block(
    services: &Services,
    caller: &Caller,
    target: &Target,
) -> Result<(), PeopleError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let tx = Tx::begin(&services.store, &services.hub).await?;
    let blocked = other(tx.rows(), caller, target).await?;
    let knew = whom_one_knows(&tx, caller.user_id).await?;
    write_block(&tx, caller.user_id, UserId(blocked.id)).await?;
    tx.commit().await?;
    parted(services, caller.user_id, knew);
    Ok(())
}

/// Takes it back. What the block ended (follows, a request) stays ended.
///
/// # Errors
/// As [`block`].
pub async fn unblock(
    services: &Services,
    caller: &Caller,
    target: &Target,
) -> Result<(), PeopleError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let tx = Tx::begin(&services.store, &services.hub).await?;
    let blocked = other(tx.rows(), caller, target).await?;
    block::Entity::delete_by_id((caller.user_id.0, blocked.id)).exec(tx.rows()).await?;
    tx.commit().await?;
    met(services, [caller.user_id], [UserId(blocked.id)]);
    Ok(())
}

/// Those whom the caller keeps away, by name.
///
/// # Errors
/// Where the database does not answer.
pub async fn blocked_people(
    services: &Services,
    caller: &Caller,
) -> Result<Vec<PersonCard>, PeopleError> {
    let rows = &services.store.read;
    let own = block::Column::BlockerId.eq(caller.user_id.0);
    let blocked = block::Entity::find().filter(own).all(rows).await?;
    let people = account::Entity::find()
        .filter(account::Column::Id.is_in(blocked.into_iter().map(|row| row.blocked_id)))
        .order_by_asc(account::Column::UsernameKey)
        .all(rows)
        .await?;
    // Nothing of their presence is shown across a block.
    Ok(people.into_iter().map(|person| PersonCard { last_seen: None, ..card(person) }).collect())
}

/// Writes the block down, with everything that follows from it. The conversation of the two is held, so
/// that no message can pass the block on its way in.
pub(crate) async fn write_block(
    tx: &Tx<'_>,
    blocker: UserId,
    blocked: UserId,
) -> Result<(), StoreError> {
    let by_key = conversation::Column::DirectKey.eq(direct_key(blocker.0, blocked.0));
    let direct = conversation::Entity::find().filter(by_key).one(tx.rows()).await?;
    if let Some(direct) = direct {
        hold_conversation(tx, direct.id).await?;
        decline_request(tx, direct.id, blocker).await?;
    }
    // No follow can pass the block on its way in, either.
    hold_both(tx, blocker, blocked).await?;
    let row = block::ActiveModel {
        blocker_id: Set(blocker.0),
        blocked_id: Set(blocked.0),
        created_at: Set(clock::now().0),
    };
    let once = OnConflict::new().do_nothing().to_owned();
    block::Entity::insert(row).on_conflict(once).exec_without_returning(tx.rows()).await?;
    unfollow_pair(tx, blocker, blocked).await?;
    unfollow_pair(tx, blocked, blocker).await?;
    hush(tx, blocker, blocked).await?;
    hush(tx, blocked, blocker).await
}

async fn decline_request(
    tx: &Tx<'_>,
    conversation: uuid::Uuid,
    who: UserId,
) -> Result<(), StoreError> {
    membership::Entity::update_many()
        .col_expr(membership::Column::State, Expr::value("declined"))
        .filter(membership::Column::ConversationId.eq(conversation))
        .filter(membership::Column::AccountId.eq(who.0))
        .filter(membership::Column::State.eq("requested"))
        .exec(tx.rows())
        .await?;
    Ok(())
}
