//! From an access token to the person who holds it.

use std::time::Instant;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Validation};
use realtime::Topic;
use sea_orm::ConnectionTrait;
use wire::{MediaId, SessionId, UnixMillis, UserId};

use super::Caller;
use super::open_session::{ACCESS, Claims};
use super::session_reader::{SessionRow, read_all};
use crate::{Services, StoreError, clock};

/// A session's `last_seen` is not rewritten more often than this.
const SEEN_EVERY_MS: i64 = 5 * 60_000;

/// Why a token lets nobody in.
#[derive(Debug, thiserror::Error)]
pub enum TokenFault {
    /// Forged, of another kind, or not a token.
    #[error("not a valid token")]
    Invalid,
    /// Was good once.
    #[error("the token has expired")]
    Expired,
    /// Signed out, here or elsewhere.
    #[error("the session has ended")]
    Revoked,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sea_orm::DbErr> for TokenFault {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}

/// The caller whom an access token names, and when it ends. The session is looked up each time:
/// a revoked one ends at once, not when its token does.
///
/// # Errors
/// [`TokenFault`].
pub async fn authenticate(
    services: &Services,
    access: &str,
) -> Result<(Caller, UnixMillis), TokenFault> {
    let claims = read_claims(services, access)?;
    let (caller, last_seen) = read_live_session(services, claims.session_id).await?;
    if clock::now().0 - last_seen.0 > SEEN_EVERY_MS {
        services.sessions.note_seen(caller.session_id).await;
    }
    if caller.user_id != claims.user_id {
        return Err(TokenFault::Invalid);
    }
    Ok((caller, UnixMillis(claims.exp * 1000)))
}

fn read_claims(services: &Services, access: &str) -> Result<Claims, TokenFault> {
    let mut rules = Validation::new(Algorithm::HS256);
    rules.leeway = 0;
    // The second that `exp` names is over already: "on or after" in RFC 7519.
    rules.reject_tokens_expiring_in_less_than = 1;
    rules.validate_aud = false;
    let token = jsonwebtoken::decode::<Claims>(access, &services.keys.check_access, &rules);
    let claims = token.map_err(|error| match error.kind() {
        ErrorKind::ExpiredSignature => TokenFault::Expired,
        _ => TokenFault::Invalid,
    })?;
    if claims.claims.token_type != ACCESS {
        return Err(TokenFault::Invalid);
    }
    Ok(claims.claims)
}

/// The person behind a session that has not been ended, and when the device was last seen.
pub(crate) async fn read_live_session(
    services: &Services,
    id: SessionId,
) -> Result<(Caller, UnixMillis), TokenFault> {
    live(services.sessions.read(id).await?)
}

/// As [`read_live_session`], inside a transaction.
pub(crate) async fn live_session(
    rows: &impl ConnectionTrait,
    id: SessionId,
) -> Result<(Caller, UnixMillis), TokenFault> {
    live(read_all(rows, &[id.0]).await?.remove(&id.0))
}

fn live(row: Option<SessionRow>) -> Result<(Caller, UnixMillis), TokenFault> {
    let row = row.filter(|row| row.revoked_at.is_none() && row.is_active);
    let row = row.ok_or(TokenFault::Revoked)?;
    let caller = Caller {
        user_id: UserId(row.account_id),
        username: row.username,
        is_staff: row.is_staff,
        session_id: SessionId(row.id),
        avatar: row.avatar_id.map(MediaId),
    };
    Ok((caller, UnixMillis(row.last_seen)))
}

/// Whether the caller's session has not been ended meanwhile.
///
/// # Errors
/// Where the database does not answer.
pub async fn is_live(services: &Services, caller: &Caller) -> Result<bool, StoreError> {
    match read_live_session(services, caller.session_id).await {
        Ok(_) => Ok(true),
        Err(TokenFault::Store(error)) => Err(error),
        Err(_) => Ok(false),
    }
}

/// As [`is_live`], for a caller who was recognised at `since` and listens to their device by now. The
/// database is asked only where this node does not remember which sessions have ended since.
///
/// # Errors
/// Where the database does not answer.
pub async fn is_still_live(
    services: &Services,
    caller: &Caller,
    since: Instant,
) -> Result<bool, StoreError> {
    let device = Topic::Device(caller.session_id.0.as_u128());
    match services.hub.was_closed(device, since) {
        Some(was_closed) => Ok(!was_closed),
        None => is_live(services, caller).await,
    }
}
