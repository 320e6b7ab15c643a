//! What is offered while somebody types: where they can go, and whom they can name. It is asked for at
//! nearly every key, and has a limit of its own.

use sea_orm::{DbBackend, FromQueryResult, Statement, Value};
use wire::accounts::{USERNAME_MAX, username_key};
use wire::conversations::Conversation;
use wire::{ConversationId, ConversationKey, UserId};

use super::own_place::OwnPlace;
use super::presence::online_named;
use super::{ChatError, conversations};
use crate::limits::Limit;
use crate::{Caller, Services};

/// The caller's newest conversations to choose from, at most `limit` (100).
///
/// # Errors
/// Too many questions, or a database that does not answer.
pub async fn offered_conversations(
    services: &Services,
    caller: &Caller,
    limit: u64,
) -> Result<Vec<Conversation>, ChatError> {
    services.limits.check(Limit::Offers, caller.user_id.0).await?;
    Ok(conversations(services, caller, None, limit).await?.conversations)
}

/// The names in a conversation, or of those who are here in the global room, that begin with `prefix`,
/// whatever its case; the caller's own is none of them. By name, at most `limit`, and no more is read.
///
/// # Errors
/// [`ChatError::NotFound`] for a conversation that the caller does not belong to; too many questions.
pub async fn offered_names(
    services: &Services,
    caller: &Caller,
    key: ConversationKey,
    prefix: &str,
    limit: usize,
) -> Result<Vec<String>, ChatError> {
    services.limits.check(Limit::Offers, caller.user_id.0).await?;
    let ConversationKey::Id(id) = key else {
        return Ok(online_named(services, caller, prefix, limit));
    };
    OwnPlace::of(&services.store.read, caller, key).await?;
    if prefix.contains('\0') || prefix.chars().count() > USERNAME_MAX {
        return Ok(Vec::new());
    }
    let query = names_query(services.store.backend(), id, caller.user_id, prefix, limit);
    let rows = Name::find_by_statement(query).all(&services.store.read).await?;
    Ok(rows.into_iter().map(|row| row.username).collect())
}

#[derive(FromQueryResult)]
struct Name {
    username: String,
}

/// A conversation has a hundred members at most: they are found by its index, and their names looked at.
pub(super) fn names_query(
    backend: DbBackend,
    id: ConversationId,
    caller: UserId,
    prefix: &str,
    limit: usize,
) -> Statement {
    let sql = "SELECT a.username FROM conversation c \
         JOIN membership m ON m.conversation_id = c.id JOIN account a ON a.id = m.account_id \
         WHERE c.id = $1 AND m.account_id <> $2 AND (m.state = 'active' \
         OR (c.kind = 'direct' AND m.state IN ('requested', 'declined'))) \
         AND SUBSTR(a.username_key, 1, $3) = $4 ORDER BY LOWER(a.username), a.id LIMIT $5";
    let prefix = username_key(prefix);
    let letters = i32::try_from(prefix.chars().count()).unwrap_or(i32::MAX);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let values: [Value; 5] =
        [id.0.into(), caller.0.into(), letters.into(), prefix.into(), limit.into()];
    Statement::from_sql_and_values(backend, sql, values)
}
