//! `spherespace check`: would it run, and is what it holds whole?

use anyhow::{Result, bail};
use domain::Store;

use crate::boot;
use crate::config::Config;

/// Configuration (read already), database, schema and integrity.
///
/// # Errors
/// The first thing that is wrong.
#[allow(clippy::print_stdout, reason = "the answer of a command goes to standard output")]
pub async fn check(config: &Config) -> Result<()> {
    println!("configuration  ok, {} at {}", config.public_url, config.bind);
    if Store::would_be_made(&config.database_url) {
        println!("database       none yet; it is made at start");
        println!(
            "schema         {} step(s) missing; they are applied at start",
            Store::steps().len()
        );
        return Ok(());
    }
    let store = boot::connect(config).await?;
    store.ping().await.map_err(boot::database_fault)?;
    println!("database       ok, {}", if store.is_sqlite() { "SQLite" } else { "Postgres" });
    let steps = store.migration_status().await.map_err(boot::database_fault)?;
    let pending = steps.into_iter().filter(|(_, applied)| !applied).count();
    println!(
        "schema         {}",
        if pending == 0 {
            "ok".into()
        } else {
            format!("{pending} step(s) missing; they are applied at start")
        }
    );
    let faults = store.integrity_faults().await.map_err(boot::database_fault)?;
    store.close().await;
    if let Some(first) = faults.first() {
        bail!("integrity: {} fault(s), the first: {first}; restore a backup", faults.len());
    }
    println!("integrity      ok");
    Ok(())
}
