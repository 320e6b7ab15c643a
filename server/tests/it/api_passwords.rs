//! `/api/auth/password/…` as its clients see it.

use std::sync::Arc;

use crate::Member;
use crate::site::{Answer, Site, answer};
use mailer::Memory;
use reqwest::Method;
use serde_json::{Value, json};
use test_support::{Backend, PASSWORD, PATIENCE};
use tokio::time::timeout;

const NEW: &str = "quiet-river-28";

/// A site whose mail the test reads.
pub(crate) async fn with_mail(backend: Backend) -> (Site, Arc<Memory>) {
    let post = Arc::new(Memory::default());
    let carrier = post.clone();
    (Site::with(backend, |config| config.rules.mailer = carrier).await, post)
}

/// The path that the next mail leads to.
pub(crate) async fn mailed_path(post: &Memory) -> String {
    let mail = timeout(PATIENCE, post.next()).await.expect("a mail in time").expect("a mail");
    let (_, rest) = mail.text.split_once(crate::site::OWN_ORIGIN).unwrap();
    let (_, rest) = rest.split_once(crate::site::OWN_ORIGIN).unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

async fn opens(site: &Site, password: &str) -> bool {
    let body = json!({"username": "ada", "password": password});
    site.post_json("/api/auth/login/", &body).await.status == 200
}

async fn change(site: &Site, member: &Member, body: &Value) -> Answer {
    let request = site.request(Method::POST, "/api/auth/password/change/");
    answer(request.bearer_auth(&member.access).json(body)).await
}

async fn a_changed_password_ends_the_other_sessions(backend: Backend) {
    let site = Site::on(backend).await;
    let (ada, other) = (site.member("ada").await, site.sign_in("ada").await);
    let wrong = change(&site, &ada, &json!({"current_password": "x", "new_password": NEW})).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.json()["current_password"][0].is_string(), "{}", wrong.body);
    let body = json!({"current_password": PASSWORD, "new_password": NEW});
    let changed = change(&site, &ada, &body).await;
    assert_eq!((changed.status, changed.json()["detail"].is_string()), (200, true));
    let still = site.request(Method::GET, "/api/auth/user/").bearer_auth(&ada.access);
    assert_eq!(answer(still).await.status, 200, "one's own goes on");
    let ended = site.request(Method::GET, "/api/auth/user/").bearer_auth(&other.access);
    assert_eq!(answer(ended).await.status, 401);
    let refresh = json!({"refresh": other.refresh});
    assert_eq!(site.post_json("/api/auth/token/refresh/", &refresh).await.status, 401);
    assert!(opens(&site, NEW).await && !opens(&site, PASSWORD).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_password_ends_the_other_sessions_on_sqlite() {
    a_changed_password_ends_the_other_sessions(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_password_ends_the_other_sessions_on_postgres() {
    a_changed_password_ends_the_other_sessions(Backend::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_is_replaced_through_the_mail() {
    let (site, post) = with_mail(Backend::Sqlite).await;
    let body = json!({"username": "ada", "password": PASSWORD, "email": "ada@sphere.example"});
    let ada = Member::of(&site.post_json("/api/auth/signup/", &body).await.json());
    let ask = async |email: &str| {
        site.post_json("/api/auth/password/reset/", &json!({"email": email})).await
    };
    let (known, unknown) = (ask("ada@sphere.example").await, ask("x@sphere.example").await);
    assert_eq!((known.status, &known.body), (200, &unknown.body), "one answer");
    let path = mailed_path(&post).await;
    let token = path.strip_prefix("/password/reset/").unwrap();
    let confirm = async |token: &str, new: &str| {
        let body = json!({"token": token, "new_password": new});
        site.post_json("/api/auth/password/reset/confirm/", &body).await
    };
    for (token, new, field) in
        [("forged", NEW, "token"), ("", NEW, "token"), (token, "short", "new_password")]
    {
        let refused = confirm(token, new).await;
        assert_eq!(refused.status, 400, "{}", refused.body);
        assert!(refused.json()[field][0].is_string(), "{}", refused.body);
    }
    assert_eq!(confirm(token, NEW).await.status, 200);
    assert_eq!(confirm(token, NEW).await.status, 400, "once");
    assert!(opens(&site, NEW).await && !opens(&site, PASSWORD).await);
    let ended = site.request(Method::GET, "/api/auth/user/").bearer_auth(&ada.access);
    assert_eq!(answer(ended).await.status, 401);
}
