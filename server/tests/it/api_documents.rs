//! `docs/api.md`: each example of it, run in its order against a real server.
//!
//! A block of `sh` holds one `curl`, a block of `js` one `fetch` or `WebSocket`. The blocks of `json`
//! after it say what comes back: every field that is shown has to be there, `…` stands for any text,
//! and `$NAME` for one that later examples use.

use std::collections::BTreeMap;

use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use crate::Socket;
use crate::api_schema::described;
use crate::site::{Answer, OWN_ORIGIN, Site, answer};

const DOCUMENT: &str = include_str!("../../../docs/api.md");

struct Block {
    kind: String,
    text: String,
}

fn blocks() -> Vec<Block> {
    let parts = DOCUMENT.split("\n```").skip(1).step_by(2);
    let split = parts.map(|part| part.split_once('\n').unwrap_or((part, "")));
    split.map(|(kind, text)| Block { kind: kind.to_owned(), text: text.to_owned() }).collect()
}

/// The words of a command line as a shell would make them of it.
fn words(line: &str, variables: &BTreeMap<String, String>) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    let line = line.replace("\\\n", " ");
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (None, '\'' | '"') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            (Some('"') | None, '\\') => word.extend(letters.next()),
            (Some('"') | None, '$') => {
                let mut name = String::new();
                while let Some(next) = letters.next_if(char::is_ascii_uppercase) {
                    name.push(next);
                }
                word += variables.get(&name).unwrap_or_else(|| panic!("${name} is not known"));
            }
            (None, ' ' | '\n') => {
                words.extend(Some(std::mem::take(&mut word)).filter(|w| !w.is_empty()))
            }
            _ => word.push(letter),
        }
    }
    words.extend(Some(word).filter(|word| !word.is_empty()));
    words
}

/// The request that a `curl` would send.
fn curl(site: &Site, words: &[String]) -> (String, RequestBuilder) {
    let mut words = words.iter();
    assert_eq!(words.next().map(String::as_str), Some("curl"));
    let (mut method, mut url, mut headers, mut body) = (None, None, Vec::new(), None);
    while let Some(word) = words.next() {
        match word.as_str() {
            "-s" => {}
            "-sX" => method = words.next().cloned(),
            "-H" => headers.extend(words.next().and_then(|line| line.split_once(": "))),
            "-d" => body = words.next().cloned(),
            other => assert!(url.replace(other.to_owned()).is_none(), "{other}: one address"),
        }
    }
    let url = url.expect("an address");
    let path = url.strip_prefix("http://localhost:8000").expect("an address of $SITE").to_owned();
    let method = method.unwrap_or_else(|| "GET".into());
    let mut request = site.request(method.parse().unwrap(), &path);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let request = match body {
        Some(body) => request.body(body),
        None => request,
    };
    (operation(&method, &path), request)
}

/// The request that a page's `fetch` would send.
fn fetch(site: &Site, script: &str) -> (String, RequestBuilder) {
    let quoted = |after: &str| {
        let (_, rest) = script.split_once(after).unwrap_or_else(|| panic!("{after}: {script}"));
        rest.split('"').next().unwrap().to_owned()
    };
    let (path, method) = (quoted("fetch(\""), quoted("method: \""));
    let (_, rest) = script.split_once("JSON.stringify(").unwrap();
    let (body, _) = rest.split_once(")\n").unwrap();
    let body: Value = serde_json::from_str(body).expect("a body that is JSON too");
    let request =
        site.request(method.parse::<Method>().unwrap(), &path).header("origin", OWN_ORIGIN);
    (operation(&method, &path), request.json(&body))
}

fn operation(method: &str, path: &str) -> String {
    format!("{method} {}", path.split('?').next().unwrap().trim_end_matches('/'))
}

