//! Following somebody, and no longer.

use entity::{account, follow as follows};
use sea_orm::sea_query::OnConflict;
use sea_orm::{EntityTrait, FromQueryResult, Set, Statement};
use uuid::Uuid;
use wire::UserId;
use wire::accounts::username_key;
use wire::activity::Measure;
use wire::notifications::NewsKind;
use wire::profiles::Followed;

use super::counts::{count_follow, hold_both, unfollow_pair};
use super::seen_by;
use crate::activity::earn;
use crate::limits::Limit;
use crate::notifications::{Event, tell};
use crate::people::PeopleError;
use crate::{Caller, Services, clock, tx::Tx};

/// Follows somebody; again changes nothing.
///
/// # Errors
/// [`PeopleError::NotFound`] for nobody and across a block, [`PeopleError::Invalid`] for oneself.
pub async fn follow(
    services: &Services,
    caller: &Caller,
    username: &str,
) -> Result<Followed, PeopleError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let other = held_other(&tx, caller, username).await?;
    let row = follows::ActiveModel {
        follower_id: Set(caller.user_id.0),
        followee_id: Set(other.0),
        created_at: Set(clock::now().0),
    };
    let once = OnConflict::new().do_nothing().to_owned();
    let inserted =
        follows::Entity::insert(row).on_conflict(once).exec_without_returning(tx.rows()).await?;
    if inserted > 0 {
        count_follow(&tx, caller.user_id.0, other.0, 1).await?;
        let (topic, subject) = (other.0, other.0);
        let event = Event { to: other, kind: NewsKind::Follow, by: caller.user_id, topic, subject };
        tell(&mut tx, event).await?;
        earn(&mut tx, other, Measure::Followers).await?;
    }
    finish(tx, other, true).await
}

/// Follows somebody no longer; again changes nothing.
///
/// # Errors
/// As [`follow`].
pub async fn unfollow(
    services: &Services,
    caller: &Caller,
    username: &str,
) -> Result<Followed, PeopleError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let tx = Tx::begin(&services.store, &services.hub).await?;
    let other = held_other(&tx, caller, username).await?;
    unfollow_pair(&tx, caller.user_id, other).await?;
    finish(tx, other, false).await
}

async fn finish(tx: Tx<'_>, other: UserId, is_following: bool) -> Result<Followed, PeopleError> {
    let row = account::Entity::find_by_id(other.0).one(tx.rows()).await?;
    let row = row.ok_or(PeopleError::NotFound)?;
    tx.commit().await?;
    let (username, followers_count) = (row.username, row.followers_count);
    Ok(Followed { username, is_following, followers_count })
}

/// Somebody whom the caller can see, held together with the caller; whether they still can is asked
/// after that.
async fn held_other(tx: &Tx<'_>, caller: &Caller, username: &str) -> Result<UserId, PeopleError> {
    let other = visible(tx, caller, username).await?;
    if other == caller.user_id {
        return Err(PeopleError::Invalid { field: "username", why: "This is yourself." });
    }
    hold_both(tx, caller.user_id, other).await?;
    visible(tx, caller, username).await
}

async fn visible(tx: &Tx<'_>, caller: &Caller, username: &str) -> Result<UserId, PeopleError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
    }
    let seen = seen_by(2);
    let sql = format!("SELECT a.id FROM account a WHERE a.username_key = $1 AND {seen}");
    let values = [username_key(username.trim()).into(), caller.user_id.0.into()];
    let backend = sea_orm::ConnectionTrait::get_database_backend(tx.rows());
    let query = Statement::from_sql_and_values(backend, sql, values);
    let row = Row::find_by_statement(query).one(tx.rows()).await?;
    row.map(|row| UserId(row.id)).ok_or(PeopleError::NotFound)
}
