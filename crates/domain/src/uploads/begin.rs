//! A new upload.

use sea_orm::{FromQueryResult, Statement, Value};
use uuid::Uuid;
use wire::UnixMillis;
use wire::media::{PICTURE_MAX_BYTES, PictureKind};

use super::UploadError;
use super::rows::{Upload, run};
use crate::limits::Limit;
use crate::{Caller, Services, clock, tx::Tx};

/// How long an upload can go on, in milliseconds.
const LIFETIME_MS: i64 = 24 * 3_600_000;
/// Uploads of one account that are not done.
const AT_ONCE: i64 = 20;
/// Characters of a name.
const NAME_MAX: usize = 255;

/// Makes room for a file of `length` bytes that will be a picture of the caller's.
///
/// # Errors
/// [`UploadError::TooLong`], [`UploadError::Empty`], [`UploadError::TooMany`], or too many acts.
pub async fn begin(
    services: &Services,
    caller: &Caller,
    kind: PictureKind,
    name: &str,
    length: u64,
) -> Result<Upload, UploadError> {
    if length > PICTURE_MAX_BYTES as u64 {
        return Err(UploadError::TooLong);
    }
    if length == 0 {
        return Err(UploadError::Empty);
    }
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let now = clock::now().0;
    let printable = name.chars().filter(|c| !c.is_control());
    let upload = Upload {
        id: Uuid::now_v7(),
        kind,
        name: printable.take(NAME_MAX).collect(),
        length,
        received: 0,
        picture: None,
        expires_at: UnixMillis(now + LIFETIME_MS),
    };
    let tx = Tx::begin(&services.store, &services.hub).await?;
    if under_way(&tx, caller, now).await? >= AT_ONCE {
        return Err(UploadError::TooMany);
    }
    let sql = "INSERT INTO upload (id, owner_id, kind, name, length, created_at, expires_at) \
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let values: [Value; 7] = [
        upload.id.into(),
        caller.user_id.0.into(),
        kind.as_str().into(),
        upload.name.as_str().into(),
        i64::try_from(length).unwrap_or(i64::MAX).into(),
        now.into(),
        upload.expires_at.0.into(),
    ];
    run(&tx, sql, values).await?;
    tx.commit().await?;
    Ok(upload)
}

async fn under_way(tx: &Tx<'_>, caller: &Caller, now: i64) -> Result<i64, UploadError> {
    #[derive(FromQueryResult)]
    struct Row {
        n: i64,
    }
    let sql = "SELECT COUNT(*) AS n FROM upload \
        WHERE owner_id = $1 AND media_id IS NULL AND expires_at > $2";
    let backend = sea_orm::ConnectionTrait::get_database_backend(tx.rows());
    let values: [Value; 2] = [caller.user_id.0.into(), now.into()];
    let query = Statement::from_sql_and_values(backend, sql, values);
    Ok(Row::find_by_statement(query).one(tx.rows()).await?.map_or(0, |row| row.n))
}
