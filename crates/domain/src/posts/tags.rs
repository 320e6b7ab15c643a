//! What a post is filed under.

use sea_orm::{DbBackend, FromQueryResult, Statement, Value};
use uuid::Uuid;
use wire::posts::{TAGS_MAX, tag_key};

use super::place::run;
use super::{PostError, heard, id_of, visible};
use crate::{Caller, Services, StoreError, tx::Tx};

/// The tags of a post: those of its own field, then the `#words` of its text, each once, at most
/// [`TAGS_MAX`].
///
/// # Errors
/// [`PostError::Invalid`] for what was put into the field and is no tag, and for more than fit.
pub(super) fn tags(field: &str, in_text: &[String]) -> Result<Vec<String>, PostError> {
    let mut tags = Vec::new();
    let words = field.split([',', ' ', '\n', '\t']).map(str::trim).filter(|word| !word.is_empty());
    for word in words {
        let Some(tag) = tag_key(word) else {
            let why = "A tag is a word of letters and digits, at most 50 of them.";
            return Err(PostError::Invalid { field: "tags", why });
        };
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    if tags.len() > TAGS_MAX {
        return Err(PostError::Invalid { field: "tags", why: "A post has at most ten tags." });
    }
    for tag in in_text {
        if tags.len() < TAGS_MAX && !tags.contains(tag) {
            tags.push(tag.clone());
        }
    }
    Ok(tags)
}

/// Files the post under these and nothing else.
pub(super) async fn file_under(
    tx: &Tx<'_>,
    post: Uuid,
    tags: &[String],
    published_at: Option<i64>,
) -> Result<(), StoreError> {
    run(tx, "DELETE FROM post_tag WHERE post_id = $1", vec![post.into()]).await?;
    if tags.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = (0..tags.len()).map(|n| format!("($1, $2, ${})", n + 3)).collect();
    let sql =
        format!("INSERT INTO post_tag (post_id, published_at, tag) VALUES {}", rows.join(", "));
    let values = [Value::from(post), published_at.into()].into_iter();
    run(tx, &sql, values.chain(tags.iter().cloned().map(Value::from)).collect()).await?;
    Ok(())
}

/// When its post appears or goes, a tag's list has it or has it no more.
pub(super) async fn date_tags(
    tx: &Tx<'_>,
    post: Uuid,
    published_at: Option<i64>,
) -> Result<(), StoreError> {
    let sql = "UPDATE post_tag SET published_at = $2 WHERE post_id = $1";
    run(tx, sql, vec![post.into(), published_at.into()]).await?;
    Ok(())
}

/// Of the posts that `viewer` may see, the newest of which tags are counted.
const COUNTED: i64 = 500;

/// The words that most of what was published of late is filed under, and under how much of it each is.
///
/// # Errors
/// Where the database does not answer.
pub async fn trending_tags(
    services: &Services,
    viewer: Option<&Caller>,
    limit: u64,
) -> Result<Vec<(String, i64)>, PostError> {
    #[derive(FromQueryResult)]
    struct Row {
        tag: String,
        n: i64,
    }
    let (limit, viewer) = (limit.min(100) as i64, id_of(viewer));
    let query = trending_query(services.store.backend(), viewer, limit);
    let rows = Row::find_by_statement(query).all(&services.store.read).await?;
    Ok(rows.into_iter().map(|row| (row.tag, row.n)).collect())
}

pub(super) fn trending_query(backend: DbBackend, viewer: Uuid, limit: i64) -> Statement {
    let (visible, heard) = (visible("$1"), heard("p.author_id", "$1"));
    let sql = format!(
        "SELECT t.tag, COUNT(*) AS n FROM (SELECT p.id FROM post p WHERE {visible} AND {heard} \
         ORDER BY p.published_at DESC, p.id DESC LIMIT $2) r JOIN post_tag t ON t.post_id = r.id \
         GROUP BY t.tag ORDER BY COUNT(*) DESC, t.tag LIMIT $3"
    );
    Statement::from_sql_and_values(backend, sql, [viewer.into(), COUNTED.into(), limit.into()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_come_from_the_field_and_the_text_each_once() {
        let in_text = ["rust".to_owned(), "web".to_owned()];
        assert_eq!(tags("#Rust, music\nночь", &in_text).unwrap(), ["rust", "music", "ночь", "web"]);
        assert!(tags("a/b", &[]).is_err() && tags("2026", &[]).is_err());
        let many: Vec<_> = (0..11).map(|n| format!("tag{n}")).collect();
        assert!(tags(&many.join(" "), &[]).is_err());
        assert_eq!(tags("", &many).unwrap().len(), TAGS_MAX);
    }
}
