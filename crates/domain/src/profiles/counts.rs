//! How many follow somebody and whom they follow: changed with the follow itself.

use entity::follow;
use sea_orm::{ConnectionTrait, EntityTrait, Statement};
use uuid::Uuid;
use wire::UserId;

use crate::{StoreError, tx::Tx};

/// Holds two accounts until the transaction ends, always in the same order: two who follow each other at
/// once wait, and a block and a follow do not pass each other. SQLite has one writer anyway.
pub(crate) async fn hold_both(tx: &Tx<'_>, one: UserId, other: UserId) -> Result<(), StoreError> {
    let backend = tx.rows().get_database_backend();
    if backend == sea_orm::DbBackend::Sqlite {
        return Ok(());
    }
    let sql = "SELECT id FROM account WHERE id IN ($1, $2) ORDER BY id FOR NO KEY UPDATE";
    let hold = Statement::from_sql_and_values(backend, sql, [one.0.into(), other.0.into()]);
    tx.rows().query_all_raw(hold).await?;
    Ok(())
}

/// Whoever calls this holds both.
pub(super) async fn count_follow(
    tx: &Tx<'_>,
    follower: Uuid,
    followee: Uuid,
    by: i64,
) -> Result<(), StoreError> {
    for (column, id) in [("following_count", follower), ("followers_count", followee)] {
        let sql = format!("UPDATE account SET {column} = {column} + $1 WHERE id = $2");
        let backend = tx.rows().get_database_backend();
        let update = Statement::from_sql_and_values(backend, sql, [by.into(), id.into()]);
        tx.rows().execute_raw(update).await?;
    }
    Ok(())
}

/// Takes a follow away where there is one. Whoever calls this holds both.
pub(crate) async fn unfollow_pair(
    tx: &Tx<'_>,
    follower: UserId,
    followee: UserId,
) -> Result<(), StoreError> {
    let gone = follow::Entity::delete_by_id((follower.0, followee.0)).exec(tx.rows()).await?;
    if gone.rows_affected > 0 {
        count_follow(tx, follower.0, followee.0, -1).await?;
    }
    Ok(())
}
