//! Finding people by the beginning of their name. Never by e-mail.

use std::collections::BTreeSet;

use entity::account;
use sea_orm::{DbBackend, EntityTrait, FromQueryResult, Statement, Value};
use wire::accounts::username_key;
use wire::chat::Author;
use wire::people::{People, PersonCard, SEARCH_LIMIT};
use wire::{UnixMillis, UserId};

use super::PeopleError;
use super::last_seen::shown;
use crate::chat::everybody_online;
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
    services.search_limit.admit(caller.user_id)?;
    let limit = limit.clamp(1, SEARCH_LIMIT) as usize;
    let wanted = Wanted { prefix: username_key(prefix.trim()), after: after.map(username_key) };
    let window = (limit as i64 + 1, 0);
    let mut people = find(services, caller, &wanted, window).await?;
    let has_more = people.len() > limit;
    people.truncate(limit);
    let next = people.last().filter(|_| has_more).map(|last| last.user.username.clone());
    Ok(People { people, next })
}

/// As [`search_people`], by number of rows: those after the first `offset`, and how many there are.
///
/// # Errors
/// Too many searches, or a database that does not answer.
pub async fn page_of_people(
    services: &Services,
    caller: &Caller,
    prefix: &str,
    offset: u64,
    limit: u64,
) -> Result<(Vec<PersonCard>, u64), PeopleError> {
    #[derive(FromQueryResult)]
    struct Row {
        n: i64,
    }
    services.search_limit.admit(caller.user_id)?;
    let wanted = Wanted { prefix: username_key(prefix.trim()), after: None };
    let offset = i64::try_from(offset).unwrap_or(i64::MAX);
    let window = (limit.clamp(1, SEARCH_LIMIT) as i64, offset);
    let people = find(services, caller, &wanted, window).await?;
    let query = wanted.query(services.store.backend(), caller.user_id, "COUNT(*) AS n", "", &[]);
    let row = Row::find_by_statement(query).one(&services.store.read).await?;
    let count = row.map_or(0, |row| row.n);
    Ok((people, u64::try_from(count).unwrap_or(0)))
}

/// Folded as names are.
struct Wanted {
    prefix: String,
    after: Option<String>,
}

impl Wanted {
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
             AND a.id <> $1 AND a.is_active AND NOT EXISTS (SELECT 1 FROM block b \
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

fn collation(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Sqlite => "BINARY",
        _ => "\"C\"",
    }
}

async fn find(
    services: &Services,
    caller: &Caller,
    wanted: &Wanted,
    (limit, offset): (i64, i64),
) -> Result<Vec<PersonCard>, PeopleError> {
    let query = rows_query(services.store.backend(), caller.user_id, wanted, (limit, offset));
    let found = account::Entity::find().from_raw_sql(query).all(&services.store.read).await?;
    let online: BTreeSet<_> =
        everybody_online(services).into_iter().map(|person| person.id).collect();
    let with_presence = |person: account::Model| {
        let is_online = person.show_presence && online.contains(&UserId(person.id));
        PersonCard { is_online, ..card(person) }
    };
    Ok(found.into_iter().map(with_presence).collect())
}

fn rows_query(
    backend: DbBackend,
    caller: UserId,
    wanted: &Wanted,
    (limit, offset): (i64, i64),
) -> Statement {
    let order =
        format!("ORDER BY a.username_key COLLATE {} LIMIT $5 OFFSET $6", collation(backend));
    wanted.query(backend, caller, "a.*", &order, &[limit.into(), offset.into()])
}

/// One step of a search, for a look at how it is answered.
#[cfg(test)]
pub(crate) fn search_query(backend: DbBackend, caller: UserId, prefix: &str) -> Statement {
    let wanted = Wanted { prefix: username_key(prefix), after: None };
    rows_query(backend, caller, &wanted, (20, 0))
}

pub(super) fn card(person: account::Model) -> PersonCard {
    PersonCard {
        last_seen: shown(&person),
        user: Author::new(UserId(person.id), person.username),
        created_at: UnixMillis(person.created_at),
        is_online: false,
    }
}
