//! Whose coming and going concerns whom: people who share an accepted conversation other than the
//! global room, with no block between them.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};
use uuid::Uuid;
use wire::UserId;

use super::PeopleError;
use crate::chat::{GLOBAL_ROOM, placeholders};
use crate::{Services, StoreError};

/// Those who may be told that `who` came or went; nobody where they hide it.
///
/// # Errors
/// Where the database does not answer.
pub async fn who_may_see(
    services: &Services,
    who: UserId,
) -> Result<BTreeSet<UserId>, PeopleError> {
    people(services, who, "one.show_presence").await
}

/// Those whose presence may be shown to `viewer`: what a snapshot is drawn from.
///
/// # Errors
/// Where the database does not answer.
pub async fn whom_to_see(
    services: &Services,
    viewer: UserId,
) -> Result<BTreeSet<UserId>, PeopleError> {
    people(services, viewer, "other.show_presence").await
}

/// Those who share a conversation with each of `who`, shown or not.
///
/// # Errors
/// Where the database does not answer.
pub(crate) async fn acquaintances(
    rows: &impl ConnectionTrait,
    who: &BTreeSet<UserId>,
) -> Result<BTreeMap<UserId, BTreeSet<UserId>>, StoreError> {
    let mut known: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    if !who.is_empty() {
        for Row { one, id } in pairs(rows, who, "TRUE").await? {
            known.entry(UserId(one)).or_default().insert(UserId(id));
        }
    }
    Ok(known)
}

async fn people(
    services: &Services,
    who: UserId,
    shows: &str,
) -> Result<BTreeSet<UserId>, PeopleError> {
    let pairs = pairs(&services.store.read, &BTreeSet::from([who]), shows).await?;
    Ok(pairs.into_iter().map(|row| UserId(row.id)).collect())
}

#[derive(FromQueryResult)]
struct Row {
    one: Uuid,
    id: Uuid,
}

async fn pairs(
    rows: &impl ConnectionTrait,
    who: &BTreeSet<UserId>,
    shows: &str,
) -> Result<Vec<Row>, StoreError> {
    let query = interest_query(rows.get_database_backend(), who, shows);
    Ok(Row::find_by_statement(query).all(rows).await?)
}

/// Two active members of a direct conversation have both accepted it.
fn interest_query(backend: DbBackend, who: &BTreeSet<UserId>, shows: &str) -> Statement {
    let sql = format!(
        "SELECT DISTINCT one.id AS one, other.id AS id FROM account one \
         JOIN membership mine ON mine.account_id = one.id AND mine.state = 'active' \
         JOIN membership theirs ON theirs.conversation_id = mine.conversation_id \
         AND theirs.state = 'active' AND theirs.account_id <> one.id \
         JOIN account other ON other.id = theirs.account_id \
         WHERE one.id IN ({}) AND mine.conversation_id <> $1 AND {shows} AND NOT EXISTS \
         (SELECT 1 FROM block b WHERE (b.blocker_id = one.id AND b.blocked_id = other.id) \
         OR (b.blocker_id = other.id AND b.blocked_id = one.id))",
        placeholders(2, who.len())
    );
    let ids = who.iter().map(|one| Value::from(one.0));
    let values = std::iter::once(GLOBAL_ROOM.0.into()).chain(ids);
    Statement::from_sql_and_values(backend, sql, values)
}
