//! `spherespace seed`: people and a conversation, for a look around and for tests.

use anyhow::{Result, bail};
use domain::seed::{Bulk, Demo, Seed, plant_with, stage};
use domain::{Settings, clock};

use crate::boot;
use crate::config::Config;

/// Adds `users` people who speak `messages` times in the global room, and posts and follows of theirs, for
/// measurements. They have no password that anybody knows, unless `password` is given.
///
/// # Errors
/// Numbers that are out of range, or a database that cannot take it.
#[allow(clippy::print_stdout, reason = "the answer of a command goes to standard output")]
pub async fn seed(
    config: &Config,
    users: u32,
    messages: u32,
    bulk: Bulk,
    password: Option<String>,
) -> Result<()> {
    if users == 0 && messages > 0 {
        bail!("--messages needs at least one user to write them");
    }
    let services = boot::services(config).await?;
    let planted = plant_with(&services, &Seed { users, messages, password }, bulk).await;
    services.shut_down().await;
    let (planted, bulk) = planted?;
    println!("{} people and {} messages", planted.users, planted.messages);
    if bulk != Bulk::default() {
        println!("{} posts and {} follows", bulk.posts, bulk.follows);
    }
    Ok(())
}

/// Fills an empty database with a place that lives, and says how to sign in: with `password`, or with one
/// that nobody could guess.
///
/// # Errors
/// A database in which there is somebody, or that cannot take it.
#[allow(clippy::print_stdout, reason = "the answer of a command goes to standard output")]
pub async fn seed_demo(
    config: &Config,
    password: Option<String>,
    has_pictures: bool,
) -> Result<()> {
    let config = Config { rules: without_limits(&config.rules), ..config.clone() };
    let services = boot::services(&config).await?;
    let password = password.unwrap_or_else(|| format!("{:016x}", rand::random::<u64>()));
    let demo = Demo { password: password.clone(), has_pictures, now: clock::now() };
    let staged = stage(&services, &demo).await;
    services.shut_down().await;
    let staged = staged?;
    println!(
        "{} people, {} communities, {} posts, {} comments and {} messages",
        staged.people, staged.communities, staged.posts, staged.comments, staged.messages
    );
    println!("Sign in as demo with the password {password}");
    Ok(())
}

/// Weeks pass in seconds.
fn without_limits(rules: &Settings) -> Settings {
    Settings {
        message_rate_limit: 0,
        sign_ups_per_minute: 0,
        acts_per_minute: 0,
        beginnings_per_hour: 0,
        posts_per_hour: 0,
        comments_per_hour: 0,
        ..rules.clone()
    }
}
