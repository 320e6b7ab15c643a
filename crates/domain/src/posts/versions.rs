//! How a post stood before it was changed.

use sea_orm::{FromQueryResult, Statement};
use wire::UnixMillis;
use wire::posts::{Post, PostVersion};

use super::place::{Held, run};
use super::{PostError, post};
use crate::{Caller, Services, StoreError, tx::Tx};

/// Versions that are shown.
const SHOWN: i64 = 100;

/// A post and its earlier versions, the newest first. Whoever may read it may read them.
///
/// # Errors
/// [`PostError::NotFound`] for what `viewer` may not see.
pub async fn versions(
    services: &Services,
    viewer: Option<&Caller>,
    key: &str,
) -> Result<(Post, Vec<PostVersion>), PostError> {
    #[derive(FromQueryResult)]
    struct Row {
        version: i32,
        title: String,
        content: String,
        written_at: i64,
    }
    let post = post(services, viewer, key).await?;
    let sql = "SELECT version, title, content, written_at FROM post_version \
        WHERE post_id = $1 ORDER BY version DESC LIMIT $2";
    let values = [post.card.id.0.into(), SHOWN.into()];
    let query = Statement::from_sql_and_values(services.store.backend(), sql, values);
    let rows = Row::find_by_statement(query).all(&services.store.read).await?;
    let view = |Row { version, title, content, written_at }| PostVersion {
        version,
        title,
        content,
        written_at: UnixMillis(written_at),
    };
    Ok((post, rows.into_iter().map(view).collect()))
}

/// Keeps what stands there now, before it is changed.
pub(super) async fn keep_version(tx: &Tx<'_>, held: &Held) -> Result<(), StoreError> {
    let sql = "INSERT INTO post_version (post_id, version, title, content, written_at) \
        SELECT $1, COALESCE(MAX(version), 0) + 1, $2, $3, $4 FROM post_version WHERE post_id = $1";
    let written_at = held.edited_at.or(held.published_at).unwrap_or_default();
    let values = vec![
        held.id.into(),
        held.title.clone().into(),
        held.content.clone().into(),
        written_at.into(),
    ];
    run(tx, sql, values).await?;
    Ok(())
}
