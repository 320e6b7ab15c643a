//! Clients that take their time over a request.

use std::time::Duration;

use crate::Socket;
use crate::site::Site;
use test_support::PATIENCE;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};

const SHORT: Duration = Duration::from_millis(200);

/// What comes back until the server closes.
async fn until_closed(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let reading = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await;
    // Whether it ends in a reset or not.
    let _reset = reading.expect("the server closes");
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_never_ends_is_given_up() {
    let site = Site::but(|config| config.header_timeout = SHORT).await;
    for begun in [&b""[..], b"GET / HT", b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: "] {
        let started = Instant::now();
        let mut slow = TcpStream::connect(site.address).await.unwrap();
        slow.write_all(begun).await.unwrap();
        let answer = until_closed(&mut slow).await;
        assert!(!answer.contains("200 OK"), "{answer}");
        assert!(started.elapsed() >= SHORT, "not before its time");
    }
    assert_eq!(site.get("/healthz").await.status, 200, "everybody else is served");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_byte_now_and_then_buys_no_time() {
    let site = Site::but(|config| config.header_timeout = SHORT).await;
    let mut slow = TcpStream::connect(site.address).await.unwrap();
    slow.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n").await.unwrap();
    let mut beats = tokio::time::interval(SHORT / 8);
    let dripping = async {
        loop {
            beats.tick().await;
            let mut heard = [0; 64];
            // Written to until the server has had enough.
            if slow.write_all(b"a").await.is_err() || matches!(slow.try_read(&mut heard), Ok(0)) {
                return;
            }
        }
    };
    timeout(PATIENCE, dripping).await.expect("the server closes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_stops_on_its_way_is_given_up() {
    let site = Site::but(|config| config.header_timeout = SHORT).await;
    let mut slow = TcpStream::connect(site.address).await.unwrap();
    let head = "POST /api/auth/login/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
                Content-Length: 100\r\n\r\n{\"username\":";
    slow.write_all(head.as_bytes()).await.unwrap();
    let answer = until_closed(&mut slow).await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    assert!(answer.contains("The body did not arrive."), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_socket_and_a_slow_answer_are_no_heads() {
    let site = Site::but(|config| config.header_timeout = SHORT).await;
    let ada = site.member("ada").await;
    let mut socket = Socket::of(&site, &ada).await;
    socket.is_open().await;
    let mut idle = TcpStream::connect(site.address).await.unwrap();
    until_closed(&mut idle).await;
    socket.post("one", "still here").await;
    assert_eq!(socket.next_of("message_sent").await["message"]["content"], "still here");
}

#[tokio::test(flavor = "multi_thread")]
async fn http_2_without_tls_is_not_spoken() {
    let site = Site::sqlite().await;
    let answer = site.raw(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
    assert!(!answer.contains("\0\0"), "no frames: {answer:?}");
    assert_eq!(site.get("/healthz").await.status, 200);
}
