//! An upload as it is stored, and the SQL that its verbs share.

use blob_store::Key;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement, Value};
use uuid::Uuid;
use wire::media::PictureKind;
use wire::{MediaId, UnixMillis};

use super::UploadError;
use crate::{Caller, Services, StoreError, clock, tx::Tx};

/// A file that is on its way, or has become a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    pub id: Uuid,
    pub kind: PictureKind,
    /// What its sender calls it.
    pub name: String,
    /// In bytes.
    pub length: u64,
    /// How many of them are here: the first ones.
    pub received: u64,
    /// What has become of it.
    pub picture: Option<MediaId>,
    pub expires_at: UnixMillis,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    kind: String,
    name: String,
    length: i64,
    received: i64,
    media_id: Option<Uuid>,
    expires_at: i64,
}

impl Row {
    fn view(self) -> Option<Upload> {
        Some(Upload {
            id: self.id,
            kind: PictureKind::from_word(&self.kind)?,
            name: self.name,
            length: self.length.unsigned_abs(),
            received: self.received.unsigned_abs(),
            picture: self.media_id.map(MediaId),
            expires_at: UnixMillis(self.expires_at),
        })
    }
}

/// The caller's upload as it stands.
///
/// # Errors
/// [`UploadError::NotFound`] for everybody else's and what is too old.
pub async fn upload(services: &Services, caller: &Caller, id: Uuid) -> Result<Upload, UploadError> {
    let sql = "SELECT id, kind, name, length, received, media_id, expires_at FROM upload \
        WHERE id = $1 AND owner_id = $2 AND expires_at > $3";
    let values: [Value; 3] = [id.into(), caller.user_id.0.into(), clock::now().0.into()];
    // Not from a copy that lags behind: whoever asks goes on from here.
    let query = Statement::from_sql_and_values(services.store.backend(), sql, values);
    let row = Row::find_by_statement(query).one(&services.store.read).await?;
    row.and_then(Row::view).ok_or(UploadError::NotFound)
}

/// A piece of it.
#[derive(Debug, Clone, Copy, FromQueryResult)]
pub(super) struct Part {
    pub(super) id: Uuid,
}

/// Those that are there, in their order.
pub(super) async fn parts(rows: &impl ConnectionTrait, upload: Uuid) -> Result<Vec<Part>, DbErr> {
    let sql = "SELECT id FROM upload_part WHERE upload_id = $1 ORDER BY position";
    let query = Statement::from_sql_and_values(rows.get_database_backend(), sql, [upload.into()]);
    Part::find_by_statement(query).all(rows).await
}

/// How many rows a statement touched.
pub(super) async fn run(
    tx: &Tx<'_>,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<u64, StoreError> {
    let rows = tx.rows();
    let statement = Statement::from_sql_and_values(rows.get_database_backend(), sql, values);
    Ok(rows.execute_raw(statement).await?.rows_affected())
}

/// The name of the file of a part.
pub(super) fn key(part: Uuid) -> Result<Key, StoreError> {
    let invalid = |_| StoreError::Failed(DbErr::Custom("the name of a part".into()));
    Key::new(part, "part").map_err(invalid)
}
