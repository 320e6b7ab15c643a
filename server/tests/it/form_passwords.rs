//! A forgotten password, without script.

use crate::Browser;
use crate::api_passwords::{mailed_path, with_mail};
use crate::site::Answer;
use test_support::{Backend, PASSWORD};

const NEW: &str = "quiet-river-28";

fn says(page: &Answer, words: &str) {
    assert!(page.body.contains(words), "{words}: {}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_sign_in_page_to_a_new_password() {
    let (site, post) = with_mail(Backend::Sqlite).await;
    let mut ada = Browser::member(&site, "ada").await;
    let email = [("email", "ada@sphere.example"), ("username", "bob"), ("password", PASSWORD)];
    let mut bob = Browser::new(&site);
    assert_eq!(
        bob.post("/signup", &[&email[..], &[("password_confirm", PASSWORD)]].concat()).await.status,
        303
    );

    let mut stranger = Browser::new(&site);
    says(&stranger.get("/login").await, r#"href="/password/reset""#);
    let ask = stranger.get("/password/reset").await;
    says(&ask, r#"action="/password/reset""#);
    let bad = stranger.post("/password/reset", &[("email", "nope")]).await;
    assert_eq!(bad.status, 400);
    says(&bad, r#"value="nope""#);
    let sent = stranger.post("/password/reset", &[("email", "ada@sphere.example")]).await;
    assert_eq!((sent.status, sent.location()), (303, "/password/reset?sent=1"));
    says(&stranger.get(sent.location()).await, r#"role="status""#);

    let path = mailed_path(&post).await;
    let page = stranger.get(&path).await;
    assert_eq!(page.status, 200);
    says(&page, &format!(r#"action="{path}""#));
    let differ = [("new_password", NEW), ("password_confirm", "another")];
    assert_eq!(stranger.post(&path, &differ).await.status, 400);
    let good = [("new_password", NEW), ("password_confirm", NEW)];
    let done = stranger.post(&path, &good).await;
    assert_eq!((done.status, done.location()), (303, "/login"));
    assert!(!bob.is_signed_in().await, "signed out everywhere");
    assert!(ada.is_signed_in().await, "and nobody else");
    let signed_in = stranger.post("/login", &[("username", "bob"), ("password", NEW)]).await;
    assert_eq!(signed_in.status, 303);

    let mut late = Browser::new(&site);
    for answer in [late.get(&path).await, late.post(&path, &good).await] {
        assert_eq!(answer.status, 400);
        says(&answer, r#"role="alert""#);
        assert!(!answer.body.contains(NEW));
    }
}
