//! Search: one question over people, posts, communities and one's own messages, on both databases.
//!
//! A text becomes words in one place ([`words`]), for what is indexed as for what is asked; SQLite's FTS5 and
//! Postgres' GIN are given those words and nothing else to decide. Who may see what is asked in the statement
//! that finds it.

mod documents;
mod expression;
mod find;
mod follow;
mod highlight;
mod keep_indexed;
mod messages;
mod query;
#[cfg(test)]
mod query_plans;
mod searched;
mod spellings;
mod words;

pub use follow::{index_all, start};
pub(crate) use keep_indexed::{index_changed_message, index_community, index_person, index_post};
pub use query::{QUERY_MAX, Query, QueryFault, Thing};

use std::net::IpAddr;

use sea_orm::{FromQueryResult, Statement};
use uuid::Uuid;
use wire::accounts::username_key;
use wire::search::{Found, Kind};
use wire::{ErrorCode, Problem};

use self::expression::Expression;
use self::find::Asked;
use self::query::{is_too_short, terms_of};
use self::searched::{Reach, Searched, Source};
use crate::communities::CommunityError;
use crate::limits::{Limit, Wait, network};
use crate::people::PeopleError;
use crate::posts::PostError;
use crate::profiles::seen_by;
use crate::{Caller, Services, StoreError};

/// Most results of one kind on one page, and pages that one can go on for.
pub const RESULTS_MAX: u64 = 50;
pub const PAGES_MAX: u64 = 25;
/// People whom one `from:` may mean.
const NAMESAKES: i64 = 20;

/// Why a search found nothing, not even that there is nothing.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SearchError {
    #[error("{}", .0.sentence())]
    Query(QueryFault),
    #[error("too often")]
    TooOften { retry_after_ms: u64 },
    #[error("{0}")]
    Store(Problem),
}

impl From<Wait> for SearchError {
    fn from(Wait(retry_after_ms): Wait) -> Self {
        Self::TooOften { retry_after_ms }
    }
}

impl From<QueryFault> for SearchError {
    fn from(fault: QueryFault) -> Self {
        Self::Query(fault)
    }
}

impl From<StoreError> for SearchError {
    fn from(error: StoreError) -> Self {
        Self::Store(error.into())
    }
}

impl From<sea_orm::DbErr> for SearchError {
    fn from(error: sea_orm::DbErr) -> Self {
        StoreError::from(error).into()
    }
}

impl From<PostError> for SearchError {
    fn from(error: PostError) -> Self {
        Self::Store(error.into())
    }
}

impl From<PeopleError> for SearchError {
    fn from(error: PeopleError) -> Self {
        Self::Store(error.into())
    }
}

impl From<CommunityError> for SearchError {
    fn from(error: CommunityError) -> Self {
        Self::Store(error.into())
    }
}

impl From<SearchError> for Problem {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::Query(fault) => Self::field("q", fault.sentence()),
            SearchError::TooOften { retry_after_ms } => {
                Self::new(ErrorCode::RateLimited, "That is too often. Wait a moment.")
                    .retry_after(retry_after_ms)
            }
            SearchError::Store(problem) => problem,
        }
    }
}

/// What is wanted of what is found.
#[derive(Debug, Clone, Copy)]
pub struct Scope {
    /// One kind of it, or some of each.
    pub kind: Option<Kind>,
    /// From 1, at most [`PAGES_MAX`].
    pub page: u64,
    /// Of each kind, at most [`RESULTS_MAX`].
    pub limit: u64,
}

