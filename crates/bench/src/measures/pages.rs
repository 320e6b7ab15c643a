//! P9: the page of the room and that of a conversation, fifty messages each, the feed and a post, for somebody
//! who is signed in; and that post for strangers. Thirty-two connections, each asking again as soon as it was
//! answered, without compression.
//!
//! The floor (F2) answers the very same bytes from memory. Whoever is signed in is answered from the database each
//! time: nothing is kept from one to the next, so this is the uncached figure. What strangers read is kept for a
//! second: that is the warm one. Either has one processor and the generator the other, which is busy too: answers for
//! each second of the server's processor are what to look at. Of every answer the messages or posts are counted, and
//! the name of whoever asked has to be in it.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use reqwest::Client;
use serde_json::Value;
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
use crate::server::{Home, Server, answers_at, plant_with};
use crate::stats::percentile;
use crate::table::{Row, Table, shown};

const CONNECTIONS: usize = 32;
/// Messages on a page.
const MESSAGES: usize = 50;
/// Posts on a page of the feed.
const POSTS: usize = 20;
const PLACES: [(Place, &str); 5] = [
    (Place::Room, "page of a room"),
    (Place::Conversation, "page of a conversation"),
    (Place::Feed, "feed"),
    (Place::Post, "page of a post"),
    (Place::Kept, "page of a post for strangers"),
];

#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    Room,
    Conversation,
    Feed,
    Post,
    Kept,
}

impl Place {
    /// What stands in the page, and how often.
    fn mark(self) -> (&'static [u8], usize) {
        match self {
            Self::Room | Self::Conversation => (br#"data-seq=""#, MESSAGES),
            Self::Feed => (br#"class="post-card__title""#, POSTS),
            Self::Post | Self::Kept => (br#"id="post""#, 1),
        }
    }

    fn is_for_strangers(self) -> bool {
        self == Self::Kept
    }
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
    let contenders = PLACES.map(|(place, _)| [Ours(place), Floor(place)]).concat();
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
    paths: [String; PLACES.len()],
    bytes: [usize; PLACES.len()],
}

impl Stage {
    async fn open() -> Result<Self> {
        let home = Home::new()?;
        plant_with(&home, &[("users", 20), ("messages", 4 * MESSAGES), ("posts", 5 * POSTS)])?;
        let _tested = pin(TESTED)?;
        let server = Server::start(&home).await?;
        let people = sign_up(&server, 2).await?;
        let talk = conversation(&server, &people).await?;
        let post = newest_post(&server).await?;
        let paths = ["/chat/global".to_owned(), talk, "/".to_owned(), post.clone(), post];
        let reader = people.into_iter().next().context("nobody")?;
        let pages = tempfile::tempdir()?;
        let mut bytes = [0; PLACES.len()];
        for ((place, _), path) in PLACES.into_iter().zip(&paths) {
            let mut asker = asker(server.address, path, place, &reader).await?;
            let answer = asker.ask().await?;
            check(&answer, place, &reader).with_context(|| path.clone())?;
            bytes[place as usize] = answer.body.len();
            keep(pages.path(), &(place as usize).to_string(), &answer)?;
        }
        let port = free_port()?;
        let folder = pages.path().display().to_string();
        let floor = Process::spawn_floor(&["floor-page".into(), port.to_string(), folder])?;
        let floor_address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        answers_at(floor_address).await?;
        Ok(Self { server, _home: home, floor, floor_address, _pages: pages, reader, paths, bytes })
    }

    async fn ask(&self, who: Contender, time: Duration) -> Result<Turn> {
        let (place, process, address, path) = match who {
            Ours(place) => {
                let path = self.paths[place as usize].clone();
                (place, &self.server.process, self.server.address, path)
            }
            Floor(place) => {
                (place, &self.floor, self.floor_address, format!("/{}", place as usize))
            }
        };
        let (begun, cpu_before) = (Instant::now(), process.cpu_seconds()?);
        let mut asking = JoinSet::new();
        for _ in 0..CONNECTIONS {
            let asker = asker(address, &path, place, &self.reader).await?;
            asking.spawn(ask_until(asker, begun + time, place, self.reader.clone()));
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

/// The path of a post.
async fn newest_post(server: &Server) -> Result<String> {
    let client = Client::builder().no_proxy().build()?;
    let list = client.get(server.url("/api/posts/")).send().await?.error_for_status()?;
    let list: Value = serde_json::from_str(&list.text().await?)?;
    let slug = list["results"][0]["slug"].as_str().context("no post")?;
    Ok(format!("/posts/{slug}"))
}

async fn asker(address: SocketAddr, path: &str, place: Place, reader: &Account) -> Result<Asker> {
    let access = Some(reader.access.as_str()).filter(|_| !place.is_for_strangers());
    Asker::open(address, path, access).await
}

async fn ask_until(
    mut asker: Asker,
    until: Instant,
    place: Place,
    reader: Account,
) -> Result<Vec<f64>> {
    let mut seconds = Vec::new();
    while Instant::now() < until {
        let begun = Instant::now();
        let answer = asker.ask().await?;
        seconds.push(begun.elapsed().as_secs_f64());
        check(&answer, place, &reader)?;
    }
    Ok(seconds)
}

fn check(answer: &Answer, place: Place, reader: &Account) -> Result<()> {
    let (mark, wanted) = place.mark();
    let found = memchr::memmem::find_iter(&answer.body, mark).count();
    ensure!(found == wanted, "{found} of {wanted} stand on the page");
    let named = memchr::memmem::find(&answer.body, reader.username.as_bytes());
    ensure!(named.is_some() != place.is_for_strangers(), "the page is not for whoever asks");
    Ok(())
}

fn table(turns: &Rounds<Contender, Turn>, stage: &Stage) -> Table {
    let mut table = Table::default();
    for (place, name) in PLACES {
        let kilobytes = stage.bytes[place as usize] / 1000;
        let mut row = |measure: &str, figure: fn(&Turn) -> f64, unit, target| {
            table.push(Row {
                measure: format!("{measure}, {name}, {kilobytes} KB"),
                figure: shown(turns.spread(Ours(place), figure), unit),
                floor: format!("F2 {}", shown(turns.spread(Floor(place), figure), unit)),
                ratio: turns.ratio(Ours(place), Floor(place), figure),
                rounds: turns.note(),
                target,
            });
        };
        let bar =
            if place.is_for_strangers() { "P9 ≥ 0.80 warm" } else { "P9 ≥ 0.20 uncached" };
        row("answers per CPU-second", |turn| turn.per_cpu_second, "/s", bar);
        row("answers, 32 connections", |turn| turn.per_second, "/s", "");
        row("whole answer, p50", |turn| turn.median, "ms", "");
        row("whole answer, p99", |turn| turn.slowest_percent, "ms", "");
    }
    table
}
