//! P15: a long past must cost nothing. The same questions to a server with two thousand messages and to
//! one with two million (`--quick`: a tenth of that), in turn, question by question: what else the machine
//! does meets both alike.
//!
//! Pages of history begin at random depths; each answer must hold exactly the fifty messages before the
//! one that was named. At the end the big database is read once more with none of its file in the
//! kernel's memory.

use std::fs::File;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, ensure};
use reqwest::Client;
use rustix::fs::{Advice, fadvise};
use serde_json::Value;

use crate::accounts::{Account, sign_up};
use crate::rounds::{Plan, Rounds, rounds};
use crate::server::{Home, Server, plant};
use crate::stats::percentile;
use crate::table::{Row, Table, shown};

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

/// Milliseconds.
#[derive(Debug, Clone, Copy)]
struct Times {
    median: f64,
    slowest_percent: f64,
}

/// What one round brought for one question.
#[derive(Debug, Clone, Copy)]
struct Pair {
    much: Times,
    little: Times,
}

type Turn = [Pair; QUESTIONS.len()];

pub(crate) async fn measure(plan: Plan) -> Result<Table> {
    let many = plan.pick(200_000, 2_000_000);
    let (mut much, mut little) = (Stage::open(many).await?, Stage::open(FEW).await?);
    let requests = plan.pick(500, 5_000);
    turn(&mut much, &mut little, WARMTH).await?;
    let turns =
        rounds(plan.rounds(), &[()], async |()| turn(&mut much, &mut little, requests).await);
    let turns = turns.await?;
    much.forget_pages()?;
    let mut cold = Vec::with_capacity(requests);
    for _ in 0..requests {
        cold.push(much.ask(Question::History).await?);
    }
    Ok(table(&turns, many, Times::of(&cold)?))
}

async fn turn(much: &mut Stage, little: &mut Stage, requests: usize) -> Result<Turn> {
    let mut pairs = Vec::with_capacity(QUESTIONS.len());
    for (question, _) in QUESTIONS {
        let (mut of_much, mut of_little) = (Vec::new(), Vec::new());
        for _ in 0..requests {
            of_much.push(much.ask(question).await?);
            of_little.push(little.ask(question).await?);
        }
        pairs.push(Pair { much: Times::of(&of_much)?, little: Times::of(&of_little)? });
    }
    pairs.try_into().map_err(|_| anyhow!("a question was not asked"))
}

impl Times {
    fn of(milliseconds: &[f64]) -> Result<Self> {
        let of = |share| percentile(milliseconds, share).context("nothing was asked");
        Ok(Self { median: of(0.5)?, slowest_percent: of(0.99)? })
    }
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

    /// How long the whole answer took. It must be right.
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

/// Whether these are the fifty messages before that one.
fn check(answer: &str, before: u64) -> Result<()> {
    let messages: Vec<Value> = serde_json::from_str(answer)?;
    let numbers = messages.iter().filter_map(|message| message["id"].as_u64());
    ensure!(numbers.eq(before - PAGE..before), "not the page before {before}: {answer}");
    Ok(())
}

fn table(turns: &Rounds<(), Turn>, many: u64, cold: Times) -> Table {
    let mut table = Table::default();
    let percents = [
        ("p50", (|times| times.median) as fn(Times) -> f64),
        ("p99", |times| times.slowest_percent),
    ];
    for (place, (_, name)) in QUESTIONS.into_iter().enumerate() {
        for (percent, of) in percents {
            let (much, little) =
                (|turn: &Turn| of(turn[place].much), |turn: &Turn| of(turn[place].little));
            table.push(Row {
                measure: format!("{name}, {percent}, of {many} messages"),
                figure: shown(turns.spread((), much), "ms"),
                floor: format!("of {FEW}: {}", shown(turns.spread((), little), "ms")),
                ratio: turns.spread((), |turn| much(turn) / little(turn)),
                rounds: turns.note(),
                target: if place == 0 && percent == "p99" { "P15 ≤ 1.3" } else { "" },
            });
        }
    }
    table.push(Row {
        measure: "history page, file not in memory, p50 and p99".into(),
        figure: format!("{:.2} ms, {:.2} ms", cold.median, cold.slowest_percent),
        rounds: "1".into(),
        ..Row::default()
    });
    table
}
