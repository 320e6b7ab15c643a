//! A full disk, in earnest: the server on a small file system of its own.

use reqwest::Client;
use serde_json::{Value, json};

use crate::Socket;
use crate::program::{Program, Serving};
use crate::site::MESSAGES;

/// Mounts, leaves some ballast to throw out later, and becomes the server.
const SCRIPT: &str = r#"
mount -t tmpfs -o size=5m tmpfs data || exit 77
head -c 1000000 /dev/zero >data/ballast
exec "$@"
"#;

/// As root, or as whoever may be root in a name space of their own.
fn serve_on_a_small_disk(program: &Program) -> Result<Serving, String> {
    std::fs::create_dir(program.path("data")).unwrap();
    let sh = ["sh", "-c", SCRIPT, "sh"];
    let own = [&["unshare", "--mount"][..], &sh].concat();
    let user = [&["unshare", "--user", "--map-root-user", "--mount"][..], &sh].concat();
    program.serve_through(&own).or_else(|_| program.serve_through(&user))
}

async fn post(serving: &Serving, path: &str, bearer: &str, body: &Value) -> (u16, Value) {
    let request = Client::new().post(serving.url(path)).header("authorization", bearer).json(body);
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    if status == 503 {
        assert!(answer.headers().contains_key("retry-after"));
    }
    (status, answer.json().await.unwrap())
}

async fn history(serving: &Serving) -> Vec<Value> {
    let answer = reqwest::get(serving.url(&format!("{MESSAGES}?limit=200"))).await.unwrap();
    assert_eq!(answer.status(), 200, "reading goes on");
    answer.json().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_nothing_is_lost_and_it_is_over_when_there_is_space() {
    let program = Program::new().set("MESSAGE_RATE_LIMIT", "0").set("MESSAGE_MAX_LENGTH", "10000");
    let serving = match serve_on_a_small_disk(&program) {
        Ok(serving) => serving,
        // Nothing is skipped: only this one fills a real disk under the whole program.
        Err(cause) => panic!("this test needs a small disk, and none can be mounted here: {cause}"),
    };
    let body = json!({"username": "ada", "password": "zebra-lamp-91"});
    let (status, ada) = post(&serving, "/api/auth/signup/", "Basic x", &body).await;
    assert_eq!(status, 201, "{ada}");
    let bearer = format!("Bearer {}", ada["access"].as_str().unwrap());
    let mut socket = Socket::at(serving.address, "/ws/chat/", &[("authorization", &bearer)]).await;
    let text = "🎈".repeat(10_000);
    let mut acknowledged = 0;
    let refused = loop {
        let (status, answer) = post(
            &serving,
            MESSAGES,
            &bearer,
            &json!({"content": text, "client_id": acknowledged.to_string()}),
        )
        .await;
        if status != 201 {
            break (status, answer);
        }
        acknowledged += 1;
        assert!(acknowledged < 200, "the disk was never full");
    };
    assert_eq!((refused.0, &refused.1["code"]), (503, &json!("storage_full")), "{}", refused.1);
    // More than once: each failed commit has to leave the connection as it found it.
    for _ in 0..3 {
        socket.post("by socket", &text).await;
        let error = socket.next_of("error").await;
        let said = (&error["code"], &error["client_id"]);
        assert_eq!(said, (&json!("storage_full"), &json!("by socket")));
        assert!(error["retry_after_ms"].as_u64().is_some());
    }
    assert_eq!(history(&serving).await.len(), acknowledged);
    let page = reqwest::get(serving.url("/chat/global")).await.unwrap();
    assert_eq!(page.status(), 200);
    assert!(page.text().await.unwrap().contains("🎈"));

    let ballast = format!("/proc/{}/root{}", serving.id(), program.path("data/ballast").display());
    std::fs::remove_file(ballast).unwrap();
    socket.post("by socket", &text).await;
    while socket.next_of("message_sent").await["message"]["client_id"] != "by socket" {}
    let stored = history(&serving).await;
    let seqs: Vec<_> = stored.iter().map(|row| row["seq"].as_u64().unwrap()).collect();
    assert!(seqs.windows(2).all(|pair| pair[1] == pair[0] + 1), "no hole where the disk was full");
    assert_eq!(stored.last().unwrap()["client_id"], "by socket");
    serving.tell("TERM");
    let (status, log) = tokio::task::spawn_blocking(move || serving.end()).await.unwrap();
    // The disk may be too small to fold the log in, but nothing may still hold it open.
    assert!(status.success() && !log.contains("locked"), "{log}");
}
