//! Who asks: from a request's credentials to a [`Visit`], once for each request.
//!
//! A bearer token counts before cookies. An access cookie that has run out is replaced through the
//! refresh cookie on the way, so that a page never has to know.

use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::Caller;
use domain::accounts::{Origin, TokenFault, TokenPair, authenticate, redeem_ticket, refresh};
use domain::activity::note_visit;
use wire::{ErrorCode, Problem, UnixMillis};

use crate::config::Config;
use crate::refusal::Refusal;
use crate::state::AppState;
use crate::{cookies, cross_site};

/// Asked by programs whose access token has run out, and many send that one along with everything.
const REFRESH: &str = "/api/auth/token/refresh";

/// How the caller proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Via {
    Nothing,
    Cookie,
    Bearer,
}

/// A request, as every handler sees its sender.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    pub(crate) caller: Option<Caller>,
    pub(crate) via: Via,
    /// When the credential itself ends; a cookie's session goes on with the next request.
    pub(crate) expires: Option<UnixMillis>,
    /// Why a credential that was there lets nobody in.
    pub(crate) fault: Option<ErrorCode>,
    /// Whether a page of ours sent this.
    pub(crate) same_origin: bool,
    pub(crate) origin: Origin,
    /// Before the caller's session was looked up.
    pub(crate) since: Instant,
}

impl Visit {
    /// The signed-in caller.
    ///
    /// # Errors
    /// 401 for everybody else.
    pub(crate) fn caller(&self) -> Result<&Caller, Refusal> {
        self.caller.as_ref().ok_or_else(|| match self.fault {
            Some(ErrorCode::TokenExpired) => {
                Refusal::new(ErrorCode::TokenExpired, "The token has expired.")
            }
            Some(_) => Refusal::new(ErrorCode::TokenInvalid, "The token is not valid."),
            None => Refusal::new(ErrorCode::NotAuthenticated, "Sign in first."),
        })
    }
}

/// What a credential turned out to be worth.
struct Finding {
    caller: Option<Caller>,
    via: Via,
    expires: Option<UnixMillis>,
    fault: Option<ErrorCode>,
    /// What the browser is to keep from now on.
    fresh: Option<TokenPair>,
    stale: bool,
}

impl Finding {
    fn nobody(via: Via, fault: Option<ErrorCode>) -> Self {
        Self { caller: None, via, expires: None, fault, fresh: None, stale: false }
    }
}

/// The middleware: puts a [`Visit`] into the request and new cookies onto the answer.
pub(crate) async fn identify(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let since = Instant::now();
    let finding = match find(&state, &parts).await {
        Ok(finding) => finding,
        Err(problem) => return Refusal(problem).into_response(),
    };
    let judges_itself = parts.uri.path().starts_with("/ws/") || parts.uri.path() == REFRESH;
    if finding.via == Via::Bearer && finding.caller.is_none() && !judges_itself {
        return bad_bearer(finding.fault).into_response();
    }
    if let Some(caller) = &finding.caller {
        note_visit(&state.services, caller.user_id);
    }
    parts.extensions.insert(Visit {
        caller: finding.caller,
        via: finding.via,
        expires: finding.expires,
        fault: finding.fault,
        same_origin: cross_site::is_same_origin(&parts.headers, &state.config),
        origin: origin(&parts.extensions, &parts.headers, &state.config),
        since,
    });
    let mut response = next.run(Request::from_parts(parts, body)).await;
    // A handler that signs in or out has set its own.
    if !cookies::sets_tokens(response.headers(), &state.config) {
        if let Some(pair) = finding.fresh {
            cookies::set_tokens(response.headers_mut(), &state.config, &pair);
        } else if finding.stale {
            cookies::clear_tokens(response.headers_mut(), &state.config);
        }
    }
    response
}

fn bad_bearer(fault: Option<ErrorCode>) -> Refusal {
    match fault {
        Some(ErrorCode::TokenExpired) => {
            Refusal::new(ErrorCode::TokenExpired, "The token has expired.")
        }
        _ => Refusal::new(ErrorCode::TokenInvalid, "The token is not valid."),
    }
}

