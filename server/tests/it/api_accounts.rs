//! `/api/auth/…` as its clients see it.

use crate::site::{Answer, MESSAGES, OWN_ORIGIN, Site, answer};
use crate::{Member, on_both};
use reqwest::Method;
use serde_json::{Value, json};
use test_support::PASSWORD;

/// What the server says to a POST with these headers.
async fn post(site: &Site, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
    let mut request = site.request(Method::POST, path).json(body);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    answer(request).await
}

async fn refresh(site: &Site, token: &str) -> Answer {
    site.post_json("/api/auth/token/refresh/", &json!({"refresh": token})).await
}

/// Whether an access token still opens doors.
async fn opens(site: &Site, access: &str) -> bool {
    let answer = answer(site.request(Method::GET, MESSAGES).bearer_auth(access)).await;
    match answer.status {
        200 => true,
        401 => false,
        other => panic!("{other}: {}", answer.body),
    }
}

fn assert_is_the_error_body(answer: &Answer) {
    let body = answer.json();
    assert!(body["detail"].is_string() && body["code"].is_string(), "{body}");
    assert_eq!(body["error"]["status_code"], answer.status, "{body}");
    assert_eq!(body["error"]["message"], body["detail"], "{body}");
    assert!(body["error"]["details"].is_object(), "{body}");
    assert_eq!(answer.header("cache-control"), "private, no-store");
}

