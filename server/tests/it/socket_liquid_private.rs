//! `/ws/chat/private/` as LiquidChat's clients know it.

use serde_json::{Value, json};

use crate::site::{Member, Site};
use crate::{Socket, on_both};

async fn enter(site: &Site, member: &Member) -> Socket {
    Socket::open(site, &format!("/ws/chat/private/?token={}", member.access), &[]).await
}

async fn send(socket: &mut Socket, conversation: &str, client_id: &str, content: &str) {
    let frame = json!({
        "type": "send_private_message",
        "conversation_id": conversation,
        "content": content,
        "client_id": client_id,
    });
    socket.say(&frame).await;
}

/// The conversation between the caller and somebody else.
async fn begin(site: &Site, caller: &Member, other: &Member) -> String {
    let path = format!("/api/chat/conversations/user/{}/", other.id);
    let begun = site.request(reqwest::Method::GET, &path).bearer_auth(&caller.access);
    let answer = crate::site::answer(begun).await;
    answer.json()["conversation"]["id"].as_str().expect("a conversation").to_owned()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

async fn next_about(socket: &mut Socket, kind: &str, content: &str) -> Value {
    let frame = socket.next_of(kind).await;
    assert_eq!(frame["message"]["content"], content);
    frame["message"].clone()
}

async fn error(socket: &mut Socket) -> Value {
    socket.next_of("error").await["code"].clone()
}

on_both! {
    async fn two_people_write_to_each_other(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let id = begin(&site, &ada, &bob).await;
        let (mut hers, mut his) = (enter(&site, &ada).await, enter(&site, &bob).await);
        let mut phone = enter(&site, &ada).await;
        // The recipient has not accepted; this contract knows no requests.
        send(&mut hers, &id, "one", " hi ").await;
        for own in [&mut hers, &mut phone] {
            let message = next_about(own, "private_message_sent", "hi").await;
            assert_eq!((&message["client_id"], &message["seq"]), (&json!("one"), &json!(1)));
        }
        let message = next_about(&mut his, "private_message", "hi").await;
        assert_eq!(keys(&message), ["client_id", "content", "conversation_id", "id", "sender", "seq", "timestamp"]);
        assert_eq!(message["conversation_id"], id.as_str());
        assert_eq!(message["sender"], json!({"id": ada.id, "username": "ada"}));
        // An answer accepts.
        send(&mut his, &id, "two", "hello").await;
        next_about(&mut his, "private_message_sent", "hello").await;
        next_about(&mut hers, "private_message", "hello").await;
        his.say(&json!({"type": "typing_start", "conversation_id": id})).await;
        let typing = hers.next_of("typing_indicator").await;
        assert_eq!(keys(&typing), ["conversation_id", "status", "type", "user_id", "username"]);
        assert_eq!((&typing["status"], &typing["user_id"]), (&json!("typing"), &json!(bob.id)));
        his.say(&json!({"type": "typing_stop", "conversation_id": id})).await;
        assert_eq!(hers.next_of("typing_indicator").await["status"], "stopped");
        hers.say(&json!({"type": "mark_read", "conversation_id": id})).await;
        let read = his.next_of("messages_read").await;
        assert_eq!((&read["reader_id"], &read["conversation_id"]), (&json!(ada.id), &json!(id)));
    }

    async fn l01_l02_a_stranger_gets_nothing_in_and_nothing_out(site: Site) {
        let (ada, bob, eve) = (site.member("ada").await, site.member("bob").await, site.member("eve").await);
        let id = begin(&site, &ada, &bob).await;
        let (mut hers, mut his, mut strange) =
            (enter(&site, &ada).await, enter(&site, &bob).await, enter(&site, &eve).await);
        send(&mut strange, &id, "x", "let me in").await;
        assert_eq!(error(&mut strange).await, "not_found");
        for kind in ["typing_start", "typing_stop", "mark_read"] {
            strange.say(&json!({"type": kind, "conversation_id": id})).await;
            assert_eq!(error(&mut strange).await, "not_found", "{kind}");
        }
        for key in [json!("global"), json!(7), json!("x"), json!(null)] {
            strange.say(&json!({"type": "send_private_message", "conversation_id": key, "content": "x"})).await;
            assert_eq!(error(&mut strange).await, "invalid_field", "{key}");
        }
        send(&mut hers, &id, "one", "for bob").await;
        next_about(&mut his, "private_message", "for bob").await;
        assert!(site.said().await.is_empty());
        // The next thing that she hears is her own.
        let own = begin(&site, &eve, &bob).await;
        send(&mut strange, &own, "two", "mine").await;
        next_about(&mut strange, "private_message_sent", "mine").await;
    }

    async fn presence_is_for_those_who_share_a_conversation(site: Site) {
        let (ada, bob, eve) = (site.member("ada").await, site.member("bob").await, site.member("eve").await);
        let id = begin(&site, &ada, &bob).await;
        let (mut hers, mut his) = (enter(&site, &ada).await, enter(&site, &bob).await);
        send(&mut hers, &id, "one", "hi").await;
        send(&mut his, &id, "two", "hi").await;
        next_about(&mut hers, "private_message", "hi").await;
        drop(his);
        let mut later = enter(&site, &ada).await;
        let _stranger = enter(&site, &eve).await;
        let _back = enter(&site, &bob).await;
        let came = later.next_of("user_presence").await;
        assert_eq!((&came["user_id"], keys(&came)), (&json!(bob.id), vec!["status", "type", "user_id", "username"]));
    }
}