async fn find(state: &AppState, parts: &Parts) -> Result<Finding, Problem> {
    if let Some(token) = bearer(&parts.headers) {
        return by_bearer(state, token).await;
    }
    if let Some(ticket) = socket_query(parts, "ticket=") {
        return weigh(redeem_ticket(&state.services, ticket).await);
    }
    if state.config.ws_query_token
        && let Some(token) = socket_query(parts, "token=")
    {
        return by_bearer(state, token).await;
    }
    by_cookie(state, &parts.headers).await
}

/// The token of an `Authorization: Bearer`, good or not.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().unwrap_or_default();
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// What stands in a socket's address: a ticket, or in the documented way of old clients an access
/// token.
fn socket_query<'p>(parts: &'p Parts, start: &str) -> Option<&'p str> {
    let query = parts.uri.query().filter(|_| parts.uri.path().starts_with("/ws/"))?;
    query.split('&').find_map(|pair| pair.strip_prefix(start))
}

async fn by_bearer(state: &AppState, token: &str) -> Result<Finding, Problem> {
    weigh(authenticate(&state.services, token).await)
}

/// What a credential is worth that its client added by itself.
fn weigh(held: Result<(Caller, UnixMillis), TokenFault>) -> Result<Finding, Problem> {
    match held {
        Ok((caller, expires)) => Ok(Finding {
            caller: Some(caller),
            expires: Some(expires),
            ..Finding::nobody(Via::Bearer, None)
        }),
        Err(TokenFault::Store(error)) => Err(error.into()),
        Err(fault) => Ok(Finding::nobody(Via::Bearer, Some(code(&fault)))),
    }
}

async fn by_cookie(state: &AppState, headers: &HeaderMap) -> Result<Finding, Problem> {
    let access = cookies::read(headers, &state.config, cookies::ACCESS);
    let renewal = cookies::read(headers, &state.config, cookies::REFRESH);
    if access.is_none() && renewal.is_none() {
        return Ok(Finding::nobody(Via::Nothing, None));
    }
    if let Some(access) = access {
        match authenticate(&state.services, access).await {
            Ok((caller, _)) => {
                return Ok(Finding { caller: Some(caller), ..Finding::nobody(Via::Cookie, None) });
            }
            Err(TokenFault::Store(error)) => return Err(error.into()),
            Err(fault) if renewal.is_none() => {
                let fault = Some(code(&fault));
                return Ok(Finding { stale: true, ..Finding::nobody(Via::Cookie, fault) });
            }
            Err(_) => {}
        }
    }
    renew(state, renewal.unwrap_or_default()).await
}

async fn renew(state: &AppState, renewal: &str) -> Result<Finding, Problem> {
    match refresh(&state.services, renewal).await {
        Ok(mut signed_in) => Ok(Finding {
            caller: Some(signed_in.caller),
            fresh: signed_in.tokens.pop(),
            ..Finding::nobody(Via::Cookie, None)
        }),
        Err(TokenFault::Store(error)) => Err(error.into()),
        Err(fault) => {
            Ok(Finding { stale: true, ..Finding::nobody(Via::Cookie, Some(code(&fault))) })
        }
    }
}

fn code(fault: &TokenFault) -> ErrorCode {
    match fault {
        TokenFault::Expired => ErrorCode::TokenExpired,
        _ => ErrorCode::TokenInvalid,
    }
}

/// Where a request came from, as the trusted proxies say.
pub(crate) fn origin(extensions: &Extensions, headers: &HeaderMap, config: &Config) -> Origin {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or(IpAddr::from([127, 0, 0, 1]), |info| info.0.ip().to_canonical());
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    Origin {
        address: client_address(peer, headers, config),
        user_agent: agent.unwrap_or_default().to_owned(),
    }
}

/// The last address that a trusted proxy did not write itself; anybody can send the header.
fn client_address(peer: IpAddr, headers: &HeaderMap, config: &Config) -> IpAddr {
    if !config.trusted_proxies.contains(&peer) {
        return peer;
    }
    let lines = headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok());
    let hops: Vec<IpAddr> = lines
        .flat_map(|line| line.split(','))
        .filter_map(|hop| hop.trim().parse().ok())
        .map(|hop: IpAddr| hop.to_canonical())
        .collect();
    hops.into_iter().rev().find(|hop| !config.trusted_proxies.contains(hop)).unwrap_or(peer)
}
