//! Coming back: what was missed, in order, or a word that it cannot be given.

use crate::{Socket, on_both};
use serde_json::{Value, json};

async fn resume(socket: &mut Socket, seq: i64) -> Vec<Value> {
    socket.say(&json!({"type": "resume", "cursors": {"global": seq}})).await;
    let mut frames = Vec::new();
    loop {
        let frame = socket.next().await;
        let last = frame["type"] == "resumed";
        if frame["type"] != "user_presence" {
            frames.push(frame);
        }
        if last {
            return frames;
        }
    }
}

on_both! {
    async fn the_missed_messages_come_in_order_each_as_it_was_first_sent(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        for n in 1..=6 {
            site.say(if n % 2 == 0 { &ada } else { &bob }, &n.to_string()).await;
        }
        let mut socket = Socket::of(&site, &ada).await;
        let frames = resume(&mut socket, 2).await;
        let told: Vec<_> = frames.iter().map(|frame| (frame["type"].as_str().unwrap(), frame["message"]["seq"].as_i64())).collect();
        assert_eq!(told, [
            ("new_message", Some(3)), ("message_sent", Some(4)), ("new_message", Some(5)), ("message_sent", Some(6)), ("resumed", None),
        ]);
        assert_eq!(frames[4]["cursors"], json!({"global": 6}));
        let nothing = resume(&mut socket, 6).await;
        assert_eq!(nothing, [json!({"type": "resumed", "cursors": {"global": 6}})]);
        for seq in [0, -1, i64::MIN] {
            assert_eq!(resume(&mut socket, seq).await.len(), 7, "{seq}");
        }
    }

    async fn a_long_absence_is_a_gap(site: Site) {
        let ada = site.member("ada").await;
        let mut sender = Socket::of(&site, &ada).await;
        for n in 1..=201 {
            sender.post(&n.to_string(), "x").await;
        }
        while sender.next_of("message_sent").await["message"]["seq"] != 201 {}
        let mut socket = Socket::of(&site, &ada).await;
        assert_eq!(resume(&mut socket, 0).await, [
            json!({"type": "gap", "conversation_id": "global", "from_seq": 1, "to_seq": 201}),
            json!({"type": "resumed", "cursors": {"global": 201}}),
        ]);
        assert_eq!(resume(&mut socket, 1).await.len(), 201, "two hundred can be given");
    }
}