/// What `viewer` may see of what `text` asks for. Somebody who is signed out finds what is public; `address`
/// is theirs, since they are counted by it.
///
/// # Errors
/// A text that is no question, too many searches, or a database that does not answer.
pub async fn search(
    services: &Services,
    viewer: Option<&Caller>,
    address: IpAddr,
    text: &str,
    scope: Scope,
) -> Result<Found, SearchError> {
    let query = Query::read(text)?;
    if query.is_empty() || is_too_short(text) || scope.page > PAGES_MAX {
        return Ok(Found::default());
    }
    match viewer {
        Some(viewer) => services.limits.check(Limit::Searches, viewer.user_id.0).await?,
        None => services.limits.check(Limit::Searches, network(address)).await?,
    }
    let limit = scope.limit.clamp(1, RESULTS_MAX) as i64;
    let mut asked = Asked {
        services,
        viewer,
        query: &query,
        from: Vec::new(),
        communities: Vec::new(),
        offset: (scope.page.max(1) - 1) as i64 * limit,
        limit,
    };
    asked.from = writers_called(&asked).await?;
    asked.communities = communities_called(services, &query).await?;
    gather(&asked, scope.kind).await
}

async fn gather(asked: &Asked<'_>, kind: Option<Kind>) -> Result<Found, SearchError> {
    let wants = |one: Kind| kind.is_none_or(|kind| kind == one);
    let mut found = Found::default();
    if wants(Kind::People) {
        found.people = find::people(asked).await?;
    }
    if wants(Kind::Posts) {
        found.posts = find::posts(asked).await?;
    }
    if wants(Kind::Communities) {
        found.communities = find::communities(asked).await?;
    }
    if wants(Kind::Messages) {
        found.messages = messages::messages(asked).await?;
    }
    Ok(found)
}

#[derive(FromQueryResult)]
struct Id {
    id: Uuid,
}

/// Those whom `from:` means: whoever has that username, or a name that says it; `me` is the viewer.
async fn writers_called(asked: &Asked<'_>) -> Result<Vec<Uuid>, SearchError> {
    let mut writers = Vec::new();
    for name in &asked.query.from {
        match asked.viewer.filter(|_| name.eq_ignore_ascii_case("me")) {
            Some(viewer) => writers.push(viewer.user_id.0),
            None => writers.extend(called(asked, name).await?),
        }
    }
    Ok(writers)
}

async fn called(asked: &Asked<'_>, name: &str) -> Result<Vec<Uuid>, SearchError> {
    let backend = asked.backend();
    let seen = seen_by(1);
    let by_name = format!("SELECT a.id FROM account a WHERE a.username_key = $2 AND {seen}");
    let values = [asked.reader().into(), username_key(name).into()];
    let query = Statement::from_sql_and_values(backend, by_name, values);
    let found = Id::find_by_statement(query).all(&asked.services.store.read).await?;
    let wanted = Expression::of_words(&Query { wanted: terms_of(name, false), ..Query::default() });
    if !found.is_empty() || wanted.is_hopeless() {
        return Ok(found.into_iter().map(|row| row.id).collect());
    }
    let Source { tables, condition, number, .. } =
        Searched::People.source(backend, "a", Reach::All);
    let sql = format!(
        "SELECT a.id FROM {tables} WHERE {condition} AND {seen} ORDER BY {number} LIMIT {NAMESAKES}"
    );
    let values = [asked.reader().into(), wanted.in_head(backend).into()];
    let query = Statement::from_sql_and_values(backend, sql, values);
    let found = Id::find_by_statement(query).all(&asked.services.store.read).await?;
    Ok(found.into_iter().map(|row| row.id).collect())
}

/// The communities that `in:` means, by their addresses. What stands in a private one is left out where posts
/// are found.
async fn communities_called(services: &Services, query: &Query) -> Result<Vec<Uuid>, SearchError> {
    if query.within.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<_> = (1..=query.within.len()).map(|n| format!("${n}")).collect();
    let sql = format!("SELECT id FROM community WHERE slug IN ({})", names.join(", "));
    let values = query.within.iter().map(|name| name.to_lowercase().into());
    let query = Statement::from_sql_and_values(services.store.backend(), sql, values);
    let found = Id::find_by_statement(query).all(&services.store.read).await?;
    Ok(found.into_iter().map(|row| row.id).collect())
}
