//! P7 without a network: the verb behind every door, called by sixty-four tasks of this process, and
//! the same schema written to directly (F4).
//!
//! What `messages` measures also carries sockets, JSON and 64 deliveries for each message; this is
//! the writer alone: checks, queue, transaction, commit, answer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use domain::accounts::{Chain, Origin, sign_up};
use domain::chat::post_message;
use domain::{Caller, Keys, Services, Settings, Store};
use tokio::task::JoinSet;
use wire::accounts::SignUpForm;
use wire::chat::Draft;
use wire::{ClientId, ConversationKey};

use super::messages::Turn;
use crate::floors::sqlite::PlainSqlite;
use crate::rounds::{Plan, rounds};
use crate::server::Home;
use crate::socket::body_of;
use crate::table::{Row, Table, shown};

const SENDERS: usize = 64;
const ACCOUNTS: usize = 16;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Contender {
    Writer,
    PlainSqlite,
}

pub(crate) async fn measure(plan: Plan) -> Result<Table> {
    let home = Home::new()?;
    let services = services(&format!("sqlite://{}", home.database().display())).await?;
    let callers = people(&services).await?;
    let mut plain = PlainSqlite::copy_of(&home.database())?;
    let time = Duration::from_secs(plan.pick(2, 6));
    let contenders = [Contender::Writer, Contender::PlainSqlite];
    let turns = rounds(plan.rounds(), &contenders, async |contender| match contender {
        Contender::Writer => Ok(send(&services, &callers, SENDERS, time).await?.per_second),
        Contender::PlainSqlite => plain.messages_per_second(time / 2),
    });
    let turns = turns.await?;
    services.shut_down().await;
    let mut table = Table::default();
    table.push(Row {
        measure: format!("durable messages, {SENDERS} tasks, no network"),
        figure: shown(turns.spread(Contender::Writer, |figure| *figure), "/s"),
        floor: format!(
            "F4 plain SQLite {}",
            shown(turns.spread(Contender::PlainSqlite, |figure| *figure), "/s")
        ),
        ratio: turns.ratio(Contender::Writer, Contender::PlainSqlite, |figure| *figure),
        rounds: turns.note(),
        target: "P7 ≥ 0.40",
    });
    Ok(table)
}

pub(super) async fn services(database: &str) -> Result<Arc<Services>> {
    let store = Store::connect(database).await?;
    store.migrate_up().await?;
    let settings =
        Settings { message_rate_limit: 0, sign_ups_per_minute: 0, ..Settings::default() };
    Ok(Services::start(store, Keys::derive(&[7; 32]), settings))
}

pub(super) async fn people(services: &Services) -> Result<Vec<Caller>> {
    let origin = Origin { address: [127, 0, 0, 1].into(), user_agent: String::new() };
    let mut callers = Vec::with_capacity(ACCOUNTS);
    for n in 0..ACCOUNTS {
        let form = SignUpForm {
            username: format!("writer-{n}"),
            password: "a long enough sentence".into(),
            ..SignUpForm::default()
        };
        callers.push(sign_up(services, &form, &origin, &[Chain::Bearer]).await?.caller);
    }
    Ok(callers)
}

/// Each of `senders` tasks posts its next message when the last one is durable.
pub(super) async fn send(
    services: &Arc<Services>,
    callers: &[Caller],
    senders: usize,
    time: Duration,
) -> Result<Turn> {
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for caller in callers.iter().cycle().take(senders).cloned() {
        tasks.spawn(send_until(services.clone(), caller, begun + time));
    }
    let mut seconds = Vec::new();
    while let Some(sent) = tasks.join_next().await {
        seconds.extend(sent.context("a sender")??);
    }
    Ok(Turn::of(&seconds, begun.elapsed().as_secs_f64()))
}

/// How long each message took to be durable, in seconds.
async fn send_until(services: Arc<Services>, caller: Caller, end: Instant) -> Result<Vec<f64>> {
    let mut seconds = Vec::new();
    while Instant::now() < end {
        let client_id = ClientId::new();
        let content = body_of(&client_id);
        let draft =
            Draft { conversation: ConversationKey::Global, client_id, content, reply_to: None };
        let begun = Instant::now();
        post_message(&services, &caller, draft).await?;
        seconds.push(begun.elapsed().as_secs_f64());
    }
    Ok(seconds)
}
