//! Signing up, in and out without script.

use crate::browser::sign_up_form;
use crate::site::{Answer, Site, answer};
use crate::{Browser, on_both};
use reqwest::Method;
use server::config::Config;
use test_support::PASSWORD;

const ACCESS: &str = "spherespace_access";
const REFRESH: &str = "spherespace_refresh";
const DEVICE: &str = "spherespace_device";

/// What stands beside a field.
fn issue<'p>(page: &'p Answer, field: &str) -> &'p str {
    page.between(&format!(r#"id="{field}-issue" class="field__issue">"#), "</p>")
}

on_both! {
    async fn signing_up_opens_the_room_and_sets_cookies_that_scripts_cannot_read(site: Site) {
        let mut ada = Browser::new(&site);
        let welcome = ada.post("/signup", &sign_up_form("ada")).await;
        assert_eq!((welcome.status, welcome.location()), (303, "/chat/global"));
        for (name, age) in [(ACCESS, 15 * 60), (REFRESH, 7 * 86_400), (DEVICE, 365 * 86_400)] {
            let line = welcome.set_cookie(name).unwrap();
            let expected = format!("; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax");
            assert!(line.ends_with(&expected), "{line}");
        }
        let room = ada.get("/chat/global").await;
        assert!(room.body.contains("ada") && room.body.contains(r#"action="/logout""#));
    }

    async fn l35_signing_out_clears_the_cookies_and_ends_the_session(site: Site) {
        let mut ada = Browser::member(&site, "ada").await;
        let kept = ada.cookies.clone();
        let out = ada.post("/logout", &[]).await;
        assert_eq!((out.status, out.location()), (303, "/"));
        assert!(out.set_cookie(ACCESS).unwrap().contains("Max-Age=0"));
        assert!(out.set_cookie(REFRESH).unwrap().contains("Max-Age=0"));
        assert!(!ada.is_signed_in().await);
        // A thief who copied them before has nothing either.
        ada.cookies = kept;
        assert!(!ada.is_signed_in().await);
        assert_eq!(Browser::new(&site).post("/logout", &[]).await.status, 303, "twice is no mistake");
    }

    async fn s58_signing_in_again_leads_on(site: Site) {
        Browser::member(&site, "ada").await;
        let mut ada = Browser::new(&site);
        let form = [("username", " ADA "), ("password", PASSWORD), ("next", "/settings/sessions")];
        let on = ada.post("/login", &form).await;
        assert_eq!((on.status, on.location()), (303, "/settings/sessions"));
        assert!(ada.is_signed_in().await);
    }

    async fn an_unknown_name_a_wrong_password_and_nonsense_get_one_answer(site: Site) {
        Browser::member(&site, "ada").await;
        let mut pages = Vec::new();
        for name in ["ada", "bob", "a\0b", "' OR 1=1 --", "ada\u{202e}"] {
            let form = [("username", name), ("password", "not the password")];
            let page = Browser::new(&site).post("/login", &form).await;
            assert_eq!(page.status, 401, "{name:?}: {}", page.body);
            assert!(page.set_cookies().is_empty());
            let words = issue(&page, "password").to_owned();
            assert!(!words.is_empty());
            pages.push(words);
        }
        pages.dedup();
        assert_eq!(pages.len(), 1, "{pages:?}");
    }

    async fn a_name_that_is_taken_comes_back_beside_its_field(site: Site) {
        Browser::member(&site, "ada").await;
        let page = Browser::new(&site).post("/signup", &sign_up_form("АDA")).await;
        assert_eq!(page.status, 400);
        let words = issue(&page, "username");
        assert!(words.contains("already uses this name"), "{words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_form_keeps_what_was_typed_but_never_a_password() {
    let site = Site::sqlite().await;
    let form = [
        ("username", "<ada>\"'"),
        ("email", "no address"),
        ("password", "Hunter2"),
        ("password_confirm", "Hunter3"),
        ("next", "/settings/sessions"),
    ];
    for path in ["/signup", "/register"] {
        let page = Browser::new(&site).post(path, &form).await;
        assert_eq!(page.status, 400, "{path}");
        assert!(page.body.contains(r#"value="&lt;ada&gt;&quot;"#), "{}", page.body);
        assert!(page.body.contains(r#"value="no address""#));
        assert!(page.body.contains(r#"name="next" value="/settings/sessions""#));
        for field in ["username", "email", "password", "password_confirm"] {
            assert!(!issue(&page, field).is_empty(), "{field}");
        }
        assert!(!page.body.contains("Hunter"), "{}", page.body);
        assert_eq!(page.header("cache-control"), "private, no-store");
        assert!(page.set_cookies().is_empty());
    }
    let wrong = [("username", "ada"), ("password", "Hunter2-and-more")];
    let page = Browser::new(&site).post("/login", &wrong).await;
    assert!(
        page.body.contains(r#"value="ada""#) && !page.body.contains("Hunter2"),
        "{}",
        page.body
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn empty_forms_name_every_field_that_is_needed() {
    let site = Site::sqlite().await;
    for path in ["/login", "/signup"] {
        let page = Browser::new(&site).post(path, &[]).await;
        assert_eq!(page.status, 400, "{path}");
        for field in ["username", "password"] {
            assert!(!issue(&page, field).is_empty(), "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn next_never_leaves_the_site() {
    let site = Site::sqlite().await;
    Browser::member(&site, "ada").await;
    for hostile in [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https://evil.example",
        "https:evil.example",
        "HTTPS://evil.example/chat/global",
        "javascript:alert(1)",
        "data:text/html,x",
        " //evil.example",
        "\t//evil.example",
        "/\t/evil.example",
        "/\r\nSet-Cookie: evil=1",
        "/a\nLocation: https://evil.example",
        "/\u{85}/evil.example",
        "evil.example",
        "@evil.example",
        ".evil.example",
        "",
    ] {
        let form = [("username", "ada"), ("password", PASSWORD), ("next", hostile)];
        let on = Browser::new(&site).post("/login", &form).await;
        assert_eq!((on.status, on.location()), (303, "/chat/global"), "{hostile:?}");
        assert!(on.set_cookies().iter().all(|line| line.starts_with("spherespace_")));
        let mut appearance = Browser::new(&site);
        let on =
            appearance.post("/settings/appearance", &[("theme", "dark"), ("next", hostile)]).await;
        assert_eq!((on.status, on.location()), (303, "/settings/appearance"), "{hostile:?}");
    }
    for inside in ["/chat/global?x=1#y", "/%2F%2Fevil.example", "/u/ada"] {
        let form = [("username", "ada"), ("password", PASSWORD), ("next", inside)];
        let on = Browser::new(&site).post("/login", &form).await;
        assert_eq!((on.status, on.location()), (303, inside));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_with_any_letters_can_be_returned_to() {
    let site = Site::sqlite().await;
    Browser::member(&site, "ada").await;
    let form = [("username", "ada"), ("password", PASSWORD), ("next", "/u/ädä 🎈")];
    let on = Browser::new(&site).post("/login", &form).await;
    assert_eq!(on.status, 303);
    let location = String::from_utf8(on.headers["location"].as_bytes().to_vec()).unwrap();
    assert!(location.starts_with("/u/"), "{location}");
}

fn two_a_minute(config: &mut Config) {
    config.rules.sign_ins_per_minute = 2;
    config.rules.sign_ups_per_minute = 2;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_tries_are_told_when_to_come_back() {
    let site = Site::but(two_a_minute).await;
    for (path, form) in [
        ("/login", [("username", "ada"), ("password", PASSWORD)]),
        ("/signup", [("username", "a"), ("password", "b")]),
    ] {
        let mut browser = Browser::new(&site);
        for _ in 0..2 {
            assert!([400, 401].contains(&browser.post(path, &form).await.status));
        }
        let page = browser.post(path, &form).await;
        assert_eq!(page.status, 429, "{path}");
        assert!(
            (1..=60).contains(&page.header("retry-after").parse::<u64>().unwrap_or(0)),
            "{path}: {page:?}"
        );
        assert!(!issue(&page, "password").is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_another_kind_is_refused() {
    let site = Site::sqlite().await;
    let request = site.request(Method::POST, "/login").header("sec-fetch-site", "same-origin");
    let json = answer(request.header("content-type", "text/plain").body("username=ada")).await;
    assert_eq!(json.status, 415);
    let request = site.request(Method::POST, "/login").header("sec-fetch-site", "same-origin");
    let large = format!("username={}", "a".repeat(1024 * 1024));
    let form = request.header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(answer(form.body(large)).await.status, 413);
}

#[tokio::test(flavor = "multi_thread")]
async fn l35_an_access_cookie_that_ran_out_is_renewed_on_the_way() {
    let site = Site::sqlite().await;
    let mut ada = Browser::member(&site, "ada").await;
    ada.cookies.remove(ACCESS);
    let old = ada.cookies[REFRESH].clone();
    let page = ada.get("/settings/sessions").await;
    assert_eq!(page.status, 200);
    assert!(page.set_cookie(ACCESS).is_some() && ada.cookies[REFRESH] != old);
    // The renewed pair is one of its own: it works and can be renewed again.
    ada.cookies.remove(ACCESS);
    assert!(ada.is_signed_in().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn renewed_cookies_arrive_also_where_a_handler_sets_others() {
    let site = Site::sqlite().await;
    let mut ada = Browser::member(&site, "ada").await;
    ada.cookies.remove(ACCESS);
    let old = ada.cookies[REFRESH].clone();
    let chosen = ada.post("/settings/appearance", &[("theme", "dark")]).await;
    assert!(chosen.set_cookie("theme").is_some());
    assert!(chosen.set_cookie(ACCESS).is_some(), "{:?}", chosen.set_cookies());
    assert_ne!(ada.cookies[REFRESH], old, "the old one is spent: keeping it would end the session");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stolen_refresh_cookie_ends_the_session_for_both() {
    let site = Site::sqlite().await;
    let mut ada = Browser::member(&site, "ada").await;
    let mut thief = Browser::new(&site);
    thief.cookies = ada.cookies.clone();
    // The owner renews twice, so that the thief's copy is past its grace.
    for _ in 0..2 {
        ada.cookies.remove(ACCESS);
        assert!(ada.is_signed_in().await);
    }
    thief.cookies.remove(ACCESS);
    assert!(!thief.is_signed_in().await);
    assert!(!ada.is_signed_in().await);
    assert!(!ada.cookies.contains_key(ACCESS), "the browser is told to forget");
}
