//! Liking and disliking: one row for each reader, so that they never stand together.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use uuid::Uuid;
use wire::UserId;
use wire::activity::Measure;
use wire::notifications::NewsKind;

use super::PostError;
use super::days::{Tally, tally};
use super::place::{hold_visible, run};
use crate::activity::earn;
use crate::limits::Limit;
use crate::notifications::{Event, tell};
use crate::{Caller, Services, StoreError, clock, tx::Tx};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reaction {
    Like,
    Dislike,
}

impl Reaction {
    pub(super) fn value(self) -> i32 {
        match self {
            Self::Like => 1,
            Self::Dislike => -1,
        }
    }
}

/// What is to become of a reaction. The first two may be asked for again and again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Put,
    Take,
    /// Whatever it is not.
    Toggle,
}

impl Change {
    /// What stands there afterwards, from what stands there now.
    pub(super) fn of(self, reaction: Reaction, now: Option<i32>) -> Option<i32> {
        let value = reaction.value();
        match self {
            Self::Put => Some(value),
            Self::Toggle if now != Some(value) => Some(value),
            Self::Take if now != Some(value) => now,
            Self::Take | Self::Toggle => None,
        }
    }
}

/// Changes the caller's reaction to a post that they may see. Counts, and its author's karma, change with
/// it.
///
/// # Errors
/// [`PostError::NotFound`], or too often.
pub async fn react(
    services: &Services,
    caller: &Caller,
    key: &str,
    reaction: Reaction,
    change: Change,
) -> Result<(), PostError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let held = hold_visible(&tx, caller, key).await?;
    let moved = put(&tx, POSTS, held.id, caller.user_id.0, reaction, change).await?;
    let Some(Moved { likes, dislikes }) = moved else { return Ok(()) };
    let sql = "UPDATE post SET likes_count = likes_count + $2, dislikes_count = dislikes_count + $3, \
        scored_at = 0 WHERE id = $1";
    run(&tx, sql, vec![held.id.into(), likes.into(), dislikes.into()]).await?;
    let sql = "UPDATE account SET karma = karma + $2 WHERE id = $1";
    run(&tx, sql, vec![held.author_id.into(), (likes - dislikes).into()]).await?;
    if likes != 0 {
        tally(&tx, held.id, Tally::Likes, likes).await?;
    }
    if likes > 0 {
        let (to, by, kind) = (UserId(held.author_id), caller.user_id, NewsKind::PostLike);
        tell(&mut tx, Event { to, kind, by, topic: held.id, subject: held.id }).await?;
    }
    if likes > dislikes {
        earn(&mut tx, UserId(held.author_id), Measure::Karma).await?;
    }
    Ok(tx.commit().await?)
}

/// Table and column of what is reacted to.
pub(super) type Where = (&'static str, &'static str);
const POSTS: Where = ("post_reaction", "post_id");

/// By how much the counts have changed.
pub(super) struct Moved {
    pub(super) likes: i64,
    pub(super) dislikes: i64,
}

/// Writes the reaction down. What it is to has to be held, so that nobody counts it at the same time;
/// `None` where nothing changes.
pub(super) async fn put(
    tx: &Tx<'_>,
    place: Where,
    target: Uuid,
    who: Uuid,
    reaction: Reaction,
    change: Change,
) -> Result<Option<Moved>, StoreError> {
    let (table, column) = place;
    let old = present(tx, place, target, who).await?;
    let new = change.of(reaction, old);
    if new == old {
        return Ok(None);
    }
    match new {
        Some(value) => {
            let sql = format!(
                "INSERT INTO {table} ({column}, account_id, value, created_at) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT ({column}, account_id) DO UPDATE \
                 SET value = excluded.value, created_at = excluded.created_at"
            );
            let now = clock::now().0;
            run(tx, &sql, vec![target.into(), who.into(), value.into(), now.into()]).await?;
        }
        None => {
            let sql = format!("DELETE FROM {table} WHERE {column} = $1 AND account_id = $2");
            run(tx, &sql, vec![target.into(), who.into()]).await?;
        }
    }
    let by = |value| i64::from(new == Some(value)) - i64::from(old == Some(value));
    Ok(Some(Moved { likes: by(1), dislikes: by(-1) }))
}

async fn present(
    tx: &Tx<'_>,
    (table, column): Where,
    target: Uuid,
    who: Uuid,
) -> Result<Option<i32>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        value: i32,
    }
    let sql = format!("SELECT value FROM {table} WHERE {column} = $1 AND account_id = $2");
    let values = [target.into(), who.into()];
    let query = Statement::from_sql_and_values(tx.rows().get_database_backend(), sql, values);
    Ok(Row::find_by_statement(query).one(tx.rows()).await?.map(|row| row.value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s_43_putting_and_taking_may_be_repeated_and_toggling_turns_round() {
        use Change::{Put, Take, Toggle};
        use Reaction::{Dislike, Like};
        for (change, reaction, now, after) in [
            (Put, Like, None, Some(1)),
            (Put, Like, Some(1), Some(1)),
            (Put, Like, Some(-1), Some(1)),
            (Take, Like, Some(1), None),
            (Take, Like, None, None),
            (Take, Like, Some(-1), Some(-1)),
            (Toggle, Like, Some(1), None),
            (Toggle, Dislike, Some(1), Some(-1)),
            (Toggle, Dislike, None, Some(-1)),
        ] {
            assert_eq!(change.of(reaction, now), after, "{change:?} {reaction:?} {now:?}");
        }
    }
}
