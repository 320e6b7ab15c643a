//! What every page is, whoever asks.

use crate::site::{OWN_ORIGIN, Site, answer};
use crate::{Answer, Browser};
use reqwest::Method;

/// Each page with a part of its title, signed out.
const OPEN: [(&str, &str); 6] = [
    ("/", "Your people, live"),
    ("/signup", "Create"),
    ("/register", "Create"),
    ("/login", "Sign in"),
    ("/chat", "Global room"),
    ("/chat/global", "Global room"),
];
const MEMBERS: [(&str, &str); 3] =
    [("/", "Home"), ("/settings/sessions", "Devices"), ("/settings/appearance", "Appearance")];

fn assert_is_a_whole_page(path: &str, page: &Answer, title: &str) {
    assert!(page.body.starts_with("<!DOCTYPE html>"), "{path}: {}", page.body);
    assert!(
        page.body.contains("</main>") && page.body.contains("</html>"),
        "{path}: {}",
        page.body
    );
    assert!(page.between("<title>", "</title>").contains(title), "{path}: {}", page.body);
    assert_eq!(page.body.matches("<title>").count(), 1, "{path}");
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8", "{path}");
    assert_eq!(page.header("cache-control"), "private, no-store", "{path}");
    assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
    assert_eq!(page.header("x-frame-options"), "DENY", "{path}");
    assert_eq!(page.header("referrer-policy"), "same-origin", "{path}");
    assert_eq!(page.header("cross-origin-opener-policy"), "same-origin", "{path}");
    assert!(page.header("permissions-policy").contains("camera=()"), "{path}");
    assert_eq!(page.header("strict-transport-security"), "", "{path}: only over TLS");
    assert!(!page.header("x-request-id").is_empty(), "{path}");
}

