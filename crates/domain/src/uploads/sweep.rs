//! Taking away what did not arrive in time, and pieces that are needed no longer.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};
use uuid::Uuid;

use super::rows::{Part, key, parts, run};
use crate::{Services, StoreError, clock, jobs, tx::Tx};

/// The job that takes files of pieces away; its payload is their ids.
pub(crate) const REMOVE_PARTS: &str = "remove_parts";

/// Uploads of one step.
const STEP: i64 = 100;

/// Files go as soon as `tx` has been committed.
pub(super) async fn throw_away(tx: &Tx<'_>, parts: &[Part]) -> Result<(), StoreError> {
    if parts.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = parts.iter().map(|part| part.id).collect();
    let payload = serde_json::to_string(&ids).unwrap_or_default();
    jobs::enqueue(tx, REMOVE_PARTS, payload).await
}

/// The job. Files that are gone already are no mistake.
pub(crate) async fn remove_parts(services: &Services, payload: &str) -> Result<(), String> {
    let ids: Vec<Uuid> = serde_json::from_str(payload).map_err(|error| error.to_string())?;
    for id in ids {
        let key = key(id).map_err(|error| error.to_string())?;
        services.settings.blobs.delete(&key).await.map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// Forgets uploads whose time is over, a step of them; whether there may be more.
pub(crate) async fn sweep_uploads(services: &Services) -> Result<bool, StoreError> {
    let tx = Tx::begin(&services.store, &services.hub).await?;
    let lock = if tx.is_sqlite() { "" } else { "FOR UPDATE SKIP LOCKED" };
    let sql =
        format!("SELECT id FROM upload WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 {lock}");
    let values: [Value; 2] = [clock::now().0.into(), STEP.into()];
    let backend = tx.rows().get_database_backend();
    let query = Statement::from_sql_and_values(backend, sql, values);
    let over = Part::find_by_statement(query).all(tx.rows()).await?;
    for upload in &over {
        throw_away(&tx, &parts(tx.rows(), upload.id).await?).await?;
        run(&tx, "DELETE FROM upload WHERE id = $1", [upload.id.into()]).await?;
    }
    tx.commit().await?;
    Ok(over.len() as i64 == STEP)
}
