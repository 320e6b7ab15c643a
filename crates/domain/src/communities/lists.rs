//! Communities as somebody sees them: one, their own, and all there are.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement, Value};
use uuid::Uuid;
use wire::chat::Author;
use wire::communities::{COMMUNITIES_PAGE, Communities, Community, CommunityCursor, Standing};
use wire::{CommunityId, ConversationId, MediaId, UnixMillis, UserId};

use super::CommunityError;
use super::naming::name_key;
use super::rows::{number, standing_of};
use crate::chat::among;
use crate::limits::Limit;
use crate::posts::render;
use crate::{Caller, Services};

/// What a [`Row`] is read from; `$1` is the viewer. Whoever made it is not named once they have given their account
/// up, nor across a block.
const COLUMNS: &str = "SELECT c.id, c.name, c.slug, c.description, c.rules, c.icon_id, c.cover_id, \
    c.is_private, c.slow_mode_seconds, c.conversation_id, c.pinned_post_id, c.members_count, \
    c.posts_count, c.created_at, a.id AS creator_id, a.username AS creator, \
    a.avatar_id, m.state, m.role \
    FROM community c LEFT JOIN account a ON a.id = c.created_by AND a.is_active \
    AND (a.delete_at IS NULL OR a.id = $1) AND NOT EXISTS (SELECT 1 FROM block b \
    WHERE (b.blocker_id = $1 AND b.blocked_id = a.id) OR (b.blocker_id = a.id AND b.blocked_id = $1)) \
    LEFT JOIN community_member m ON m.community_id = c.id AND m.account_id = $1";

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    name: String,
    slug: String,
    description: String,
    rules: String,
    icon_id: Option<Uuid>,
    cover_id: Option<Uuid>,
    is_private: bool,
    slow_mode_seconds: i32,
    conversation_id: Option<Uuid>,
    pinned_post_id: Option<Uuid>,
    members_count: i64,
    posts_count: i64,
    created_at: i64,
    creator_id: Option<Uuid>,
    creator: Option<String>,
    avatar_id: Option<Uuid>,
    state: Option<String>,
    role: Option<String>,
}

impl Row {
    /// Strangers see the card of a private community, and nothing of its inside.
    fn view(self) -> Community {
        let standing = standing_of(self.state.as_deref(), self.role.as_deref());
        let is_inside = standing.role().is_some();
        let is_open = !self.is_private || is_inside;
        let avatar = self.avatar_id.map(MediaId);
        let author = |(id, name)| Author::new(UserId(id), name).with_avatar(avatar);
        Community {
            id: CommunityId(self.id),
            name: self.name,
            slug: self.slug,
            excerpt: beginning(&self.description),
            description: self.description,
            rules: if is_open { self.rules } else { String::new() },
            icon: self.icon_id.map(MediaId),
            cover: self.cover_id.map(MediaId),
            creator: self.creator_id.zip(self.creator).map(author),
            is_private: self.is_private,
            slow_mode_seconds: self.slow_mode_seconds,
            room: self.conversation_id.filter(|_| is_inside).map(ConversationId),
            pinned_post_id: self.pinned_post_id.filter(|_| is_open),
            members_count: self.members_count,
            posts_count: self.posts_count,
            created_at: UnixMillis(self.created_at),
            standing,
        }
    }
}

/// As much of a description as cards need.
const BEGINNING: usize = 600;

/// Its words without their marks.
fn beginning(description: &str) -> String {
    let beginning: String = description.chars().take(BEGINNING).collect();
    if beginning.is_empty() { beginning } else { render(&beginning).excerpt }
}

fn viewer(caller: Option<&Caller>) -> Value {
    caller.map_or(Uuid::nil(), |caller| caller.user_id.0).into()
}

async fn read(rows: &impl ConnectionTrait, query: Statement) -> Result<Vec<Community>, DbErr> {
    let found = Row::find_by_statement(query).all(rows).await?;
    Ok(found.into_iter().map(Row::view).collect())
}

/// The community of an address, as the caller may see it.
///
/// # Errors
/// [`CommunityError::NotFound`] where there is none.
pub async fn community(
    services: &Services,
    caller: Option<&Caller>,
    slug: &str,
) -> Result<Community, CommunityError> {
    seen(&services.store.read, caller, slug).await
}

pub(super) async fn seen(
    rows: &impl ConnectionTrait,
    caller: Option<&Caller>,
    slug: &str,
) -> Result<Community, CommunityError> {
    // No database has such a text.
    if slug.contains('\0') {
        return Err(CommunityError::NotFound);
    }
    let sql = format!("{COLUMNS} WHERE c.slug = $2");
    let values = [viewer(caller), slug.into()];
    let query = Statement::from_sql_and_values(rows.get_database_backend(), sql, values);
    read(rows, query).await?.pop().ok_or(CommunityError::NotFound)
}

