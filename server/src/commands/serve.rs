//! `spherespace serve`.

use anyhow::Result;
use tokio::signal::unix::{SignalKind, signal};

use crate::boot;
use crate::config::Config;

/// Serves until SIGTERM or Ctrl-C, then drains.
///
/// # Errors
/// Whatever keeps the server from starting, as a sentence.
pub async fn serve(config: Config) -> Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let public_url = config.public_url.clone();
    let running = boot::start(config).await?;
    tracing::info!(address = %running.address, "Spherespace is ready at {public_url}");
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    running.stop().await
}
