//! `spherespace seed`: people and a conversation, for a look around and for tests.

use anyhow::{Result, bail};
use domain::seed::{Seed, plant};

use crate::boot;
use crate::config::Config;

/// Adds `users` people who speak `messages` times in the global room. They have no password that
/// anybody knows, unless `password` is given.
///
/// # Errors
/// Numbers that are out of range, or a database that cannot take it.
#[allow(clippy::print_stdout, reason = "the answer of a command goes to standard output")]
pub async fn seed(
    config: &Config,
    users: u32,
    messages: u32,
    password: Option<String>,
) -> Result<()> {
    if users == 0 && messages > 0 {
        bail!("--messages needs at least one user to write them");
    }
    let services = boot::services(config).await?;
    let planted = plant(&services, &Seed { users, messages, password }).await;
    services.shut_down().await;
    let planted = planted?;
    println!("{} people and {} messages", planted.users, planted.messages);
    Ok(())
}
