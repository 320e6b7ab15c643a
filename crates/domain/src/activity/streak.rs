//! How many days in a row somebody has been here.

use sea_orm::{DbBackend, FromQueryResult, Statement, Value};
use wire::activity::Streak;
use wire::{UnixMillis, UserId};

use super::{DAY_MS, today};
use crate::people::PeopleError;
use crate::{Caller, Services};

/// The streak of `of`, in UTC. Whoever asks for their own is here today.
///
/// # Errors
/// Where the database does not answer.
pub async fn streak(
    services: &Services,
    viewer: Option<&Caller>,
    of: UserId,
) -> Result<Streak, PeopleError> {
    let today = today();
    let is_here = viewer.is_some_and(|viewer| viewer.user_id == of);
    streak_at(services, of, today, is_here).await
}

#[derive(FromQueryResult)]
struct Row {
    going: Option<i64>,
    longest: Option<i64>,
}

/// `is_here`: whether `today` counts, whatever is written down by now.
async fn streak_at(
    services: &Services,
    of: UserId,
    today: i32,
    is_here: bool,
) -> Result<Streak, PeopleError> {
    let rows = &services.store.read;
    let query = runs_query(services.store.backend(), of, today, is_here);
    let runs = Row::find_by_statement(query).one(rows).await?;
    let (going, longest) = runs.map_or((None, None), |runs| (runs.going, runs.longest));
    let monday = monday_of(today);
    Ok(Streak {
        current: going.unwrap_or(0),
        longest: longest.unwrap_or(0),
        week: week(services, of, monday, is_here.then_some(today)).await?,
        week_start: UnixMillis(i64::from(monday) * DAY_MS).to_string().chars().take(10).collect(),
    })
}

/// Days in a row differ from their place in the list by the same number.
pub(super) fn runs_query(backend: DbBackend, of: UserId, today: i32, is_here: bool) -> Statement {
    let and_today = if is_here { "UNION SELECT $2" } else { "" };
    let sql = format!(
        "SELECT MAX(CASE WHEN runs.ended >= $2 - 1 THEN runs.days END) AS going, \
         MAX(runs.days) AS longest FROM (SELECT MAX(day) AS ended, COUNT(*) AS days FROM (\
         SELECT day, day - ROW_NUMBER() OVER (ORDER BY day) AS run FROM (\
         SELECT day FROM visit WHERE account_id = $1 {and_today}) AS here) AS placed \
         GROUP BY run) AS runs"
    );
    let values: [Value; 2] = [of.0.into(), today.into()];
    Statement::from_sql_and_values(backend, sql, values)
}

/// 1970-01-01 was a Thursday.
fn monday_of(day: i32) -> i32 {
    day - (day + 3).rem_euclid(7)
}

async fn week(
    services: &Services,
    of: UserId,
    monday: i32,
    here: Option<i32>,
) -> Result<[bool; 7], PeopleError> {
    #[derive(FromQueryResult)]
    struct Row {
        day: i32,
    }
    let sql = "SELECT day FROM visit WHERE account_id = $1 AND day BETWEEN $2 AND $3";
    let values: [Value; 3] = [of.0.into(), monday.into(), (monday + 6).into()];
    let query = Statement::from_sql_and_values(services.store.backend(), sql, values);
    let found = Row::find_by_statement(query).all(&services.store.read).await?;
    let mut week = [false; 7];
    for day in found.into_iter().map(|row| row.day).chain(here) {
        let place = usize::try_from(day - monday).ok();
        if let Some(day) = place.and_then(|place| week.get_mut(place)) {
            *day = true;
        }
    }
    Ok(week)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_begins_on_its_monday() {
        // 1970-01-05 was a Monday.
        for (day, monday) in [(4, 4), (5, 4), (10, 4), (11, 11), (0, -3), (-3, -3), (-4, -10)] {
            assert_eq!(monday_of(day), monday, "{day}");
        }
    }
}
