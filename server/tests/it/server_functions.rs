//! Server functions answer with the status that their refusal means.

use reqwest::Method;

use crate::Browser;
use crate::site::{Answer, OWN_ORIGIN, Site, answer};

async fn call(browser: &Browser<'_>, path: &str, body: String) -> Answer {
    let request = browser.with_cookies(browser.site.request(Method::POST, path));
    let request = request.header("origin", OWN_ORIGIN);
    answer(request.header("content-type", "application/x-www-form-urlencoded").body(body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_has_its_own_status_and_the_words_the_page_reads() {
    let site = Site::sqlite().await;
    let ada = Browser::member(&site, "ada").await;
    let sent = call(&ada, "/fn/post_message", "client_id=one&content=hello".into()).await;
    assert_eq!((sent.status, &sent.json()["seq"]), (200, &serde_json::json!(1)));
    for (body, status, code) in [
        ("client_id=one&content=other", 409, "client_id_conflict"),
        ("client_id=two&content=+", 400, "message_empty"),
        ("client_id=two&content=a%00b", 400, "message_invalid_character"),
        ("client_id=&content=x", 400, "invalid_field"),
        ("content=x", 400, "bad_request"),
        ("", 400, "bad_request"),
        ("%ff=%fe&&&==", 400, "bad_request"),
    ] {
        let refused = call(&ada, "/fn/post_message", body.into()).await;
        assert_eq!(refused.status, status, "{body}: {}", refused.body);
        assert_eq!(refused.code(), code, "{body}");
    }
    let long =
        call(&ada, "/fn/post_message", format!("client_id=two&content={}", "x".repeat(2001))).await;
    assert_eq!((long.status, long.code().as_str()), (400, "message_too_long"));
    assert_eq!(call(&ada, "/fn/mark_read", "up_to=x".into()).await.status, 400);
    assert_eq!(site.get("/fn/room?after=x").await.status, 400);
    assert_eq!(site.said().await, ["hello"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_over_the_limit_is_refused_before_it_is_kept() {
    let site = Site::sqlite().await;
    let nobody = Browser::new(&site);
    let body = format!("client_id=one&content={}", "x".repeat(2 * 1024 * 1024));
    let refused = call(&nobody, "/fn/post_message", body).await;
    assert_eq!((refused.status, refused.code().as_str()), (413, "too_large"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_exist_is_not_found() {
    let site = Site::sqlite().await;
    let nobody = Browser::new(&site);
    let missing = call(&nobody, "/fn/nothing", String::new()).await;
    assert_eq!((missing.status, missing.code().as_str()), (404, "not_found"));
    let wrong = site.get("/fn/post_message?client_id=a&content=b").await;
    assert_eq!(wrong.status, 404, "{}", wrong.body);
}
