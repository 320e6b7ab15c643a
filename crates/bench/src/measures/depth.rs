//! P15: a long past must cost nothing. The same questions to a server with two thousand messages and to
//! one with two million (`--quick`: a tenth of that).
//!
//! Pages of history begin at random depths; each answer must hold exactly the fifty messages before the
//! one that was named. At the end the big database is read once more with none of its file in the
//! kernel's memory.

use std::fs::File;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use reqwest::Client;
use rustix::fs::{Advice, fadvise};
use serde_json::Value;

use super::much_and_little::{Asked, Times, rows, turn};
use crate::accounts::{Account, sign_up};
use crate::rounds::{Plan, rounds};
use crate::server::{Home, Server, plant};
use crate::table::{Row, Table};

const PEOPLE: usize = 20;
const FEW: u64 = 2_000;
const PAGE: u64 = 50;
/// Asked before the first round, so that connections and caches are there.
const WARMTH: usize = 100;

/// What is asked.
#[derive(Debug, Clone, Copy)]
enum Question {
    History,
    Unread,
    Conversations,
    RoomPage,
}

const QUESTIONS: [(Question, &str); 4] = [
    (Question::History, "history page at a random depth"),
    (Question::Unread, "unread badge"),
    (Question::Conversations, "list of conversations"),
    (Question::RoomPage, "page of the room, as HTML"),
];

pub(crate) async fn measure(plan: Plan) -> Result<Table> {
    let many = plan.pick(200_000, 2_000_000);
    let (mut much, mut little) = (Stage::open(many).await?, Stage::open(FEW).await?);
    let requests = plan.pick(500, 5_000);
    turn((&mut much, &mut little), &QUESTIONS, WARMTH).await?;
    let turns = rounds(plan.rounds(), &[()], async |()| {
        turn((&mut much, &mut little), &QUESTIONS, requests).await
    });
    let turns = turns.await?;
    much.forget_pages()?;
    let mut cold = Vec::with_capacity(requests);
    for _ in 0..requests {
        cold.push(much.ask(Question::History).await?);
    }
    let sizes = (format!("of {many} messages"), format!("of {FEW}"));
    let of_history = |place| if place == 0 { "P15 ≤ 1.3" } else { "" };
    let mut table = rows(&turns, &QUESTIONS, (&sizes.0, &sizes.1), of_history);
    let cold = Times::of(&cold)?;
    table.push(Row {
        measure: "history page, file not in memory, p50 and p99".into(),
        figure: format!("{:.2} ms, {:.2} ms", cold.median, cold.slowest_percent),
        rounds: "1".into(),
        ..Row::default()
    });
    Ok(table)
}

struct Stage {
    home: Home,
    server: Server,
    reader: Account,
    client: Client,
    messages: u64,
    random: u64,
}

impl Stage {
    async fn open(messages: u64) -> Result<Self> {
        let home = Home::new()?;
        plant(&home, PEOPLE, messages as usize)?;
        let server = Server::start(&home).await?;
        let reader = sign_up(&server, 1).await?.pop().context("no account")?;
        let client = Client::builder().no_proxy().build()?;
        Ok(Self { home, server, reader, client, messages, random: messages })
    }

    /// A message that has a whole page before it (Knuth's MMIX generator).
    fn random_depth(&mut self) -> u64 {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005);
        self.random = self.random.wrapping_add(1_442_695_040_888_963_407);
        PAGE + 1 + (self.random >> 33) % (self.messages - PAGE)
    }

    /// Lets the kernel forget what it holds of the database file.
    fn forget_pages(&self) -> Result<()> {
        let file = File::open(self.home.database())?;
        file.sync_all()?;
        Ok(fadvise(&file, 0, None, Advice::DontNeed)?)
    }
}

impl Asked for Stage {
    type Question = Question;

    async fn ask(&mut self, question: Question) -> Result<f64> {
        let before = self.random_depth();
        let path = match question {
            Question::History => format!("/api/chat/global/messages/?before={before}&limit={PAGE}"),
            Question::Unread => "/api/unread-count/".into(),
            Question::Conversations => "/api/conversations/".into(),
            Question::RoomPage => "/chat/global".into(),
        };
        let asked = self.client.get(self.server.url(&path)).bearer_auth(&self.reader.access);
        let begun = Instant::now();
        let answer = asked.send().await?.error_for_status()?.text().await?;
        let milliseconds = begun.elapsed().as_secs_f64() * 1e3;
        if matches!(question, Question::History) {
            check(&answer, before)?;
        }
        Ok(milliseconds)
    }
}

/// Whether these are the fifty messages before that one.
fn check(answer: &str, before: u64) -> Result<()> {
    let messages: Vec<Value> = serde_json::from_str(answer)?;
    let numbers = messages.iter().filter_map(|message| message["id"].as_u64());
    ensure!(numbers.eq(before - PAGE..before), "not the page before {before}: {answer}");
    Ok(())
}
