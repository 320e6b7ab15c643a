//! `/api/chat/conversations/…` as LiquidChat's clients see it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::conversing::{
    NOTHING, ROOM, ask, begin, friends, fully, get, got, group, keys, messages_of, post, texts,
    write,
};
use crate::site::{OWN_ORIGIN, Site, answer};
use crate::{Browser, Member, on_both};

const CONVERSATION: [&str; 10] = [
    "created_at",
    "id",
    "kind",
    "last_message",
    "last_seq",
    "members_count",
    "participants",
    "title",
    "unread_count",
    "updated_at",
];

const SPEAKER: [&str; 7] =
    ["badge", "created_at", "id", "is_online", "is_verified", "last_seen", "username"];

const MESSAGE: [&str; 12] = [
    "client_id",
    "content",
    "conversation",
    "edited_at",
    "id",
    "is_read",
    "is_unsent",
    "reactions",
    "reply_to",
    "sender",
    "seq",
    "timestamp",
];

fn path(id: &str, part: &str) -> String {
    format!("/api/chat/conversations/{id}/{part}")
}

async fn create(site: &Site, who: &Member, whom: &str) -> Value {
    let made = post(site, who, "/api/chat/conversations/create/", &json!({"user_id": whom})).await;
    assert_eq!(made.status, 200, "{}", made.body);
    made.json()
}

