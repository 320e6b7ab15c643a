//! Comments as they are read.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};
use uuid::Uuid;
use wire::posts::Comment;
use wire::{CommentId, PostId, UnixMillis};

use super::rows::writer;
use super::{PostError, heard, unblocked};

/// `a` is the author, `$1` the viewer. Of whoever has given their account up the places stay, without the
/// words, as if they had taken them back.
pub(super) const COLUMNS: &str = "c.id, c.post_id, c.parent_id, c.depth, c.created_at, c.edited_at, \
    CASE WHEN a.delete_at IS NULL OR a.id = $1 THEN c.content ELSE '' END AS content, \
    COALESCE(c.deleted_at, CASE WHEN a.id <> $1 THEN a.delete_at END) AS deleted_at, \
    c.likes_count, c.dislikes_count, c.replies_count, c.author_id, a.username, \
    a.first_name, a.last_name, a.avatar_id, r.value AS reaction";

/// `c` is the comment, `$1` the viewer.
pub(super) const TABLES: &str = "comment c JOIN account a ON a.id = c.author_id \
    LEFT JOIN comment_reaction r ON r.comment_id = c.id AND r.account_id = $1";

/// In SQL, whether the viewer `$1` is shown the comment `c`, and so what was answered to it.
pub(super) fn shown() -> String {
    format!("{} AND {}", unblocked("c.author_id", "$1"), heard("c.author_id", "$1"))
}

/// In SQL, whether the comment `c` has words for the viewer `$1`: neither it nor its author's account was
/// taken away.
pub(super) fn stands() -> &'static str {
    "c.deleted_at IS NULL AND EXISTS (SELECT 1 FROM account ca WHERE ca.id = c.author_id \
     AND (ca.delete_at IS NULL OR ca.id = $1))"
}

#[derive(FromQueryResult)]
pub(super) struct Row {
    pub(super) id: Uuid,
    post_id: Uuid,
    pub(super) parent_id: Option<Uuid>,
    depth: i32,
    content: String,
    pub(super) created_at: i64,
    edited_at: Option<i64>,
    deleted_at: Option<i64>,
    pub(super) likes_count: i64,
    pub(super) dislikes_count: i64,
    replies_count: i64,
    author_id: Uuid,
    username: String,
    first_name: String,
    last_name: String,
    avatar_id: Option<Uuid>,
    reaction: Option<i32>,
}

impl Row {
    /// Of one that was taken back nothing is left but its place.
    pub(super) fn view(self, viewer: Uuid) -> Comment {
        let is_deleted = self.deleted_at.is_some();
        let names = (self.first_name, self.last_name);
        let author = writer(self.author_id, self.username, names, self.avatar_id);
        Comment {
            id: CommentId(self.id),
            post: PostId(self.post_id),
            parent: self.parent_id.map(CommentId),
            depth: self.depth,
            author: (!is_deleted).then_some(author),
            content: self.content,
            created_at: UnixMillis(self.created_at),
            edited_at: self.edited_at.filter(|_| !is_deleted).map(UnixMillis),
            likes_count: self.likes_count,
            dislikes_count: self.dislikes_count,
            replies_count: self.replies_count,
            has_liked: self.reaction == Some(1),
            has_disliked: self.reaction == Some(-1),
            is_own: self.author_id == viewer && !is_deleted,
            people: Vec::new(),
            replies: Vec::new(),
        }
    }
}

/// The rows that `sql` asks for, `$1` being the viewer.
pub(super) async fn read(
    rows: &impl ConnectionTrait,
    viewer: Uuid,
    sql: &str,
    values: Vec<Value>,
) -> Result<Vec<Row>, PostError> {
    let values = [Value::from(viewer)].into_iter().chain(values);
    let query = Statement::from_sql_and_values(rows.get_database_backend(), sql, values);
    Ok(Row::find_by_statement(query).all(rows).await?)
}
