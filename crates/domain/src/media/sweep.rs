//! Pictures that nothing shows go, a day after they came; with them uploads that were not finished.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::remove::forget_all;
use crate::chat::among;
use crate::uploads::sweep_uploads;
use crate::{Services, StoreError, clock, jobs, tx::Tx};

pub(crate) const SWEEP_MEDIA: &str = "sweep_media";

/// How long a picture may wait to be shown, in milliseconds.
const WAITS_MS: i64 = 24 * 3_600_000;
/// Pictures that are looked at in one step.
const STEP: i64 = 500;
const NEXT_STEP_MS: i64 = 1_000;
const NEXT_ROUND_MS: i64 = 3_600_000;

/// In SQL, whether nothing shows the picture `v`.
const UNSHOWN: &str = "NOT EXISTS (SELECT 1 FROM post_picture s WHERE s.media_id = v.id) \
    AND NOT EXISTS (SELECT 1 FROM post p WHERE p.cover_id = v.id) \
    AND NOT EXISTS (SELECT 1 FROM community c WHERE c.icon_id = v.id) \
    AND NOT EXISTS (SELECT 1 FROM community c WHERE c.cover_id = v.id) \
    AND NOT EXISTS (SELECT 1 FROM account a WHERE a.avatar_id = v.id) \
    AND NOT EXISTS (SELECT 1 FROM account a WHERE a.banner_id = v.id)";

/// Where the round is: after the picture of this time and id.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Place {
    at: i64,
    id: Uuid,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    created_at: i64,
}

/// The job: one step through all pictures that are old enough, and the next step's plan.
pub(crate) async fn sweep_media(
    services: &Services,
    job: Uuid,
    payload: &str,
) -> Result<(), StoreError> {
    while sweep_uploads(services).await? {}
    let after = serde_json::from_str(payload).unwrap_or(Place { at: i64::MIN, id: Uuid::nil() });
    let now = clock::now().0;
    let tx = Tx::begin(&services.store, &services.hub).await?;
    let step = next(&tx, after, now - WAITS_MS).await?;
    let ids: Vec<_> = step.iter().map(|row| row.id).collect();
    let unshown = unshown(&tx, ids).await?;
    forget_all(&tx, unshown).await?;
    jobs::finished(&tx, job).await?;
    let edge = |row: &Row| Place { at: row.created_at, id: row.id };
    let rest = step.last().filter(|_| step.len() as i64 == STEP).map(edge);
    let (wait, payload) = match rest {
        Some(place) => (NEXT_STEP_MS, serde_json::to_string(&place).unwrap_or_default()),
        None => (NEXT_ROUND_MS, "{}".to_owned()),
    };
    jobs::enqueue_named_with(&tx, SWEEP_MEDIA, payload, now + wait).await?;
    tx.commit().await?;
    services.due.notify_one();
    Ok(())
}

async fn next(tx: &Tx<'_>, after: Place, until: i64) -> Result<Vec<Row>, StoreError> {
    let sql = "SELECT v.id, v.created_at FROM media v WHERE v.created_at >= $1 AND v.created_at <= $2 \
        AND (v.created_at > $1 OR v.id > $3) ORDER BY v.created_at, v.id LIMIT $4";
    let values: [Value; 4] = [after.at.into(), until.into(), after.id.into(), STEP.into()];
    let query = Statement::from_sql_and_values(tx.rows().get_database_backend(), sql, values);
    Ok(Row::find_by_statement(query).all(tx.rows()).await?)
}

/// Those of them that nothing shows. Whoever is about to show one holds it meanwhile, or waits: it is held
/// first and asked about afterwards.
async fn unshown(tx: &Tx<'_>, ids: Vec<Uuid>) -> Result<Vec<Uuid>, StoreError> {
    if ids.is_empty() {
        return Ok(ids);
    }
    let backend = tx.rows().get_database_backend();
    let ask = async |ids: Vec<Uuid>, lock: &str| {
        let (these, values) = among(backend, 1, ids);
        let sql = format!(
            "SELECT v.id, v.created_at FROM media v WHERE v.id {these} AND {UNSHOWN} {lock}"
        );
        let query = Statement::from_sql_and_values(backend, sql, values);
        let found = Row::find_by_statement(query).all(tx.rows()).await?;
        Ok::<_, StoreError>(found.into_iter().map(|row| row.id).collect::<Vec<_>>())
    };
    if tx.is_sqlite() {
        return ask(ids, "").await;
    }
    let held = ask(ids, "FOR UPDATE OF v SKIP LOCKED").await?;
    if held.is_empty() { Ok(held) } else { ask(held, "").await }
}
