//! What the tests of conversations have in common: asking as somebody, and being acquainted.

use reqwest::Method;
use serde_json::{Value, json};

use crate::Member;
use crate::site::{Answer, Site, answer};

/// An id that names nothing.
pub(crate) const NOTHING: &str = "00000000-0000-7000-8000-00000000dead";
/// The global room's, which is no conversation to REST.
pub(crate) const ROOM: &str = "00000000-0000-7000-8000-000000000001";

pub(crate) async fn ask(site: &Site, who: &Member, method: Method, path: &str) -> Answer {
    answer(site.request(method, path).bearer_auth(&who.access)).await
}

pub(crate) async fn tell(
    site: &Site,
    who: &Member,
    method: Method,
    path: &str,
    body: &Value,
) -> Answer {
    answer(site.request(method, path).bearer_auth(&who.access).json(body)).await
}

pub(crate) async fn get(site: &Site, who: &Member, path: &str) -> Answer {
    ask(site, who, Method::GET, path).await
}

pub(crate) async fn post(site: &Site, who: &Member, path: &str, body: &Value) -> Answer {
    tell(site, who, Method::POST, path, body).await
}

/// What comes back where nothing may go wrong.
pub(crate) async fn got(site: &Site, who: &Member, path: &str) -> Value {
    let answer = get(site, who, path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.json()
}

/// The fields of an object, in the order of the alphabet.
pub(crate) fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

pub(crate) fn texts(messages: &Value) -> Vec<&str> {
    let rows = messages.as_array().unwrap().iter();
    rows.map(|row| row["content"].as_str().unwrap()).collect()
}

/// The status and the code of a refusal, after a look at its body in the plain form.
pub(crate) fn plainly(refused: &Answer) -> (u16, String) {
    let body = refused.json();
    assert!(body["detail"].is_string(), "{body}");
    assert_eq!(body["error"], body["detail"], "{body}");
    (refused.status, refused.code())
}

/// As [`plainly`], in the other form.
pub(crate) fn fully(refused: &Answer) -> (u16, String) {
    let body = refused.json();
    assert_eq!(body["error"]["status_code"], refused.status, "{body}");
    assert_eq!(body["error"]["message"], body["detail"], "{body}");
    (refused.status, refused.code())
}

/// A request of `from` to the person of this name.
pub(crate) async fn begin(site: &Site, from: &Member, username: &str) -> String {
    let started = post(site, from, "/api/conversations/", &json!({"username": username})).await;
    assert!([200, 201].contains(&started.status), "{}", started.body);
    started.json()["id"].as_str().unwrap().to_owned()
}

pub(crate) fn messages_of(id: &str) -> String {
    format!("/api/conversations/{id}/messages/")
}

/// A new message; its shape is Spherespace's.
pub(crate) async fn write(site: &Site, who: &Member, id: &str, content: &str) -> Value {
    let sent = post(site, who, &messages_of(id), &json!({"content": content})).await;
    assert_eq!(sent.status, 201, "{}", sent.body);
    sent.json()
}

/// An accepted conversation, which holds `hello`.
pub(crate) async fn friends(site: &Site, from: &Member, to: (&Member, &str)) -> String {
    let id = begin(site, from, to.1).await;
    write(site, from, &id, "hello").await;
    let path = format!("/api/conversations/{id}/action/");
    let accepted = post(site, to.0, &path, &json!({"action": "accept"})).await;
    assert_eq!((accepted.status, &accepted.json()["detail"]), (200, &json!("Request accepted")));
    id
}

/// A group of `owner` and the people of these names.
pub(crate) async fn group(site: &Site, owner: &Member, usernames: &[&str]) -> String {
    let body = json!({"title": "Band", "usernames": usernames});
    let made = post(site, owner, "/api/conversations/", &body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    made.json()["id"].as_str().unwrap().to_owned()
}
