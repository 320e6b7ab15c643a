//! What somebody has written for others, and what they keep of others' writing.

use sea_orm::{FromQueryResult, Statement, Value as DbValue};
use serde_json::{Value, json};
use uuid::Uuid;
use wire::UnixMillis;

use super::{STEP, Step};
use crate::people::PeopleError;
use crate::posts::visible;
use crate::{Caller, Services};

/// Published posts, the oldest first, on the index of an author's posts.
pub(super) const POSTS: &str = "SELECT p.id, p.published_at AS at, p.slug, p.title, p.content, p.visibility \
     FROM post p WHERE p.author_id = $1 AND p.state = 'published' \
     AND (p.published_at, p.id) > ($2, $3) ORDER BY p.published_at, p.id LIMIT $4";
pub(super) const DRAFTS: &str = "SELECT p.id, p.saved_at AS at, p.slug, p.title, p.content, p.visibility \
     FROM post p WHERE p.author_id = $1 AND p.state IN ('draft', 'scheduled') \
     AND (p.saved_at, p.id) > ($2, $3) ORDER BY p.saved_at, p.id LIMIT $4";
/// `visibility` stands empty where it means nothing; `SEEN` is whether the post is the caller's to see.
pub(super) const COMMENTS: &str = "SELECT c.id, c.created_at AS at, p.slug, p.title, c.content, '' AS visibility \
     FROM comment c LEFT JOIN post p ON p.id = c.post_id AND SEEN WHERE c.author_id = $1 AND c.deleted_at IS NULL \
     AND (c.created_at, c.id) > ($2, $3) ORDER BY c.created_at, c.id LIMIT $4";
pub(super) const LIKES: &str = "SELECT r.post_id AS id, r.created_at AS at, p.slug, p.title, '' AS content, \
     '' AS visibility FROM post_reaction r LEFT JOIN post p ON p.id = r.post_id AND SEEN \
     WHERE r.account_id = $1 AND r.value = 1 \
     AND (r.created_at, r.post_id) > ($2, $3) ORDER BY r.created_at, r.post_id LIMIT $4";
pub(super) const BOOKMARKS: &str = "SELECT b.post_id AS id, b.created_at AS at, p.slug, p.title, '' AS content, \
     '' AS visibility FROM bookmark b LEFT JOIN post p ON p.id = b.post_id AND SEEN \
     WHERE b.account_id = $1 \
     AND (b.created_at, b.post_id) > ($2, $3) ORDER BY b.created_at, b.post_id LIMIT $4";

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    at: i64,
    slug: Option<String>,
    title: Option<String>,
    content: String,
    visibility: String,
}

impl Row {
    /// Only what is there is said.
    fn view(self) -> Value {
        let mut view = json!({"id": self.id, "at": UnixMillis(self.at)});
        let (slug, title) = (self.slug.unwrap_or_default(), self.title.unwrap_or_default());
        let texts = [
            ("post", slug),
            ("title", title),
            ("content", self.content),
            ("visibility", self.visibility),
        ];
        for (name, text) in texts {
            if !text.is_empty() {
                view[name] = json!(text);
            }
        }
        view
    }
}

/// A step through one of the lists above: a time and an id, from `after` on. A post that was closed to the
/// caller since is not told by its title.
pub(super) async fn step(
    services: &Services,
    caller: &Caller,
    sql: &str,
    after: Option<&str>,
) -> Result<Step, PeopleError> {
    let (at, id) = after.and_then(read).unwrap_or((i64::MIN, Uuid::nil()));
    let sql = sql.replace("SEEN", &visible("$1"));
    let values: [DbValue; 4] = [caller.user_id.0.into(), at.into(), id.into(), STEP.into()];
    let query = Statement::from_sql_and_values(services.store.backend(), sql, values);
    let found = Row::find_by_statement(query).all(&services.store.read).await?;
    let is_full = found.len() as i64 == STEP;
    let next = found.last().filter(|_| is_full).map(|row| format!("{}.{}", row.at, row.id));
    Ok(Step { rows: found.into_iter().map(Row::view).collect(), next })
}

fn read(cursor: &str) -> Option<(i64, Uuid)> {
    let (at, id) = cursor.split_once('.')?;
    Some((at.parse().ok()?, id.parse().ok()?))
}
