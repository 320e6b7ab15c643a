//! Streaks, achievements and the pulse as their clients see them.

use reqwest::Method;
use serde_json::{Value, json};

use crate::on_both;
use crate::site::{Answer, Member, Site, answer};

async fn ask(site: &Site, member: &Member, path: &str) -> Value {
    let asked = answer(site.request(Method::GET, path).bearer_auth(&member.access)).await;
    assert_eq!(asked.status, 200, "{path}: {}", asked.body);
    asked.json()
}

async fn send(site: &Site, member: &Member, path: &str, body: &Value) -> Answer {
    answer(site.request(Method::POST, path).bearer_auth(&member.access).json(body)).await
}

on_both! {
    async fn s39_any_request_is_a_visit_and_a_streak_has_its_documented_shape(site: Site) {
        let ada = site.member("ada").await;
        let streak = ask(&site, &ada, "/api/activity/streak/").await;
        assert_eq!((&streak["current_streak"], &streak["longest_streak"]), (&json!(1), &json!(1)));
        let days = streak["days"].as_array().unwrap();
        assert_eq!((days.len(), days.iter().filter(|day| **day == json!(true)).count()), (7, 1));
        assert_eq!(streak["week_start"].as_str().unwrap().len(), 10);
    }

    async fn s18_achievements_are_given_by_what_one_does_and_never_by_asking(site: Site) {
        let ada = site.member("ada").await;
        for path in ["/api/achievements/pending/", "/api/achievements/"] {
            let empty = ask(&site, &ada, path).await;
            assert!(empty.as_object().unwrap().values().all(|list| *list == json!([])), "{empty}");
        }
        let post = json!({"title": "One", "content": "x"});
        assert_eq!(send(&site, &ada, "/api/posts/", &post).await.status, 201);
        for _ in 0..2 {
            let pending = ask(&site, &ada, "/api/achievements/pending/").await;
            assert_eq!(pending["pending"][0]["id"], "first_post");
            assert!(pending["pending"][0]["earned_at"].as_str().unwrap().ends_with('Z'));
        }
        let shown = json!({"achievement_id": "first_post"});
        let marked = send(&site, &ada, "/api/achievements/mark-shown/", &shown).await;
        assert_eq!((marked.status, &marked.json()["detail"]), (200, &json!("Achievement marked as shown")));
        assert_eq!(ask(&site, &ada, "/api/achievements/pending/").await, json!({"pending": []}));
        assert_eq!(ask(&site, &ada, "/api/achievements/").await["achievements"][0]["id"], "first_post");
        for (id, status) in [("karma_king", 404), ("millionaire", 400)] {
            let body = json!({"achievement_id": id});
            assert_eq!(send(&site, &ada, "/api/achievements/mark-shown/", &body).await.status, status, "{id}");
        }
        assert_eq!(send(&site, &ada, "/api/achievements/mark-shown/", &json!({})).await.status, 400);
    }

    async fn the_pulse_is_counted_and_open_to_everybody(site: Site) {
        let ada = site.member("ada").await;
        send(&site, &ada, "/api/posts/", &json!({"title": "One", "content": "x"})).await;
        let pulse = site.get("/api/activity/pulse/").await.json();
        assert_eq!(pulse, json!({"pulse": 45, "posts_count": 1, "comments_count": 0, "active_users": 1}));
    }
}