on_both! {
    async fn signing_up_in_and_out_have_the_documented_shapes(site: Site) {
        let body = json!({"username": "ada", "password": PASSWORD, "password_confirm": PASSWORD, "email": "ada@sphere.example"});
        let up = site.post_json("/api/auth/signup/", &body).await;
        assert_eq!(up.status, 201, "{}", up.body);
        assert!(up.set_cookies().is_empty(), "a program gets no cookies");
        let up = up.json();
        assert_eq!((&up["username"], &up["user"]["username"]), (&json!("ada"), &json!("ada")));
        assert_eq!(up["id"], up["user"]["id"]);
        assert!(up["access"].is_string() && up["refresh"].is_string());
        assert!(!up.to_string().contains("password"), "{up}");

        for name in ["ada", "ADA", "ada@sphere.example", "Ada@Sphere.Example"] {
            let login = site.post_json("/api/auth/login", &json!({"username": name, "password": PASSWORD})).await;
            assert_eq!(login.status, 200, "{name}: {}", login.body);
            assert_eq!(login.json()["user"]["id"], up["id"]);
        }
        let member = Member::of(&up);
        let out = answer(site.request(Method::POST, "/api/auth/logout/").bearer_auth(&member.access)).await;
        assert_eq!((out.status, out.json()["detail"].is_string()), (200, true));
        assert!(!opens(&site, &member.access).await, "at once, not when the token runs out");
        assert_eq!(refresh(&site, &member.refresh).await.code(), "token_not_valid");
    }

    async fn what_is_wrong_stands_beside_its_field(site: Site) {
        site.member("ada").await;
        for (body, field) in [
            (json!({"username": "ADA", "password": PASSWORD}), "username"),
            (json!({"username": "аda", "password": PASSWORD}), "username"),
            (json!({"username": "admin", "password": PASSWORD}), "username"),
            (json!({"username": "a\u{0}b", "password": PASSWORD}), "username"),
            (json!({"username": "x".repeat(5000), "password": PASSWORD}), "username"),
            (json!({"username": "bob", "password": "short"}), "password"),
            (json!({"username": "bob", "password": "password"}), "password"),
            (json!({"username": "bobby-the-first", "password": "bobby-the-first"}), "password"),
            (json!({"username": "bob", "password": "x".repeat(257)}), "password"),
            (json!({"username": "bob", "password": PASSWORD, "password_confirm": "x"}), "password_confirm"),
            (json!({"username": "bob", "password": PASSWORD, "email": "nope"}), "email"),
            (json!({"username": "bob", "password": PASSWORD, "email": "a\u{0}@b.co"}), "email"),
        ] {
            let refused = site.post_json("/api/auth/signup/", &body).await;
            assert_eq!((refused.status, refused.code().as_str()), (400, "invalid_field"), "{body}");
            assert_is_the_error_body(&refused);
            let json = refused.json();
            assert!(json[field][0].is_string(), "{field}: {json}");
            assert_eq!(json[field], json["error"]["details"][field]);
            assert!(!refused.body.contains(PASSWORD));
        }
    }

    async fn wrong_credentials_get_one_answer(site: Site) {
        site.member("ada").await;
        let mut answers = Vec::new();
        for name in ["ada", "nobody", "a\u{0}b", "%", "ada' --"] {
            let body = json!({"username": name, "password": "not the password"});
            let refused = site.post_json("/api/auth/login/", &body).await;
            assert_eq!(refused.status, 401, "{name:?}: {}", refused.body);
            assert_eq!(refused.header("www-authenticate"), "Bearer");
            answers.push(refused.body);
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "{answers:?}");
    }

    async fn a_refresh_token_is_spent_once_and_reuse_ends_the_family(site: Site) {
        let ada = site.member("ada").await;
        let first = refresh(&site, &ada.refresh).await;
        assert_eq!(first.status, 200, "{}", first.body);
        let first = first.json();
        let keys: Vec<_> = first.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(keys, ["access", "refresh"]);
        // Two tabs at once: the same successor, while it is unused.
        let twin = refresh(&site, &ada.refresh).await.json();
        assert_eq!(twin["refresh"], first["refresh"]);
        let second = refresh(&site, first["refresh"].as_str().unwrap()).await.json();
        assert!(opens(&site, second["access"].as_str().unwrap()).await);
        let reused = refresh(&site, &ada.refresh).await;
        assert_eq!((reused.status, reused.code().as_str()), (401, "token_not_valid"));
        for access in [&ada.access, first["access"].as_str().unwrap(), second["access"].as_str().unwrap()] {
            assert!(!opens(&site, access).await, "the whole family is over at once");
        }
        assert_eq!(refresh(&site, second["refresh"].as_str().unwrap()).await.status, 401);
        assert!(opens(&site, &site.sign_in("ada").await.access).await, "the account itself lives");
    }

    async fn what_only_the_server_may_say_is_ignored(site: Site) {
        let body = json!({
            "username": "ada", "password": PASSWORD, "is_staff": true, "is_superuser": true, "is_active": false,
            "id": "00000000-0000-0000-0000-000000000001", "password_hash": "x", "created_at": 0, "later": {"a": []},
        });
        let up = site.post_json("/api/auth/register/", &body).await;
        assert_eq!(up.status, 201, "{}", up.body);
        assert_ne!(up.json()["id"], body["id"]);
        let rows = site.database.connect().await;
        let sql = "SELECT count(*) FROM account WHERE username = 'ada' AND is_active AND NOT is_staff AND NOT is_superuser";
        let statement = sea_orm::Statement::from_string(sea_orm::ConnectionTrait::get_database_backend(&rows), sql);
        let row = sea_orm::ConnectionTrait::query_one_raw(&rows, statement).await.unwrap().unwrap();
        assert_eq!(row.try_get_by_index::<i64>(0).unwrap(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_no_json_of_the_right_shape() {
    let site = Site::sqlite().await;
    let send = async |path: &str, kind: Option<&str>, body: Vec<u8>| {
        let request = site.request(Method::POST, path).body(body);
        let request = match kind {
            Some(kind) => request.header("content-type", kind),
            None => request,
        };
        answer(request).await
    };
    let json = Some("application/json");
    // Invalid UTF-8 is found where it stands, or not at all where nobody reads the field.
    let broken = send("/api/auth/login/", json, b"{\"username\": \"\xff\"}".to_vec()).await;
    assert_eq!((broken.status, broken.code().as_str()), (400, "invalid_json"));
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for path in ["/api/auth/signup/", "/api/auth/login/", "/api/auth/token/refresh/"] {
        for (kind, body, status, code) in [
            (json, b"{".to_vec(), 400, "invalid_json"),
            (json, b"".to_vec(), 400, "invalid_json"),
            (json, deep.clone().into_bytes(), 400, "invalid_field"),
            (json, b"[]".to_vec(), 400, "invalid_field"),
            (json, b"null".to_vec(), 400, "invalid_field"),
            (json, b"7".to_vec(), 400, "invalid_field"),
            (json, b"{}".to_vec(), 400, "invalid_field"),
            (json, br#"{"username":1,"password":[],"refresh":{}}"#.to_vec(), 400, "invalid_field"),
            (
                json,
                br#"{"username":null,"password":null,"refresh":null}"#.to_vec(),
                400,
                "invalid_field",
            ),
            (json, vec![b' '; 1024 * 1024 + 1], 413, "too_large"),
            (Some("text/plain"), b"{}".to_vec(), 415, "unsupported_media_type"),
            (
                Some("application/x-www-form-urlencoded"),
                b"username=ada".to_vec(),
                415,
                "unsupported_media_type",
            ),
            (None, b"{}".to_vec(), 415, "unsupported_media_type"),
        ] {
            let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
            let refused = send(path, kind, body).await;
            assert_eq!(
                (refused.status, refused.code().as_str()),
                (status, code),
                "{path} {kind:?} {shown}"
            );
            assert_is_the_error_body(&refused);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bearer_counts_before_a_cookie_and_a_bad_one_is_refused() {
    let site = Site::sqlite().await;
    let ada = site.member("ada").await;
    let bob = crate::Browser::member(&site, "bob").await;
    let cookies = bob.cookie_line();
    let refused = |token: String| {
        let request = bob.with_cookies(site.request(Method::GET, MESSAGES));
        answer(request.header("authorization", token))
    };
    let forged = format!("{}x", ada.access);
    let unsigned = {
        let claims = ada.access.split('.').nth(1).unwrap();
        format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.")
    };
    for token in ["", "x", "null", &forged, &unsigned, &ada.refresh, "a.b.c", &"x".repeat(6_000)] {
        for scheme in ["Bearer", "bearer", "BEARER"] {
            let answer = refused(format!("{scheme} {token}")).await;
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (401, "token_not_valid"),
                "{scheme} {token}"
            );
        }
    }
    let body = json!({"content": "from ada"});
    let sent = post(
        &site,
        MESSAGES,
        &[("authorization", &format!("Bearer {}", ada.access)), ("cookie", &cookies)],
        &body,
    )
    .await;
    assert_eq!((sent.status, &sent.json()["sender"]["username"]), (201, &json!("ada")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_ran_out_says_so() {
    let site =
        Site::but(|config| config.rules.access_token_lifetime = std::time::Duration::ZERO).await;
    let ada = site.member("ada").await;
    // The last second that the token names is its own.
    let expired = async {
        loop {
            let answer = answer(site.request(Method::GET, MESSAGES).bearer_auth(&ada.access)).await;
            if answer.status != 200 {
                return answer;
            }
        }
    };
    let expired = tokio::time::timeout(test_support::PATIENCE, expired).await.unwrap();
    assert_eq!((expired.status, expired.code().as_str()), (401, "token_expired"));
    // What a client does next still carries the old token.
    let old = format!("Bearer {}", ada.access);
    let next = post(
        &site,
        "/api/auth/token/refresh/",
        &[("authorization", &old)],
        &json!({"refresh": ada.refresh}),
    )
    .await;
    assert_eq!(next.status, 200, "{}", next.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_ours_gets_cookies_too_and_no_other_page_does() {
    let site = Site::sqlite().await;
    site.member("ada").await;
    let body = json!({"username": "ada", "password": PASSWORD});
    let own = post(&site, "/api/auth/login/", &[("origin", OWN_ORIGIN)], &body).await;
    assert_eq!(own.set_cookies().len(), 3, "{:?}", own.set_cookies());
    let cookie = own.set_cookie("spherespace_refresh").unwrap();
    assert!(!cookie.contains(own.json()["refresh"].as_str().unwrap()), "two chains");
    for headers in [
        &[][..],
        &[("origin", "https://evil.example")],
        &[("sec-fetch-site", "cross-site"), ("origin", OWN_ORIGIN)],
    ] {
        let foreign = post(&site, "/api/auth/login/", headers, &body).await;
        assert_eq!((foreign.status, foreign.set_cookies().len()), (200, 0), "{headers:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_two_chains_of_a_session_do_not_spend_each_other() {
    let site = Site::sqlite().await;
    site.member("ada").await;
    let body = json!({"username": "ada", "password": PASSWORD});
    let login = post(&site, "/api/auth/login/", &[("origin", OWN_ORIGIN)], &body).await;
    let member = Member::of(&login.json());
    let cookie =
        login.set_cookie("spherespace_refresh").unwrap().split(';').next().unwrap().to_owned();
    for _ in 0..2 {
        assert_eq!(refresh(&site, &member.refresh).await.status, 200);
    }
    let page =
        answer(site.request(Method::GET, "/settings/sessions").header("cookie", cookie)).await;
    assert_eq!(page.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_is_slowed_down_for_an_address_and_for_an_account() {
    let site = Site::but(|config| {
        config.rules.sign_ups_per_minute = 2;
        config.rules.sign_ins_per_minute = 3;
    })
    .await;
    for (path, allowed) in [("/api/auth/signup/", 2), ("/api/auth/login/", 3)] {
        let body = json!({"username": "nobody", "password": "x"});
        for _ in 0..allowed {
            assert_ne!(site.post_json(path, &body).await.status, 429);
        }
        let refused = site.post_json(path, &body).await;
        assert_eq!((refused.status, refused.code().as_str()), (429, "rate_limited"), "{path}");
        let wait: u64 = refused.header("retry-after").parse().unwrap();
        assert!((1..=60).contains(&wait), "{wait}");
        assert!(refused.json()["retry_after_ms"].as_u64().unwrap() <= wait * 1000);
        // Nobody gets around it by naming another address.
        let spoofed = post(&site, path, &[("x-forwarded-for", "203.0.113.9")], &body).await;
        assert_eq!(spoofed.status, 429, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_trusted_proxy_each_client_has_its_own_limit() {
    let site = Site::but(|config| {
        config.rules.sign_ins_per_minute = 1;
        config.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    })
    .await;
    let body = json!({"username": "nobody", "password": "x"});
    let from = async |hops: &str| {
        post(&site, "/api/auth/login/", &[("x-forwarded-for", hops)], &body).await.status
    };
    assert_eq!(from("203.0.113.1").await, 401);
    assert_eq!(from("203.0.113.2").await, 401);
    assert_eq!(from("203.0.113.1").await, 429);
    assert_eq!(
        from("198.51.100.7, 203.0.113.1").await,
        429,
        "what the client wrote itself does not count"
    );
}
