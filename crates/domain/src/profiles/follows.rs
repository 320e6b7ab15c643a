//! Those who follow somebody, and those whom somebody follows: the newest first, a step at a time.

use sea_orm::{DbBackend, FromQueryResult, Statement, Value};
use uuid::Uuid;
use wire::UserId;
use wire::profiles::{FOLLOWS_PAGE, Follows, Listed};

use super::listed;
use super::{reader, seen_by};
use crate::people::PeopleError;
use crate::{Caller, Services};

/// Most people of a list that is given whole.
const WHOLE: u64 = 1000;

/// Which end of a follow is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Followers,
    Following,
}

/// Where a step begins: after the follow that began then, with this person.
#[derive(Debug, Clone, Copy)]
struct Cursor(i64, Uuid);

impl Cursor {
    /// Later than every follow.
    const START: Self = Self(i64::MAX, Uuid::max());

    fn read(text: &str) -> Option<Self> {
        let (at, id) = text.split_once('.')?;
        Some(Self(at.parse().ok()?, Uuid::try_parse(id).ok()?))
    }
}

#[derive(FromQueryResult)]
struct Row {
    #[sea_orm(nested)]
    person: listed::Row,
    followed_at: i64,
}

/// A step through the follows of `of`, from the `next` of the step before on. Whom `viewer` does not see
/// is left out.
///
/// # Errors
/// [`PeopleError::Invalid`] for an `after` that is none, or a database that does not answer.
pub async fn follows(
    services: &Services,
    viewer: Option<&Caller>,
    of: UserId,
    direction: Direction,
    after: Option<&str>,
) -> Result<Follows, PeopleError> {
    let wrong = PeopleError::Invalid { field: "after", why: "This is not the next of a step." };
    let cursor = match after {
        Some(text) => Cursor::read(text).ok_or(wrong)?,
        None => Cursor::START,
    };
    step(services, viewer, of, direction, cursor, FOLLOWS_PAGE).await
}

/// Whom the caller follows, the newest first; at most a thousand.
///
/// # Errors
/// Where the database does not answer.
pub async fn all_followed(
    services: &Services,
    caller: &Caller,
) -> Result<Vec<Listed>, PeopleError> {
    let (of, direction) = (caller.user_id, Direction::Following);
    let all = step(services, Some(caller), of, direction, Cursor::START, WHOLE).await?;
    Ok(all.people)
}

async fn step(
    services: &Services,
    viewer: Option<&Caller>,
    of: UserId,
    direction: Direction,
    cursor: Cursor,
    limit: u64,
) -> Result<Follows, PeopleError> {
    let reader = reader(viewer);
    let limit = limit as usize;
    let query = query(services.store.backend(), reader, of, direction, cursor, limit as i64 + 1);
    let mut rows = Row::find_by_statement(query).all(&services.store.read).await?;
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| has_more);
    let next = last.map(|row| format!("{}.{}", row.followed_at, row.person.id));
    Ok(Follows { people: rows.into_iter().map(|row| row.person.listed(reader)).collect(), next })
}

fn query(
    backend: DbBackend,
    reader: Uuid,
    of: UserId,
    direction: Direction,
    Cursor(at, id): Cursor,
    limit: i64,
) -> Statement {
    let (own, other) = match direction {
        Direction::Followers => ("followee_id", "follower_id"),
        Direction::Following => ("follower_id", "followee_id"),
    };
    let (columns, seen) = (listed::columns(1), seen_by(1));
    let sql = format!(
        "SELECT {columns}, f.created_at AS followed_at FROM follow f \
         JOIN account a ON a.id = f.{other} \
         WHERE f.{own} = $2 AND (f.created_at, f.{other}) < ($3, $4) AND {seen} \
         ORDER BY f.created_at DESC, f.{other} DESC LIMIT $5"
    );
    let values: [Value; 5] = [reader.into(), of.0.into(), at.into(), id.into(), limit.into()];
    Statement::from_sql_and_values(backend, sql, values)
}

/// One step, for a look at how it is answered.
#[cfg(test)]
pub(super) fn follows_query(backend: DbBackend, of: UserId, direction: Direction) -> Statement {
    query(backend, of.0, of, direction, Cursor::START, 31)
}
