//! A client that does not read costs nobody anything, and loses nothing.

use crate::Socket;
use crate::site::Site;
use crate::socket::Heard;
use serde_json::json;

/// More than the kernel's buffers and the queue of a socket hold together.
const MESSAGES: i64 = 250;

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
        assert_eq!(
            sender.next_of("message_sent").await["message"]["seq"],
            n,
            "the sender does not wait"
        );
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
    again.say(&json!({"type": "resume", "cursors": {"global": last}})).await;
    loop {
        let frame = again.next().await;
        match frame["type"].as_str().unwrap() {
            "new_message" => {
                last += 1;
                assert_eq!(frame["message"]["seq"], last);
            }
            "gap" => {
                let (from, to) = (&frame["from_seq"], &frame["to_seq"]);
                assert_eq!((from, to), (&json!(last + 1), &json!(MESSAGES)));
                last = fetch(&site, last).await;
            }
            "resumed" => break,
            _ => {}
        }
    }
    assert_eq!(last, MESSAGES);
}

/// What a client does about a gap; how far it got.
async fn fetch(site: &Site, mut last: i64) -> i64 {
    while last < MESSAGES {
        let path = format!("{}?limit=200&after={last}", crate::site::MESSAGES);
        for row in site.get(&path).await.json().as_array().unwrap() {
            last += 1;
            assert_eq!(row["seq"], last);
        }
    }
    last
}
