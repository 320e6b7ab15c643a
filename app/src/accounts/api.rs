//! What the account pages ask the server.

use leptos::prelude::*;
use leptos::server_fn::codec::GetUrl;
use wire::accounts::SessionView;

#[cfg(feature = "ssr")]
use wire::Problem;

use crate::error::AppError;

/// The caller's signed-in devices, the current one first.
///
/// # Errors
/// `not_authenticated`.
#[server(endpoint = "sessions", prefix = "/fn", input = GetUrl)]
pub async fn list_sessions() -> Result<Vec<SessionView>, AppError> {
    let (caller, services) = crate::caller::caller()?;
    Ok(domain::accounts::list_sessions(&services, &caller).await.map_err(Problem::from)?)
}
