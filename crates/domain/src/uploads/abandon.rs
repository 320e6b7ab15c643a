//! The end of an upload that is not wanted any more.

use sea_orm::Value;
use uuid::Uuid;

use super::UploadError;
use super::rows::{parts, run, upload};
use super::sweep::throw_away;
use crate::limits::Limit;
use crate::{Caller, Services, tx::Tx};

/// Forgets the upload and what has arrived of it. A picture that it has become stays.
///
/// # Errors
/// [`UploadError::NotFound`], or too many acts.
pub async fn abandon(services: &Services, caller: &Caller, id: Uuid) -> Result<(), UploadError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    upload(services, caller, id).await?;
    forget(services, caller, id).await
}

pub(super) async fn forget(
    services: &Services,
    caller: &Caller,
    id: Uuid,
) -> Result<(), UploadError> {
    let tx = Tx::begin(&services.store, &services.hub).await?;
    // A piece that arrives in this moment waits, and finds nothing to belong to.
    let sql = "UPDATE upload SET expires_at = 0 WHERE id = $1 AND owner_id = $2";
    let own: [Value; 2] = [id.into(), caller.user_id.0.into()];
    if run(&tx, sql, own).await? == 0 {
        return Err(UploadError::NotFound);
    }
    throw_away(&tx, &parts(tx.rows(), id).await?).await?;
    run(&tx, "DELETE FROM upload WHERE id = $1", [id.into()]).await?;
    tx.commit().await?;
    services.due.notify_one();
    Ok(())
}
