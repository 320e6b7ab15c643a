//! A page of another site cannot make a browser write here.

use crate::site::{MESSAGES, OWN_ORIGIN, Site, answer};
use crate::{Browser, Socket};
use reqwest::{Method, RequestBuilder};
use serde_json::json;

/// Headers that prove nothing.
const FOREIGN: [&[(&str, &str)]; 17] = [
    &[],
    &[("origin", "null")],
    &[("origin", "")],
    &[("origin", "https://evil.example")],
    &[("origin", "http://sphere.example.evil.example")],
    &[("origin", "http://evil-sphere.example")],
    &[("origin", "http://a.sphere.example")],
    &[("origin", "http://sphere.example:8000")],
    &[("origin", "https://sphere.example")],
    &[("origin", "HTTP://SPHERE.EXAMPLE")],
    &[("origin", "http://sphere.example/")],
    &[("origin", "http://sphere.example http://evil.example")],
    &[("referer", "http://sphere.example/chat/global")],
    &[("sec-fetch-site", "cross-site"), ("origin", OWN_ORIGIN)],
    &[("sec-fetch-site", "same-site"), ("origin", OWN_ORIGIN)],
    &[("sec-fetch-site", "none"), ("origin", OWN_ORIGIN)],
    &[
        ("x-csrftoken", "x"),
        ("x-requested-with", "XMLHttpRequest"),
        ("authorization", "Basic YTpi"),
    ],
];

/// Everything that a cookie could change: path, and the body with its type.
fn writes(device: &str) -> Vec<(&'static str, &'static str, String)> {
    let form = "application/x-www-form-urlencoded";
    let json = "application/json";
    vec![
        ("/logout", form, String::new()),
        ("/logout/", form, String::new()),
        ("/settings/sessions/revoke", form, "all_others=1".into()),
        ("/settings/sessions/revoke", form, format!("session_id={device}")),
        ("/settings/appearance", form, "theme=dark".into()),
        ("/chat/global", form, "content=evil".into()),
        ("/login", form, "username=mallory&password=zebra-lamp-91".into()),
        (
            "/signup",
            form,
            "username=eve&password=zebra-lamp-91&password_confirm=zebra-lamp-91".into(),
        ),
        (
            "/register",
            form,
            "username=eve&password=zebra-lamp-91&password_confirm=zebra-lamp-91".into(),
        ),
        ("/api/auth/logout/", json, "{}".into()),
        (MESSAGES, json, r#"{"content":"evil"}"#.into()),
        ("/fn/post_message", form, "client_id=evil&content=evil".into()),
        ("/fn/mark_read", form, "up_to=1".into()),
    ]
}

fn with(mut request: RequestBuilder, headers: &[(&str, &str)]) -> RequestBuilder {
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request
}

/// Over plain HTTP no browser says more than `Origin` of where a form comes from.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_by_another_name_is_told_the_right_one() {
    let site = Site::sqlite().await;
    let refused = |host: &str, origin: &str| {
        let form = [("username", "ada"), ("password", "zebra-lamp-91")];
        let headers = [("host", host), ("origin", origin), ("accept", "text/html")];
        answer(with(site.request(Method::POST, "/login").form(&form), &headers))
    };
    let link = format!("<a href=\"{OWN_ORIGIN}\">");
    let lost = refused("192.168.1.5:8000", "http://192.168.1.5:8000").await;
    assert_eq!((lost.status, lost.body.contains(&link)), (403, true), "{}", lost.body);
    let foreign = refused("sphere.example", "http://evil.example").await;
    assert_eq!((foreign.status, foreign.body.contains(&link)), (403, false), "{}", foreign.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_a_foreign_page_sends_changes_anything() {
    let site = Site::sqlite().await;
    site.member("mallory").await;
    let mut ada = Browser::member(&site, "ada").await;
    let mut phone = Browser::sign_in(&site, "ada").await;
    let devices = ada.get("/settings/sessions").await;
    let device = devices.between(r#"name="session_id" value=""#, "\"").to_owned();
    for (path, kind, body) in writes(&device) {
        for headers in FOREIGN {
            for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
                let request = ada.with_cookies(site.request(method.clone(), path));
                let request =
                    with(request.header("content-type", kind).body(body.clone()), headers);
                let refused = answer(request).await;
                let said = (refused.status, refused.code());
                assert_eq!(said, (403, "csrf_failed".into()), "{method} {path} {headers:?}");
                assert!(refused.set_cookies().is_empty(), "{path}");
            }
        }
    }
    assert!(ada.is_signed_in().await && phone.is_signed_in().await);
    assert!(site.said().await.is_empty());
    assert!(
        Browser::new(&site)
            .post("/login", &[("username", "eve"), ("password", "zebra-lamp-91")])
            .await
            .status
            == 401
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_ours_proves_it_either_way() {
    let site = Site::but(|config| config.allowed_origins.push("https://app.example".into())).await;
    let ada = Browser::member(&site, "ada").await;
    for headers in [
        &[("sec-fetch-site", "same-origin")][..],
        &[("origin", OWN_ORIGIN)],
        &[("origin", "https://app.example")],
        &[("sec-fetch-site", "same-origin"), ("origin", OWN_ORIGIN)],
    ] {
        let request = ada
            .with_cookies(site.request(Method::POST, MESSAGES))
            .json(&json!({"content": "mine"}));
        assert_eq!(answer(with(request, headers)).await.status, 201, "{headers:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bearer_needs_no_proof() {
    let site = Site::sqlite().await;
    let ada = site.member("ada").await;
    let request = site.request(Method::POST, MESSAGES).bearer_auth(&ada.access);
    let request =
        request.header("origin", "https://evil.example").header("sec-fetch-site", "cross-site");
    assert_eq!(answer(request.json(&json!({"content": "mine"}))).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_changes_nothing() {
    let site = Site::sqlite().await;
    let mut ada = Browser::member(&site, "ada").await;
    let bob = site.member("bob").await;
    site.say(&bob, "unread").await;
    for path in [
        "/fn/post_message?client_id=evil&content=evil",
        "/fn/mark_read?up_to=1",
        "/logout",
        "/settings/sessions/revoke?all_others=1",
        "/chat/global?content=evil",
        "/api/auth/logout/",
    ] {
        ada.get(path).await;
        assert!(ada.is_signed_in().await, "{path}");
    }
    let room = ada.get("/fn/room").await.json();
    assert_eq!(room["history"]["last_read_seq"], 0, "{room}");
    assert_eq!(site.said().await, ["unread"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_lets_another_site_read_it() {
    let site = Site::sqlite().await;
    for method in [Method::GET, Method::OPTIONS] {
        let request = site.request(method, MESSAGES).header("origin", "https://evil.example");
        let request = request.header("access-control-request-method", "POST");
        let answer = answer(request).await;
        assert_eq!(answer.header("access-control-allow-origin"), "");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_with_a_cookie_wants_our_origin_exactly() {
    let site = Site::sqlite().await;
    let ada = Browser::member(&site, "ada").await;
    let cookie = ada.cookie_line();
    for headers in FOREIGN {
        let own = headers.contains(&("origin", OWN_ORIGIN));
        let headers: Vec<_> =
            headers.iter().copied().chain([("cookie", cookie.as_str())]).collect();
        let mut socket = Socket::open(&site, "/ws/chat/", &headers).await;
        if own {
            // A browser says `Origin` with every handshake; whatever else is said of it.
            assert_eq!(socket.next().await["type"], "connection_established");
        } else {
            assert_eq!(socket.closed().await.0, 4001, "{headers:?}");
        }
    }
}
