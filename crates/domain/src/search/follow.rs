//! Follows what is written and puts it into its index, some at a time: each new message, so that no sender
//! waits for it; and whatever was there before there was an index.
//!
//! Ids grow with time, so the place up to which all is indexed is one id. A transaction may become visible
//! after a younger one; what is younger than [`OVERLAP_MS`] is therefore looked at again each time.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use tokio::time::{MissedTickBehavior, interval};
use uuid::Uuid;

use super::documents::{Document, Indexed};
use super::searched::{Known, Searched, write};
use crate::chat::among;
use crate::{Services, StoreError, clock, tx::Tx};

/// How long a message may stay unfound.
const EVERY: Duration = Duration::from_secs(2);
/// How much later than its id says a row may appear.
const OVERLAP_MS: u128 = 10_000;
/// Rows that are looked at in one go, and those of them that one transaction indexes.
const LOOKED_AT: i64 = 1_000;
const BATCH: usize = 100;
/// The lock that whichever node works holds.
const FOLLOWING: i64 = 0x5350_4845_5246;

/// Up to where each is followed, as far as this process knows.
#[derive(Debug, Default)]
struct Places([Option<Uuid>; Searched::ALL.len()]);

/// Starts to follow, until the services end.
pub fn start(services: &Arc<Services>) {
    let services = Arc::downgrade(services);
    tokio::spawn(async move {
        let mut places = Places::default();
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let Some(services) = services.upgrade() else { return };
            if let Err(error) = follow(&services, &mut places).await {
                tracing::warn!(%error, "following what can be searched");
            }
        }
    });
}

/// Follows everything up to now; how much was indexed.
///
/// # Errors
/// Where the database does not answer.
pub async fn index_all(services: &Services) -> Result<usize, StoreError> {
    follow(services, &mut Places::default()).await
}

async fn follow(services: &Services, places: &mut Places) -> Result<usize, StoreError> {
    let mut indexed = 0;
    for (searched, place) in Searched::ALL.into_iter().zip(&mut places.0) {
        let mut after = place.map(again_from);
        loop {
            let Some(step) = step(services, searched, after).await? else { break };
            indexed += step.indexed;
            after = Some(step.last);
            *place = (*place).max(after);
            if !step.is_full {
                break;
            }
        }
    }
    Ok(indexed)
}

/// Where to look again: a little before the end of the last time, unless everything late is here by now.
fn again_from(place: Uuid) -> Uuid {
    let age = u128::try_from(clock::now().0).unwrap_or(0).saturating_sub(place.as_u128() >> 80);
    if age > 2 * OVERLAP_MS { place } else { shortly_before(place) }
}

/// The least id that is as much older as a row may be late.
fn shortly_before(id: Uuid) -> Uuid {
    let millis = (id.as_u128() >> 80).saturating_sub(OVERLAP_MS);
    Uuid::from_u128(millis << 80)
}

struct Step {
    indexed: usize,
    last: Uuid,
    /// Whether there may be more.
    is_full: bool,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    is_known: bool,
}

/// Some more of them, after an id; without one, after where the last process ended. Nothing where there are
/// no more, or another node is at it.
async fn step(
    services: &Services,
    searched: Searched,
    after: Option<Uuid>,
) -> Result<Option<Step>, StoreError> {
    // SQLite's one writer is not taken before there is something to write; Postgres has many, and one lock.
    let tx = match services.store.is_sqlite() {
        true => None,
        false => {
            let tx = Tx::begin(&services.store, &services.hub).await?;
            if !is_alone(&tx).await? {
                return end(Some(tx)).await.map(|()| None);
            }
            Some(tx)
        }
    };
    let found = match &tx {
        Some(tx) => look(tx.rows(), searched, after).await?,
        None => look(&services.store.read, searched, after).await?,
    };
    // A lock is given back by an end that is waited for, or the next step meets it.
    let Some(Found { last, is_full, documents }) = found else {
        return end(tx).await.map(|()| None);
    };
    let indexed = documents.len();
    if indexed == 0 && !is_full {
        end(tx).await?;
        return Ok(Some(Step { indexed, last, is_full }));
    }
    let tx = match tx {
        Some(tx) => tx,
        None => Tx::begin(&services.store, &services.hub).await?,
    };
    put(&tx, searched, documents).await?;
    note_place(&tx, searched, last).await?;
    tx.commit().await?;
    Ok(Some(Step { indexed, last, is_full }))
}

async fn end(tx: Option<Tx<'_>>) -> Result<(), StoreError> {
    match tx {
        Some(tx) => tx.commit().await,
        None => Ok(()),
    }
}

