//! Finding people by the beginning of their name. Never by e-mail.

use entity::account;
use sea_orm::{DbBackend, EntityTrait, FromQueryResult, Statement, Value};
use wire::accounts::{PersonView, USERNAME_MAX, username_key};
use wire::chat::Author;
use wire::people::{People, PersonCard, SEARCH_LIMIT};
use wire::{MediaId, UnixMillis, UserId};

use super::PeopleError;
use super::everybody::page_of_everybody;
use super::last_seen::shown;
use super::views;
use crate::chat::presence::is_online;
use crate::limits::Limit;
use crate::{Caller, Services};

/// People whose name begins with `prefix`, whatever its case or look-alikes, by name, from the name
/// `after` on; at most `limit` ([`SEARCH_LIMIT`]). Never the caller, nor anybody blocked either way.
///
/// # Errors
/// Too many searches, or a database that does not answer.
pub async fn search_people(
    services: &Services,
    caller: &Caller,
    prefix: &str,
    after: Option<&str>,
    limit: u64,
) -> Result<People, PeopleError> {
    services.limits.check(Limit::Searches, caller.user_id.0).await?;
    let Some(wanted) = Wanted::of(prefix, after) else { return Ok(People::default()) };
    let limit = limit.clamp(1, SEARCH_LIMIT) as usize;
    let mut people = find(services, caller, &wanted, limit as i64 + 1).await?;
    let has_more = people.len() > limit;
    people.truncate(limit);
    let next = people.last().filter(|_| has_more).map(|last| last.user.username.clone());
    Ok(People { people, next })
}

/// As [`search_people`], by number of rows: those after the first `offset`, and how many there are.
/// Looking through everybody is no search, and not limited.
///
/// # Errors
/// Too many searches, or a database that does not answer.
pub async fn page_of_people(
    services: &Services,
    caller: &Caller,
    prefix: &str,
    offset: u64,
    limit: u64,
) -> Result<(Vec<PersonView>, u64), PeopleError> {
    let offset = i64::try_from(offset).unwrap_or(i64::MAX);
    let window = (limit.clamp(1, SEARCH_LIMIT) as i64, offset);
    if prefix.trim().is_empty() {
        return page_of_everybody(services, caller, window).await;
    }
    services.limits.check(Limit::Searches, caller.user_id.0).await?;
    let Some(wanted) = Wanted::of(prefix, None) else { return Ok((Vec::new(), 0)) };
    let backend = services.store.backend();
    let query = page_query(backend, caller.user_id, &wanted, window);
    let rows = views::Row::find_by_statement(query).all(&services.store.read).await?;
    let people = rows.into_iter().map(|row| row.view(services)).collect();
    Ok((people, count(services, caller, &wanted).await?))
}

async fn count(services: &Services, caller: &Caller, wanted: &Wanted) -> Result<u64, PeopleError> {
    #[derive(FromQueryResult)]
    struct Row {
        n: i64,
    }
    let query = wanted.query(services.store.backend(), caller.user_id, "COUNT(*) AS n", "", &[]);
    let row = Row::find_by_statement(query).one(&services.store.read).await?;
    Ok(row.map_or(0, |row| u64::try_from(row.n).unwrap_or(0)))
}

/// Folded as names are.
struct Wanted {
    prefix: String,
    after: Option<String>,
}

impl Wanted {
    /// `None` for what no name begins with.
    fn of(prefix: &str, after: Option<&str>) -> Option<Self> {
        let prefix = prefix.trim();
        let is_possible = |text: &str| !text.contains('\0') && text.chars().count() <= USERNAME_MAX;
        let possible = is_possible(prefix) && after.is_none_or(is_possible);
        let after = after.map(username_key);
        possible.then(|| Self { prefix: username_key(prefix), after })
    }

    /// A range of the index by code points, which each database has to be told to use.
    fn query(
        &self,
        backend: DbBackend,
        caller: UserId,
        columns: &str,
        rest: &str,
        more: &[Value],
    ) -> Statement {
        let collation = collation(backend);
        let key = format!("a.username_key COLLATE {collation}");
        let sql = format!(
            "SELECT {columns} FROM account a WHERE {key} >= $2 AND {key} < $3 AND {key} > $4 \
             AND a.id <> $1 AND a.is_active AND a.delete_at IS NULL AND NOT EXISTS (SELECT 1 FROM block b \
             WHERE (b.blocker_id = $1 AND b.blocked_id = a.id) \
             OR (b.blocker_id = a.id AND b.blocked_id = $1)) {rest}"
        );
        let after = self.after.clone().unwrap_or_default();
        let values: [Value; 4] = [
            caller.0.into(),
            self.prefix.clone().into(),
            format!("{}\u{10FFFF}", self.prefix).into(),
            after.into(),
        ];
        let values = values.into_iter().chain(more.iter().cloned());
        Statement::from_sql_and_values(backend, sql, values)
    }
}

pub(super) fn collation(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Sqlite => "BINARY",
        _ => "\"C\"",
    }
}

async fn find(
    services: &Services,
    caller: &Caller,
    wanted: &Wanted,
    limit: i64,
) -> Result<Vec<PersonCard>, PeopleError> {
    let query = step_query(services.store.backend(), caller.user_id, wanted, limit);
    let found = account::Entity::find().from_raw_sql(query).all(&services.store.read).await?;
    let with_presence = |person: account::Model| {
        let is_online = person.show_presence && is_online(services, UserId(person.id));
        PersonCard { is_online, ..card(person) }
    };
    Ok(found.into_iter().map(with_presence).collect())
}

/// In the order of the index, which folds look-alikes: a step ends where its rows do.
fn step_query(backend: DbBackend, caller: UserId, wanted: &Wanted, limit: i64) -> Statement {
    let order = format!("ORDER BY a.username_key COLLATE {} LIMIT $5", collation(backend));
    wanted.query(backend, caller, "a.*", &order, &[limit.into()])
}

/// By name as people read it; everybody who fits is looked at anyway, to be counted.
fn page_query(
    backend: DbBackend,
    caller: UserId,
    wanted: &Wanted,
    (limit, offset): (i64, i64),
) -> Statement {
    let order = format!("ORDER BY a.username COLLATE {} LIMIT $5 OFFSET $6", collation(backend));
    wanted.query(backend, caller, views::COLUMNS, &order, &[limit.into(), offset.into()])
}

/// One step of a search, for a look at how it is answered.
#[cfg(test)]
pub(crate) fn search_query(backend: DbBackend, caller: UserId, prefix: &str) -> Statement {
    let wanted = Wanted { prefix: username_key(prefix), after: None };
    step_query(backend, caller, &wanted, 20)
}

pub(super) fn card(person: account::Model) -> PersonCard {
    PersonCard {
        last_seen: shown(&person),
        user: Author::new(UserId(person.id), person.username)
            .with_avatar(person.avatar_id.map(MediaId)),
        created_at: UnixMillis(person.created_at),
        is_online: false,
    }
}
