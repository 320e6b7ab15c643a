//! How often a page asks the database: as often with much on it as with little.
//!
//! The table of all pages: `cargo test -p server --test it statements_of_pages -- --nocapture`.

use crate::site::Site;
use crate::{Backend, Browser};

/// What some pages know for a few seconds may have to be asked again; a question for each line would be far more.
const SLACK: u32 = 3;

const PAGES: [&str; 23] = [
    "/",
    "/?tab=following",
    "/?tab=fresh",
    "/?tab=saved",
    "/posts/first",
    "/posts/first/history",
    "/drafts",
    "/tags/tea",
    "/u/ada",
    "/u/ada?tab=replies",
    "/u/ada?tab=likes",
    "/u/ada/followers",
    "/u/ada/following",
    "/explore",
    "/search?q=word",
    "/notifications",
    "/communities",
    "/c/tea",
    "/c/tea/members",
    "/c/tea/manage",
    "/chat",
    "/chat/global",
    "/settings/profile",
];

/// One more of everything that is listed somewhere.
async fn add_one<'s>(site: &'s Site, ada: &mut Browser<'s>, n: usize) {
    let mut guest = Browser::member(site, &format!("guest{n}")).await;
    guest.post("/c/tea/join", &[]).await;
    for author in [&mut *ada, &mut guest] {
        let title = format!("word {n}");
        let post = [
            ("title", title.as_str()),
            ("content", "word #tea"),
            ("community", "tea"),
            ("do", "publish"),
        ];
        let written = author.post("/posts/new", &[&[("form", "post")], &post[..]].concat()).await;
        assert_eq!(written.status, 303, "{title}");
        for deed in ["like", "bookmark"] {
            author.post(&format!("{}/{deed}", written.location()), &[]).await;
        }
        let said = author.post("/posts/first/comments", &[("content", "word")]).await;
        assert_eq!(said.status, 303, "{title}");
        author
            .post(
                "/posts/new",
                &[("form", "post"), ("title", "a draft"), ("content", "word"), ("do", "save")],
            )
            .await;
        author.post("/chat/global", &[("content", "a word, @ada")]).await;
    }
    guest.post("/u/ada/follow", &[]).await;
    ada.post(&format!("/u/guest{n}/follow"), &[]).await;
    guest.post("/posts/first/like", &[]).await;
    guest.post("/chat/global", &[("content", &format!("word {n}"))]).await;
}

/// The statements of each page.
async fn asked(ada: &mut Browser<'_>) -> Vec<u32> {
    let mut asked = Vec::new();
    for path in PAGES {
        let page = ada.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        let timing = page.header("server-timing");
        let statements = page_statements(timing);
        asked.push(statements.unwrap_or_else(|| panic!("{path}: {timing}")));
    }
    asked
}

fn page_statements(timing: &str) -> Option<u32> {
    timing.strip_prefix("db;desc=\"")?.split(' ').next()?.parse().ok()
}

#[allow(clippy::print_stdout, reason = "the table is what this is run for by hand")]
async fn on(backend: Backend) {
    let site = Site::with(backend, |config| config.debug = true).await;
    let mut ada = Browser::member(&site, "ada").await;
    ada.post("/communities/new", &[("form", "create"), ("name", "Tea")]).await;
    let first = [("form", "post"), ("title", "First"), ("content", "word"), ("do", "publish")];
    assert_eq!(ada.post("/posts/new", &first).await.location(), "/posts/first");
    add_one(&site, &mut ada, 0).await;
    let little = asked(&mut ada).await;
    for n in 1..13 {
        add_one(&site, &mut ada, n).await;
    }
    let much = asked(&mut ada).await;
    println!("{backend:?}: statements of a page");
    for ((path, little), much) in PAGES.iter().zip(&little).zip(&much) {
        println!("{much:>4}  {path}");
        assert!(*little > 0, "{path} is counted");
        assert!(much <= &(little + SLACK), "{path}: {little} statements, {much} with more on it");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn do_not_grow_with_what_is_on_them_sqlite() {
    on(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn do_not_grow_with_what_is_on_them_postgres() {
    on(Backend::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn strangers_are_not_told() {
    let site = Site::sqlite().await;
    assert_eq!(site.get("/explore").await.header("server-timing"), "");
}
