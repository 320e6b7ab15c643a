//! Who is in a community, waits before it, or is kept out.

use sea_orm::{DbBackend, FromQueryResult, Statement, Value};
use uuid::Uuid;
use wire::chat::Author;
use wire::communities::{
    Community, CommunityMember, CommunityMembers, CommunityRight, CommunityRole, PEOPLE_PAGE,
    PeopleCursor,
};
use wire::{CommunityId, MediaId, UnixMillis, UserId};

use super::CommunityError;
use super::lists::seen;
use super::rows::number;
use crate::{Caller, Services};

/// People of a community in one state, without those who have given their account up, and without those of
/// whom the viewer (`$3`) is kept away, or who are kept away by them.
const PEOPLE: &str = "FROM community_member m JOIN account a ON a.id = m.account_id \
    WHERE m.community_id = $1 AND m.state = $2 AND a.is_active \
    AND (a.delete_at IS NULL OR a.id = $3) AND NOT EXISTS \
    (SELECT 1 FROM block b WHERE (b.blocker_id = $3 AND b.blocked_id = a.id) \
    OR (b.blocker_id = a.id AND b.blocked_id = $3))";

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    username: String,
    avatar_id: Option<Uuid>,
    role: String,
    joined_at: i64,
}

impl Row {
    fn view(self) -> CommunityMember {
        CommunityMember {
            user: Author::new(UserId(self.id), self.username)
                .with_avatar(self.avatar_id.map(MediaId)),
            role: CommunityRole::from_word(&self.role).unwrap_or(CommunityRole::Member),
            since: UnixMillis(self.joined_at),
        }
    }
}

/// A step through the members, the oldest first.
///
/// # Errors
/// [`CommunityError::NotFound`] where there is no such community, or it is private and not the caller's.
pub async fn members(
    services: &Services,
    caller: Option<&Caller>,
    slug: &str,
    after: Option<PeopleCursor>,
) -> Result<CommunityMembers, CommunityError> {
    let community = open(services, caller, slug).await?;
    step(services, caller, community.id, "active", after).await
}

async fn open(
    services: &Services,
    caller: Option<&Caller>,
    slug: &str,
) -> Result<Community, CommunityError> {
    let community = seen(&services.store.read, caller, slug).await?;
    if community.is_open() { Ok(community) } else { Err(CommunityError::NotFound) }
}

/// Those who wait to be let in, who asked first before the others.
///
/// # Errors
/// [`CommunityError::NotFound`], [`CommunityError::Forbidden`] for those who do not look after the
/// community.
pub async fn requests(
    services: &Services,
    caller: &Caller,
    slug: &str,
    after: Option<PeopleCursor>,
) -> Result<CommunityMembers, CommunityError> {
    let id = looked_after(services, caller, slug, CommunityRight::AnswerRequests).await?;
    step(services, Some(caller), id, "requested", after).await
}

/// Those who are kept out.
///
/// # Errors
/// As [`requests`].
pub async fn banned(
    services: &Services,
    caller: &Caller,
    slug: &str,
    after: Option<PeopleCursor>,
) -> Result<CommunityMembers, CommunityError> {
    let id = looked_after(services, caller, slug, CommunityRight::Ban).await?;
    step(services, Some(caller), id, "banned", after).await
}

/// How many wait to be let in.
///
/// # Errors
/// As [`requests`].
pub async fn requests_count(
    services: &Services,
    caller: &Caller,
    slug: &str,
) -> Result<i64, CommunityError> {
    let id = looked_after(services, caller, slug, CommunityRight::AnswerRequests).await?;
    let sql = format!("SELECT COUNT(*) AS n {PEOPLE}");
    let values: [Value; 3] = [id.0.into(), "requested".into(), caller.user_id.0.into()];
    Ok(number(&services.store.read, &sql, values).await?)
}

async fn looked_after(
    services: &Services,
    caller: &Caller,
    slug: &str,
    right: CommunityRight,
) -> Result<CommunityId, CommunityError> {
    let community = seen(&services.store.read, Some(caller), slug).await?;
    let may = community.standing.role().is_some_and(|role| role.may(right));
    if may { Ok(community.id) } else { Err(CommunityError::Forbidden) }
}

fn viewer(caller: Option<&Caller>) -> Value {
    caller.map_or(Uuid::nil(), |caller| caller.user_id.0).into()
}

async fn step(
    services: &Services,
    caller: Option<&Caller>,
    id: CommunityId,
    state: &str,
    after: Option<PeopleCursor>,
) -> Result<CommunityMembers, CommunityError> {
    let limit = PEOPLE_PAGE as usize;
    let query = step_query(services.store.backend(), id, state, viewer(caller), after);
    let found = Row::find_by_statement(query).all(&services.store.read).await?;
    let mut people: Vec<_> = found.into_iter().map(Row::view).collect();
    let has_more = people.len() > limit;
    people.truncate(limit);
    let edge = |last: &CommunityMember| PeopleCursor { since: last.since, id: last.user.id };
    let next = people.last().filter(|_| has_more).map(edge);
    Ok(CommunityMembers { people, next })
}

pub(super) fn step_query(
    backend: DbBackend,
    id: CommunityId,
    state: &str,
    viewer: Value,
    after: Option<PeopleCursor>,
) -> Statement {
    let sql = format!(
        "SELECT a.id, a.username, a.avatar_id, m.role, m.joined_at {PEOPLE} \
         AND m.joined_at >= $4 AND (m.joined_at > $4 OR m.account_id > $5) \
         ORDER BY m.joined_at, m.account_id LIMIT $6"
    );
    let (since, edge) = after.map_or((i64::MIN, Uuid::nil()), |edge| (edge.since.0, edge.id.0));
    let limit = PEOPLE_PAGE as i64 + 1;
    let values: [Value; 6] =
        [id.0.into(), state.into(), viewer, since.into(), edge.into(), limit.into()];
    Statement::from_sql_and_values(backend, sql, values)
}

/// The members by number of rows, the oldest first, and how many there are.
///
/// # Errors
/// As [`members`].
pub async fn page_of_members(
    services: &Services,
    caller: Option<&Caller>,
    slug: &str,
    offset: u64,
    limit: u64,
) -> Result<(Vec<CommunityMember>, u64), CommunityError> {
    let rows = &services.store.read;
    let community = open(services, caller, slug).await?;
    let these: [Value; 3] = [community.id.0.into(), "active".into(), viewer(caller)];
    let sql = format!(
        "SELECT a.id, a.username, a.avatar_id, m.role, m.joined_at {PEOPLE} \
         ORDER BY m.joined_at, m.account_id LIMIT $4 OFFSET $5"
    );
    let window =
        [Value::from(limit.min(100) as i64), i64::try_from(offset).unwrap_or(i64::MAX).into()];
    let values = these.clone().into_iter().chain(window);
    let query = Statement::from_sql_and_values(services.store.backend(), sql, values);
    let found = Row::find_by_statement(query).all(rows).await?;
    let count = number(rows, &format!("SELECT COUNT(*) AS n {PEOPLE}"), these).await?;
    let people = found.into_iter().map(Row::view).collect();
    Ok((people, u64::try_from(count).unwrap_or(0)))
}
