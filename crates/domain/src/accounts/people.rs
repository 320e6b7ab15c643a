//! Finding people by their username; never by their address, which is nobody's business.

use std::collections::HashSet;

use sea_orm::{FromQueryResult, Statement, Value};
use uuid::Uuid;
use wire::accounts::{PersonView, USERNAME_MAX, username_key};
use wire::{UnixMillis, UserId};

use super::{AccountError, Caller};
use crate::chat::everybody_online;
use crate::{Services, StoreError};

/// Some of the people who were found, and how many there are in all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct People {
    pub count: u64,
    pub found: Vec<PersonView>,
}

const MATCHES: &str = "FROM account a \
    WHERE a.is_active AND a.id <> $1 AND a.username_key LIKE $2 ESCAPE '!' \
    AND NOT EXISTS (SELECT 1 FROM block b WHERE (b.blocker_id = $1 AND b.blocked_id = a.id) \
    OR (b.blocker_id = a.id AND b.blocked_id = $1))";

/// Active people but the caller and those who are blocked either way, whose username contains `search`, by username: `limit` of them
/// after the first `skip`.
///
/// # Errors
/// More searches than are allowed.
pub async fn find_people(
    services: &Services,
    caller: &Caller,
    search: &str,
    skip: u64,
    limit: u64,
) -> Result<People, AccountError> {
    let search = search.trim();
    if !search.is_empty() {
        services.throttle.admit_search(caller.user_id)?;
    }
    if search.contains('\0') || search.chars().count() > USERNAME_MAX {
        return Ok(People { count: 0, found: Vec::new() });
    }
    let known = [caller.user_id.0.into(), pattern(search).into()];
    let count = count(services, known.clone()).await?;
    let found = rows(services, known, skip, limit).await?;
    let online: HashSet<UserId> =
        everybody_online(services).into_iter().map(|person| person.id).collect();
    let found = found.into_iter().map(|row| row.view(&online)).collect();
    Ok(People { count, found })
}

/// The caller as others would find them in a list.
///
/// # Errors
/// Where the database does not answer.
pub async fn person(services: &Services, caller: &Caller) -> Result<PersonView, AccountError> {
    let sql = format!("{COLUMNS} FROM account a WHERE a.id = $1");
    let backend = services.store.backend();
    let query = Statement::from_sql_and_values(backend, sql, [caller.user_id.0.into()]);
    let row = Row::find_by_statement(query).one(&services.store.read).await?;
    // Whoever asks is here.
    row.map(|row| row.view(&HashSet::from([caller.user_id]))).ok_or(AccountError::NotFound)
}

const COLUMNS: &str = "SELECT a.id, a.username, a.created_at, a.show_presence, \
    COALESCE((SELECT MAX(s.last_seen) FROM session s WHERE s.account_id = a.id), a.last_seen) \
    AS last_seen";

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    username: String,
    created_at: i64,
    show_presence: bool,
    last_seen: Option<i64>,
}

impl Row {
    fn view(self, online: &HashSet<UserId>) -> PersonView {
        let id = UserId(self.id);
        PersonView {
            id,
            username: self.username,
            is_online: self.show_presence && online.contains(&id),
            created_at: UnixMillis(self.created_at),
            last_seen: self.last_seen.filter(|_| self.show_presence).map(UnixMillis),
        }
    }
}

#[derive(FromQueryResult)]
struct Count {
    count: i64,
}

async fn count(services: &Services, known: [Value; 2]) -> Result<u64, StoreError> {
    let sql = format!("SELECT COUNT(*) AS count {MATCHES}");
    let query = Statement::from_sql_and_values(services.store.backend(), sql, known);
    let row = Count::find_by_statement(query).one(&services.store.read).await?;
    Ok(row.map_or(0, |row| u64::try_from(row.count).unwrap_or(0)))
}

async fn rows(
    services: &Services,
    known: [Value; 2],
    skip: u64,
    limit: u64,
) -> Result<Vec<Row>, StoreError> {
    let sql = format!("{COLUMNS} {MATCHES} ORDER BY a.username LIMIT $3 OFFSET $4");
    let number = |number: u64| Value::from(i64::try_from(number).unwrap_or(i64::MAX));
    let [caller, pattern] = known;
    let values = [caller, pattern, number(limit), number(skip)];
    let query = Statement::from_sql_and_values(services.store.backend(), sql, values);
    Ok(Row::find_by_statement(query).all(&services.store.read).await?)
}

/// Case and look-alikes are folded as in the column; what people typed is no pattern.
fn pattern(search: &str) -> String {
    let key = username_key(search);
    let escaped = key.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%{escaped}%")
}
