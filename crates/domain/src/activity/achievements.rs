//! What somebody has achieved: given by whatever changes the number that it is counted in, and told once.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};
use wire::activity::{Achievement, Earned, Measure, Record};
use wire::notifications::NewsKind;
use wire::{UnixMillis, UserId};

use super::{streak, today};
use crate::limits::Limit;
use crate::notifications::{Event, tell};
use crate::people::PeopleError;
use crate::{Caller, Services, StoreError, clock, tx::Tx};

/// How much of it the account `$1` has, in SQL; `$5` is today.
fn amount(measure: Measure) -> &'static str {
    match measure {
        Measure::Posts => "(SELECT posts_count FROM account WHERE id = $1)",
        Measure::Karma => "(SELECT karma FROM account WHERE id = $1)",
        Measure::Followers => "(SELECT followers_count FROM account WHERE id = $1)",
        Measure::Communities => {
            "(SELECT COUNT(*) FROM community_member WHERE account_id = $1 AND state = 'active')"
        }
        // As many days as are asked for, among just as many that end today.
        Measure::DaysInARow => {
            "(SELECT COUNT(*) FROM visit WHERE account_id = $1 AND day > $5 - $4 AND day <= $5)"
        }
    }
}

/// Gives `who` whatever `measure` has become enough for, in the transaction that has changed it. What was
/// once given is not taken back.
///
/// # Errors
/// Where the database does not answer.
pub(crate) async fn earn(tx: &mut Tx<'_>, who: UserId, measure: Measure) -> Result<(), StoreError> {
    let ruled = |one: &Achievement| one.rule().0 == measure;
    for achievement in Achievement::ALL.into_iter().filter(ruled) {
        if give(tx, who, achievement).await? {
            let topic = achievement.topic();
            let kind = NewsKind::Achievement;
            tell(tx, Event { to: who, kind, by: who, topic, subject: topic }).await?;
        }
    }
    Ok(())
}

/// Whether it was given just now.
async fn give(tx: &Tx<'_>, who: UserId, achievement: Achievement) -> Result<bool, StoreError> {
    let (measure, least) = achievement.rule();
    let is_enough = format!("{} >= $4 AND $5 > 0", amount(measure));
    let sql = format!(
        "INSERT INTO achievement (account_id, name, earned_at) SELECT $1, $2, $3 WHERE {is_enough} \
         ON CONFLICT (account_id, name) DO NOTHING"
    );
    let values: [Value; 5] = [
        who.0.into(),
        achievement.as_str().into(),
        clock::now().0.into(),
        least.into(),
        i64::from(today()).into(),
    ];
    let insert = Statement::from_sql_and_values(tx.rows().get_database_backend(), sql, values);
    Ok(tx.rows().execute_raw(insert).await?.rows_affected() == 1)
}

/// What somebody has achieved, what came first first.
///
/// # Errors
/// Where the database does not answer.
pub async fn achievements(services: &Services, of: UserId) -> Result<Vec<Earned>, PeopleError> {
    listed(services, of, "").await
}

/// What the caller has achieved and has not marked as shown; it stays so until they do.
///
/// # Errors
/// Where the database does not answer.
pub async fn pending(services: &Services, caller: &Caller) -> Result<Vec<Earned>, PeopleError> {
    listed(services, caller.user_id, "AND shown_at IS NULL").await
}

async fn listed(services: &Services, of: UserId, more: &str) -> Result<Vec<Earned>, PeopleError> {
    #[derive(FromQueryResult)]
    struct Row {
        name: String,
        earned_at: i64,
    }
    let sql = format!(
        "SELECT name, earned_at FROM achievement WHERE account_id = $1 {more} ORDER BY earned_at, name"
    );
    let query = Statement::from_sql_and_values(services.store.backend(), sql, [of.0.into()]);
    let rows = Row::find_by_statement(query).all(&services.store.read).await?;
    let known = |row: Row| {
        let achievement = Achievement::from_word(&row.name)?;
        Some(Earned { achievement, at: UnixMillis(row.earned_at) })
    };
    Ok(rows.into_iter().filter_map(known).collect())
}

/// Notes that the caller was shown an achievement of theirs. Again it changes nothing.
///
/// # Errors
/// [`PeopleError::NotFound`] where they do not have it.
pub async fn mark_shown(
    services: &Services,
    caller: &Caller,
    achievement: Achievement,
) -> Result<(), PeopleError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let tx = Tx::begin(&services.store, &services.hub).await?;
    let sql = "UPDATE achievement SET shown_at = COALESCE(shown_at, $3) \
         WHERE account_id = $1 AND name = $2";
    let values: [Value; 3] =
        [caller.user_id.0.into(), achievement.as_str().into(), clock::now().0.into()];
    let update = Statement::from_sql_and_values(services.store.backend(), sql, values);
    if tx.rows().execute_raw(update).await?.rows_affected() == 0 {
        return Err(PeopleError::NotFound);
    }
    Ok(tx.commit().await?)
}

/// What the profile of `of` says of what they have done here. Whether `viewer` may see that profile is the
/// asker's to know.
///
/// # Errors
/// Where the database does not answer.
pub async fn record(
    services: &Services,
    viewer: Option<&Caller>,
    of: UserId,
) -> Result<Record, PeopleError> {
    #[derive(FromQueryResult)]
    struct Row {
        karma: i64,
        posts_count: i64,
        followers_count: i64,
        communities_count: i64,
    }
    // Whatever an achievement is counted in, in one question.
    let communities = amount(Measure::Communities);
    let sql = format!(
        "SELECT karma, posts_count, followers_count, {communities} AS communities_count \
         FROM account WHERE id = $1"
    );
    let query = Statement::from_sql_and_values(services.store.backend(), sql, [of.0.into()]);
    let Some(row) = Row::find_by_statement(query).one(&services.store.read).await? else {
        return Ok(Record::default());
    };
    Ok(Record {
        karma: row.karma,
        posts_count: row.posts_count,
        followers_count: row.followers_count,
        communities_count: row.communities_count,
        streak: streak(services, viewer, of).await?,
        earned: achievements(services, of).await?,
    })
}
