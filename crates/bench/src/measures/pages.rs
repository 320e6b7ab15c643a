//! P9: the page of the room and that of a conversation, fifty messages each, for somebody who is signed
//! in. Thirty-two connections, each asking again as soon as it was answered, without compression.
//!
//! The floor (F2) answers the very same bytes from memory. The server answers every request from its
//! database: nothing is kept from one to the next, so this is the uncached figure. Either has one
//! processor and the generator the other, which is busy too: answers for each second of the server's
//! processor are what to look at. Of every answer the messages are counted, and the name of whoever
//! asked has to be in it.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use reqwest::Client;
use tempfile::TempDir;
use tokio::task::JoinSet;
use wire::ConversationKey;

use crate::accounts::{Account, sign_up};
use crate::affinity::{GENERATOR, TESTED, pin};
use crate::asker::{Answer, Asker};
use crate::floors::page::keep;
use crate::load::rooms;
use crate::process::{Process, free_port};
use crate::rounds::{Plan, Rounds, rounds};
use crate::server::{Home, Server, answers_at, plant};
use crate::stats::percentile;
use crate::table::{Row, Table, shown};

const CONNECTIONS: usize = 32;
/// Messages on a page.
const MESSAGES: usize = 50;
/// What stands once with each message.
const MARK: &[u8] = br#"data-seq=""#;
const PLACES: [Place; 2] = [Place::Room, Place::Conversation];

#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    Room,
    Conversation,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Contender {
    Server(Place),
    Floor(Place),
}
use Contender::{Floor, Server as Ours};

#[derive(Debug)]
struct Turn {
    per_cpu_second: f64,
    per_second: f64,
    /// Milliseconds.
    median: f64,
    slowest_percent: f64,
}

pub(crate) async fn measure(plan: Plan) -> Result<Table> {
    let stage = Stage::open().await?;
    let _generator = pin(GENERATOR)?;
    let time = Duration::from_secs(plan.pick(2, 10));
    let contenders = [
        Ours(Place::Room),
        Floor(Place::Room),
        Ours(Place::Conversation),
        Floor(Place::Conversation),
    ];
    let turns = rounds(plan.rounds(), &contenders, async |who| stage.ask(who, time).await).await?;
    Ok(table(&turns, &stage))
}

struct Stage {
    server: Server,
    _home: Home,
    floor: Process,
    floor_address: SocketAddr,
    _pages: TempDir,
    reader: Account,
    /// Of each place.
    paths: [String; 2],
    bytes: [usize; 2],
}

impl Stage {
    async fn open() -> Result<Self> {
        let home = Home::new()?;
        plant(&home, 20, 4 * MESSAGES)?;
        let _tested = pin(TESTED)?;
        let server = Server::start(&home).await?;
        let people = sign_up(&server, 2).await?;
        let paths = ["/chat/global".to_owned(), conversation(&server, &people).await?];
        let reader = people.into_iter().next().context("nobody")?;
        let pages = tempfile::tempdir()?;
        let mut bytes = [0; 2];
        for (place, path) in paths.iter().enumerate() {
            let mut asker = Asker::open(server.address, path, &reader.access).await?;
            let answer = asker.ask().await?;
            check(&answer, &reader).with_context(|| path.clone())?;
            bytes[place] = answer.body.len();
            keep(pages.path(), &place.to_string(), &answer)?;
        }
        let port = free_port()?;
        let folder = pages.path().display().to_string();
        let floor = Process::spawn_floor(&["floor-page".into(), port.to_string(), folder])?;
        let floor_address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        answers_at(floor_address).await?;
        Ok(Self { server, _home: home, floor, floor_address, _pages: pages, reader, paths, bytes })
    }

    async fn ask(&self, who: Contender, time: Duration) -> Result<Turn> {
        let (process, address, path) = match who {
            Ours(place) => {
                let path = self.paths[place as usize].clone();
                (&self.server.process, self.server.address, path)
            }
            Floor(place) => (&self.floor, self.floor_address, format!("/{}", place as usize)),
        };
        let (begun, cpu_before) = (Instant::now(), process.cpu_seconds()?);
        let mut asking = JoinSet::new();
        for _ in 0..CONNECTIONS {
            let asker = Asker::open(address, &path, &self.reader.access).await?;
            asking.spawn(ask_until(asker, begun + time, self.reader.clone()));
        }
        let mut seconds = Vec::new();
        while let Some(asked) = asking.join_next().await {
            seconds.extend(asked??);
        }
        let elapsed = begun.elapsed().as_secs_f64();
        let milliseconds = |share| percentile(&seconds, share).unwrap_or(f64::NAN) * 1e3;
        Ok(Turn {
            per_cpu_second: seconds.len() as f64 / (process.cpu_seconds()? - cpu_before),
            per_second: seconds.len() as f64 / elapsed,
            median: milliseconds(0.5),
            slowest_percent: milliseconds(0.99),
        })
    }
}

/// The path of a conversation that has a page full of messages.
async fn conversation(server: &Server, people: &[Account]) -> Result<String> {
    let client = Client::builder().no_proxy().build()?;
    let room = rooms::talk(&client, &server.url(""), people).await?;
    let ConversationKey::Id(id) = room.key else { anyhow::bail!("not a conversation") };
    for number in 0..MESSAGES {
        let (speaker, text) = (&people[number % 2], format!("Sentence number {number} of ours."));
        rooms::say(&client, &server.url(""), speaker, id, &text).await?;
    }
    Ok(format!("/chat/{}", id.0))
}

async fn ask_until(mut asker: Asker, until: Instant, reader: Account) -> Result<Vec<f64>> {
    let mut seconds = Vec::new();
    while Instant::now() < until {
        let begun = Instant::now();
        let answer = asker.ask().await?;
        seconds.push(begun.elapsed().as_secs_f64());
        check(&answer, &reader)?;
    }
    Ok(seconds)
}

fn check(answer: &Answer, reader: &Account) -> Result<()> {
    let messages = memchr::memmem::find_iter(&answer.body, MARK).count();
    ensure!(messages == MESSAGES, "{messages} messages on the page");
    let named = memchr::memmem::find(&answer.body, reader.username.as_bytes());
    ensure!(named.is_some(), "the page does not know who asks");
    Ok(())
}

fn table(turns: &Rounds<Contender, Turn>, stage: &Stage) -> Table {
    let mut table = Table::default();
    for (place, name) in PLACES.into_iter().zip(["room", "conversation"]) {
        let kilobytes = stage.bytes[place as usize] / 1000;
        let mut row = |measure: &str, figure: fn(&Turn) -> f64, unit, target| {
            table.push(Row {
                measure: format!("{measure}, page of a {name}, {kilobytes} KB"),
                figure: shown(turns.spread(Ours(place), figure), unit),
                floor: format!("F2 {}", shown(turns.spread(Floor(place), figure), unit)),
                ratio: turns.ratio(Ours(place), Floor(place), figure),
                rounds: turns.note(),
                target,
            });
        };
        row("answers per CPU-second", |turn| turn.per_cpu_second, "/s", "P9 ≥ 0.20 uncached");
        row("answers, 32 connections", |turn| turn.per_second, "/s", "");
        row("whole answer, p50", |turn| turn.median, "ms", "");
        row("whole answer, p99", |turn| turn.slowest_percent, "ms", "");
    }
    table
}
