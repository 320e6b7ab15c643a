//! A new signed-in device, and the tokens it holds.
//!
//! A session is a row; its access tokens are short-lived JWTs that name it; its refresh tokens are
//! rows too, one chain for the browser's cookies and one for API clients. A refresh token's text is
//! its row's id and a MAC over it: nothing that is stored can be used to sign in.

use std::net::IpAddr;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use entity::{refresh_token, session};
use sea_orm::{ActiveModelTrait, Set};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use wire::{MediaId, SessionId, UnixMillis, UserId};

use super::{AccountError, Caller};
use crate::{Services, clock, tx::Tx};

/// Longest user agent kept, in characters.
const USER_AGENT_MAX: usize = 256;

/// Where a request came from.
#[derive(Debug, Clone)]
pub struct Origin {
    pub address: IpAddr,
    pub user_agent: String,
}

/// Which of a session's two chains of refresh tokens a token belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chain {
    Cookie,
    Bearer,
}

impl Chain {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Cookie => "cookie",
            Self::Bearer => "bearer",
        }
    }
}

/// What a client holds.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenPair {
    pub access: String,
    pub refresh: String,
}

/// A person who has just proved who they are.
#[derive(Clone)]
pub struct SignedIn {
    pub caller: Caller,
    /// One pair for each chain that was asked for, in that order.
    pub tokens: Vec<TokenPair>,
}

/// The claims of an access token. `user_id` and `token_type` are the names that clients of the old
/// contract know.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub(crate) user_id: UserId,
    pub(crate) session_id: SessionId,
    pub(crate) token_type: String,
    pub(crate) jti: Uuid,
    /// Seconds since 1970.
    pub(crate) iat: i64,
    pub(crate) exp: i64,
}

pub(crate) const ACCESS: &str = "access";

/// Inserts a session for `account` and issues the first tokens of `chains`.
pub(crate) async fn open_session(
    services: &Services,
    tx: &Tx<'_>,
    account: &entity::account::Model,
    origin: &Origin,
    chains: &[Chain],
) -> Result<SignedIn, AccountError> {
    let now = clock::now();
    let session_id = SessionId::new();
    let row = session::ActiveModel {
        id: Set(session_id.0),
        account_id: Set(account.id),
        user_agent: Set(origin.user_agent.chars().take(USER_AGENT_MAX).collect()),
        created_at: Set(now.0),
        last_seen: Set(now.0),
        revoked_at: Set(None),
    };
    row.insert(tx.rows()).await?;
    let caller = Caller {
        user_id: UserId(account.id),
        username: account.username.clone(),
        is_staff: account.is_staff,
        session_id,
        avatar: account.avatar_id.map(MediaId),
    };
    let mut tokens = Vec::with_capacity(chains.len());
    for chain in chains {
        let id = Uuid::now_v7();
        insert_refresh_token(services, tx, id, session_id, chain.as_str(), now).await?;
        tokens.push(token_pair(services, &caller, id, now)?);
    }
    Ok(SignedIn { caller, tokens })
}

pub(crate) async fn insert_refresh_token(
    services: &Services,
    tx: &Tx<'_>,
    id: Uuid,
    session_id: SessionId,
    chain: &str,
    now: UnixMillis,
) -> Result<(), AccountError> {
    let row = refresh_token::ActiveModel {
        id: Set(id),
        session_id: Set(session_id.0),
        chain: Set(chain.to_owned()),
        created_at: Set(now.0),
        expires_at: Set(now.0 + millis(services.settings.refresh_token_lifetime)),
        used_at: Set(None),
        successor_id: Set(None),
    };
    row.insert(tx.rows()).await?;
    Ok(())
}

pub(crate) fn token_pair(
    services: &Services,
    caller: &Caller,
    refresh_id: Uuid,
    now: UnixMillis,
) -> Result<TokenPair, AccountError> {
    Ok(TokenPair {
        access: access_token(services, caller, now)?,
        refresh: refresh_text(services, refresh_id),
    })
}

fn access_token(
    services: &Services,
    caller: &Caller,
    now: UnixMillis,
) -> Result<String, AccountError> {
    let issued = now.0 / 1000;
    let claims = Claims {
        user_id: caller.user_id,
        session_id: caller.session_id,
        token_type: ACCESS.to_owned(),
        jti: Uuid::now_v7(),
        iat: issued,
        exp: issued + millis(services.settings.access_token_lifetime) / 1000,
    };
    let header = jsonwebtoken::Header::new(jsonwebtoken::Algorithm::HS256);
    jsonwebtoken::encode(&header, &claims, &services.keys.sign_access)
        .map_err(|error| AccountError::Failed(error.to_string()))
}

fn refresh_text(services: &Services, id: Uuid) -> String {
    let mut bytes = id.as_bytes().to_vec();
    bytes.extend_from_slice(&services.keys.refresh_mac(id.as_bytes()));
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// The row that a refresh token names, if the token is one of ours.
pub(crate) fn read_refresh_text(services: &Services, text: &str) -> Option<Uuid> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    let (id, tag) = bytes.split_at_checked(16)?;
    let id = Uuid::from_slice(id).ok()?;
    services.keys.refresh_mac_fits(id.as_bytes(), tag).then_some(id)
}

fn millis(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
