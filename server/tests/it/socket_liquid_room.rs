//! `/ws/chat/global/` as LiquidChat's clients know it.

use serde_json::{Value, json};

use crate::site::{Member, Site};
use crate::{Socket, on_both};

/// The documented way in.
async fn enter(site: &Site, member: &Member) -> Socket {
    Socket::open(site, &format!("/ws/chat/global/?token={}", member.access), &[]).await
}

async fn send(socket: &mut Socket, client_id: &str, content: &str) {
    let frame = json!({"type": "send_global_message", "content": content, "client_id": client_id});
    socket.say(&frame).await;
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

on_both! {
    async fn everybody_hears_a_message_its_sender_too(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let (mut hers, mut his) = (enter(&site, &ada).await, enter(&site, &bob).await);
        let mut ours = Socket::of(&site, &bob).await;
        send(&mut hers, "one", " hi <b> ").await;
        for socket in [&mut hers, &mut his] {
            let told = socket.next_of("global_message").await;
            let message = &told["message"];
            assert_eq!(keys(message), ["client_id", "content", "id", "sender", "seq", "timestamp"]);
            assert_eq!(keys(&message["sender"]), ["id", "username"]);
            assert_eq!((&message["id"], &message["content"]), (&json!(1), &json!("hi <b>")));
            assert_eq!(message["sender"], json!({"id": ada.id, "username": "ada"}));
            assert!(message["timestamp"].as_str().unwrap().ends_with('Z'));
        }
        assert_eq!(ours.next_of("new_message").await["message"]["client_id"], "one");
        ours.post("two", "back").await;
        assert_eq!(hers.next_of("global_message").await["message"]["content"], "back");
        send(&mut hers, "one", " hi <b> ").await;
        assert_eq!(hers.next_of("global_message").await["message"]["id"], 1, "a repeat is answered");
        assert_eq!(site.said().await, ["hi <b>", "back"]);
    }

    async fn l25_who_is_here_is_told_at_the_door_and_after_it(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let mut hers = enter(&site, &ada).await;
        let mut his = enter(&site, &bob).await;
        let online = |who: &Member, name: &str| {
            json!({"type": "user_presence", "user_id": who.id, "username": name, "status": "online"})
        };
        assert_eq!(his.next().await, online(&ada, "ada"), "no greeting of ours before it");
        assert_eq!(hers.next().await, online(&bob, "bob"));
    }

    async fn l27_nonsense_is_answered_and_the_socket_stays_open(site: Site) {
        let ada = site.member("ada").await;
        let mut socket = enter(&site, &ada).await;
        for (text, code) in [
            ("{", "invalid_json"),
            ("[]", "invalid_field"),
            (r#"{"type":"send_global_message"}"#, "invalid_field"),
            (r#"{"type":"send_global_message","content":null}"#, "invalid_field"),
            (r#"{"type":"send_global_message","content":"  "}"#, "message_empty"),
            (r#"{"type":"chat_message","conversation_id":"global","content":"x"}"#, "unknown_type"),
            (r#"{"type":"resume","cursors":{}}"#, "unknown_type"),
        ] {
            socket.say_text(text).await;
            assert_eq!(socket.next_of("error").await["code"], code, "{text}");
        }
        send(&mut socket, "still", "here").await;
        assert_eq!(socket.next_of("global_message").await["message"]["client_id"], "still");
    }

    async fn nobody_comes_in_without_credentials(site: Site) {
        for path in ["/ws/chat/global/", "/ws/chat/private/", "/ws/chat/global?token=x"] {
            let mut socket = Socket::open(&site, path, &[]).await;
            assert_eq!(socket.closed().await.0, 4001, "{path}");
        }
    }
}
