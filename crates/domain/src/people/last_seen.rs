//! When somebody was last here.

use std::sync::Arc;

use entity::account;
use realtime::Hub;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use wire::people::LastSeen;
use wire::{UnixMillis, UserId};

use super::PeopleError;
use crate::together::Together;
use crate::{Services, Store, clock, tx::Tx};

/// People whose rows one statement changes.
const STEP: usize = 500;

/// Writes down that these people were here until now: for the end of their last connection.
///
/// # Errors
/// Where the database does not answer.
pub async fn touch_last_seen(services: &Services, who: &[UserId]) -> Result<(), PeopleError> {
    touch(&services.store, &services.hub, who).await
}

/// The door for everybody who leaves, since all may leave at once.
pub(crate) fn departures(store: Store, hub: Arc<Hub>) -> Together<UserId, ()> {
    Together::start(move |who: Vec<UserId>| {
        let (store, hub) = (store.clone(), hub.clone());
        async move {
            if let Err(error) = touch(&store, &hub, &who).await {
                tracing::warn!(%error, "writing down when somebody was last here");
            }
            vec![(); who.len()]
        }
    })
}

async fn touch(store: &Store, hub: &Hub, who: &[UserId]) -> Result<(), PeopleError> {
    let tx = Tx::begin(store, hub).await?;
    for some in who.chunks(STEP) {
        account::Entity::update_many()
            .col_expr(account::Column::LastSeen, Expr::value(clock::now().0))
            .filter(account::Column::Id.is_in(some.iter().map(|id| id.0)))
            .exec(tx.rows())
            .await?;
    }
    Ok(tx.commit().await?)
}

/// When `who` was last here, as others may know it; `None` where they hide it or never were.
///
/// # Errors
/// Where the database does not answer.
pub async fn last_seen_of(
    services: &Services,
    who: UserId,
) -> Result<Option<LastSeen>, PeopleError> {
    let row = account::Entity::find_by_id(who.0).one(&services.store.read).await?;
    Ok(row.and_then(|row| shown(&row)))
}

pub(super) fn shown(row: &account::Model) -> Option<LastSeen> {
    let seen = row.last_seen.filter(|_| row.show_presence)?;
    Some(LastSeen::between(UnixMillis(seen), clock::now()))
}
