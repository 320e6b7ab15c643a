//! What is old goes, in small steps that hold nobody up.

use sea_orm::{ConnectionTrait, Statement, Value};
use uuid::Uuid;

use crate::jobs::{enqueue_named, finished};
use crate::{Services, StoreError, clock, tx::Tx};

pub(crate) const SWEEP_NEWS: &str = "sweep_news";

const DAY_MS: i64 = 86_400_000;
/// How long what was read is kept.
const READ_MS: i64 = 90 * DAY_MS;
/// How long what waits is.
const UNREAD_MS: i64 = 180 * DAY_MS;
const SWEEP_EVERY_MS: i64 = DAY_MS / 4;
/// Events that one step takes away.
const STEP: i64 = 1000;

/// The job: one step, and the next at once while there is more.
pub(crate) async fn sweep_news(services: &Services, job: Uuid) -> Result<(), StoreError> {
    let now = clock::now().0;
    let tx = Tx::begin(&services.store, &services.hub).await?;
    let read = forget(&tx, "read_at IS NOT NULL", now - READ_MS, STEP).await?;
    let unread = forget(&tx, "read_at IS NULL", now - UNREAD_MS, STEP - read).await?;
    finished(&tx, job).await?;
    let pause = if read + unread == STEP { 0 } else { SWEEP_EVERY_MS };
    enqueue_named(&tx, SWEEP_NEWS, now + pause).await?;
    tx.commit().await
}

/// Each state has an index by age of its own.
async fn forget(tx: &Tx<'_>, state: &str, before: i64, most: i64) -> Result<i64, StoreError> {
    let sql = format!(
        "DELETE FROM notification WHERE id IN (SELECT id FROM notification \
         WHERE {state} AND created_at < $1 LIMIT $2)"
    );
    let values: [Value; 2] = [before.into(), most.into()];
    let backend = tx.rows().get_database_backend();
    let delete = Statement::from_sql_and_values(backend, sql, values);
    Ok(tx.rows().execute_raw(delete).await?.rows_affected().cast_signed())
}
