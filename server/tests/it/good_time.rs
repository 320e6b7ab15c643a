//! How long anybody waits for an answer that does not come.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::from_fn;
use axum::routing::post;
use futures_util::stream;
use serde_json::Value;
use server::good_time::within;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Mutex, Notify, oneshot};
use tokio::time::timeout;
use tower::ServiceExt;

/// Longest wait on this stage.
const LIMIT: Duration = Duration::from_millis(100);

/// A database that stands still until it is let go, and what was done to it.
struct Stalled {
    go_on: Notify,
    done: UnboundedSender<Bytes>,
}

async fn write(State(stalled): State<Arc<Stalled>>, body: Bytes) -> &'static str {
    stalled.go_on.notified().await;
    let _sent = stalled.done.send(body);
    "done"
}

fn stage() -> (Router, Arc<Stalled>, Mutex<UnboundedReceiver<Bytes>>) {
    let (done, seen) = unbounded_channel();
    let stalled = Arc::new(Stalled { go_on: Notify::new(), done });
    let routes = Router::new()
        .route("/", post(write))
        .layer(from_fn(|request, next| within(LIMIT, request, next)));
    (routes.with_state(stalled.clone()), stalled, Mutex::new(seen))
}

fn a_write(body: Body) -> Request {
    Request::post("/").body(body).unwrap()
}

#[tokio::test]
async fn a_write_that_hangs_is_answered_in_time_and_finishes_all_the_same() {
    let (router, stalled, seen) = stage();
    let answer = router.oneshot(a_write("something".into())).await.unwrap();
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["retry-after"], "1");
    let body: Value =
        serde_json::from_slice(&to_bytes(answer.into_body(), usize::MAX).await.unwrap()).unwrap();
    assert_eq!(body["code"], "unavailable");
    assert!(body["detail"].as_str().unwrap().contains("may still do"), "{body}");
    stalled.go_on.notify_one();
    assert_eq!(seen.lock().await.recv().await.unwrap(), "something");
}

#[tokio::test]
async fn a_write_that_is_given_up_by_its_sender_finishes_all_the_same() {
    let (router, stalled, seen) = stage();
    let sent = router.oneshot(a_write("something".into()));
    assert!(timeout(LIMIT / 4, sent).await.is_err(), "given up before the server does");
    stalled.go_on.notify_one();
    assert_eq!(seen.lock().await.recv().await.unwrap(), "something");
}

#[tokio::test]
async fn a_slow_upload_has_the_time_it_needs() {
    let (router, stalled, _seen) = stage();
    stalled.go_on.notify_one();
    let (more, slowly) = oneshot::channel::<&str>();
    let slowly = stream::once(async { Ok::<_, Infallible>(slowly.await.unwrap()) });
    let mut answer = router.oneshot(a_write(Body::from_stream(slowly)));
    assert!(timeout(4 * LIMIT, &mut answer).await.is_err(), "it is still being read");
    more.send("something").unwrap();
    assert_eq!(answer.await.unwrap().status(), 200);
}
