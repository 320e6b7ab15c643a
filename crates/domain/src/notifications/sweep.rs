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
    let sql = "DELETE FROM notification WHERE id IN (SELECT id FROM notification \
         WHERE created_at < $1 AND (read_at IS NOT NULL OR created_at < $2) LIMIT $3)";
    let values: [Value; 3] = [(now - READ_MS).into(), (now - UNREAD_MS).into(), STEP.into()];
    let delete = Statement::from_sql_and_values(services.store.backend(), sql, values);
    let gone = tx.rows().execute_raw(delete).await?.rows_affected();
    finished(&tx, job).await?;
    let pause = if gone == STEP.unsigned_abs() { 0 } else { SWEEP_EVERY_MS };
    enqueue_named(&tx, SWEEP_NEWS, now + pause).await?;
    tx.commit().await
}
