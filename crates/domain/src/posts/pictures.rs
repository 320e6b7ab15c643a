//! Pictures in the text of a post: which it names, and which of them there are.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};
use uuid::Uuid;
use wire::MediaId;
use wire::media::{PICTURES, PictureKind};

use super::place::run;
use crate::chat::among;
use crate::{StoreError, tx::Tx};

/// Pictures of one text that are shown; those after them are links.
const SHOWN: usize = 200;

/// A picture as a text shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) kind: PictureKind,
    /// Of its largest size, in pixels.
    pub(super) width: u32,
    pub(super) height: u32,
}

/// The pictures of a text by their ids.
pub(super) type Shelf = BTreeMap<MediaId, Shown>;

/// The id in the address of a picture of ours.
pub(super) fn named(address: &str) -> Option<MediaId> {
    address.strip_prefix(PICTURES)?.split('/').next()?.parse().ok()
}

/// The ids that stand in a text behind `/media/`, each once.
pub(super) fn named_in(markdown: &str) -> Vec<MediaId> {
    let mut ids: Vec<MediaId> = Vec::new();
    for (at, _) in markdown.match_indices(PICTURES) {
        let rest = &markdown[at..];
        let end = rest[PICTURES.len()..].find('/').map_or(rest.len(), |end| end + PICTURES.len());
        let Some(id) = rest.get(..end).and_then(named).filter(|id| !ids.contains(id)) else {
            continue;
        };
        ids.push(id);
        if ids.len() == SHOWN {
            break;
        }
    }
    ids
}

/// Those of them that there are.
pub(super) async fn shelf(
    rows: &impl ConnectionTrait,
    ids: &[MediaId],
) -> Result<Shelf, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        kind: String,
        width: i32,
        height: i32,
    }
    if ids.is_empty() {
        return Ok(Shelf::new());
    }
    let backend = rows.get_database_backend();
    let (these, values) = among(backend, 1, ids.iter().map(|id| id.0));
    let sql = format!("SELECT id, kind, width, height FROM media WHERE id {these}");
    let query = Statement::from_sql_and_values(backend, sql, values);
    let found = Row::find_by_statement(query).all(rows).await?;
    let view = |row: Row| {
        let kind = PictureKind::from_word(&row.kind)?;
        let (width, height) = (row.width.unsigned_abs(), row.height.unsigned_abs());
        Some((MediaId(row.id), Shown { kind, width, height }))
    };
    Ok(found.into_iter().filter_map(view).collect())
}

/// Writes down what a post shows, so that it stays. What only an earlier version shows stays too; a draft
/// without one shows nothing but its text.
pub(super) async fn file_pictures(
    tx: &Tx<'_>,
    post: Uuid,
    ids: &[MediaId],
) -> Result<(), StoreError> {
    let of_draft = "DELETE FROM post_picture WHERE post_id = $1 \
        AND NOT EXISTS (SELECT 1 FROM post_version h WHERE h.post_id = $1)";
    run(tx, of_draft, vec![post.into()]).await?;
    if ids.is_empty() {
        return Ok(());
    }
    let backend = tx.rows().get_database_backend();
    let ids: Vec<_> = ids.iter().map(|id| id.0).collect();
    hold(tx, &ids).await?;
    let (these, values) = among(backend, 2, ids);
    let sql = format!(
        "INSERT INTO post_picture (post_id, media_id) SELECT $1, v.id FROM media v \
         WHERE v.id {these} ON CONFLICT DO NOTHING"
    );
    run(tx, &sql, [Value::from(post)].into_iter().chain(values).collect()).await?;
    Ok(())
}

/// Nobody takes these away until the transaction ends.
pub(super) async fn hold(tx: &Tx<'_>, ids: &[Uuid]) -> Result<(), StoreError> {
    if tx.is_sqlite() || ids.is_empty() {
        return Ok(());
    }
    let (these, values) = among(tx.rows().get_database_backend(), 1, ids.iter().copied());
    let sql = format!("SELECT 1 FROM media WHERE id {these} ORDER BY id FOR KEY SHARE");
    run(tx, &sql, values).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_named_by_their_addresses() {
        let (one, other) = (MediaId::new(), MediaId::new());
        let text =
            format!("![a](/media/{one}/1600.webp) ![b](</media/{other}/640.webp>) /media/{one}");
        assert_eq!(named_in(&text), [one, other]);
        for nothing in ["/media/", "/media//", "/media/1/x", "/mediä/", "/media/é", ""] {
            assert!(named_in(nothing).is_empty(), "{nothing}");
        }
        let many: String = (0..300).map(|_| format!("/media/{}/1 ", MediaId::new())).collect();
        assert_eq!(named_in(&many).len(), SHOWN);
    }
}
