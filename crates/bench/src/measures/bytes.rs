//! P11: what a browser with an empty cache must fetch before a page is whole.
//!
//! The page and every stylesheet, preload, script and image that its HTML names, as transferred with
//! `Accept-Encoding: br`. Not counted: icons and the manifest (no reader waits for them) and what a
//! script fetches later; the browser test counts those.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};
use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE};
use reqwest::{Client, Response, StatusCode};

use crate::server::{Home, Server};
use crate::table::{Row, Table, number};

mod references;

/// Pages and what they may weigh.
const PAGES: [(&str, &str); 4] = [
    ("/", "P11 ≤ 45 KB, no wasm"),
    ("/login", "P11 ≤ 45 KB, no wasm"),
    ("/signup", "P11 ≤ 45 KB, no wasm"),
    ("/chat/global", "P11 ≤ 230 KB now, ≤ 180 KB later; floor 144 KB"),
];
/// Below this a compressed answer would be the longer one.
const WORTH_COMPRESSING: usize = 1024;

/// Bytes by type.
type Weights = BTreeMap<&'static str, usize>;

pub(crate) async fn measure() -> Result<Table> {
    let home = Home::new()?;
    let server = Server::start(&home).await?;
    let client = Client::builder().no_proxy().build()?;
    let mut table = Table::default();
    for (page, target) in PAGES {
        let weights = first_load(&client, &server, page).await?;
        table.push(Row {
            measure: format!("first load of {page}"),
            figure: described(&weights),
            target,
            ..Row::default()
        });
    }
    Ok(table)
}

async fn first_load(client: &Client, server: &Server, page: &str) -> Result<Weights> {
    // The same page twice: once to be read, once as a browser gets it.
    let html = client.get(server.url(page)).send().await?.error_for_status()?.text().await?;
    let mut paths = BTreeSet::from([page.to_owned()]);
    paths.extend(references::of(&html));
    let mut weights = Weights::new();
    for path in paths {
        let (kind, bytes) = weigh(client, &server.url(&path)).await?;
        *weights.entry(kind).or_default() += bytes;
    }
    Ok(weights)
}

async fn weigh(client: &Client, url: &str) -> Result<(&'static str, usize)> {
    let answer = client.get(url).header(ACCEPT_ENCODING, "br").send().await?;
    ensure!(answer.status() == StatusCode::OK, "{url} answered {}", answer.status());
    let kind = kind_of(&answer);
    let compressed = answer.headers().contains_key(CONTENT_ENCODING) || kind == "other";
    let bytes = answer.bytes().await?.len();
    ensure!(compressed || bytes < WORTH_COMPRESSING, "{url} came uncompressed");
    Ok((kind, bytes))
}

fn kind_of(answer: &Response) -> &'static str {
    let kind = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    match kind.unwrap_or_default().split(';').next().unwrap_or_default() {
        "text/html" => "html",
        "text/css" => "css",
        "text/javascript" | "application/javascript" => "js",
        "application/wasm" => "wasm",
        _ => "other",
    }
}

fn described(weights: &Weights) -> String {
    let kilobytes = |bytes: usize| number(bytes as f64 / 1e3);
    let parts: Vec<String> =
        weights.iter().map(|(kind, bytes)| format!("{kind} {}", kilobytes(*bytes))).collect();
    format!("{} KB ({})", kilobytes(weights.values().sum()), parts.join(", "))
}
