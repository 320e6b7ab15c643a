//! Keeps what is found the same as what is there, in the transaction that changes it.

use sea_orm::{ConnectionTrait, Statement};
use uuid::Uuid;

use super::documents::Indexed;
use super::searched::{Known, Searched, write};
use crate::{StoreError, tx::Tx};

/// A post that was published, changed or taken away.
pub(crate) async fn index_post(tx: &Tx<'_>, id: Uuid) -> Result<(), StoreError> {
    index(tx, Searched::Posts, id).await
}

/// Somebody who is new, or calls themselves otherwise.
pub(crate) async fn index_person(tx: &Tx<'_>, id: Uuid) -> Result<(), StoreError> {
    index(tx, Searched::People, id).await
}

/// A community that is new or was changed.
pub(crate) async fn index_community(tx: &Tx<'_>, id: Uuid) -> Result<(), StoreError> {
    index(tx, Searched::Communities, id).await
}

/// A message that says something else than before, or nothing any more. New ones are followed from behind
/// ([`super::follow`]), so that nobody who sends one waits for it.
pub(crate) async fn index_changed_message(tx: &Tx<'_>, id: Uuid) -> Result<(), StoreError> {
    index(tx, Searched::Messages, id).await
}

async fn index(tx: &Tx<'_>, searched: Searched, id: Uuid) -> Result<(), StoreError> {
    let rows = tx.rows();
    let found = searched.documents(rows, vec![id]).await?;
    if found.is_empty() {
        let sql = format!("DELETE FROM {}_search WHERE subject_id = $1", searched.table());
        let backend = rows.get_database_backend();
        rows.execute_raw(Statement::from_sql_and_values(backend, sql, [id.into()])).await?;
        return Ok(());
    }
    let indexed: Vec<_> = found.iter().map(|(id, document)| (*id, Indexed::of(document))).collect();
    write(rows, searched, &indexed, Known::Replaced).await
}
