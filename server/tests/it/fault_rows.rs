//! The faults of the two systems before this one that concern accounts: a test for each, under the
//! number that the list of them gives it. Other rows are tests of other files, under theirs.

use crate::conversing::{ask, friends, messages_of, post};
use crate::program::Program;
use crate::site::{Site, answer};
use crate::{Browser, Socket, on_both};
use reqwest::Method;
use sea_orm::ConnectionTrait;
use serde_json::json;
use test_support::PASSWORD;

async fn status(site: &Site, access: &str) -> u16 {
    answer(site.request(Method::GET, "/api/auth/user/").bearer_auth(access)).await.status
}

on_both! {
    async fn s10_signing_up_makes_the_account_and_signs_in_or_does_neither(site: Site) {
        let body = json!({"username": "ada", "password": PASSWORD});
        let up = site.post_json("/api/auth/register/", &body).await;
        assert_eq!(up.status, 201);
        assert_eq!(status(&site, up.json()["access"].as_str().unwrap()).await, 200);
        let bad = json!({"username": "bob", "password": PASSWORD, "email": "nope"});
        assert_eq!(site.post_json("/api/auth/register/", &bad).await.status, 400);
        let good = json!({"username": "bob", "password": PASSWORD});
        assert_eq!(site.post_json("/api/auth/register/", &good).await.status, 201, "the name was free");
    }

    async fn l04_signing_out_works(site: Site) {
        let ada = site.member("ada").await;
        let request = site.request(Method::POST, "/api/auth/logout/").bearer_auth(&ada.access);
        let out = answer(request.json(&json!({"refresh": ada.refresh}))).await;
        assert_eq!((out.status, out.json()["detail"].is_string()), (200, true));
        assert_eq!(status(&site, &ada.access).await, 401);
        let again = site.post_json("/api/auth/token/refresh/", &json!({"refresh": ada.refresh})).await;
        assert_eq!(again.status, 401);
    }

    async fn l05_a_refresh_token_that_is_used_twice_ends_its_session(site: Site) {
        let ada = site.member("ada").await;
        let mut tokens = vec![ada.refresh.clone()];
        for _ in 0..2 {
            let body = json!({"refresh": tokens.last()});
            let next = site.post_json("/api/auth/token/refresh/", &body).await.json();
            tokens.push(next["refresh"].as_str().unwrap().to_owned());
        }
        for token in &tokens {
            let refused = site.post_json("/api/auth/token/refresh/", &json!({"refresh": token})).await;
            assert_eq!(refused.status, 401);
        }
        assert_eq!(status(&site, &ada.access).await, 401);
    }

    async fn l06_a_refresh_token_opens_nothing(site: Site) {
        let ada = site.member("ada").await;
        assert_eq!(status(&site, &ada.refresh).await, 401);
        let path = format!("/ws/chat/?token={}", ada.refresh);
        assert_eq!(Socket::open(&site, &path, &[]).await.closed().await.0, 4001);
    }

    async fn s16_one_credential_opens_rest_and_sockets(site: Site) {
        let ada = site.member("ada").await;
        assert_eq!(status(&site, &ada.access).await, 200);
        let mut socket = Socket::open(&site, &format!("/ws/chat/?token={}", ada.access), &[]).await;
        assert_eq!(socket.next().await["user_id"], ada.id.as_str());
    }

    async fn l17_whoever_administers_reads_nobodys_conversation(site: Site) {
        let (ada, bob, carla) = (site.member("ada").await, site.member("bob").await, site.member("carla").await);
        let id = friends(&site, &ada, (&bob, "bob")).await;
        let promoted = "UPDATE account SET is_staff = TRUE, is_superuser = TRUE WHERE username = 'carla'";
        site.database.connect().await.execute_unprepared(promoted).await.unwrap();
        for path in [
            messages_of(&id),
            format!("/api/chat/conversations/{id}/"),
            format!("/api/chat/conversations/{id}/messages/"),
            format!("/chat/{id}"),
        ] {
            assert_eq!(ask(&site, &carla, Method::GET, &path).await.status, 404, "{path}");
        }
        assert_eq!(post(&site, &carla, &messages_of(&id), &json!({"content": "x"})).await.status, 404);
        let mut hers = Socket::of(&site, &carla).await;
        hers.say(&json!({"type": "resume", "cursors": {id: 0}})).await;
        assert_eq!(hers.next_of("error").await["code"], "not_found");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn s11_l10_passwords_that_anybody_guesses_are_refused() {
    let site = Site::sqlite().await;
    for password in ["", "a", "1234567", "password", "12345678", "qwertyuiop", "somebody-new"] {
        let body = json!({"username": "somebody-new", "password": password});
        let refused = site.post_json("/api/auth/signup/", &body).await;
        assert_eq!(refused.status, 400, "{password}");
        assert!(refused.json()["password"][0].is_string(), "{password}: {}", refused.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn s12_l11_guessing_and_signing_up_are_slowed_down() {
    let site = Site::but(|config| {
        config.rules.sign_ins_per_minute = 2;
        config.rules.sign_ups_per_minute = 2;
    });
    let site = site.await;
    for path in ["/api/auth/login/", "/api/auth/signup/"] {
        let body = json!({"username": "nobody-here", "password": "x"});
        for _ in 0..2 {
            assert!([400, 401].contains(&site.post_json(path, &body).await.status), "{path}");
        }
        let refused = site.post_json(path, &body).await;
        assert_eq!((refused.status, refused.code().as_str()), (429, "rate_limited"), "{path}");
        assert!((1..=60).contains(&refused.header("retry-after").parse::<u64>().unwrap()));
    }
}

#[test]
fn s13_l13_a_setting_that_cannot_be_right_stops_the_start() {
    for (name, value) in [("DJANGO_DEBUG", "Falsch"), ("SECRET_KEY", "insecure")] {
        let ended = Program::new().set(name, value).run(&["check"]);
        assert!(!ended.status.success() && ended.err.contains(name.trim_start_matches("DJANGO_")));
    }
    let open = Program::new().set("PUBLIC_URL", "https://sphere.example").run(&["check"]);
    assert!(open.err.contains("SECRET_KEY"), "{open:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn s14_l08_nobody_is_there_before_somebody_signs_up() {
    let site = Site::sqlite().await;
    for password in ["admin123", "default_password", "admin"] {
        let body = json!({"username": "admin", "password": password});
        assert_eq!(site.post_json("/api/auth/login/", &body).await.status, 401);
    }
    let ada = site.member("ada").await;
    let request = site.request(Method::GET, "/api/auth/users/").bearer_auth(&ada.access);
    assert_eq!(answer(request).await.json()["count"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn s24_a_profile_takes_nothing_that_it_cannot_hold() {
    let site = Site::sqlite().await;
    let ada = site.member("ada").await;
    for (field, value) in [
        ("email", json!("no address")),
        ("email", json!(7)),
        ("first_name", json!("x".repeat(151))),
        ("last_name", json!("a\u{0}b")),
        ("bio", json!("x".repeat(100_000))),
        ("bio", json!({"a": 1})),
    ] {
        let request = site.request(Method::PATCH, "/api/auth/user/").bearer_auth(&ada.access);
        let refused = answer(request.json(&json!({field: value}))).await;
        assert_eq!(refused.status, 400, "{field}: {}", refused.body);
        assert!(refused.json()[field][0].is_string(), "{field}: {}", refused.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn s26_behind_tls_cookies_are_secure_and_browsers_stay_there() {
    let site = Site::but(|config| config.public_url = "https://sphere.example".into()).await;
    let request = site.request(Method::POST, "/api/auth/signup/");
    let request = request.header("sec-fetch-site", "same-origin");
    let up = answer(request.json(&json!({"username": "ada", "password": PASSWORD}))).await;
    assert_eq!(up.status, 201, "{}", up.body);
    let cookies = up.set_cookies();
    assert!(
        cookies.len() == 3 && cookies.iter().all(|line| line.contains("; Secure")),
        "{cookies:?}"
    );
    assert!(cookies.iter().all(|line| line.starts_with("__Host-")), "{cookies:?}");
    assert!(up.header("strict-transport-security").contains("max-age="));
}

/// What ends TLS before us speaks HTTP to us: sending it to HTTPS would send it round in a circle.
#[tokio::test(flavor = "multi_thread")]
async fn l22_behind_tls_nobody_is_sent_in_a_circle() {
    let site = Site::but(|config| config.public_url = "https://sphere.example".into()).await;
    for path in ["/", "/login", "/healthz", "/api/chat/global/messages/"] {
        for proto in [None, Some("http"), Some("https")] {
            let mut request = site.request(Method::GET, path);
            if let Some(proto) = proto {
                request = request.header("x-forwarded-proto", proto);
            }
            assert_eq!(answer(request).await.status, 200, "{path} {proto:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn l09_a_name_is_no_markup() {
    let site = Site::sqlite().await;
    for name in ["<script>alert(1)</script>", "<b>", "a\"onload=x", "a b", "a'b", "a&b"] {
        let body = json!({"username": name, "password": PASSWORD});
        let refused = site.post_json("/api/auth/signup/", &body).await;
        assert_eq!(refused.status, 400, "{name}");
        assert!(refused.json()["username"][0].is_string(), "{name}");
    }
    let ada = Browser::member(&site, "ada").await;
    assert!(ada.cookies.len() == 3, "what signs in is out of every script's reach");
}

#[tokio::test(flavor = "multi_thread")]
async fn l12_no_other_site_may_read_an_answer() {
    let site = Site::sqlite().await;
    for method in [Method::GET, Method::OPTIONS] {
        let request = site.request(method, "/api/auth/user/");
        let request = request.header("origin", "https://evil.example");
        let answer = answer(request.header("access-control-request-method", "PATCH")).await;
        let told = answer.headers.keys().any(|name| name.as_str().starts_with("access-control"));
        assert!(!told, "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn l30_a_refusal_is_a_word_and_a_sentence() {
    let site = Site::sqlite().await;
    let body = json!({"username": "nobody", "password": "x"});
    let refused = site.post_json("/api/auth/login/", &body).await;
    assert_eq!((refused.status, refused.code().as_str()), (401, "invalid_credentials"));
    let message = refused.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.ends_with('.') && !message.contains(['[', '\'', '{']), "{message}");
}