/// Whether everything that is shown is there; what is named is kept.
fn compare(shown: &Value, came: &Value, place: &str, variables: &mut BTreeMap<String, String>) {
    match shown {
        Value::Object(fields) => {
            for (key, field) in fields {
                let inner = came.get(key).unwrap_or_else(|| panic!("{place}/{key} in {came}"));
                compare(field, inner, &format!("{place}/{key}"), variables);
            }
        }
        Value::Array(items) => {
            assert_eq!(Some(items.len()), came.as_array().map(Vec::len), "{place}: {came}");
            for (n, item) in items.iter().enumerate() {
                compare(item, &came[n], &format!("{place}/{n}"), variables);
            }
        }
        Value::String(text) if text == "…" => assert!(came.is_string(), "{place}: {came}"),
        Value::String(text) if text.starts_with('$') => {
            variables.insert(text[1..].to_owned(), came.as_str().expect(place).to_owned());
        }
        _ => assert_eq!(shown, came, "{place}"),
    }
}

fn check(block: &Block, came: &Answer, variables: &mut BTreeMap<String, String>) {
    assert_eq!(block.kind, format!("json {}", came.status), "{}\n{}", block.text, came.body);
    if block.text.is_empty() {
        assert!(came.body.is_empty(), "{}", came.body);
        return;
    }
    let shown: Value = serde_json::from_str(&block.text).expect(&block.text);
    compare(&shown, &came.json(), "", variables);
}

/// Whether the parts of an example are those of an operation; `{…}` stands for any.
fn is_example_of(example: &str, operation: &str) -> bool {
    let (parts, wanted): (Vec<_>, Vec<_>) =
        (example.split('/').collect(), operation.split('/').collect());
    let fits = |(part, wanted): (&&str, &&str)| part == wanted || wanted.starts_with('{');
    parts.len() == wanted.len() && parts.iter().zip(&wanted).all(fits)
}

/// One socket's conversation.
async fn converse(
    site: &Site,
    script: &str,
    rest: &[Block],
    variables: &mut BTreeMap<String, String>,
) -> usize {
    let (_, address) = script.split_once("ws://localhost:8000").expect(script);
    let path = address.split('"').next().unwrap().replace("$TICKET", &variables["TICKET"]);
    let mut socket = Socket::open(site, &path, &[]).await;
    let mut done = 0;
    for block in
        rest.iter().take_while(|block| ["json says", "json hears"].contains(&block.kind.as_str()))
    {
        let frame: Value = serde_json::from_str(&block.text).expect(&block.text);
        if block.kind == "json says" {
            socket.say(&frame).await;
        } else {
            let heard = socket.next_of(frame["type"].as_str().unwrap()).await;
            compare(&frame, &heard, "", variables);
        }
        done += 1;
    }
    done
}

#[tokio::test(flavor = "multi_thread")]
async fn every_example_gives_what_stands_below_it_and_every_operation_has_one() {
    let site = Site::sqlite().await;
    let blocks = blocks();
    let mut variables = BTreeMap::from([("SITE".to_owned(), "http://localhost:8000".to_owned())]);
    let (mut shown, mut at) = (Vec::new(), 0);
    while at < blocks.len() {
        let block = &blocks[at];
        at += 1;
        match block.kind.as_str() {
            "sh" if block.text.starts_with("SITE=") => {}
            "js" if block.text.contains("new WebSocket") => {
                at += converse(&site, &block.text, &blocks[at..], &mut variables).await;
            }
            "sh" | "js" => {
                let (operation, request) = if block.kind == "sh" {
                    curl(&site, &words(&block.text, &variables))
                } else {
                    fetch(&site, &block.text)
                };
                shown.push(operation);
                check(&blocks[at], &answer(request).await, &mut variables);
                at += 1;
            }
            other => panic!("nothing runs a block of {other}: {}", block.text),
        }
    }
    // Told in words, where an example would be the same again.
    let told = [
        "POST /api/auth/register",
        "DELETE /api/auth/sessions/{id}",
        "GET /api/schema",
        "GET /api/docs",
    ];
    for (path, methods) in described(&site.get("/api/schema").await.json()) {
        for method in methods {
            let operation = format!("{method} {path}");
            let has_example = shown.iter().any(|example| is_example_of(example, &operation));
            assert!(
                told.contains(&operation.as_str()) || has_example,
                "{operation} has no example"
            );
        }
    }
}
