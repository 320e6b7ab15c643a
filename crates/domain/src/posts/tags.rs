//! What a post is filed under.

use sea_orm::Value;
use uuid::Uuid;
use wire::posts::{TAGS_MAX, tag_key};

use super::PostError;
use super::place::run;
use crate::{StoreError, tx::Tx};

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
