//! The process that serves: its end, its logs.

use reqwest::Client;
use serde_json::{Value, json};

use crate::Socket;
use crate::program::{Program, Serving};
use crate::site::{MESSAGES, OWN_ORIGIN};

async fn sign_up(serving: &Serving, username: &str) -> Value {
    let body = json!({"username": username, "password": "zebra-lamp-91"});
    let request = Client::new().post(serving.url("/api/auth/signup/")).json(&body);
    let answer = request.header("origin", OWN_ORIGIN).send().await.unwrap();
    assert_eq!(answer.status(), 201);
    answer.json().await.unwrap()
}

fn bearer(account: &Value) -> String {
    format!("Bearer {}", account["access"].as_str().unwrap())
}

async fn ended(serving: Serving) -> (std::process::ExitStatus, String) {
    tokio::task::spawn_blocking(move || serving.end()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_drains_it_and_the_next_start_goes_on() {
    for name in ["TERM", "INT"] {
        let program = Program::new();
        let serving = program.serve();
        let ada = sign_up(&serving, "ada").await;
        let bearer = bearer(&ada);
        let mut socket =
            Socket::at(serving.address, "/ws/chat/", &[("authorization", &bearer)]).await;
        socket.post("one", "hello").await;
        socket.next_of("message_sent").await;
        serving.tell(name);
        let (code, reason) = socket.closed().await;
        assert_eq!(code, 1012);
        assert!(reason.starts_with("retry_after_ms="), "{reason}");
        let (status, log) = ended(serving).await;
        assert_eq!(status.code(), Some(0), "{log}");
        assert!(!program.path("data/spherespace.db-wal").exists(), "the log is folded in");
        // The same secret and the same room.
        let serving = program.serve();
        let mut socket =
            Socket::at(serving.address, "/ws/chat/", &[("authorization", &bearer)]).await;
        socket.say(&json!({"type": "resume", "cursors": {"global": 0}})).await;
        assert_eq!(socket.next_of("message_sent").await["message"]["content"], "hello");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn s31_l23_one_program_serves_everything_and_logs_without_a_folder() {
    let program = Program::new();
    let serving = program.serve();
    let page = Client::new().get(serving.url("/")).send().await.unwrap();
    assert!(page.status().is_success() && page.text().await.unwrap().contains("</html>"));
    let bearer = bearer(&sign_up(&serving, "ada").await);
    for path in ["/ws/chat/", "/ws/chat/global/", "/ws/chat/private/"] {
        let socket = Socket::at(serving.address, path, &[("authorization", &bearer)]).await;
        drop(socket);
    }
    serving.tell("TERM");
    let (status, log) = ended(serving).await;
    assert!(status.success() && log.contains("is ready"), "{log}");
    for folder in [program.path(""), program.path("data")] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            assert!(["data", "secret_key", "spherespace.db"].contains(&&*name), "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_a_kill() {
    let program = Program::new().set("MESSAGE_RATE_LIMIT", "0");
    let serving = program.serve();
    let ada = sign_up(&serving, "ada").await;
    let bearer = bearer(&ada);
    let mut socket = Socket::at(serving.address, "/ws/chat/", &[("authorization", &bearer)]).await;
    for n in 0..100 {
        socket.post(&n.to_string(), &n.to_string()).await;
    }
    for _ in 0..40 {
        socket.next_of("message_sent").await;
    }
    serving.tell("KILL");
    ended(serving).await;
    let serving = program.serve();
    let mut again = Socket::at(serving.address, "/ws/chat/", &[("authorization", &bearer)]).await;
    for n in 0..100 {
        again.post(&n.to_string(), &n.to_string()).await;
        assert_eq!(again.next_of("message_sent").await["message"]["seq"], n + 1, "once, in order");
    }
}

/// Everything a client could have secrets in, and the log of it.
async fn log_of_secrets(program: &Program) -> (Vec<String>, String) {
    let serving = program.serve();
    let ada = sign_up(&serving, "ada").await;
    let (access, refresh) = (ada["access"].as_str().unwrap(), ada["refresh"].as_str().unwrap());
    let mut socket = Socket::at(serving.address, &format!("/ws/chat/?token={access}"), &[]).await;
    socket.is_open().await;
    let forged = Socket::at(serving.address, "/ws/chat/?token=forged-and-secret", &[]);
    forged.await.closed().await;
    let http = Client::new();
    let login = json!({"username": "ada", "password": "not-her-password"});
    let cookie = format!("spherespace_refresh={refresh}");
    for request in [
        http.post(serving.url("/api/auth/login/")).json(&login),
        http.get(serving.url("/chat/global")).header("cookie", cookie),
        http.get(serving.url("/password/reset/mailed-and-secret")),
        http.get(serving.url("/ws/chat/?ticket=ticket-and-secret")),
        http.post(serving.url("/api/auth/token/refresh/")).json(&json!({"refresh": refresh})),
        http.post(serving.url(MESSAGES)).bearer_auth(access).json(&json!({"content": "words"})),
    ] {
        request.send().await.unwrap();
    }
    serving.tell("TERM");
    let (_, log) = ended(serving).await;
    let key = std::fs::read_to_string(program.path("data/secret_key")).unwrap();
    let known = [
        "mailed-and-secret",
        "ticket-and-secret",
        "forged-and-secret",
        "zebra-lamp-91",
        "not-her-password",
        access,
        refresh,
        &key,
    ];
    (known.map(str::to_owned).into(), log)
}

#[tokio::test(flavor = "multi_thread")]
async fn l03_no_credential_reaches_the_log_however_much_is_logged() {
    for program in [Program::new().set("DEBUG", "true"), Program::new().set("RUST_LOG", "trace")] {
        let (secrets, log) = log_of_secrets(&program).await;
        assert!(log.contains("/ws/chat") && log.contains("answered"), "requests are logged: {log}");
        for secret in secrets {
            let line = log.lines().find(|line| line.contains(&secret));
            assert!(line.is_none(), "{}", line.unwrap());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_nobody_watches_has_no_colours_and_json_is_json() {
    let serving = Program::new().serve();
    serving.tell("TERM");
    let (_, log) = ended(serving).await;
    assert!(!log.contains('\u{1b}'), "{log:?}");

    let program = Program::new().set("LOG_FORMAT", "json");
    let ended = program.run(&["seed", "--users", "1", "--messages", "0"]);
    assert!(!ended.err.is_empty());
    for line in ended.err.lines() {
        let event: Value = serde_json::from_str(line).expect(line);
        assert!(event["level"].is_string() && event["message"].is_string(), "{line}");
    }
}
