//! For machines that watch.

use axum::extract::State;
use axum::http::StatusCode;

use crate::state::AppState;

/// The process runs.
pub async fn alive() -> &'static str {
    "ok"
}

/// The database answers and the server is not about to stop.
pub async fn ready(State(state): State<AppState>) -> (StatusCode, &'static str) {
    if state.sockets.is_draining() {
        return (StatusCode::SERVICE_UNAVAILABLE, "draining");
    }
    match state.services.store.ping().await {
        Ok(()) => (StatusCode::OK, "ready"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "database unavailable")
        }
    }
}
