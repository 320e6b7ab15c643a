//! Conversations for two, made over the public API.

use anyhow::{Context, Result, ensure};
use reqwest::Client;
use serde_json::{Value, json};
use wire::{ConversationId, ConversationKey};

use crate::accounts::{Account, sign_up_at};

/// Messages that it takes to make a room.
const GREETINGS: u64 = 2;

#[derive(Debug)]
pub(crate) struct Room {
    pub(crate) key: ConversationKey,
    pub(crate) people: Vec<Account>,
}

/// `count` accepted conversations of two people each; none means the global room and two people.
pub(crate) async fn open(url: &str, count: usize) -> Result<Vec<Room>> {
    let people = sign_up_at(url, 2 * count.max(1)).await?;
    if count == 0 {
        return Ok(vec![Room { key: ConversationKey::Global, people }]);
    }
    let client = Client::builder().no_proxy().build()?;
    let mut rooms = Vec::with_capacity(count);
    for pair in people.chunks(2) {
        rooms.push(talk(&client, url, pair).await.context("making a room")?);
    }
    Ok(rooms)
}

/// The first writes to the second, who answers: that is what accepts a conversation.
pub(crate) async fn talk(client: &Client, url: &str, pair: &[Account]) -> Result<Room> {
    let [one, other] = pair else { anyhow::bail!("two people") };
    let body = json!({ "username": other.username });
    let started = post(client, one, &format!("{url}/api/conversations/"), &body).await?;
    let id = started["id"].as_str().context("a conversation without an id")?;
    let id = ConversationId(id.parse()?);
    for person in [one, other] {
        say(client, url, person, id, "hello").await?;
    }
    Ok(Room { key: ConversationKey::Id(id), people: pair.to_vec() })
}

/// Over HTTP.
pub(crate) async fn say(
    client: &Client,
    url: &str,
    person: &Account,
    id: ConversationId,
    content: &str,
) -> Result<()> {
    let address = format!("{url}/api/conversations/{}/messages/", id.0);
    post(client, person, &address, &json!({ "content": content })).await?;
    Ok(())
}

async fn post(client: &Client, person: &Account, url: &str, body: &Value) -> Result<Value> {
    let answer = client.post(url).bearer_auth(&person.access).json(body).send().await?;
    let status = answer.status();
    let text = answer.text().await?;
    ensure!(status.is_success(), "{url} answered {status}: {text}");
    Ok(serde_json::from_str(&text)?)
}

/// Asks the server how far each room has come: as many messages as were sent, and no other.
pub(crate) async fn audit(url: &str, rooms: &[Room], sent: &[u64]) -> Result<()> {
    let client = Client::builder().no_proxy().build()?;
    for (room, sent) in rooms.iter().zip(sent) {
        // In the global room others may have spoken before.
        let ConversationKey::Id(id) = room.key else { continue };
        let url = format!("{url}/api/conversations/{}/messages/?limit=1", id.0);
        let access = &room.people.first().context("an empty room")?.access;
        let answer = client.get(&url).bearer_auth(access).send().await?.error_for_status()?;
        let newest: Value = serde_json::from_str(&answer.text().await?)?;
        let last = newest[0]["seq"].as_u64().context("a message without a number")?;
        ensure!(last == sent + GREETINGS, "{last} stored of {sent} sent in {}", id.0);
    }
    Ok(())
}
