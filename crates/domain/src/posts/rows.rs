//! Posts as they are read: one statement for the rows of a list, one for their tags.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};
use uuid::Uuid;
use wire::chat::Author;
use wire::posts::{InCommunity, Post, PostCard, PostState, Visibility, Writer};
use wire::{MediaId, PostId, UnixMillis, UserId};

use super::PostError;
use crate::chat::among;

/// Which posts are wanted, in SQL: `p` is the post, `a` its author, `$1` the viewer; `values` begin at
/// `$2`.
pub(super) struct Wanted {
    /// More tables.
    pub(super) join: &'static str,
    pub(super) condition: String,
    /// What the list is sorted by, which is a number.
    pub(super) sort: &'static str,
    /// After `ORDER BY`.
    pub(super) order: String,
    pub(super) values: Vec<Value>,
    /// Whether their texts are wanted too.
    pub(super) with_text: bool,
}

const COLUMNS: &str = "p.id, p.slug, p.title, p.excerpt, p.words, p.cover_id, p.visibility, p.state, \
    p.created_at, p.saved_at, p.published_at, p.publish_at, p.edited_at, p.likes_count, \
    p.dislikes_count, p.comments_count, p.bookmarks_count, p.views_count, a.id AS author_id, a.username, \
    a.first_name, a.last_name, a.avatar_id, k.name AS community_name, k.slug AS community_slug, \
    COALESCE(v.alt, '') AS cover_alt, \
    r.value AS reaction, s.created_at AS kept_at";

const TABLES: &str = "post p JOIN account a ON a.id = p.author_id \
    LEFT JOIN community k ON k.id = p.community_id \
    LEFT JOIN media v ON v.id = p.cover_id \
    LEFT JOIN post_reaction r ON r.post_id = p.id AND r.account_id = $1 \
    LEFT JOIN bookmark s ON s.post_id = p.id AND s.account_id = $1";

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    slug: String,
    title: String,
    excerpt: String,
    words: i32,
    cover_id: Option<Uuid>,
    cover_alt: String,
    visibility: String,
    state: String,
    created_at: i64,
    saved_at: i64,
    published_at: Option<i64>,
    publish_at: Option<i64>,
    edited_at: Option<i64>,
    likes_count: i64,
    dislikes_count: i64,
    comments_count: i64,
    bookmarks_count: i64,
    views_count: i64,
    author_id: Uuid,
    username: String,
    first_name: String,
    last_name: String,
    avatar_id: Option<Uuid>,
    community_name: Option<String>,
    community_slug: Option<String>,
    reaction: Option<i32>,
    kept_at: Option<i64>,
    content: String,
    html: String,
    sort_at: i64,
}

/// A post and where it stands in its list.
pub(super) struct Found {
    pub(super) post: Post,
    pub(super) sort_at: i64,
}

impl Wanted {
    pub(super) fn statement(self, backend: DbBackend, viewer: Uuid) -> Statement {
        let Self { join, condition, sort, order, values, with_text } = self;
        let text = match with_text {
            true => "p.content, p.content_html AS html",
            false => "'' AS content, '' AS html",
        };
        let sql = format!(
            "SELECT {COLUMNS}, {text}, {sort} AS sort_at FROM {TABLES} {join} \
             WHERE {condition} ORDER BY {order}"
        );
        let values = [Value::from(viewer)].into_iter().chain(values);
        Statement::from_sql_and_values(backend, sql, values)
    }
}

/// Those that are wanted, with what `viewer` has done with each.
pub(super) async fn find(
    rows: &impl ConnectionTrait,
    viewer: Uuid,
    wanted: Wanted,
) -> Result<Vec<Found>, PostError> {
    let query = wanted.statement(rows.get_database_backend(), viewer);
    let found = Row::find_by_statement(query).all(rows).await?;
    let mut tags = tags_of(rows, found.iter().map(|row| row.id).collect()).await?;
    let view = |row: Row| {
        let tags = tags.remove(&row.id).unwrap_or_default();
        Found { sort_at: row.sort_at, post: row.view(viewer, tags) }
    };
    Ok(found.into_iter().map(view).collect())
}

async fn tags_of(
    rows: &impl ConnectionTrait,
    posts: Vec<Uuid>,
) -> Result<BTreeMap<Uuid, Vec<String>>, PostError> {
    #[derive(FromQueryResult)]
    struct Tagged {
        post_id: Uuid,
        tag: String,
    }
    let mut tags: BTreeMap<_, Vec<_>> = BTreeMap::new();
    if posts.is_empty() {
        return Ok(tags);
    }
    let backend = rows.get_database_backend();
    let (these, values) = among(backend, 1, posts);
    let sql = format!("SELECT post_id, tag FROM post_tag WHERE post_id {these} ORDER BY tag");
    let query = Statement::from_sql_and_values(backend, sql, values);
    for Tagged { post_id, tag } in Tagged::find_by_statement(query).all(rows).await? {
        tags.entry(post_id).or_default().push(tag);
    }
    Ok(tags)
}

/// Somebody who has written something.
pub(super) fn writer(
    id: Uuid,
    username: String,
    (first_name, last_name): (String, String),
    avatar: Option<Uuid>,
) -> Writer {
    let user = Author::new(UserId(id), username).with_avatar(avatar.map(MediaId));
    Writer { user, first_name, last_name }
}

impl Row {
    fn view(self, viewer: Uuid, tags: Vec<String>) -> Post {
        let community = self.community_name.zip(self.community_slug);
        let names = (self.first_name, self.last_name);
        let card = PostCard {
            id: PostId(self.id),
            slug: self.slug,
            title: self.title,
            excerpt: self.excerpt,
            words: u32::try_from(self.words).unwrap_or(0),
            cover: self.cover_id.map(MediaId),
            cover_alt: self.cover_alt,
            is_own: self.author_id == viewer,
            author: writer(self.author_id, self.username, names, self.avatar_id),
            community: community.map(|(name, slug)| InCommunity { name, slug }),
            tags,
            visibility: Visibility::from_word(&self.visibility).unwrap_or_default(),
            state: PostState::from_word(&self.state).unwrap_or(PostState::Draft),
            created_at: UnixMillis(self.created_at),
            saved_at: UnixMillis(self.saved_at),
            published_at: self.published_at.map(UnixMillis),
            publish_at: self.publish_at.map(UnixMillis),
            edited_at: self.edited_at.map(UnixMillis),
            likes_count: self.likes_count,
            dislikes_count: self.dislikes_count,
            comments_count: self.comments_count,
            bookmarks_count: self.bookmarks_count,
            views_count: self.views_count,
            has_liked: self.reaction == Some(1),
            has_disliked: self.reaction == Some(-1),
            has_saved: self.kept_at.is_some(),
        };
        Post { card, content: self.content, html: self.html }
    }
}
