//! What was seen waits no longer.

use sea_orm::{ConnectionTrait, Statement, Value};
use uuid::Uuid;
use wire::UserId;
use wire::notifications::NewsKind;

use super::NewsError;
use super::unread::tell_unread;
use crate::limits::Limit;
use crate::{Caller, Services, StoreError, clock, tx::Tx};

/// Marks everything as read; the caller's other devices hear of it.
///
/// # Errors
/// Too many at once, or a database that does not answer.
pub async fn mark_all_read(services: &Services, caller: &Caller) -> Result<(), NewsError> {
    mark(services, caller, "TRUE", []).await
}

/// Marks everything of one kind about one topic as read.
///
/// # Errors
/// As [`mark_all_read`].
pub async fn mark_topic_read(
    services: &Services,
    caller: &Caller,
    kind: NewsKind,
    topic: Uuid,
) -> Result<(), NewsError> {
    let values = [Value::from(kind.as_str()), Value::from(topic)];
    mark(services, caller, "kind = $3 AND topic = $4", values).await
}

/// Marks one event as read; again it changes nothing.
///
/// # Errors
/// As [`mark_all_read`]; [`NewsError::NotFound`] for one that is not the caller's.
pub async fn mark_read(services: &Services, caller: &Caller, id: Uuid) -> Result<(), NewsError> {
    let sql = "SELECT 1 FROM notification WHERE id = $1 AND account_id = $2";
    let values: [Value; 2] = [id.into(), caller.user_id.0.into()];
    let query = Statement::from_sql_and_values(services.store.backend(), sql, values);
    services.store.read.query_one_raw(query).await?.ok_or(NewsError::NotFound)?;
    mark(services, caller, "id = $3", [Value::from(id)]).await
}

async fn mark(
    services: &Services,
    caller: &Caller,
    these: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<(), NewsError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let sql = format!(
        "UPDATE notification SET read_at = $2 WHERE account_id = $1 AND read_at IS NULL AND {these}"
    );
    let own: [Value; 2] = [caller.user_id.0.into(), clock::now().0.into()];
    let values = own.into_iter().chain(values);
    let update = Statement::from_sql_and_values(services.store.backend(), sql, values);
    if tx.rows().execute_raw(update).await?.rows_affected() > 0 {
        tell_unread(&mut tx, caller.user_id).await?;
    }
    Ok(tx.commit().await?)
}

/// What `actor` did that concerns `reader` waits no more: it is shown no longer, so it must not be counted.
pub(crate) async fn hush(tx: &Tx<'_>, reader: UserId, actor: UserId) -> Result<(), StoreError> {
    let sql = "UPDATE notification SET read_at = $3 \
         WHERE account_id = $1 AND actor_id = $2 AND read_at IS NULL";
    let values: [Value; 3] = [reader.0.into(), actor.0.into(), clock::now().0.into()];
    let backend = tx.rows().get_database_backend();
    tx.rows().execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    Ok(())
}
