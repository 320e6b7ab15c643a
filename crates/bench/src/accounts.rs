//! People for the benchmark.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::json;

use crate::server::Server;

const PASSWORD: &str = "quiet-lantern-over-72-rivers";

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Account {
    /// What a socket of this account presents.
    pub(crate) access: String,
}

/// Signs up `count` people, one after the other: hashing a password is meant to be slow.
pub(crate) async fn sign_up(server: &Server, count: usize) -> Result<Vec<Account>> {
    let client = reqwest::Client::builder().no_proxy().build()?;
    // Names that an earlier run on the same Postgres did not take.
    let run = uuid::Uuid::now_v7().simple().to_string();
    let mut accounts = Vec::with_capacity(count);
    for number in 0..count {
        let username = format!("b{}_{number}", &run[24..]);
        let body = json!({ "username": username, "password": PASSWORD });
        let answer = client.post(server.url("/api/auth/signup/")).json(&body).send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        ensure!(status == reqwest::StatusCode::CREATED, "sign-up answered {status}: {text}");
        accounts.push(serde_json::from_str(&text).context("an unexpected sign-up answer")?);
    }
    Ok(accounts)
}
