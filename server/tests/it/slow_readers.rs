//! A client that does not read costs nobody anything, and loses nothing.

use crate::site::Site;
use crate::socket::Heard;
use crate::Socket;
use serde_json::json;

/// More than the kernel's buffers and the queue of a socket hold together.
const MESSAGES: i64 = 400;

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_is_told_to_come_back_and_then_misses_nothing() {
    let site = Site::but(|config| config.rules.message_max_length = 10_000).await;
    let (ada, bob) = (site.member("ada").await, site.member("bob").await);
    let mut slow = Socket::narrow(&site, &bob).await;
    let mut sender = Socket::of(&site, &ada).await;
    // 40 KB each.
    let text = "🎈".repeat(10_000);
    for n in 1..=MESSAGES {
        sender.post(&n.to_string(), &text).await;
        assert_eq!(sender.next_of("message_sent").await["message"]["seq"], n, "the sender does not wait");
    }
    let mut last = 0;
    let code = loop {
        match slow.hear().await {
            Heard::Frame(frame) if frame["type"] == "new_message" => {
                last += 1;
                assert_eq!(frame["message"]["seq"], last, "nothing is skipped");
            }
            Heard::Frame(_) => {}
            Heard::Closed(code, _) => break code,
            Heard::Gone => panic!("gone without a word"),
        }
    };
    assert_eq!(code, 4008);
    assert!(last < MESSAGES, "the queue is bounded");
    let mut again = Socket::of(&site, &bob).await;
    while last < MESSAGES {
        again.say(&json!({"type": "resume", "cursors": {"global": last}})).await;
        let frame = again.next().await;
        match frame["type"].as_str().unwrap() {
            "new_message" => {
                last += 1;
                assert_eq!(frame["message"]["seq"], last);
                while last < MESSAGES {
                    last += 1;
                    assert_eq!(again.next_of("new_message").await["message"]["seq"], last);
                }
            }
            "gap" => {
                assert_eq!((&frame["from_seq"], &frame["to_seq"]), (&json!(last + 1), &json!(MESSAGES)));
                // What a client does then: it fetches the range.
                let page = site.get(&format!("/api/chat/global/messages/?limit=200&after={last}")).await.json();
                for row in page.as_array().unwrap() {
                    last += 1;
                    assert_eq!(row["seq"], last);
                }
            }
            _ => {}
        }
    }
}
