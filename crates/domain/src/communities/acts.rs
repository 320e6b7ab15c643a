//! What was done in a community, for those who look after it.

use sea_orm::{DbErr, FromQueryResult, Value};
use uuid::Uuid;
use wire::communities::{
    ActCursor, CommunityAct, CommunityActs, CommunityRight, Deed, PEOPLE_PAGE,
};
use wire::{CommunityId, UnixMillis, UserId};

use super::CommunityError;
use super::lists::seen;
use super::rows::{all, execute};
use crate::{Caller, Services, clock, tx::Tx};

/// Writes down what the caller does, with it.
pub(super) async fn note(
    tx: &Tx<'_>,
    community: CommunityId,
    caller: &Caller,
    deed: Deed,
    to: Option<UserId>,
    note: &str,
) -> Result<(), DbErr> {
    let sql = "INSERT INTO community_act (id, community_id, actor_id, act, target_id, note, \
         created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let values: [Value; 7] = [
        Uuid::now_v7().into(),
        community.0.into(),
        caller.user_id.0.into(),
        deed.as_str().into(),
        to.map(|to| to.0).into(),
        note.into(),
        clock::now().0.into(),
    ];
    execute(tx.rows(), sql, values).await.map(drop)
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    actor: Option<String>,
    act: String,
    target: Option<String>,
    note: String,
    created_at: i64,
}

impl Row {
    /// Nothing for a word of a newer program.
    fn view(self) -> Option<CommunityAct> {
        Some(CommunityAct {
            id: self.id,
            by: self.actor,
            deed: Deed::from_word(&self.act)?,
            to: self.target,
            note: self.note,
            at: UnixMillis(self.created_at),
        })
    }
}

/// A step through what was done, the newest first.
///
/// # Errors
/// [`CommunityError::NotFound`] where there is no such community, [`CommunityError::Forbidden`] for those
/// who do not look after it.
pub async fn acts(
    services: &Services,
    caller: &Caller,
    slug: &str,
    before: Option<ActCursor>,
) -> Result<CommunityActs, CommunityError> {
    let rows = &services.store.read;
    let seen = seen(rows, Some(caller), slug).await?;
    if !seen.standing.role().is_some_and(|role| role.may(CommunityRight::SeeActs)) {
        return Err(CommunityError::Forbidden);
    }
    let (at, id) = before.map_or((i64::MAX, Uuid::max()), |before| (before.at.0, before.id));
    let sql = "SELECT t.id, a.username AS actor, t.act, b.username AS target, t.note, t.created_at \
         FROM community_act t LEFT JOIN account a ON a.id = t.actor_id \
         LEFT JOIN account b ON b.id = t.target_id \
         WHERE t.community_id = $1 AND (t.created_at < $2 OR (t.created_at = $2 AND t.id < $3)) \
         ORDER BY t.created_at DESC, t.id DESC LIMIT $4";
    let limit = PEOPLE_PAGE as i64 + 1;
    let values: [Value; 4] = [seen.id.0.into(), at.into(), id.into(), limit.into()];
    let mut found: Vec<Row> = all(rows, sql, values).await?;
    let has_more = found.len() > PEOPLE_PAGE as usize;
    found.truncate(PEOPLE_PAGE as usize);
    let edge = |last: &Row| ActCursor { at: UnixMillis(last.created_at), id: last.id };
    let next = found.last().filter(|_| has_more).map(edge);
    Ok(CommunityActs { acts: found.into_iter().filter_map(Row::view).collect(), next })
}
