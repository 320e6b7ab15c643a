//! Everything that somebody has here, for themselves alone.

mod writing;

use sea_orm::{FromQueryResult, Statement, Value as DbValue};
use serde_json::{Value, json};
use uuid::Uuid;
use wire::UnixMillis;

use crate::accounts::own_account;
use crate::activity::{achievements, streak};
use crate::limits::Limit;
use crate::people::{PeopleError, blocked_people, muted_people, privacy};
use crate::profiles::{figures, own_links};
use crate::{Caller, Services};

/// Rows that are read at once.
const STEP: i64 = 500;

/// A file of an export: a list of objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Account,
    Messages,
    Posts,
    Drafts,
    Comments,
    Likes,
    Bookmarks,
    Following,
    Followers,
    KeptAway,
}

impl Part {
    pub const ALL: [Self; 10] = [
        Self::Account,
        Self::Messages,
        Self::Posts,
        Self::Drafts,
        Self::Comments,
        Self::Likes,
        Self::Bookmarks,
        Self::Following,
        Self::Followers,
        Self::KeptAway,
    ];

    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Account => "account.json",
            Self::Messages => "messages.json",
            Self::Posts => "posts.json",
            Self::Drafts => "drafts.json",
            Self::Comments => "comments.json",
            Self::Likes => "likes.json",
            Self::Bookmarks => "bookmarks.json",
            Self::Following => "following.json",
            Self::Followers => "followers.json",
            Self::KeptAway => "blocked-and-muted.json",
        }
    }
}

/// A step through a part, and after what the next one begins; `None` at the end.
#[derive(Debug, Default)]
pub struct Step {
    pub rows: Vec<Value>,
    pub next: Option<String>,
}

/// Whether an export may begin.
///
/// # Errors
/// Too many acts.
pub async fn begin_export(services: &Services, caller: &Caller) -> Result<(), PeopleError> {
    Ok(services.limits.check(Limit::Acts, caller.user_id.0).await?)
}

/// What the caller has, from `after` on.
///
/// # Errors
/// Where the database does not answer.
pub async fn export(
    services: &Services,
    caller: &Caller,
    part: Part,
    after: Option<&str>,
) -> Result<Step, PeopleError> {
    match part {
        Part::Account => account(services, caller).await,
        Part::Messages => messages(services, caller, after.unwrap_or_default()).await,
        Part::Posts => writing::step(services, caller, writing::POSTS, after).await,
        Part::Drafts => writing::step(services, caller, writing::DRAFTS, after).await,
        Part::Comments => writing::step(services, caller, writing::COMMENTS, after).await,
        Part::Likes => writing::step(services, caller, writing::LIKES, after).await,
        Part::Bookmarks => writing::step(services, caller, writing::BOOKMARKS, after).await,
        Part::Following => follows(services, caller, ("follower_id", "followee_id"), after).await,
        Part::Followers => follows(services, caller, ("followee_id", "follower_id"), after).await,
        Part::KeptAway => kept_away(services, caller).await,
    }
}

async fn account(services: &Services, caller: &Caller) -> Result<Step, PeopleError> {
    let own =
        own_account(services, caller).await.map_err(|error| PeopleError::Store(error.into()))?;
    let whole = json!({
        "account": own,
        "privacy": privacy(services, caller).await?,
        "links": own_links(services, caller).await?,
        "figures": figures(services, caller).await?,
        "streak": streak(services, Some(caller), caller.user_id).await?,
        "achievements": achievements(services, caller.user_id).await?,
    });
    Ok(Step { rows: vec![whole], next: None })
}

/// In the order of the index that knows a sender's messages.
async fn messages(services: &Services, caller: &Caller, after: &str) -> Result<Step, PeopleError> {
    #[derive(FromQueryResult)]
    struct Row {
        conversation_id: Uuid,
        kind: String,
        seq: i64,
        client_id: String,
        content: String,
        created_at: i64,
        edited_at: Option<i64>,
        unsent_at: Option<i64>,
    }
    let sql = "SELECT m.conversation_id, c.kind, m.seq, m.client_id, m.content, m.created_at, \
         m.edited_at, m.unsent_at FROM message m JOIN conversation c ON c.id = m.conversation_id \
         WHERE m.sender_id = $1 AND m.client_id > $2 ORDER BY m.client_id LIMIT $3";
    let values: [DbValue; 3] = [caller.user_id.0.into(), after.into(), STEP.into()];
    let query = Statement::from_sql_and_values(services.store.backend(), sql, values);
    let found = Row::find_by_statement(query).all(&services.store.read).await?;
    let is_full = found.len() as i64 == STEP;
    let next = found.last().filter(|_| is_full).map(|row| row.client_id.clone());
    let rows = found.into_iter().map(|row| {
        json!({
            "conversation_id": row.conversation_id,
            "conversation_kind": row.kind,
            "seq": row.seq,
            "content": row.content,
            "created_at": UnixMillis(row.created_at),
            "edited_at": row.edited_at.map(UnixMillis),
            "unsent_at": row.unsent_at.map(UnixMillis),
        })
    });
    Ok(Step { rows: rows.collect(), next })
}

async fn follows(
    services: &Services,
    caller: &Caller,
    (own, other): (&str, &str),
    after: Option<&str>,
) -> Result<Step, PeopleError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        username: String,
        created_at: i64,
    }
    let sql = format!(
        "SELECT a.id, a.username, f.created_at FROM follow f JOIN account a ON a.id = f.{other} \
         WHERE f.{own} = $1 AND f.{other} > $2 ORDER BY f.{other} LIMIT $3"
    );
    let after = after.and_then(|id| Uuid::try_parse(id).ok()).unwrap_or(Uuid::nil());
    let values: [DbValue; 3] = [caller.user_id.0.into(), after.into(), STEP.into()];
    let query = Statement::from_sql_and_values(services.store.backend(), sql, values);
    let found = Row::find_by_statement(query).all(&services.store.read).await?;
    let is_full = found.len() as i64 == STEP;
    let next = found.last().filter(|_| is_full).map(|row| row.id.to_string());
    let rows = found
        .into_iter()
        .map(|row| json!({"username": row.username, "since": UnixMillis(row.created_at)}));
    Ok(Step { rows: rows.collect(), next })
}

async fn kept_away(services: &Services, caller: &Caller) -> Result<Step, PeopleError> {
    let blocked = blocked_people(services, caller).await?;
    let muted = muted_people(services, caller).await?;
    let row = |kind: &'static str| move |name: String| json!({"username": name, "kind": kind});
    let blocked = blocked.into_iter().map(|person| person.user.username).map(row("blocked"));
    let muted = muted.into_iter().map(|person| person.user.username).map(row("muted"));
    Ok(Step { rows: blocked.chain(muted).collect(), next: None })
}
