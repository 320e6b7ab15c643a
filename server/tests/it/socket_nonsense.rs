//! Whatever a client says, it is answered, and the socket stays open.

use crate::site::Site;
use crate::socket::Heard;
use crate::{Socket, on_both};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

const LIMIT: usize = 64 * 1024;

/// A frame and the code of its error.
fn nonsense() -> Vec<(String, &'static str)> {
    let post = |content: Value| {
        json!({"type": "chat_message", "conversation_id": "global", "client_id": "mine", "content": content}).to_string()
    };
    let stranger = "01890a5d-ac96-774b-bcce-b302099a8057";
    let mut frames: Vec<(String, &str)> = [
        ("", "invalid_json"),
        ("{", "invalid_json"),
        ("hello", "invalid_json"),
        ("{} {}", "invalid_json"),
        ("\u{0}", "invalid_json"),
        ("[]", "invalid_field"),
        ("null", "invalid_field"),
        ("7", "invalid_field"),
        ("\"ping\"", "invalid_field"),
        ("{}", "invalid_field"),
        (r#"{"type":null}"#, "invalid_field"),
        (r#"{"type":["ping"]}"#, "invalid_field"),
        (r#"{"type":"shout"}"#, "unknown_type"),
        (r#"{"type":"connection_established"}"#, "unknown_type"),
        (r#"{"type":"new_message","message":{}}"#, "unknown_type"),
        (r#"{"type":"chat_message"}"#, "invalid_field"),
        (r#"{"type":"chat_message","conversation_id":"global","content":7}"#, "invalid_field"),
        (r#"{"type":"chat_message","conversation_id":7,"content":"x"}"#, "invalid_field"),
        (r#"{"type":"chat_message","conversation_id":"lobby","content":"x"}"#, "invalid_field"),
        (
            r#"{"type":"chat_message","conversation_id":"global","content":"x","client_id":7}"#,
            "invalid_field",
        ),
        (r#"{"type":"mark_read","conversation_id":"global","up_to":"1"}"#, "invalid_field"),
        (r#"{"type":"mark_read","conversation_id":"global","up_to":1.5}"#, "invalid_field"),
        (
            r#"{"type":"mark_read","conversation_id":"global","up_to":99999999999999999999}"#,
            "invalid_field",
        ),
        (r#"{"type":"resume"}"#, "invalid_field"),
        (r#"{"type":"resume","cursors":[]}"#, "invalid_field"),
        (r#"{"type":"resume","cursors":{"lobby":1}}"#, "invalid_field"),
        (r#"{"type":"resume","cursors":{"global":null}}"#, "invalid_field"),
    ]
    .map(|(text, code)| (text.to_owned(), code))
    .into();
    frames.extend([
        (post(json!("")), "message_empty"),
        (post(json!(" \u{200b} ")), "message_empty"),
        (post(json!("x".repeat(2001))), "message_too_long"),
        (post(json!("a\u{0}b")), "message_invalid_character"),
        (
            format!(r#"{{"type":"chat_message","conversation_id":"{stranger}","content":"x"}}"#),
            "not_found",
        ),
        (format!(r#"{{"type":"mark_read","conversation_id":"{stranger}"}}"#), "not_found"),
        (format!(r#"{{"type":"resume","cursors":{{"{stranger}":0}}}}"#), "not_found"),
        (format!("{}{}", "[".repeat(30_000), "]".repeat(30_000)), "invalid_json"),
    ]);
    frames
}

on_both! {
    async fn s37_l27_each_kind_of_nonsense_is_answered_and_the_socket_stays_open(site: Site) {
        let ada = site.member("ada").await;
        let mut socket = Socket::of(&site, &ada).await;
        for (text, code) in nonsense() {
            socket.say_text(&text).await;
            let shown = &text[..text.len().min(100)];
            let refused = socket.next_of("error").await;
            assert_eq!(refused["code"], code, "{shown}: {refused}");
            assert!(refused["message"].as_str().is_some_and(|words| !words.is_empty()), "{shown}");
            let named = text.contains(r#""client_id":"mine""#);
            assert_eq!(refused.get("client_id").is_some(), named || code == "not_found" && text.contains("chat_message"), "{shown}: {refused}");
        }
        socket.is_open().await;
        assert!(site.said().await.is_empty());
        socket.post("good", "good").await;
        assert_eq!(socket.next_of("message_sent").await["message"]["seq"], 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_binary_frame_is_no_frame_of_ours() {
    let site = Site::sqlite().await;
    let ada = site.member("ada").await;
    let mut socket = Socket::of(&site, &ada).await;
    socket.say_message(Message::binary(vec![0xff, 0x00, 0xfe])).await;
    assert_eq!(socket.next().await["code"], "invalid_json");
    socket.say_message(Message::Ping(vec![1, 2, 3].into())).await;
    socket.say_message(Message::Pong(vec![].into())).await;
    assert!(socket.is_open().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_fields_are_ignored() {
    let site = Site::sqlite().await;
    let ada = site.member("ada").await;
    let mut socket = Socket::of(&site, &ada).await;
    socket.say(&json!({"type": "chat_message", "conversation_id": "global", "content": "x", "message_type": "image", "sender": {"id": 1}, "seq": 99})).await;
    let sent = socket.next_of("message_sent").await;
    assert_eq!(
        (&sent["message"]["seq"], &sent["message"]["message_type"]),
        (&json!(1), &json!("text"))
    );
    assert!(!sent["message"]["client_id"].as_str().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_may_have_64_kib_and_not_one_byte_more() {
    let site = Site::sqlite().await;
    let ada = site.member("ada").await;
    let mut socket = Socket::of(&site, &ada).await;
    socket.say_text(&"x".repeat(LIMIT)).await;
    assert_eq!(socket.next().await["code"], "invalid_json");
    for (text, binary) in
        [(LIMIT + 1, false), (70 * 1024, false), (200 * 1024, false), (70 * 1024, true)]
    {
        let mut socket = Socket::of(&site, &ada).await;
        let text = "x".repeat(text);
        let message = if binary { Message::binary(text.into_bytes()) } else { Message::text(text) };
        socket.say_message(message).await;
        assert_eq!(socket.closed().await.0, 1009);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_too_large_to_be_read_ends_its_socket_and_no_other() {
    let site = Site::sqlite().await;
    let (ada, bob) = (site.member("ada").await, site.member("bob").await);
    let mut other = Socket::of(&site, &bob).await;
    for size in [300 * 1024, 8 * 1024 * 1024] {
        let mut socket = Socket::of(&site, &ada).await;
        socket.say_message(Message::text("x".repeat(size))).await;
        match socket.hear().await {
            Heard::Closed(code, _) => assert_eq!(code, 1009),
            // What is still on its way can turn our close into a reset.
            Heard::Gone => {}
            Heard::Frame(frame) => assert_eq!(frame["type"], "user_presence"),
        }
    }
    other.is_open().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_sends_too_fast_hears_how_long_to_wait_and_stays_in() {
    let site = Site::but(|config| config.rules.message_rate_limit = 1).await;
    let ada = site.member("ada").await;
    let mut socket = Socket::of(&site, &ada).await;
    for n in 0..6 {
        socket.post(&format!("id {n}"), "x").await;
    }
    let mut sent = 0;
    let refused = loop {
        let frame = socket.next().await;
        if frame["type"] == "error" {
            break frame;
        }
        sent += 1;
    };
    let said = (&refused["code"], &refused["client_id"]);
    assert_eq!(said, (&json!("rate_limited"), &json!("id 5")));
    assert!((1..=1001).contains(&refused["retry_after_ms"].as_u64().unwrap()));
    while sent < 5 {
        socket.next_of("message_sent").await;
        sent += 1;
    }
    assert_eq!(site.said().await.len(), 5);
}
