//! P15 for what is published: the same pages of a place with a million posts and five million follows of five
//! thousand people (`--quick`: a tenth of the posts and follows), and of one with a thousand posts.
//!
//! Whoever asks follows everybody whom the plan lets them follow, a thousand people in the big place. Searching is
//! asked once everything planted has been indexed, which the server does by itself after its start.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use reqwest::Client;
use serde_json::Value;

use super::much_and_little::{Asked, rows, turn};
use crate::accounts::{Account, sign_in};
use crate::rounds::{Plan, rounds};
use crate::server::{Home, Server, plant_with};
use crate::table::Table;

/// Asked before the first round, so that connections and caches are there.
const WARMTH: usize = 50;
const FEW: Size = Size { people: 60, posts: 1_000, follows: 3_000 };
/// How often it is looked whether the newest words are found already.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// A million posts are indexed in some minutes.
const PATIENCE: Duration = Duration::from_secs(3_600);

#[derive(Debug, Clone, Copy)]
struct Size {
    people: usize,
    posts: usize,
    follows: usize,
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
enum Question {
    Feed(&'static str),
    Post,
    Profile,
    Followers,
    Explore,
    Search,
    List,
    Trending,
}

const QUESTIONS: [(Question, &str); 11] = [
    (Question::Feed(""), "feed for you"),
    (Question::Feed("?tab=following"), "feed of those one follows"),
    (Question::Feed("?tab=fresh"), "feed of what is fresh"),
    (Question::Feed("?tab=saved"), "feed of what is saved"),
    (Question::Post, "a random post"),
    (Question::Profile, "a profile"),
    (Question::Followers, "its followers"),
    (Question::Explore, "explore"),
    (Question::Search, "search for a common word"),
    (Question::List, "/api/posts/"),
    (Question::Trending, "/api/posts/trending/"),
];

pub(crate) async fn measure(plan: Plan) -> Result<Table> {
    let (posts, follows) = plan.pick((100_000, 500_000), (1_000_000, 5_000_000));
    let many = Size { people: 5_000, posts, follows };
    let (mut much, mut little) = (Stage::open(many).await?, Stage::open(FEW).await?);
    let requests = plan.pick(100, 400);
    turn((&mut much, &mut little), &QUESTIONS, WARMTH).await?;
    let turns = rounds(plan.rounds(), &[()], async |()| {
        turn((&mut much, &mut little), &QUESTIONS, requests).await
    });
    let sizes = (format!("of {posts} posts"), format!("of {}", FEW.posts));
    Ok(rows(&turns.await?, &QUESTIONS, (&sizes.0, &sizes.1), |_| "P15 ≤ 1.3"))
}

struct Stage {
    _home: Home,
    server: Server,
    reader: Account,
    /// What the addresses of all planted posts end in.
    batch: String,
    client: Client,
    posts: usize,
    random: usize,
}

impl Stage {
    async fn open(size: Size) -> Result<Self> {
        let home = Home::new()?.with("LIMIT_SEARCHES_PER_MINUTE", 0);
        let Size { people, posts, follows } = size;
        let much = [("users", people), ("messages", 0), ("posts", posts), ("follows", follows)];
        plant_with(&home, &much)?;
        let server = Server::start(&home).await?;
        let client = Client::builder().no_proxy().build()?;
        let list = client.get(server.url("/api/posts/")).send().await?.text().await?;
        let list: Value = serde_json::from_str(&list)?;
        let newest = &list["results"][0];
        let author = newest["author"]["username"].as_str().context("a post without its author")?;
        let slug = newest["slug"].as_str().context("a post without its address")?;
        let batch = slug.rsplit('-').next().context("an address of another shape")?.to_owned();
        let reader = sign_in(&server, author).await?;
        let stage = Self { _home: home, server, reader, batch, client, posts, random: posts };
        stage.until_indexed().await?;
        Ok(stage)
    }

    /// Until a word of the newest post is found.
    async fn until_indexed(&self) -> Result<()> {
        let newest = self.posts - 1;
        let (path, deadline) = (format!("/search?q=Number+{newest}"), Instant::now() + PATIENCE);
        let address = self.address_of(newest);
        while !self.read(&path).await?.contains(&address) {
            ensure!(Instant::now() < deadline, "{address} was not indexed within {PATIENCE:?}");
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(())
    }

    fn address_of(&self, post: usize) -> String {
        format!("/posts/number-{post}-{}", self.batch)
    }

    async fn read(&self, path: &str) -> Result<String> {
        let asked = self.client.get(self.server.url(path)).bearer_auth(&self.reader.access);
        Ok(asked.send().await?.error_for_status()?.text().await?)
    }

    /// The number of a post (Knuth's MMIX generator).
    fn random_post(&mut self) -> usize {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005);
        self.random = self.random.wrapping_add(1_442_695_040_888_963_407);
        (self.random >> 33) % self.posts
    }
}

impl Asked for Stage {
    type Question = Question;

    async fn ask(&mut self, question: Question) -> Result<f64> {
        let name = &self.reader.username;
        let (path, mark) = match question {
            Question::Feed("?tab=saved") => ("/?tab=saved".to_owned(), name.clone()),
            Question::Feed(tab) => (format!("/{tab}"), self.batch.clone()),
            Question::Post => {
                let post = self.random_post();
                (self.address_of(post), format!("Number {post}"))
            }
            Question::Profile => (format!("/u/{name}"), self.batch.clone()),
            Question::Followers => (format!("/u/{name}/followers"), "/u/".to_owned()),
            Question::Explore => ("/explore".to_owned(), self.batch.clone()),
            Question::Search => ("/search?q=wall".to_owned(), self.batch.clone()),
            Question::List => ("/api/posts/".to_owned(), self.batch.clone()),
            Question::Trending => ("/api/posts/trending/".to_owned(), self.batch.clone()),
        };
        let begun = Instant::now();
        let answer = self.read(&path).await?;
        let milliseconds = begun.elapsed().as_secs_f64() * 1e3;
        ensure!(answer.contains(&mark), "{path} was answered without {mark}");
        Ok(milliseconds)
    }
}
