//! `/api/auth/user/` and `/api/auth/users/` as their clients see them.

use crate::site::{Answer, OWN_ORIGIN, Site, answer};
use crate::{Browser, Member, on_both};
use reqwest::Method;
use serde_json::{Value, json};
use test_support::PASSWORD;

async fn get(site: &Site, member: &Member, path: &str) -> Answer {
    answer(site.request(Method::GET, path).bearer_auth(&member.access)).await
}

async fn patch(site: &Site, member: &Member, body: &Value) -> Answer {
    let request = site.request(Method::PATCH, "/api/auth/user/").bearer_auth(&member.access);
    answer(request.json(body)).await
}

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

fn names(page: &Value) -> Vec<&str> {
    let rows = page["results"].as_array().unwrap().iter();
    rows.map(|row| row["username"].as_str().unwrap()).collect()
}

const OWN: [&str; 12] = [
    "badge",
    "created_at",
    "email",
    "first_name",
    "id",
    "is_verified",
    "last_name",
    "profile",
    "show_presence",
    "show_read_receipts",
    "username",
    "who_can_message",
];

on_both! {
    async fn oneself_has_the_documented_fields_by_bearer_and_by_cookie(site: Site) {
        let ada = site.member("ada").await;
        let seen = get(&site, &ada, "/api/auth/user/").await.json();
        assert_eq!(keys(&seen), OWN);
        assert_eq!(seen["profile"], json!({"image": null, "bio": ""}));
        let browser = Browser::sign_in(&site, "ada").await;
        let request = browser.with_cookies(site.request(Method::GET, "/api/auth/user"));
        assert_eq!(answer(request).await.json(), seen);
    }

    async fn signing_up_and_in_tell_the_same_fields_beside_the_tokens(site: Site) {
        site.member("ada").await;
        let body = json!({"username": "ada", "password": PASSWORD});
        let login = site.post_json("/api/auth/login/", &body).await.json();
        for key in OWN.iter().chain(&["user", "access", "refresh"]) {
            assert!(login.get(key).is_some(), "{key}: {login}");
        }
        let user = ["created_at", "id", "is_online", "last_seen", "username"];
        assert_eq!(keys(&login["user"]), user);
    }

    async fn only_what_may_be_changed_is_changed(site: Site) {
        let ada = site.member("ada").await;
        let body = json!({
            "first_name": "Ada", "bio": "<b>counts</b>", "email": "ada@sphere.example",
            "current_password": PASSWORD, "later": {"a": [1]},
            "id": "x", "username": "root", "is_staff": true, "is_verified": true, "badge": "premium", "created_at": 0,
        });
        let changed = patch(&site, &ada, &body).await;
        assert_eq!(changed.status, 200, "{}", changed.body);
        let seen = changed.json();
        assert_eq!((&seen["first_name"], &seen["profile"]["bio"]), (&json!("Ada"), &json!("<b>counts</b>")));
        assert_eq!((&seen["username"], &seen["is_verified"], &seen["badge"]), (&json!("ada"), &json!(false), &json!(null)));
        assert_eq!(get(&site, &ada, "/api/auth/user").await.json(), seen);
        assert_eq!(patch(&site, &ada, &json!({})).await.json(), seen);
        let bad = patch(&site, &ada, &json!({"email": "nope", "first_name": "x".repeat(151)})).await;
        assert_eq!((bad.status, bad.code().as_str()), (400, "invalid_field"));
        assert!(bad.json()["email"][0].is_string() && bad.json()["first_name"][0].is_string());
        let kind = patch(&site, &ada, &json!({"bio": 7})).await;
        assert_eq!(kind.json()["bio"], kind.json()["error"]["details"]["bio"]);
        assert_eq!(kind.status, 400);
    }

    async fn what_one_shows_of_oneself_is_ones_own_choice(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let shown = get(&site, &bob, "/api/auth/users/?search=ada").await.json();
        assert!(shown["results"][0]["last_seen"].is_string(), "{shown}");
        let choice = json!({"show_presence": false, "show_read_receipts": false, "who_can_message": "nobody"});
        let changed = patch(&site, &ada, &choice).await.json();
        for (field, value) in choice.as_object().unwrap() {
            assert_eq!(&changed[field], value, "{changed}");
        }
        let hidden = get(&site, &bob, "/api/auth/users/?search=ada").await.json();
        assert!(hidden["results"][0]["last_seen"].is_null(), "{hidden}");
        let bad = patch(&site, &ada, &json!({"who_can_message": "strangers"})).await;
        assert_eq!((bad.status, bad.json()["who_can_message"][0].is_string()), (400, true), "{}", bad.body);
        assert_eq!(get(&site, &ada, "/api/auth/user/").await.json(), changed);
    }

    async fn people_come_in_pages_without_oneself(site: Site) {
        let ada = site.member("ada").await;
        for n in 10..35 {
            site.member(&format!("person{n}")).await;
        }
        let first = get(&site, &ada, "/api/auth/users/").await.json();
        assert_eq!(keys(&first), ["count", "next", "previous", "results"]);
        assert_eq!((&first["count"], names(&first).len()), (&json!(25), 20));
        assert_eq!(first["next"], format!("{OWN_ORIGIN}/api/auth/users/?page=2"));
        assert!(first["previous"].is_null());
        assert_eq!(keys(&first["results"][0]), ["created_at", "id", "is_online", "last_seen", "username"]);
        let second = get(&site, &ada, "/api/auth/users/?page=2").await.json();
        assert_eq!((names(&second).len(), &second["next"]), (5, &json!(null)));
        let all = get(&site, &ada, "/api/auth/users/?page_size=1000").await.json();
        assert_eq!([names(&first), names(&second)].concat(), names(&all));
        let found = get(&site, &ada, "/api/auth/users/?search=PERSON1&page_size=3&page=2").await.json();
        assert_eq!(names(&found), ["person13", "person14", "person15"]);
        for beyond in ["page=3", "page=0", "page=x", "page=-1"] {
            let lost = get(&site, &ada, &format!("/api/auth/users/?{beyond}")).await;
            assert_eq!((lost.status, lost.code().as_str()), (404, "not_found"), "{beyond}");
        }
        let none = get(&site, &ada, "/api/auth/users/?search=nobody").await.json();
        assert_eq!((&none["count"], names(&none).len()), (&json!(0), 0));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn s12_searching_too_often_says_when_to_come_back() {
    let site = Site::but(|config| config.rules.searches_per_minute = 1).await;
    let ada = site.member("ada").await;
    assert_eq!(get(&site, &ada, "/api/auth/users/?search=a").await.status, 200);
    let refused = get(&site, &ada, "/api/auth/users/?search=a").await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "rate_limited"));
    assert!((1..=60).contains(&refused.header("retry-after").parse::<u64>().unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_alone_changes_nothing_from_elsewhere() {
    let site = Site::sqlite().await;
    let ada = Browser::member(&site, "ada").await;
    for (name, value, status) in [
        ("x-csrftoken", "anything", 403),
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "same-site", 403),
        ("origin", "https://evil.example", 403),
        ("origin", OWN_ORIGIN, 200),
        ("sec-fetch-site", "same-origin", 200),
    ] {
        let request = ada.with_cookies(site.request(Method::PATCH, "/api/auth/user/"));
        let request = request.header(name, value).json(&json!({"bio": "x"}));
        assert_eq!(answer(request).await.status, status, "{name}: {value}");
    }
    let csrf = site.get("/api/csrf/").await;
    assert_eq!((csrf.status, csrf.json()), (200, json!({"detail": "ok"})));
    assert!(csrf.set_cookies().is_empty());
}
