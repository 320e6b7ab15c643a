//! What a socket is told, and by whom.

use crate::conversing::{friends, write};
use crate::site::{Site, answer};
use crate::{Browser, Socket, on_both};
use serde_json::json;

on_both! {
    async fn a_message_reaches_everybody_once_and_its_sender_as_sent(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let (mut phone, mut laptop) = (Socket::of(&site, &ada).await, Socket::of(&site, &ada).await);
        let mut other = Socket::of(&site, &bob).await;
        phone.post("one", "  <b>hello</b>  ").await;
        for own in [&mut phone, &mut laptop] {
            let sent = own.next_of("message_sent").await;
            let message = &sent["message"];
            assert_eq!((&message["seq"], &message["client_id"]), (&json!(1), &json!("one")));
            assert_eq!((&message["content"], &message["conversation_id"]), (&json!("<b>hello</b>"), &json!("global")));
            assert_eq!(message["sender"]["username"], "ada");
            assert_eq!((&message["sender"]["is_verified"], &message["message_type"]), (&json!(false), &json!("text")));
        }
        let new = other.next_of("new_message").await;
        assert_eq!(new["message"]["client_id"], "one");
        // Over REST and through the form it is the same.
        site.say(&bob, "from a program").await;
        let told = phone.next_of("new_message").await;
        assert_eq!(told["message"]["content"], "from a program");
        assert_eq!(other.next_of("message_sent").await["message"]["seq"], 2);
        let frames = other.is_open().await;
        assert!(frames.iter().all(|frame| frame["type"] == "user_presence"), "{frames:?}");
    }

    async fn a_repeat_is_answered_to_whoever_asks_and_told_to_nobody(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let (mut phone, mut laptop) = (Socket::of(&site, &ada).await, Socket::of(&site, &ada).await);
        let mut other = Socket::of(&site, &bob).await;
        phone.post("one", "hello").await;
        let first = phone.next_of("message_sent").await;
        laptop.next_of("message_sent").await;
        other.next_of("new_message").await;
        phone.post("one", "hello").await;
        assert_eq!(phone.next_of("message_sent").await, first);
        for quiet in [&mut laptop, &mut other] {
            let frames = quiet.is_open().await;
            assert!(frames.iter().all(|frame| frame["type"] == "user_presence"), "{frames:?}");
        }
        phone.post("one", "something else").await;
        let refused = phone.next_of("error").await;
        assert_eq!((&refused["code"], &refused["client_id"]), (&json!("client_id_conflict"), &json!("one")));
        assert_eq!(site.said().await, ["hello"]);
    }

    async fn the_messages_of_a_socket_keep_their_order(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let mut sender = Socket::of(&site, &ada).await;
        let mut other = Socket::of(&site, &bob).await;
        for n in 0..150 {
            sender.post(&format!("id {n}"), &n.to_string()).await;
        }
        for (socket, kind) in [(&mut sender, "message_sent"), (&mut other, "new_message")] {
            for n in 0..150 {
                let message = socket.next_of(kind).await["message"].clone();
                assert_eq!((message["seq"].as_i64().unwrap(), message["content"].as_str().unwrap()), (n + 1, n.to_string().as_str()));
            }
        }
    }

    async fn a_socket_that_leaves_the_room_hears_it_no_more_until_it_comes_back(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let id = friends(&site, &ada, (&bob, "bob")).await;
        let mut his = Socket::of(&site, &bob).await;
        let wish = |kind: &str| json!({"type": kind, "conversations": ["global", id]});
        for _ in 0..2 {
            his.say(&wish("unsubscribe")).await;
            // What known people say reaches every device: the answer says that it is still heard.
            assert_eq!(his.next_of("subscribed").await["conversations"], json!([id]));
        }
        site.say(&ada, "in the room").await;
        let _here = Socket::of(&site, &ada).await;
        write(&site, &ada, &id, "between us").await;
        assert_eq!(his.next().await["message"]["content"], "between us");
        for _ in 0..2 {
            his.say(&wish("subscribe")).await;
            assert_eq!(his.next_of("subscribed").await["conversations"], json!(["global", id]));
        }
        site.say(&ada, "again").await;
        assert_eq!(his.next().await["message"]["content"], "again");
        site.say(&ada, "once").await;
        assert_eq!(his.next().await["message"]["content"], "once", "heard once, not twice");
    }

    async fn a_read_mark_reaches_the_other_device_only(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        site.say(&bob, "one").await;
        site.say(&bob, "two").await;
        let (mut phone, mut laptop) = (Socket::of(&site, &ada).await, Socket::of(&site, &ada).await);
        let mut other = Socket::of(&site, &bob).await;
        phone.say(&json!({"type": "mark_read", "conversation_id": "global", "up_to": 1})).await;
        let read = laptop.next_of("messages_read").await;
        assert_eq!((&read["up_to"], &read["reader_id"]), (&json!(1), &json!(ada.id)));
        // Never back, and beyond the end is the end.
        phone.say(&json!({"type": "mark_read", "conversation_id": "global", "up_to": 0})).await;
        phone.say(&json!({"type": "mark_read", "conversation_id": "global", "up_to": 99})).await;
        assert_eq!(laptop.next_of("messages_read").await["up_to"], 2);
        let frames = other.is_open().await;
        assert!(frames.iter().all(|frame| frame["type"] != "messages_read"), "{frames:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn l25_who_joins_hears_who_is_there_and_the_others_hear_of_them() {
    let site = Site::sqlite().await;
    let (ada, bob) = (site.member("ada").await, site.member("bob").await);
    let mut first = Socket::of(&site, &ada).await;
    let mut second = Socket::of(&site, &bob).await;
    let there = second.next_of("user_presence").await;
    assert_eq!((&there["username"], &there["status"]), (&json!("ada"), &json!("online")));
    let came = first.next_of("user_presence").await;
    assert_eq!((&came["user_id"], &came["status"]), (&json!(bob.id), &json!("online")));
    // A second device is nothing new; the last one that leaves is.
    let third = Socket::of(&site, &bob).await;
    drop(third);
    assert!(first.is_open().await.is_empty());
    drop(second);
    let went = first.next_of("user_presence").await;
    assert_eq!((&went["user_id"], &went["status"]), (&json!(bob.id), &json!("offline")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_a_plain_form_is_told_like_any_other() {
    let site = Site::sqlite().await;
    let bob = site.member("bob").await;
    let mut other = Socket::of(&site, &bob).await;
    let mut ada = Browser::member(&site, "ada").await;
    ada.post("/chat/global", &[("client_id", "one"), ("content", "by form")]).await;
    assert_eq!(other.next_of("new_message").await["message"]["content"], "by form");
    let request = ada.with_cookies(site.request(reqwest::Method::POST, "/fn/post_message"));
    let request = request.header("sec-fetch-site", "same-origin");
    answer(request.form(&[("client_id", "two"), ("content", "by function")])).await;
    assert_eq!(other.next_of("new_message").await["message"]["client_id"], "two");
}