/// The policy forbids everything that the page does not need, and lets in only scripts that carry
/// this answer's nonce, which every script of the page does.
fn assert_scripts_are_ours(path: &str, page: &Answer) {
    let policy = page.header("content-security-policy");
    for rule in
        ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"]
    {
        assert!(policy.contains(rule), "{path}: {policy}");
    }
    assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
    let nonce = nonce(page);
    for script in page.body.split("<script").skip(1) {
        let tag = script.split('>').next().unwrap();
        let is_data = tag.contains(r#"type="application/json""#);
        assert!(is_data || tag.contains(&format!(r#"nonce="{nonce}""#)), "{path}: <script{tag}>");
    }
    assert!(page.body.contains(r#"<script type="module""#), "{path}");
    assert!(!page.body.contains(" style=") && !page.body.contains("<style"), "{path}");
    assert!(!page.body.contains(" onclick="), "{path}");
}

fn nonce(page: &Answer) -> &str {
    let policy = page.header("content-security-policy");
    policy.split_once("'nonce-").unwrap().1.split('\'').next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_complete_and_lets_in_no_foreign_script() {
    let site = Site::sqlite().await;
    for (path, title) in OPEN {
        let page = site.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert_is_a_whole_page(path, &page, title);
        assert_scripts_are_ours(path, &page);
    }
    let mut ada = Browser::member(&site, "ada").await;
    for (path, title) in MEMBERS {
        let page = ada.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert_is_a_whole_page(path, &page, title);
        assert_scripts_are_ours(path, &page);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_leads_nowhere_says_so_with_its_status() {
    let site = Site::sqlite().await;
    for path in [
        "/nowhere",
        "/chat/nowhere",
        "/login/more",
        "/apiary",
        "/.env",
        "/index.php",
        "/settingsfoo",
    ] {
        let page = site.get(path).await;
        assert_eq!(page.status, 404, "{path}: {}", page.location());
        assert_is_a_whole_page(path, &page, "There is nothing here");
        assert_scripts_are_ours(path, &page);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_two_answers_share_a_nonce() {
    let site = Site::sqlite().await;
    let (first, second) = (site.get("/").await, site.get("/").await);
    assert!(nonce(&first).len() >= 20);
    assert_ne!(nonce(&first), nonce(&second));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_has_one_address() {
    let site = Site::sqlite().await;
    for (from, to) in [
        ("/login/?next=/chat/global", "/login?next=/chat/global"),
        ("/chat/global//", "/chat/global"),
        ("/nowhere/", "/nowhere"),
    ] {
        let answer = site.get(from).await;
        assert_eq!((answer.status, answer.location()), (308, to), "{from}");
    }
    let with = site.get("/api/chat/global/messages/").await;
    let without = site.get("/api/chat/global/messages").await;
    assert_eq!((with.status, without.status), (200, 200));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_request_gets_the_headers_alone() {
    let site = Site::sqlite().await;
    for path in ["/", "/login", "/chat/global", "/api/chat/global/messages/", "/healthz", "/readyz"]
    {
        let head = answer(site.request(Method::HEAD, path)).await;
        assert_eq!((head.status, head.body.as_str()), (200, ""), "{path}");
        assert_eq!(
            head.header("content-type"),
            site.get(path).await.header("content-type"),
            "{path}"
        );
    }
    assert_eq!(answer(site.request(Method::HEAD, "/nowhere")).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn machines_hear_that_it_lives_and_is_ready() {
    let site = Site::sqlite().await;
    for (path, words) in [("/healthz", "ok"), ("/readyz", "ready")] {
        let answer = site.get(path).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, words));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_want_a_sign_in_and_come_back() {
    let site = Site::sqlite().await;
    for path in ["/settings/sessions", "/settings/appearance"] {
        let away = site.get(path).await;
        assert_eq!((away.status, away.location()), (303, format!("/login?next={path}").as_str()));
    }
    let mut ada = Browser::member(&site, "ada").await;
    for (path, to) in [
        ("/login?next=/settings/sessions", "/settings/sessions"),
        ("/login", "/chat/global"),
        ("/signup?next=//evil.example", "/chat/global"),
        ("/register?next=https%3A%2F%2Fevil.example", "/chat/global"),
    ] {
        let on = ada.get(path).await;
        assert_eq!((on.status, on.location()), (303, to), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_are_answered_in_json_also_where_nothing_is() {
    let site = Site::sqlite().await;
    for path in ["/api/nothing/", "/api/auth/nothing", "/ws/nothing/", "/fn/nothing"] {
        let answer = site.get(path).await;
        assert_eq!((answer.status, answer.code().as_str()), (404, "not_found"), "{path}");
        assert_eq!(answer.header("content-type"), "application/json", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_method_is_told_which_are_right() {
    let site = Site::sqlite().await;
    for (method, path, allowed) in [
        (Method::GET, "/api/auth/login/", "POST"),
        (Method::DELETE, "/api/auth/login", "POST"),
        (Method::PUT, "/api/chat/global/messages/", "GET,HEAD,POST"),
        (Method::PATCH, "/api/auth/logout/", "POST"),
        (Method::GET, "/logout", "POST"),
        (Method::GET, "/settings/sessions/revoke", "POST"),
    ] {
        let request = site.request(method.clone(), path).header("origin", OWN_ORIGIN);
        let answer = answer(request).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (405, "method_not_allowed"),
            "{method} {path}"
        );
        assert_eq!(answer.header("allow"), allowed, "{method} {path}");
    }
    let post =
        answer(site.request(Method::POST, "/settings/sessions").header("origin", OWN_ORIGIN)).await;
    assert_eq!((post.status, post.header("allow")), (405, "GET, HEAD"));
}

#[tokio::test(flavor = "multi_thread")]
async fn over_tls_browsers_are_told_to_stay_there() {
    let site = Site::but(|config| config.public_url = "https://sphere.example".into()).await;
    let page = site.get("/").await;
    assert_eq!(page.header("strict-transport-security"), "max-age=31536000; includeSubDomains");
    let mut ada = Browser::member(&site, "ada").await;
    let form =
        [("username", "bob"), ("password", "zebra-lamp-91"), ("password_confirm", "zebra-lamp-91")];
    let welcome = Browser::new(&site).post("/signup", &form).await;
    assert_eq!(welcome.set_cookies().len(), 3);
    for line in welcome.set_cookies() {
        assert!(line.starts_with("__Host-") && line.contains("; Secure"), "{line}");
        assert!(line.contains("; Path=/;") && line.contains("; HttpOnly"), "{line}");
    }
    assert!(ada.is_signed_in().await);
    // A sub-domain can set the plain name, so there it counts for nothing.
    ada.cookies = ada
        .cookies
        .iter()
        .map(|(name, value)| (name.replace("__Host-", ""), value.clone()))
        .collect();
    assert!(!ada.is_signed_in().await);
}

/// A page holds values of the thread that began it, and another may end it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_readers_at_once_each_get_their_page() {
    let site = Site::sqlite().await;
    let ada = Browser::member(&site, "ada").await;
    for path in ["/chat/global", "/settings/sessions", "/"] {
        let requests = (0..100).map(|_| answer(ada.with_cookies(site.request(Method::GET, path))));
        for page in futures_util::future::join_all(requests).await {
            assert_eq!(page.status, 200, "{path}");
            assert!(page.body.contains("</html>"), "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_refused_in_words_and_keep_what_the_refusal_says() {
    let site = Site::sqlite().await;
    let mut ada = Browser::member(&site, "ada").await;
    ada.cookies.remove("spherespace_access");
    let request = ada.with_cookies(site.request(Method::POST, "/settings/sessions/revoke"));
    let request = request.header("sec-fetch-site", "same-origin").header("accept", "text/html");
    let refused = answer(request.form(&[("session_id", "x")])).await;
    assert_eq!((refused.status, refused.header("content-type")), (404, "text/html; charset=utf-8"));
    assert!(refused.set_cookie("spherespace_access").is_some(), "renewed on the way");
    let request = site.request(Method::GET, "/logout").header("accept", "text/html");
    let wrong = answer(request).await;
    assert_eq!((wrong.status, wrong.header("allow")), (405, "POST"));
}

#[test]
fn a_panic_answers_with_the_plain_page_and_keeps_its_cause_to_itself() {
    let response = server::logging::answer_panic(Box::new("index out of bounds: secret"));
    assert_eq!(response.status(), 500);
    assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let body = runtime.block_on(axum::body::to_bytes(response.into_body(), usize::MAX)).unwrap();
    let html = String::from_utf8(body.to_vec()).unwrap();
    assert!(html.contains("Something broke on our side") && !html.contains("secret"), "{html}");
    assert!(!html.contains("<script"), "{html}");
}
