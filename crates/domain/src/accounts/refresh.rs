//! A refresh token for a new pair.
//!
//! Each refresh token is spent once; a second use means that two parties hold it, and the whole
//! family ends. Two tabs that refresh at the same moment are no thieves: within the grace they get
//! the same successor, until that successor is used.
//!
//! The row is locked while it is judged, and everything is read inside the transaction: one that
//! waited for a second connection could wait for its own kind for ever.

use entity::{refresh_token, session};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QuerySelect, Set};
use uuid::Uuid;
use wire::{SessionId, UnixMillis};

use super::authenticate::{TokenFault, live_session};
use super::open_session::{SignedIn, insert_refresh_token, read_refresh_text, token_pair};
use super::{AccountError, sessions};
use crate::{Services, clock, tx::Tx};

const GRACE_MS: i64 = 10_000;

/// The next pair of the chain that `refresh` belongs to.
///
/// # Errors
/// [`TokenFault::Revoked`] also for a token that is used again: its session has just been ended.
pub async fn refresh(services: &Services, refresh: &str) -> Result<SignedIn, TokenFault> {
    let id = read_refresh_text(services, refresh).ok_or(TokenFault::Invalid)?;
    let now = clock::now();
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let row = refresh_token::Entity::find_by_id(id).lock_exclusive().one(tx.rows()).await?;
    let row = row.ok_or(TokenFault::Revoked)?;
    if row.expires_at <= now.0 {
        return Err(TokenFault::Expired);
    }
    let session_id = SessionId(row.session_id);
    let (caller, _) = live_session(tx.rows(), session_id).await?;
    let successor = match row.used_at {
        None => Some(spend(services, &tx, row, now).await?),
        Some(used_at) => same_successor(&tx, &row, used_at, now).await?,
    };
    let Some(successor) = successor else {
        tracing::warn!(session = %session_id, "a refresh token was used twice: the session ends");
        sessions::end(&mut tx, session_id).await?;
        tx.commit().await?;
        return Err(TokenFault::Revoked);
    };
    tx.commit().await?;
    let pair = token_pair(services, &caller, successor, now).map_err(|_| TokenFault::Invalid)?;
    Ok(SignedIn { caller, tokens: vec![pair] })
}

/// Marks the token as used and makes its successor.
async fn spend(
    services: &Services,
    tx: &Tx<'_>,
    row: refresh_token::Model,
    now: UnixMillis,
) -> Result<Uuid, TokenFault> {
    let successor = Uuid::now_v7();
    let session_id = SessionId(row.session_id);
    let chain = row.chain.clone();
    let mut spent = row.into_active_model();
    spent.used_at = Set(Some(now.0));
    spent.successor_id = Set(Some(successor));
    spent.update(tx.rows()).await?;
    let inserted = insert_refresh_token(services, tx, successor, session_id, &chain, now).await;
    inserted.map_err(|error| match error {
        AccountError::Store(error) => TokenFault::Store(error),
        _ => TokenFault::Invalid,
    })?;
    let seen =
        session::ActiveModel { id: Set(session_id.0), last_seen: Set(now.0), ..Default::default() };
    seen.update(tx.rows()).await?;
    Ok(successor)
}

/// Within the grace, and only while the successor itself is unused.
async fn same_successor(
    tx: &Tx<'_>,
    row: &refresh_token::Model,
    used_at: i64,
    now: UnixMillis,
) -> Result<Option<Uuid>, TokenFault> {
    let Some(id) = row.successor_id.filter(|_| now.0 - used_at <= GRACE_MS) else {
        return Ok(None);
    };
    let successor = refresh_token::Entity::find_by_id(id).one(tx.rows()).await?;
    Ok(successor.filter(|row| row.used_at.is_none()).map(|row| row.id))
}
