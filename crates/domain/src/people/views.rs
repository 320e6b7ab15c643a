//! People as the older contracts show them: with their names, and the time at which they were last
//! here.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{DbBackend, FromQueryResult, Statement, Value};
use uuid::Uuid;
use wire::accounts::PersonView;
use wire::{UnixMillis, UserId};

use super::PeopleError;
use crate::chat::placeholders;
use crate::chat::presence::is_online;
use crate::{Caller, Services};

/// What a [`Row`] is read from; `a` is the account.
pub(super) const COLUMNS: &str = "a.id, a.username, a.first_name, a.last_name, a.created_at, \
    a.show_presence, COALESCE((SELECT MAX(s.last_seen) FROM session s WHERE s.account_id = a.id), \
    a.last_seen) AS last_seen";

#[derive(FromQueryResult)]
pub(super) struct Row {
    id: Uuid,
    username: String,
    first_name: String,
    last_name: String,
    created_at: i64,
    show_presence: bool,
    last_seen: Option<i64>,
}

impl Row {
    pub(super) fn view(self, services: &Services) -> PersonView {
        let id = UserId(self.id);
        PersonView {
            id,
            username: self.username,
            first_name: self.first_name,
            last_name: self.last_name,
            is_online: self.show_presence && is_online(services, id),
            created_at: UnixMillis(self.created_at),
            last_seen: self.last_seen.filter(|_| self.show_presence).map(UnixMillis),
        }
    }
}

/// The caller as others would find them in a list.
///
/// # Errors
/// Where the database does not answer.
pub async fn person(services: &Services, caller: &Caller) -> Result<PersonView, PeopleError> {
    let me = BTreeSet::from([caller.user_id]);
    let found = people_by_id(services, &me, &me).await?.remove(&caller.user_id);
    // Whoever asks is here.
    found.map(|me| PersonView { is_online: true, ..me }).ok_or(PeopleError::NotFound)
}

/// Each of `ids` who exists, in one query. The presence of those in `present` is shown, unless they
/// hide it: where people meet, their [`Member`](wire::conversations::Member) says for whom it may be.
///
/// # Errors
/// Where the database does not answer.
pub async fn people_by_id(
    services: &Services,
    ids: &BTreeSet<UserId>,
    present: &BTreeSet<UserId>,
) -> Result<BTreeMap<UserId, PersonView>, PeopleError> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let query = people_query(services.store.backend(), ids);
    let rows = Row::find_by_statement(query).all(&services.store.read).await?;
    let seen = |row: Row| {
        let view = row.view(services);
        let shown = if present.contains(&view.id) { view } else { absent(view) };
        (shown.id, shown)
    };
    Ok(rows.into_iter().map(seen).collect())
}

pub(crate) fn people_query(backend: DbBackend, ids: &BTreeSet<UserId>) -> Statement {
    let names = placeholders(1, ids.len());
    let sql = format!("SELECT {COLUMNS} FROM account a WHERE a.id IN ({names})");
    Statement::from_sql_and_values(backend, sql, ids.iter().map(|id| Value::from(id.0)))
}

fn absent(person: PersonView) -> PersonView {
    PersonView { is_online: false, last_seen: None, ..person }
}
