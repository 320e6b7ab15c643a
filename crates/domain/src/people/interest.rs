//! Whose coming and going concerns whom: people who share an accepted conversation other than the
//! global room, with no block between them.

use std::collections::BTreeSet;

use sea_orm::{DbBackend, FromQueryResult, Statement, Value};
use uuid::Uuid;
use wire::UserId;

use super::PeopleError;
use crate::Services;
use crate::chat::GLOBAL_ROOM;

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

async fn people(
    services: &Services,
    who: UserId,
    shows: &str,
) -> Result<BTreeSet<UserId>, PeopleError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
    }
    let query = interest_query(services.store.backend(), who, shows);
    let rows = Row::find_by_statement(query).all(&services.store.read).await?;
    Ok(rows.into_iter().map(|row| UserId(row.id)).collect())
}

/// Two active members of a direct conversation have both accepted it.
fn interest_query(backend: DbBackend, who: UserId, shows: &str) -> Statement {
    let sql = format!(
        "SELECT DISTINCT other.id AS id FROM account one \
         JOIN membership mine ON mine.account_id = one.id AND mine.state = 'active' \
         JOIN membership theirs ON theirs.conversation_id = mine.conversation_id \
         AND theirs.state = 'active' AND theirs.account_id <> one.id \
         JOIN account other ON other.id = theirs.account_id \
         WHERE one.id = $1 AND mine.conversation_id <> $2 AND {shows} AND NOT EXISTS \
         (SELECT 1 FROM block b WHERE (b.blocker_id = one.id AND b.blocked_id = other.id) \
         OR (b.blocker_id = other.id AND b.blocked_id = one.id))"
    );
    let values: [Value; 2] = [who.0.into(), GLOBAL_ROOM.0.into()];
    Statement::from_sql_and_values(backend, sql, values)
}
