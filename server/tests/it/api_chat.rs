//! The global room over REST.

use crate::site::{MESSAGES, Site, answer};
use crate::{Member, on_both};
use reqwest::Method;
use serde_json::{Value, json};

async fn places(site: &Site, query: &str) -> Vec<i64> {
    let answer = site.get(&format!("{MESSAGES}?{query}")).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.body);
    let rows = answer.json();
    rows.as_array().unwrap().iter().map(|row| row["seq"].as_i64().unwrap()).collect()
}

async fn talk(site: &Site, member: &Member, count: i64) {
    for n in 1..=count {
        site.say(member, &format!("number {n}")).await;
    }
}

on_both! {
    async fn a_message_is_given_back_as_it_was_stored(site: Site) {
        let ada = site.member("ada").await;
        let text = "  <b>&amp;</b> שלום 👩‍👩‍👧‍👦 \u{202e}  ";
        let sent = site.send(&ada, &json!({"content": text, "client_id": "mine", "id": 7, "seq": 9, "sender": {"username": "eve"}})).await;
        assert_eq!(sent.status, 201, "{}", sent.body);
        let sent = sent.json();
        assert_eq!((&sent["id"], &sent["seq"], &sent["client_id"]), (&json!(1), &json!(1), &json!("mine")));
        assert_eq!(sent["content"], text.trim());
        assert_eq!(sent["sender"]["id"], ada.id.as_str());
        assert_eq!(sent["sender"]["is_verified"], false);
        assert!(sent["sender"]["badge"].is_null());
        assert!(sent["timestamp"].as_str().unwrap().ends_with('Z'));
        assert_eq!(site.get(MESSAGES).await.json(), json!([sent]), "also for a stranger");
    }

    async fn the_same_client_id_is_the_same_message(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let body = json!({"content": "hello", "client_id": "one"});
        let first = site.send(&ada, &body).await;
        let again = site.send(&ada, &body).await;
        assert_eq!((first.status, again.status), (201, 200));
        assert_eq!(first.json(), again.json());
        let other = site.send(&ada, &json!({"content": "other", "client_id": "one"})).await;
        assert_eq!((other.status, other.code().as_str()), (409, "client_id_conflict"));
        assert_eq!(site.send(&bob, &body).await.status, 201, "the id is its sender's");
        assert_eq!(site.said().await, ["hello", "hello"]);
    }

    async fn twins_at_the_same_moment_are_one_message(site: Site) {
        let ada = site.member("ada").await;
        let body = json!({"content": "hello", "client_id": "one"});
        let sends: Vec<_> = (0..16).map(|_| site.send(&ada, &body)).collect();
        let answers = futures_util::future::join_all(sends).await;
        let new = answers.iter().filter(|answer| answer.status == 201).count();
        let repeated = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!((new, repeated), (1, 15));
        assert_eq!(site.said().await, ["hello"]);
    }

    async fn a_history_is_read_in_stretches(site: Site) {
        let ada = site.member("ada").await;
        talk(&site, &ada, 60).await;
        assert_eq!(places(&site, "").await, (11..=60).collect::<Vec<_>>());
        assert_eq!(places(&site, "limit=3").await, [58, 59, 60]);
        assert_eq!(places(&site, "limit=3&before=10").await, [7, 8, 9]);
        assert_eq!(places(&site, "limit=3&after=10").await, [11, 12, 13]);
        assert_eq!(places(&site, "limit=500").await.len(), 60);
        assert_eq!(places(&site, "limit=0").await.len(), 0);
        assert_eq!(places(&site, "after=60").await.len(), 0);
        assert_eq!(places(&site, "before=1").await.len(), 0);
        assert_eq!(places(&site, "before=-9223372036854775808").await.len(), 0);
        assert_eq!(places(&site, "after=9223372036854775807").await.len(), 0);
        assert_eq!(places(&site, "limit=18446744073709551615").await.len(), 60);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_makes_no_sense_is_refused() {
    let site = Site::sqlite().await;
    for query in [
        "limit=-1",
        "limit=x",
        "limit=",
        "limit=1&limit=2",
        "before=abc",
        "after=1.5",
        "after=%00",
        "after=9223372036854775808",
        "before=null",
        "limit=99999999999999999999",
    ] {
        let refused = site.get(&format!("{MESSAGES}?{query}")).await;
        assert_eq!((refused.status, refused.code().as_str()), (400, "invalid_field"), "{query}");
    }
    assert_eq!(site.get(&format!("{MESSAGES}?later=1&%ff=%fe")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_a_message_is_refused_with_its_code() {
    let site = Site::sqlite().await;
    let ada = site.member("ada").await;
    let content = |text: &str| json!({"content": text});
    for (body, code) in [
        (content(""), "message_empty"),
        (content(" \n\t\u{200b}\u{3164}"), "message_empty"),
        (content(&"🎈".repeat(2001)), "message_too_long"),
        (content("a\u{0}b"), "message_invalid_character"),
        (json!({}), "invalid_field"),
        (json!({"content": null}), "invalid_field"),
        (json!({"content": 7}), "invalid_field"),
        (json!({"content": ["x"]}), "invalid_field"),
        (json!({"content": "x", "client_id": ""}), "invalid_field"),
        (json!({"content": "x", "client_id": 7}), "invalid_field"),
        (json!({"content": "x", "client_id": "x".repeat(65)}), "invalid_field"),
        (json!({"content": "x", "client_id": "a\nb"}), "invalid_field"),
        (Value::Null, "invalid_field"),
    ] {
        let refused = site.send(&ada, &body).await;
        assert_eq!((refused.status, refused.code().as_str()), (400, code), "{body}");
    }
    assert!(site.said().await.is_empty());
    assert_eq!(site.send(&ada, &content(&"🎈".repeat(2000))).await.status, 201);
    assert_eq!(site.send(&ada, &json!({"content": "x", "client_id": null})).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_over_the_limit_waits_and_loses_nothing() {
    let site = Site::but(|config| config.rules.message_rate_limit = 1).await;
    let (ada, bob) = (site.member("ada").await, site.member("bob").await);
    talk(&site, &ada, 5).await;
    let refused = site.send(&ada, &json!({"content": "six"})).await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "rate_limited"));
    assert_eq!(refused.header("retry-after"), "1");
    assert!((1..=1001).contains(&refused.json()["retry_after_ms"].as_u64().unwrap()));
    site.say(&bob, "everybody has a limit of their own").await;
    assert_eq!(site.said().await.len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_is_compressed_where_that_is_accepted() {
    let site = Site::sqlite().await;
    let ada = site.member("ada").await;
    site.say(&ada, &"long ".repeat(300)).await;
    let request = site.request(Method::GET, MESSAGES).header("accept-encoding", "gzip");
    let zipped = request.send().await.unwrap();
    assert_eq!(zipped.headers()["content-encoding"], "gzip");
    assert!(zipped.bytes().await.unwrap().len() < 700);
    let plain = answer(site.request(Method::GET, MESSAGES)).await;
    assert_eq!(plain.header("content-encoding"), "");
}
