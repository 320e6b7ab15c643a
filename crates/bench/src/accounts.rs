//! People for the benchmark.

use anyhow::{Context, Result, ensure};
use reqwest::{Client, StatusCode};
use serde::Deserialize;
use serde_json::json;
use tokio::task::JoinSet;

use crate::server::Server;

pub(crate) const PASSWORD: &str = "quiet-lantern-over-72-rivers";
/// Hashing a password is meant to be slow: this many at once keep two cores busy.
const AT_ONCE: usize = 2;

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Account {
    /// What a socket of this account presents.
    pub(crate) access: String,
    #[serde(skip)]
    pub(crate) username: String,
}

/// Signs up `count` people.
pub(crate) async fn sign_up(server: &Server, count: usize) -> Result<Vec<Account>> {
    sign_up_at(&server.url(""), count).await
}

/// The same at a server that somebody else started; `url` has no slash at its end.
pub(crate) async fn sign_up_at(url: &str, count: usize) -> Result<Vec<Account>> {
    let client = Client::builder().no_proxy().build()?;
    // Names that an earlier run on the same database did not take.
    let run = uuid::Uuid::now_v7().simple().to_string();
    let (mut accounts, mut asking) = (Vec::with_capacity(count), JoinSet::new());
    for number in 0..count {
        if asking.len() >= AT_ONCE
            && let Some(account) = asking.join_next().await
        {
            accounts.push(account??);
        }
        let username = format!("b{}_{number}", &run[24..]);
        asking.spawn(sign_up_one(client.clone(), format!("{url}/api/auth/signup/"), username));
    }
    while let Some(account) = asking.join_next().await {
        accounts.push(account??);
    }
    Ok(accounts)
}

async fn sign_up_one(client: Client, url: String, username: String) -> Result<Account> {
    let body = json!({ "username": username, "password": PASSWORD });
    let answer = client.post(url).json(&body).send().await?;
    let status = answer.status();
    let text = answer.text().await?;
    ensure!(status == StatusCode::CREATED, "sign-up answered {status}: {text}");
    let account: Account = serde_json::from_str(&text).context("an unexpected sign-up answer")?;
    Ok(Account { username, ..account })
}

/// Signs in somebody who was planted.
pub(crate) async fn sign_in(server: &Server, username: &str) -> Result<Account> {
    let body = json!({ "username": username, "password": PASSWORD });
    let client = Client::builder().no_proxy().build()?;
    let answer = client.post(server.url("/api/auth/login/")).json(&body).send().await?;
    let text = answer.error_for_status()?.text().await?;
    let account: Account = serde_json::from_str(&text).context("an unexpected sign-in answer")?;
    Ok(Account { username: username.to_owned(), ..account })
}