async fn is_alone(tx: &Tx<'_>) -> Result<bool, StoreError> {
    let sql = "SELECT pg_try_advisory_xact_lock($1) AS alone";
    let backend = tx.rows().get_database_backend();
    let query = Statement::from_sql_and_values(backend, sql, [FOLLOWING.into()]);
    let row = tx.rows().query_one_raw(query).await?;
    Ok(row.is_some_and(|row| row.try_get("", "alone").unwrap_or(false)))
}

struct Found {
    /// The last of those that were looked at, and whether there may be more behind it.
    last: Uuid,
    is_full: bool,
    /// Of those that were missing.
    documents: Vec<(Uuid, Indexed)>,
}

async fn look(
    rows: &impl ConnectionTrait,
    searched: Searched,
    after: Option<Uuid>,
) -> Result<Option<Found>, StoreError> {
    let after = match after {
        Some(after) => after,
        None => noted_place(rows, searched).await?.map_or_else(Uuid::nil, shortly_before),
    };
    let found = Row::find_by_statement(step_query(rows.get_database_backend(), searched, after));
    let found = found.all(rows).await?;
    let mut missing: Vec<_> = found.iter().filter(|row| !row.is_known).map(|row| row.id).collect();
    let is_cut = missing.len() > BATCH;
    missing.truncate(BATCH);
    let end = if is_cut { missing.last().copied() } else { found.last().map(|row| row.id) };
    let Some(last) = end else { return Ok(None) };
    let documents = as_words(searched.documents(rows, missing).await?).await;
    Ok(Some(Found { last, is_full: is_cut || found.len() == LOOKED_AT as usize, documents }))
}

pub(super) fn step_query(
    backend: sea_orm::DbBackend,
    searched: Searched,
    after: Uuid,
) -> Statement {
    let table = searched.table();
    let sql = format!(
        "SELECT x.id, EXISTS (SELECT 1 FROM {table}_search s WHERE s.subject_id = x.id) AS is_known \
         FROM {table} x WHERE x.id > $1 ORDER BY x.id LIMIT $2"
    );
    Statement::from_sql_and_values(backend, sql, [after.into(), LOOKED_AT.into()])
}

/// Long texts take a while, in which nothing else should have to wait.
async fn as_words(documents: Vec<(Uuid, Document)>) -> Vec<(Uuid, Indexed)> {
    let indexed = move || {
        documents.iter().map(|(id, document)| (*id, Indexed::of(document))).collect::<Vec<_>>()
    };
    tokio::task::spawn_blocking(indexed).await.unwrap_or_default()
}

/// What was taken back since it was read is not kept; who takes it back from now on finds it here.
async fn put(
    tx: &Tx<'_>,
    searched: Searched,
    mut documents: Vec<(Uuid, Indexed)>,
) -> Result<(), StoreError> {
    let rows = tx.rows();
    if documents.is_empty() {
        return Ok(());
    }
    let backend = rows.get_database_backend();
    let (these, values) = among(backend, 1, documents.iter().map(|(id, _)| *id));
    let lock = if backend == sea_orm::DbBackend::Sqlite { "" } else { "FOR SHARE" };
    let (table, there) = (searched.table(), searched.is_there());
    let sql = format!(
        "SELECT x.id, TRUE AS is_known FROM {table} x WHERE x.id {these} AND {there} {lock}"
    );
    let still = Row::find_by_statement(Statement::from_sql_and_values(backend, sql, values));
    let still: Vec<_> = still.all(rows).await?.into_iter().map(|row| row.id).collect();
    documents.retain(|(id, _)| still.contains(id));
    write(rows, searched, &documents, Known::Kept).await
}

async fn noted_place(
    rows: &impl ConnectionTrait,
    searched: Searched,
) -> Result<Option<Uuid>, StoreError> {
    #[derive(FromQueryResult)]
    struct Place {
        after: Uuid,
    }
    let sql = "SELECT after FROM search_progress WHERE searched = $1";
    let values = [searched.table().into()];
    let query = Statement::from_sql_and_values(rows.get_database_backend(), sql, values);
    Ok(Place::find_by_statement(query).one(rows).await?.map(|place| place.after))
}

async fn note_place(tx: &Tx<'_>, searched: Searched, after: Uuid) -> Result<(), StoreError> {
    let sql = "INSERT INTO search_progress (searched, after) VALUES ($1, $2) \
         ON CONFLICT (searched) DO UPDATE SET after = excluded.after \
         WHERE search_progress.after < excluded.after";
    let values = [searched.table().into(), after.into()];
    let rows = tx.rows();
    let note = Statement::from_sql_and_values(rows.get_database_backend(), sql, values);
    rows.execute_raw(note).await?;
    Ok(())
}
