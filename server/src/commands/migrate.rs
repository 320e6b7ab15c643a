//! `spherespace migrate up|down|status`.

use anyhow::Result;
use clap::ValueEnum;
use domain::Store;

use crate::boot;
use crate::config::Config;

/// Which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Direction {
    /// Apply every missing step.
    Up,
    /// Undo the last step.
    Down,
    /// Only show the steps.
    Status,
}

/// Moves the schema and shows each step.
///
/// # Errors
/// A database that does not answer or was written by a newer version.
pub async fn migrate(config: &Config, direction: Direction) -> Result<()> {
    if direction == Direction::Status && Store::would_be_made(&config.database_url) {
        show(Store::steps().into_iter().map(|step| (step, false)));
        return Ok(());
    }
    let store = boot::connect(config).await?;
    match direction {
        Direction::Up => store.migrate_up().await.map_err(boot::database_fault)?,
        Direction::Down => store.migrate_down().await.map_err(boot::database_fault)?,
        Direction::Status => {}
    }
    let steps = store.migration_status().await.map_err(boot::database_fault)?;
    show(steps.into_iter());
    store.close().await;
    Ok(())
}

#[allow(clippy::print_stdout, reason = "the answer of a command goes to standard output")]
fn show(steps: impl Iterator<Item = (String, bool)>) {
    for (step, applied) in steps {
        println!("{} {step}", if applied { "[x]" } else { "[ ]" });
    }
}