on_both! {
    async fn a_conversation_is_created_once_and_given_with_its_messages(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let bundle = create(&site, &ada, &bob.id).await;
        assert_eq!(keys(&bundle), ["conversation", "messages"]);
        let talk = &bundle["conversation"];
        assert_eq!((keys(talk), &bundle["messages"]), (CONVERSATION.to_vec(), &json!([])));
        assert_eq!((&talk["last_message"], &talk["unread_count"]), (&json!(null), &json!(0)));
        let people = talk["participants"].as_array().unwrap();
        assert_eq!((keys(&people[0]), people.len()), (SPEAKER.to_vec(), 2));
        assert_eq!((&people[0]["id"], &people[1]["id"]), (&json!(ada.id), &json!(bob.id)));
        let id = talk["id"].as_str().unwrap();
        for who in [&ada, &bob] {
            let whom = if who.id == ada.id { &bob.id } else { &ada.id };
            assert_eq!(create(&site, who, whom).await["conversation"]["id"], id);
            let found = got(&site, who, &format!("/api/chat/conversations/user/{whom}/")).await;
            assert_eq!((keys(&found), &found["conversation"]["id"]), (vec!["conversation", "messages"], &json!(id)));
        }
        let sent = post(&site, &ada, &path(id, "messages/"), &json!({"content": " hi & <b> ", "client_id": "one"})).await;
        assert_eq!(sent.status, 201, "{}", sent.body);
        let sent = sent.json();
        assert_eq!((keys(&sent), keys(&sent["sender"])), (MESSAGE.to_vec(), SPEAKER.to_vec()));
        assert_eq!((&sent["content"], &sent["conversation"], &sent["seq"], &sent["client_id"], &sent["is_read"]), (&json!("hi & <b>"), &json!(id), &json!(1), &json!("one"), &json!(false)));
        assert!(sent["timestamp"].as_str().unwrap().ends_with('Z'));
        let opened = got(&site, &bob, &path(id, "")).await;
        assert_eq!((keys(&opened), opened["messages"].as_array().unwrap().len()), (vec!["conversation", "messages"], 1));
        assert_eq!(keys(&opened["messages"][0]), MESSAGE);
        assert_eq!(opened["conversation"]["unread_count"], 1, "that contract knows no requests");
        assert_eq!(got(&site, &bob, &path(id, "messages/")).await, opened["messages"]);
    }

    async fn s63_conversations_come_in_pages_of_twenty(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let id = friends(&site, &ada, (&bob, "bob")).await;
        write(&site, &ada, &id, &"é".repeat(150)).await;
        let first = got(&site, &ada, "/api/chat/conversations/").await;
        assert_eq!(keys(&first), ["count", "next", "previous", "results"]);
        let row = &first["results"][0];
        assert_eq!((keys(row), keys(&row["last_message"])), (CONVERSATION.to_vec(), vec!["content", "sender_id", "timestamp"]));
        assert_eq!((&row["last_message"]["content"], &row["last_message"]["sender_id"]), (&json!("é".repeat(100)), &json!(ada.id)));
        for _ in 0..22 {
            group(&site, &ada, &[]).await;
        }
        let first = got(&site, &ada, "/api/chat/conversations/").await;
        assert_eq!((&first["count"], first["results"].as_array().unwrap().len()), (&json!(23), 20));
        assert_eq!(first["next"], format!("{OWN_ORIGIN}/api/chat/conversations/?page=2"));
        let second = got(&site, &ada, "/api/chat/conversations/?page=2").await;
        assert_eq!((second["results"].as_array().unwrap().len(), &second["next"]), (3, &json!(null)));
        assert_eq!(second["results"][2]["id"], json!(id), "the oldest activity last");
        let all = got(&site, &ada, "/api/chat/conversations/?page_size=1000").await;
        assert_eq!(all["results"].as_array().unwrap().len(), 23);
        for beyond in ["page=3", "page=0", "page=x"] {
            let lost = get(&site, &ada, &format!("/api/chat/conversations/?{beyond}")).await;
            assert_eq!(fully(&lost), (404, "not_found".into()), "{beyond}");
        }
    }

    async fn l31_a_history_is_read_in_stretches_oldest_first(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let id = friends(&site, &ada, (&bob, "bob")).await;
        for n in 2..=60 {
            write(&site, if n % 2 == 0 { &ada } else { &bob }, &id, &n.to_string()).await;
        }
        let seq = |rows: &Value| rows.as_array().unwrap().iter().map(|row| row["seq"].as_i64().unwrap()).collect::<Vec<_>>();
        let newest = got(&site, &bob, &path(&id, "messages/")).await;
        assert_eq!(seq(&newest), (11..=60).collect::<Vec<_>>());
        let tenth = got(&site, &bob, &path(&id, "messages/?after=9&limit=1")).await;
        let tenth = tenth[0]["id"].as_str().unwrap();
        for (query, expected) in [("limit=2".to_owned(), [59, 60]), (format!("limit=2&before={tenth}"), [8, 9]), (format!("limit=2&after={tenth}"), [11, 12])] {
            assert_eq!(seq(&got(&site, &bob, &path(&id, &format!("messages/?{query}"))).await), expected, "{query}");
            assert_eq!(seq(&got(&site, &bob, &path(&id, &format!("?{query}"))).await["messages"]), expected, "{query}");
        }
        let refused = get(&site, &bob, &path(&id, "messages/?before=x")).await;
        assert_eq!(fully(&refused), (400, "invalid_field".into()));
    }

    async fn l33_messages_are_read_by_their_ids_and_the_sender_sees_it(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let id = friends(&site, &ada, (&bob, "bob")).await;
        let second = write(&site, &ada, &id, "two").await;
        write(&site, &ada, &id, "three").await;
        let unread = async || got(&site, &bob, &path(&id, "")).await["conversation"]["unread_count"].clone();
        assert_eq!(unread().await, 3);
        let done = json!({"detail": "Messages marked as read."});
        let marked = post(&site, &bob, &path(&id, "read/"), &json!({"message_ids": [second["id"]]})).await;
        assert_eq!((marked.status, marked.json()), (200, done.clone()));
        assert_eq!(unread().await, 1, "all up to it");
        let seen = got(&site, &ada, &path(&id, "messages/")).await;
        let read: Vec<_> = seen.as_array().unwrap().iter().map(|row| row["is_read"].as_bool().unwrap()).collect();
        assert_eq!(read, [true, true, false]);
        for (body, status, code) in [
            (json!({"message_ids": []}), 400, "invalid_field"),
            (json!({"message_ids": ["x"]}), 400, "invalid_field"),
            (json!({"message_ids": "x"}), 400, "invalid_field"),
            (json!({"message_ids": [NOTHING, second["id"]]}), 404, "not_found"),
            (json!({"message_ids": (0..201).map(|n| format!("00000000-0000-7000-8000-{n:012}")).collect::<Vec<_>>()}), 400, "invalid_field"),
            (json!({"up_to": NOTHING}), 404, "not_found"),
            (json!({"up_to": "x"}), 400, "invalid_field"),
        ] {
            let refused = post(&site, &bob, &path(&id, "read/"), &body).await;
            assert_eq!(fully(&refused), (status, code.into()), "{body:.80}");
        }
        let none = post(&site, &bob, &path(&id, "read/"), &json!({"message_ids": []})).await;
        assert_eq!(none.json()["detail"], "No message IDs provided.");
        let marked = post(&site, &bob, &path(&id, "read/"), &json!({"up_to": 3})).await;
        assert_eq!((marked.status, unread().await), (200, json!(0)));
        write(&site, &ada, &id, "four").await;
        let marked = ask(&site, &bob, Method::POST, &path(&id, "read/")).await;
        assert_eq!((marked.status, marked.json(), unread().await), (200, done, json!(0)));
    }

    async fn l01_strangers_read_and_write_nothing(site: Site) {
        let (ada, bob, eve) = (site.member("ada").await, site.member("bob").await, site.member("eve").await);
        let id = friends(&site, &ada, (&bob, "bob")).await;
        for id in [id.as_str(), NOTHING, ROOM, "x"] {
            for part in ["", "messages/"] {
                assert_eq!(fully(&get(&site, &eve, &path(id, part)).await), (404, "not_found".into()), "{id} {part}");
            }
            for (part, body) in [("messages/", json!({"content": "x"})), ("read/", json!({}))] {
                let refused = post(&site, &eve, &path(id, part), &body).await;
                assert_eq!(fully(&refused), (404, "not_found".into()), "{id} {part}");
            }
        }
        assert_eq!(texts(&got(&site, &ada, &path(&id, "messages/")).await), ["hello"]);
    }

    async fn l29_two_who_start_at_once_get_the_same_by_any_door(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let by_id = (0..6).map(|n| if n % 2 == 0 { create(&site, &ada, &bob.id) } else { create(&site, &bob, &ada.id) });
        let by_name = (0..6).map(|_| begin(&site, &ada, "bob"));
        let (one, other) = tokio::join!(futures_util::future::join_all(by_id), futures_util::future::join_all(by_name));
        let mut ids: Vec<_> = one.iter().map(|bundle| bundle["conversation"]["id"].as_str().unwrap().to_owned()).chain(other).collect();
        ids.dedup();
        assert_eq!(ids.len(), 1, "{ids:?}");
    }

    async fn a_request_is_limited_and_the_same_client_id_is_the_same_message_here_too(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let bundle = create(&site, &ada, &bob.id).await;
        let messages = path(bundle["conversation"]["id"].as_str().unwrap(), "messages/");
        let body = json!({"content": "1", "client_id": "one"});
        let first = post(&site, &ada, &messages, &body).await;
        let again = post(&site, &ada, &messages, &body).await;
        assert_eq!((first.status, again.status, first.json()), (201, 200, again.json()));
        let other = post(&site, &ada, &messages, &json!({"content": "2", "client_id": "one"})).await;
        assert_eq!(fully(&other), (409, "client_id_conflict".into()));
        for n in 2..=3 {
            assert_eq!(post(&site, &ada, &messages, &json!({"content": n.to_string()})).await.status, 201);
        }
        let refused = post(&site, &ada, &messages, &json!({"content": "4"})).await;
        assert_eq!(fully(&refused), (403, "request_limit".into()));
        let answer = json!({"content": "yes?", "reply_to": first.json()["id"]});
        let answered = post(&site, &bob, &messages, &answer).await;
        assert_eq!((answered.status, &answered.json()["reply_to"]["content"]), (201, &json!("1")));
        assert_eq!(post(&site, &ada, &messages, &json!({"content": "4"})).await.status, 201);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn l29_nobody_begins_with_nobody_or_oneself() {
    let site = Site::sqlite().await;
    let (ada, bob) = (site.member("ada").await, site.member("bob").await);
    assert_eq!(ask(&site, &bob, Method::PUT, "/api/users/ada/block/").await.status, 204);
    for (whom, status, code) in [
        (json!(NOTHING), 400, "invalid_field"),
        (json!(ada.id), 400, "invalid_field"),
        (json!("x"), 400, "invalid_field"),
        (json!(7), 400, "invalid_field"),
        (json!(null), 400, "invalid_field"),
        (json!(bob.id), 403, "cannot_message"),
    ] {
        let body = json!({"user_id": whom});
        let refused = post(&site, &ada, "/api/chat/conversations/create/", &body).await;
        assert_eq!(fully(&refused), (status, code.into()), "{whom}");
        assert_eq!(refused.json().get("user_id").is_some(), status == 400, "{}", refused.body);
    }
    for (whom, status) in [(NOTHING, 404), (ada.id.as_str(), 400), ("x", 404), (&bob.id, 403)] {
        let refused = get(&site, &ada, &format!("/api/chat/conversations/user/{whom}/")).await;
        assert_eq!(fully(&refused).0, status, "{whom}");
    }
    assert_eq!(got(&site, &ada, "/api/chat/conversations/").await["count"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn l29_a_link_that_somebody_follows_begins_nothing() {
    let site = Site::sqlite().await;
    let bob = site.member("bob").await;
    let ada = Browser::member(&site, "ada").await;
    let path = format!("/api/chat/conversations/user/{}/", bob.id);
    for (name, value) in [
        ("accept", "text/html"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "none"),
        ("origin", "https://evil.example"),
    ] {
        let request = ada.with_cookies(site.request(Method::GET, &path)).header(name, value);
        assert_eq!(fully(&answer(request).await), (403, "csrf_failed".into()), "{name}: {value}");
    }
    assert_eq!(got(&site, &bob, "/api/chat/conversations/").await["count"], 0);
    let request = ada.with_cookies(site.request(Method::GET, &path));
    let found = answer(request.header("sec-fetch-site", "same-origin")).await;
    assert_eq!(found.status, 200, "{}", found.body);
    let id = found.json()["conversation"]["id"].as_str().unwrap().to_owned();
    assert_eq!(get(&site, &bob, &messages_of(&id)).await.status, 200);
}
