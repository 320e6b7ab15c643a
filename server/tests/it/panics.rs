//! A handler that panics answers its own request, each client in the words that it reads.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::routing::get;
use serde_json::{Value, json};
use server::state::AppState;
use server::{boot, routes};
use test_support::{Backend, Database};
use tower::ServiceExt;

use crate::site::config;

async fn broken() -> &'static str {
    panic!("index out of bounds: secret")
}

/// What comes of a panic at `path`: status, content type and text.
async fn panic_at(path: &str) -> (u16, String, String) {
    let database = Database::migrated(Backend::Sqlite).await;
    let config = config(&database);
    let services = boot::services(&config).await.unwrap();
    let state = AppState::new(Arc::new(config), services);
    let router = routes::in_their_words(&state, Router::new().route(path, get(broken)));
    let request = Request::get(path).header("accept", "text/html").body(Body::empty()).unwrap();
    let response = router.with_state(state).oneshot(request).await.unwrap();
    let (head, body) = response.into_parts();
    let text = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
    assert!(!text.contains("secret"), "{text}");
    let kind = head.headers["content-type"].to_str().unwrap().to_owned();
    (head.status.as_u16(), kind, text)
}

#[tokio::test]
async fn a_panic_under_api_answers_the_error_body() {
    let sentence = "Something went wrong on the server.";
    let object = json!({"status_code": 500, "message": sentence, "details": {}});
    for (path, error) in
        [("/api/chat/global/messages", object), ("/api/conversations/x", json!(sentence))]
    {
        let (status, kind, text) = panic_at(path).await;
        assert_eq!((status, kind.as_str()), (500, "application/json"), "{path}");
        let body: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(body, json!({"detail": sentence, "code": "internal", "error": error}), "{path}");
    }
}

#[tokio::test]
async fn a_panic_of_a_page_answers_a_page() {
    let (status, kind, text) = panic_at("/somewhere").await;
    assert_eq!((status, kind.as_str()), (500, "text/html; charset=utf-8"));
    assert!(text.contains("Something broke on our side"), "{text}");
}
