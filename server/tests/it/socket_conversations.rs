//! Conversations over `/ws/chat/` and `/ws/chat/private/`.

use serde_json::{Value, json};

use crate::conversing::{NOTHING, begin, friends, get, group, messages_of, post, write};
use crate::site::{Member, Site};
use crate::{Socket, on_both};

async fn private(site: &Site, member: &Member) -> Socket {
    Socket::open(site, &format!("/ws/chat/private/?token={}", member.access), &[]).await
}

fn words(id: &str, content: &str, client_id: &str) -> Value {
    json!({"type": "chat_message", "conversation_id": id, "content": content, "client_id": client_id})
}

/// Everything up to the frame of this type, but who comes and goes.
async fn until(socket: &mut Socket, kind: &str) -> Vec<Value> {
    let mut frames = Vec::new();
    loop {
        let frame = socket.next().await;
        let is_last = frame["type"] == kind;
        frames.extend(Some(frame).filter(|frame| frame["type"] != "user_presence"));
        if is_last {
            return frames;
        }
    }
}

fn kinds(frames: &[Value]) -> Vec<&str> {
    frames.iter().map(|frame| frame["type"].as_str().unwrap()).collect()
}

on_both! {
    async fn s33_s36_a_message_by_any_door_reaches_every_device_of_both(site: Site) {
        let (ada, bob, eve) = (site.member("ada").await, site.member("bob").await, site.member("eve").await);
        let id = friends(&site, &ada, (&bob, "bob")).await;
        let mut hers = [Socket::of(&site, &ada).await, Socket::of(&site, &ada).await];
        let mut his = Socket::of(&site, &bob).await;
        let mut liquid = private(&site, &bob).await;
        let mut strangers = Socket::of(&site, &eve).await;
        hers[0].say(&words(&id, "by socket", "one")).await;
        let by_rest = json!({"content": "by rest", "client_id": "two"});
        for socket in &mut hers {
            assert_eq!(socket.next_of("message_sent").await["message"]["client_id"], "one");
        }
        post(&site, &ada, &messages_of(&id), &by_rest).await;
        for (content, seq) in [("by socket", 2), ("by rest", 3)] {
            let told = his.next_of("new_message").await;
            assert_eq!((&told["message"]["content"], &told["message"]["seq"], &told["message"]["conversation_id"]), (&json!(content), &json!(seq), &json!(id)));
            let told = liquid.next_of("private_message").await;
            assert_eq!((&told["message"]["content"], &told["message"]["seq"]), (&json!(content), &json!(seq)));
        }
        for socket in &mut hers {
            assert_eq!(socket.next_of("message_sent").await["message"]["client_id"], "two");
        }
        let overheard = strangers.is_open().await;
        assert!(overheard.iter().all(|frame| frame["type"] == "user_presence"), "{overheard:?}");
    }

    async fn s07_l01_l02_a_stranger_can_do_nothing_in_a_conversation(site: Site) {
        let (ada, bob, eve) = (site.member("ada").await, site.member("bob").await, site.member("eve").await);
        let id = friends(&site, &ada, (&bob, "bob")).await;
        let mut his = Socket::of(&site, &bob).await;
        let mut hers = Socket::of(&site, &eve).await;
        for id in [id.as_str(), NOTHING] {
            for frame in [
                words(id, "let me in", "mine"),
                json!({"type": "typing", "conversation_id": id, "is_typing": true}),
                json!({"type": "mark_read", "conversation_id": id}),
                json!({"type": "resume", "cursors": {id: 0}}),
                json!({"type": "subscribe", "conversations": [id]}),
            ] {
                hers.say(&frame).await;
                let refused = hers.next_of("error").await;
                assert_eq!(refused["code"], "not_found", "{frame}");
            }
        }
        let mut liquid = private(&site, &eve).await;
        for frame in [
            json!({"type": "send_private_message", "conversation_id": id, "content": "x"}),
            json!({"type": "typing_start", "conversation_id": id}),
            json!({"type": "mark_read", "conversation_id": id}),
        ] {
            liquid.say(&frame).await;
            assert_eq!(liquid.next_of("error").await["code"], "not_found", "{frame}");
        }
        let overheard = his.is_open().await;
        assert!(overheard.iter().all(|frame| frame["type"] == "user_presence"), "{overheard:?}");
        assert_eq!(get(&site, &bob, &messages_of(&id)).await.json().as_array().unwrap().len(), 1);
    }

    async fn a_read_mark_goes_up_to_a_number_or_a_message_and_the_sender_hears(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let id = friends(&site, &ada, (&bob, "bob")).await;
        let second = write(&site, &ada, &id, "two").await;
        write(&site, &ada, &id, "three").await;
        let (mut hers, mut his) = (Socket::of(&site, &ada).await, Socket::of(&site, &bob).await);
        for (up_to, seq, count) in [(json!(1), 1, 1), (second["id"].clone(), 2, 1), (json!(null), 3, 1)] {
            his.say(&json!({"type": "mark_read", "conversation_id": id, "up_to": up_to})).await;
            let told = hers.next_of("messages_read").await;
            assert_eq!(told, json!({"type": "messages_read", "conversation_id": id, "reader_id": bob.id, "up_to": seq, "count": count}));
        }
        his.say(&json!({"type": "mark_read", "conversation_id": id, "up_to": NOTHING})).await;
        assert_eq!(his.next_of("error").await["code"], "not_found");
    }

    async fn typing_is_told_to_the_others(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let id = friends(&site, &ada, (&bob, "bob")).await;
        let (mut hers, mut his) = (Socket::of(&site, &ada).await, Socket::of(&site, &bob).await);
        for is_typing in [true, false] {
            hers.say(&json!({"type": "typing", "conversation_id": id, "is_typing": is_typing})).await;
            let told = his.next_of("typing").await;
            assert_eq!(told, json!({"type": "typing", "conversation_id": id, "user_id": ada.id, "username": "ada", "is_typing": is_typing}));
        }
        assert!(!kinds(&hers.is_open().await).contains(&"typing"));
    }

    async fn l26_resuming_gives_every_conversation_what_was_missed(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let talk = friends(&site, &ada, (&bob, "bob")).await;
        let band = group(&site, &ada, &["bob"]).await;
        site.say(&ada, "in the room").await;
        write(&site, &bob, &talk, "two").await;
        let liked = write(&site, &ada, &band, "play").await;
        let path = format!("/api/messages/{}/reactions/%F0%9F%91%8D/", liked["id"].as_str().unwrap());
        crate::conversing::ask(&site, &bob, reqwest::Method::PUT, &path).await;
        let mut his = Socket::of(&site, &bob).await;
        his.say(&json!({"type": "resume", "cursors": {"global": 0, (talk.as_str()): 1, (band.as_str()): 0}})).await;
        let frames = until(&mut his, "resumed").await;
        let mut told: Vec<_> = frames.iter().filter(|frame| frame["message"].is_object()).map(|frame| {
            (frame["message"]["content"].as_str().unwrap(), frame["type"].as_str().unwrap())
        }).collect();
        told.sort_unstable();
        assert_eq!(told, [("in the room", "new_message"), ("play", "new_message"), ("two", "message_sent")]);
        let play = frames.iter().find(|frame| frame["message"]["content"] == "play").unwrap();
        assert_eq!(play["message"]["reactions"], json!([{"emoji": "👍", "count": 1, "mine": true}]));
        assert_eq!(frames.last().unwrap()["cursors"], json!({"global": 1, (talk.as_str()): 2, (band.as_str()): 1}));
        his.say(&json!({"type": "resume", "cursors": {(talk.as_str()): 2}})).await;
        assert_eq!(until(&mut his, "resumed").await, [json!({"type": "resumed", "cursors": {(talk.as_str()): 2}})]);
    }

    async fn subscribing_and_unsubscribing_name_what_is_heard_and_spare_nobody_a_conversation(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let id = friends(&site, &ada, (&bob, "bob")).await;
        let mut his = Socket::of(&site, &bob).await;
        for (kind, heard) in [("unsubscribe", json!([id])), ("subscribe", json!(["global", id]))] {
            his.say(&json!({"type": kind, "conversations": ["global", id]})).await;
            let frames = until(&mut his, "subscribed").await;
            assert_eq!(frames, [json!({"type": "subscribed", "conversations": heard})], "{kind}");
            write(&site, &ada, &id, kind).await;
            assert_eq!(his.next_of("new_message").await["message"]["content"], kind);
        }
        his.say(&json!({"type": "subscribe", "conversations": [id, NOTHING]})).await;
        let frames = until(&mut his, "subscribed").await;
        assert_eq!((kinds(&frames), &frames[0]["code"]), (vec!["error", "subscribed"], &json!("not_found")));
        assert_eq!(frames[1]["conversations"], json!([id]));
        for frame in [json!({"type": "subscribe"}), json!({"type": "subscribe", "conversations": ["x"]}), json!({"type": "unsubscribe", "conversations": id})] {
            his.say(&frame).await;
            assert_eq!(his.next_of("error").await["code"], "invalid_field", "{frame}");
        }
    }

    async fn a_request_comes_as_a_request_and_its_acceptance_is_told(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let (mut hers, mut his) = (Socket::of(&site, &ada).await, Socket::of(&site, &bob).await);
        let mut liquid = private(&site, &bob).await;
        let id = begin(&site, &ada, "bob").await;
        hers.say(&words(&id, "hello", "one")).await;
        let request = his.next_of("message_request").await;
        assert_eq!((&request["conversation"]["id"], &request["conversation"]["request"]), (&json!(id), &json!("received")));
        assert_eq!(liquid.next_of("private_message").await["message"]["content"], "hello", "that contract knows no requests");
        assert_eq!(hers.next_of("message_sent").await["message"]["seq"], 1);
        his.say(&json!({"type": "typing", "conversation_id": id, "is_typing": true})).await;
        assert!(!kinds(&his.is_open().await).contains(&"error"), "typing is welcome, and kept back");
        post(&site, &bob, &format!("/api/conversations/{id}/action/"), &json!({"action": "accept"})).await;
        let accepted = until(&mut hers, "request_accepted").await;
        assert!(!kinds(&accepted).contains(&"typing"), "{accepted:?}");
        assert_eq!(accepted.last().unwrap()["conversation_id"], id.as_str());
        for n in 2..=4 {
            hers.say(&words(&id, &n.to_string(), &n.to_string())).await;
            assert_eq!(his.next_of("new_message").await["message"]["seq"], n);
        }
    }

    async fn s09_a_fourth_message_is_refused_in_a_frame(site: Site) {
        let (ada, _) = (site.member("ada").await, site.member("bob").await);
        let id = begin(&site, &ada, "bob").await;
        let mut hers = Socket::of(&site, &ada).await;
        for n in 1..=3 {
            hers.say(&words(&id, "x", &n.to_string())).await;
            assert_eq!(hers.next_of("message_sent").await["message"]["seq"], n);
        }
        hers.say(&words(&id, "x", "four")).await;
        let refused = hers.next_of("error").await;
        assert_eq!((&refused["code"], &refused["client_id"]), (&json!("request_limit"), &json!("four")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_of_cursors_is_answered_whole() {
    let site = Site::sqlite().await;
    let ada = site.member("ada").await;
    let mut cursors = serde_json::Map::new();
    for _ in 0..101 {
        let id = group(&site, &ada, &[]).await;
        write(&site, &ada, &id, "x").await;
        cursors.insert(id, json!(0));
    }
    let mut socket = Socket::of(&site, &ada).await;
    socket.say(&json!({"type": "resume", "cursors": cursors})).await;
    let frames = until(&mut socket, "resumed").await;
    let count = |kind: &str| kinds(&frames).iter().filter(|own| **own == kind).count();
    assert_eq!((count("message_sent"), count("gap"), count("resumed")), (100, 1, 1));
    assert_eq!(frames.last().unwrap()["cursors"].as_object().unwrap().len(), 101);
}
