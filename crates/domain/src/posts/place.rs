//! Finding the one post that a verb is about, and the community that one is written for.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};
use uuid::Uuid;
use wire::posts::InCommunity;
use wire::{CommunityId, UserId};

use super::{PostError, visible};
use crate::tx::Tx;
use crate::{Caller, Services, StoreError};

/// As much of a post as verbs need, held until their transaction ends.
#[derive(Debug, Clone, Default, FromQueryResult)]
pub(super) struct Held {
    pub(super) id: Uuid,
    pub(super) author_id: Uuid,
    pub(super) community_id: Option<Uuid>,
    pub(super) title: String,
    pub(super) content: String,
    pub(super) state: String,
    pub(super) visibility: String,
    pub(super) cover_id: Option<Uuid>,
    pub(super) published_at: Option<i64>,
    pub(super) edited_at: Option<i64>,
    pub(super) saved_at: i64,
    pub(super) likes_count: i64,
    pub(super) dislikes_count: i64,
}

/// The condition for a post's id, which may stand in the place of its slug, and the value for `$2`.
pub(super) fn named(key: &str) -> Result<(&'static str, Value), PostError> {
    match Uuid::try_parse(key) {
        Ok(id) => Ok(("p.id = $2", id.into())),
        // No database has such a text.
        Err(_) if key.contains('\0') => Err(PostError::NotFound),
        Err(_) => Ok(("p.slug = $2", key.into())),
    }
}

/// The post, whoever may see it; nobody else changes it meanwhile. SQLite has one writer anyway. `more` is a
/// condition about `whose`, its `$1`.
async fn hold(tx: &Tx<'_>, whose: Uuid, key: &str, more: &str) -> Result<Held, PostError> {
    let (condition, value) = named(key)?;
    let backend = tx.rows().get_database_backend();
    let lock = if tx.is_sqlite() { "" } else { "FOR UPDATE OF p" };
    let sql = format!(
        "SELECT p.id, p.author_id, p.community_id, p.title, p.content, p.state, p.visibility, p.cover_id, \
         p.published_at, p.edited_at, p.saved_at, p.likes_count, p.dislikes_count \
         FROM post p WHERE {condition} AND ({more}) {lock}"
    );
    let values = [whose.into(), value];
    let query = Statement::from_sql_and_values(backend, sql, values);
    Held::find_by_statement(query).one(tx.rows()).await?.ok_or(PostError::NotFound)
}

/// The community that a post stands in, as far as nobody moves it: it is held before the post is, and what
/// it was then is compared with what it is when the post is held.
pub(super) async fn community_of(tx: &Tx<'_>, key: &str) -> Result<Option<Uuid>, PostError> {
    #[derive(FromQueryResult)]
    struct Row {
        community_id: Option<Uuid>,
    }
    let (condition, value) = named(key)?;
    let sql = format!("SELECT p.community_id FROM post p WHERE {}", condition.replace("$2", "$1"));
    let query = Statement::from_sql_and_values(tx.rows().get_database_backend(), sql, [value]);
    let row = Row::find_by_statement(query).one(tx.rows()).await?;
    Ok(row.and_then(|row| row.community_id))
}

/// A post of the caller's own with the community that it counts for, which whoever changes both holds
/// first. Only what has been published counts, and that stays where it is.
pub(super) async fn hold_own_and_community(
    tx: &Tx<'_>,
    caller: &Caller,
    key: &str,
) -> Result<Held, PostError> {
    let community = community_of(tx, key).await?;
    hold_communities(tx, community.as_slice()).await?;
    hold_own(tx, caller, key).await
}

/// Holds communities, in one order.
pub(super) async fn hold_communities(tx: &Tx<'_>, these: &[Uuid]) -> Result<(), StoreError> {
    let these: BTreeSet<_> = these.iter().copied().collect();
    if tx.is_sqlite() {
        return Ok(());
    }
    for id in these {
        run(tx, "SELECT 1 FROM community WHERE id = $1 FOR UPDATE", vec![id.into()]).await?;
    }
    Ok(())
}

/// A published post that the caller may see.
pub(super) async fn hold_visible(
    tx: &Tx<'_>,
    caller: &Caller,
    key: &str,
) -> Result<Held, PostError> {
    hold(tx, caller.user_id.0, key, &visible("$1")).await
}

/// A published post of a community.
pub(super) async fn hold_in(
    tx: &Tx<'_>,
    community: CommunityId,
    id: Uuid,
) -> Result<Held, PostError> {
    let here = "p.community_id = $1 AND p.state = 'published'";
    hold(tx, community.0, &id.to_string(), here).await
}

/// A post of the caller's own, in any state. That there is one of somebody else's hears only who may
/// see it.
pub(super) async fn hold_own(tx: &Tx<'_>, caller: &Caller, key: &str) -> Result<Held, PostError> {
    let either = format!("p.author_id = $1 OR ({})", visible("$1"));
    let held = hold(tx, caller.user_id.0, key, &either).await?;
    if held.author_id == caller.user_id.0 { Ok(held) } else { Err(PostError::NotOwn) }
}

/// The community that somebody writes for, by its slug.
///
/// # Errors
/// [`PostError::Invalid`] where there is none, or they do not belong to it.
pub async fn community_for(
    rows: &impl ConnectionTrait,
    slug: &str,
    author: UserId,
) -> Result<Uuid, PostError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
    }
    let unknown = PostError::Invalid {
        field: "community_slug",
        why: "There is no such community, or you do not belong to it.",
    };
    if slug.contains('\0') {
        return Err(unknown);
    }
    let sql = "SELECT k.id FROM community k JOIN community_member m ON m.community_id = k.id \
        WHERE k.slug = $1 AND m.account_id = $2 AND m.state = 'active'";
    let values = [slug.into(), author.0.into()];
    let query = Statement::from_sql_and_values(rows.get_database_backend(), sql, values);
    Row::find_by_statement(query).one(rows).await?.map(|row| row.id).ok_or(unknown)
}

/// The communities that the caller may write for, by their names.
///
/// # Errors
/// Where the database does not answer.
pub async fn communities_of(
    services: &Services,
    caller: &Caller,
) -> Result<Vec<InCommunity>, PostError> {
    #[derive(FromQueryResult)]
    struct Row {
        name: String,
        slug: String,
    }
    let sql = "SELECT k.name, k.slug FROM community_member m JOIN community k \
        ON k.id = m.community_id WHERE m.account_id = $1 AND m.state = 'active' \
        ORDER BY k.name, k.id LIMIT 100";
    let values = [caller.user_id.0.into()];
    let query = Statement::from_sql_and_values(services.store.backend(), sql, values);
    let rows = Row::find_by_statement(query).all(&services.store.read).await?;
    Ok(rows.into_iter().map(|Row { name, slug }| InCommunity { name, slug }).collect())
}

/// Runs one statement that answers nothing; how many rows it touched.
pub(super) async fn run(tx: &Tx<'_>, sql: &str, values: Vec<Value>) -> Result<u64, StoreError> {
    let rows = tx.rows();
    let statement = Statement::from_sql_and_values(rows.get_database_backend(), sql, values);
    Ok(rows.execute_raw(statement).await?.rows_affected())
}
