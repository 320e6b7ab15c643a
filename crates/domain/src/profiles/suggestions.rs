//! Whom one may want to follow, and who is followed most.

use std::collections::BTreeSet;

use sea_orm::{DbBackend, FromQueryResult, Statement, Value};
use uuid::Uuid;
use wire::profiles::{Listed, Mutuals};

use super::listed;
use super::{reader, seen_by};
use crate::people::PeopleError;
use crate::{Caller, Services};

const SUGGESTED: usize = 5;
const EXPLORED: i64 = 20;
/// Of those whom somebody follows, how many are asked whom they follow: the latest.
const ASKED: i64 = 100;
/// Whoever follows more recommends nobody, and would make everybody's suggestions cost what they follow.
const FOLLOWED_MAX: i64 = 500;

#[derive(FromQueryResult)]
struct Known {
    #[sea_orm(nested)]
    person: listed::Row,
    mutuals: i64,
    name: String,
}

/// At most five people whom `viewer` does not follow: first those who are followed by people whom
/// `viewer` follows, then the most followed. Never oneself, nor anybody blocked or muted.
///
/// # Errors
/// Where the database does not answer.
pub async fn suggestions(
    services: &Services,
    viewer: Option<&Caller>,
) -> Result<Vec<Listed>, PeopleError> {
    let (backend, reader) = (services.store.backend(), reader(viewer));
    let mut found = Vec::new();
    if viewer.is_some() {
        let known = Known::find_by_statement(known_query(backend, reader));
        let known = known.all(&services.store.read).await?;
        found.extend(known.into_iter().map(|row| with_reason(row, reader)));
    }
    if found.len() < SUGGESTED {
        let seen: BTreeSet<_> = found.iter().map(|listed| listed.user.id).collect();
        let popular = popular(services, reader, SUGGESTED as i64, true).await?;
        found.extend(popular.into_iter().filter(|listed| !seen.contains(&listed.user.id)));
        found.truncate(SUGGESTED);
    }
    Ok(found)
}

/// The twenty most followed people whom `viewer` can see, without `viewer`.
///
/// # Errors
/// Where the database does not answer.
pub async fn explore(
    services: &Services,
    viewer: Option<&Caller>,
) -> Result<Vec<Listed>, PeopleError> {
    popular(services, reader(viewer), EXPLORED, false).await
}

fn with_reason(row: Known, reader: Uuid) -> Listed {
    let mutuals = Mutuals { names: vec![row.name], count: row.mutuals };
    Listed { mutuals, ..row.person.listed(reader) }
}

async fn popular(
    services: &Services,
    reader: Uuid,
    limit: i64,
    only_new: bool,
) -> Result<Vec<Listed>, PeopleError> {
    let query = popular_query(services.store.backend(), reader, limit, only_new);
    let rows = listed::Row::find_by_statement(query).all(&services.store.read).await?;
    Ok(rows.into_iter().map(|row| row.listed(reader)).collect())
}

/// Whom the reader neither is, nor follows, nor has muted.
const NEW: &str = "a.id <> $1 AND NOT EXISTS (SELECT 1 FROM follow f \
    WHERE f.follower_id = $1 AND f.followee_id = a.id) \
    AND NOT EXISTS (SELECT 1 FROM mute m WHERE m.muter_id = $1 AND m.muted_id = a.id)";

pub(super) fn known_query(backend: DbBackend, reader: Uuid) -> Statement {
    let (columns, seen) = (listed::columns(1), seen_by(1));
    let sql = format!(
        "SELECT {columns}, c.mutuals, c.name FROM (\
         SELECT theirs.followee_id AS id, COUNT(*) AS mutuals, MIN(k.username) AS name FROM (\
         SELECT f.followee_id FROM follow f JOIN account choosy ON choosy.id = f.followee_id \
         WHERE f.follower_id = $1 AND choosy.following_count <= $4 \
         ORDER BY f.created_at DESC LIMIT $2) mine \
         JOIN follow theirs ON theirs.follower_id = mine.followee_id \
         JOIN account k ON k.id = mine.followee_id \
         GROUP BY theirs.followee_id) c JOIN account a ON a.id = c.id \
         WHERE {NEW} AND {seen} ORDER BY c.mutuals DESC, a.followers_count DESC, a.id DESC LIMIT $3"
    );
    let values: [Value; 4] =
        [reader.into(), ASKED.into(), (SUGGESTED as i64).into(), FOLLOWED_MAX.into()];
    Statement::from_sql_and_values(backend, sql, values)
}

pub(super) fn popular_query(
    backend: DbBackend,
    reader: Uuid,
    limit: i64,
    only_new: bool,
) -> Statement {
    let (columns, seen) = (listed::columns(1), seen_by(1));
    let which = if only_new { NEW } else { "a.id <> $1" };
    let sql = format!(
        "SELECT {columns} FROM account a WHERE {which} AND {seen} \
         ORDER BY a.followers_count DESC, a.id DESC LIMIT $2"
    );
    Statement::from_sql_and_values(backend, sql, [reader.into(), limit.into()])
}
