//! Tickets: how a page of another origin, or a client that may not put a token into an address,
//! opens a socket.

use wire::{SessionId, UnixMillis};

use super::authenticate::{TokenFault, read_live_session};
use super::one_time_tokens::{Purpose, issue, spend};
use super::{AccountError, Caller};
use crate::{Services, clock, tx::Tx};

/// How long a ticket may be on its way, in seconds.
pub const TICKET_SECONDS: u32 = 30;

/// A ticket for one socket of the caller's device.
///
/// # Errors
/// Where the database does not answer.
pub async fn issue_ticket(services: &Services, caller: &Caller) -> Result<String, AccountError> {
    let tx = Tx::begin(&services.store, &services.hub).await?;
    let (account, session) = (caller.user_id.0, Some(caller.session_id.0));
    let lifetime = i64::from(TICKET_SECONDS) * 1000;
    let ticket = issue(&tx, Purpose::SocketTicket, account, session, lifetime).await?;
    tx.commit().await?;
    Ok(ticket)
}

/// Whose a ticket is, and when what it opens ends: as if it were an access token of this moment.
///
/// # Errors
/// [`TokenFault::Invalid`] for one that was used, has expired or was never given out.
pub async fn redeem_ticket(
    services: &Services,
    ticket: &str,
) -> Result<(Caller, UnixMillis), TokenFault> {
    let holder = spend(&services.store.write, Purpose::SocketTicket, ticket).await?;
    let session = holder.and_then(|holder| holder.session_id).ok_or(TokenFault::Invalid)?;
    let (caller, _) = read_live_session(services, SessionId(session)).await?;
    let lifetime = services.settings.access_token_lifetime.as_millis();
    let lifetime = i64::try_from(lifetime).unwrap_or(i64::MAX);
    Ok((caller, UnixMillis(clock::now().0.saturating_add(lifetime))))
}