/// A step through all communities, the largest first, of the same size the newest.
///
/// # Errors
/// Where the database does not answer.
pub async fn discover(
    services: &Services,
    caller: Option<&Caller>,
    after: Option<CommunityCursor>,
) -> Result<Communities, CommunityError> {
    let limit = COMMUNITIES_PAGE as i64 + 1;
    let query = discover_query(services.store.backend(), viewer(caller), after, limit);
    let mut communities = read(&services.store.read, query).await?;
    let has_more = communities.len() > COMMUNITIES_PAGE as usize;
    communities.truncate(COMMUNITIES_PAGE as usize);
    let edge =
        |last: &Community| CommunityCursor { members_count: last.members_count, id: last.id };
    let next = communities.last().filter(|_| has_more).map(edge);
    Ok(Communities { communities, next })
}

pub(super) fn discover_query(
    backend: DbBackend,
    viewer: Value,
    after: Option<CommunityCursor>,
    limit: i64,
) -> Statement {
    let sql = format!(
        "{COLUMNS} WHERE c.members_count <= $2 AND (c.members_count < $2 OR c.id < $3) \
         ORDER BY c.members_count DESC, c.id DESC LIMIT $4"
    );
    let (edge, id) =
        after.map_or((i64::MAX, Uuid::max()), |after| (after.members_count, after.id.0));
    Statement::from_sql_and_values(backend, sql, [viewer, edge.into(), id.into(), limit.into()])
}

/// Communities whose name begins with `prefix`, whatever its case or look-alikes, by name; at most
/// [`COMMUNITIES_PAGE`].
///
/// # Errors
/// Too many searches, or a database that does not answer.
pub async fn search(
    services: &Services,
    caller: Option<&Caller>,
    prefix: &str,
) -> Result<Vec<Community>, CommunityError> {
    if let Some(caller) = caller {
        services.limits.check(Limit::Searches, caller.user_id.0).await?;
    }
    let query = search_query(services.store.backend(), viewer(caller), prefix);
    Ok(read(&services.store.read, query).await?)
}

/// A range of the index by code points, which each database has to be told to use.
pub(super) fn search_query(backend: DbBackend, viewer: Value, prefix: &str) -> Statement {
    let collation = match backend {
        DbBackend::Sqlite => "BINARY",
        _ => "\"C\"",
    };
    let key = format!("c.name_key COLLATE {collation}");
    let sql = format!("{COLUMNS} WHERE {key} >= $2 AND {key} < $3 ORDER BY {key} LIMIT $4");
    let prefix = name_key(prefix);
    let end = format!("{prefix}\u{10FFFF}");
    let limit = COMMUNITIES_PAGE as i64;
    Statement::from_sql_and_values(backend, sql, [viewer, prefix.into(), end.into(), limit.into()])
}

/// These communities in this order, as the caller may see them.
///
/// # Errors
/// Where the database does not answer.
pub(crate) async fn communities_by_id(
    services: &Services,
    caller: Option<&Caller>,
    ids: Vec<Uuid>,
) -> Result<Vec<Community>, CommunityError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let backend = services.store.backend();
    let (these, values) = among(backend, 2, ids.iter().copied());
    let values = std::iter::once(viewer(caller)).chain(values);
    let sql = format!("{COLUMNS} WHERE c.id {these}");
    let query = Statement::from_sql_and_values(backend, sql, values);
    let mut found = read(&services.store.read, query).await?;
    found.sort_by_key(|found| ids.iter().position(|id| *id == found.id.0));
    Ok(found)
}

/// Most of one's own communities that a page shows.
const OWN: i64 = 100;

/// Where the caller is a member or has asked to be, by name; at most a hundred.
///
/// # Errors
/// Where the database does not answer.
pub async fn own_communities(
    services: &Services,
    caller: &Caller,
) -> Result<Vec<Community>, CommunityError> {
    let query = own_query(services.store.backend(), caller.user_id);
    let mut found = read(&services.store.read, query).await?;
    found.retain(|own| own.standing != Standing::Banned);
    Ok(found)
}

pub(super) fn own_query(backend: DbBackend, caller: UserId) -> Statement {
    let sql = format!(
        "{COLUMNS} WHERE m.account_id = $1 AND m.state IN ('active', 'requested') \
         ORDER BY c.name_key LIMIT $2"
    );
    Statement::from_sql_and_values(backend, sql, [caller.0.into(), OWN.into()])
}

/// All communities by number of rows, the largest first, of the same size the newest; and how many there
/// are.
///
/// # Errors
/// Where the database does not answer.
pub async fn page_of_communities(
    services: &Services,
    caller: Option<&Caller>,
    offset: u64,
    limit: u64,
) -> Result<(Vec<Community>, u64), CommunityError> {
    let rows = &services.store.read;
    let sql = format!("{COLUMNS} ORDER BY c.members_count DESC, c.id DESC LIMIT $2 OFFSET $3");
    let (limit, offset) = (limit.min(100) as i64, i64::try_from(offset).unwrap_or(i64::MAX));
    let values = [viewer(caller), limit.into(), offset.into()];
    let query = Statement::from_sql_and_values(services.store.backend(), sql, values);
    let page = read(rows, query).await?;
    let count = number(rows, "SELECT COUNT(*) AS n FROM community", []).await?;
    Ok((page, u64::try_from(count).unwrap_or(0)))
}
