//! For machines that watch.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use tokio::time::timeout;

use crate::state::AppState;

/// A database that takes longer to answer nothing is not well.
const PATIENCE: Duration = Duration::from_secs(2);
const NOT_READY: (StatusCode, &str) = (StatusCode::SERVICE_UNAVAILABLE, "database unavailable");

/// The process runs.
pub(crate) async fn alive() -> &'static str {
    "ok"
}

/// The database answers and the server is not about to stop.
pub(crate) async fn ready(State(state): State<AppState>) -> (StatusCode, &'static str) {
    if state.sockets.is_draining() {
        return (StatusCode::SERVICE_UNAVAILABLE, "draining");
    }
    match timeout(PATIENCE, state.services.store.ping()).await {
        Ok(Ok(())) => (StatusCode::OK, "ready"),
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready");
            NOT_READY
        }
        Err(_) => {
            tracing::warn!("not ready: the database does not answer");
            NOT_READY
        }
    }
}
