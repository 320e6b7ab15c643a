//! Keeping a post to come back to. Nobody else sees it.

use super::PostError;
use super::place::{hold_visible, run};
use super::react::Change;
use crate::limits::Limit;
use crate::{Caller, Services, clock, tx::Tx};

/// Keeps a post that the caller may see, or keeps it no more.
///
/// # Errors
/// [`PostError::NotFound`], or too often.
pub async fn keep(
    services: &Services,
    caller: &Caller,
    key: &str,
    change: Change,
) -> Result<(), PostError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let tx = Tx::begin(&services.store, &services.hub).await?;
    let held = hold_visible(&tx, caller, key).await?;
    let who = caller.user_id.0;
    let mut by = 0;
    if change != Change::Put {
        let sql = "DELETE FROM bookmark WHERE account_id = $1 AND post_id = $2";
        by -= run(&tx, sql, vec![who.into(), held.id.into()]).await? as i64;
    }
    if change == Change::Put || (change == Change::Toggle && by == 0) {
        let sql = "INSERT INTO bookmark (account_id, post_id, created_at) VALUES ($1, $2, $3) \
            ON CONFLICT (account_id, post_id) DO NOTHING";
        by += run(&tx, sql, vec![who.into(), held.id.into(), clock::now().0.into()]).await? as i64;
    }
    let sql = "UPDATE post SET bookmarks_count = bookmarks_count + $2 WHERE id = $1";
    run(&tx, sql, vec![held.id.into(), by.into()]).await?;
    Ok(tx.commit().await?)
}
