//! Finding people, keeping them away, and reporting.

use reqwest::Method;
use serde_json::{Value, json};

use crate::conversing::{NOTHING, ask, friends, fully, get, got, keys, post, write};
use crate::on_both;
use crate::site::Site;

const CARD: [&str; 8] = [
    "badge",
    "created_at",
    "id",
    "is_online",
    "is_verified",
    "last_seen",
    "profile_image",
    "username",
];

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|row| row["username"].as_str().unwrap()).collect()
}

on_both! {
    async fn s66_people_are_found_in_steps_by_the_beginning_of_their_name(site: Site) {
        let ada = site.member("ada").await;
        for name in ["bell", "bella", "belle", "carol"] {
            site.member(name).await;
        }
        let first = got(&site, &ada, "/api/people/?search=BEL&limit=2").await;
        assert_eq!((keys(&first), keys(&first["results"][0])), (vec!["next", "results"], CARD.to_vec()));
        let next = first["next"].as_str().unwrap();
        let second = got(&site, &ada, &format!("/api/people/?search=bel&limit=2&after={next}")).await;
        assert_eq!([names(&first["results"]), names(&second["results"])].concat(), ["bell", "bella", "belle"]);
        assert!(second["next"].is_null());
        assert_eq!(got(&site, &ada, "/api/people/?search=arol").await["results"], json!([]));
        assert_eq!(names(&got(&site, &ada, "/api/people/").await["results"]).len(), 4, "not oneself");
        for query in ["limit=x", "limit=-1", "search=a&search=b"] {
            assert_eq!(fully(&get(&site, &ada, &format!("/api/people/?{query}")).await), (400, "invalid_field".into()), "{query}");
        }
    }

    async fn both_lists_of_people_find_the_same(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        site.member("bobby").await;
        ask(&site, &bob, Method::PUT, "/api/users/ada/block/").await;
        for search in ["b", "BOB", "ob", "", "%25", "a%00b"] {
            let steps = got(&site, &ada, &format!("/api/people/?search={search}")).await;
            let pages = got(&site, &ada, &format!("/api/auth/users/?search={search}")).await;
            assert_eq!(names(&steps["results"]), names(&pages["results"]), "{search}");
        }
    }

    async fn whoever_is_blocked_is_out_of_sight_for_both(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        for _ in 0..2 {
            let blocked = ask(&site, &ada, Method::PUT, "/api/users/BOB/block/").await;
            assert_eq!((blocked.status, blocked.body.as_str()), (204, ""));
        }
        let list = got(&site, &ada, "/api/blocked/").await;
        assert_eq!((keys(&list[0]), names(&list)), (CARD.to_vec(), vec!["bob"]));
        assert!(list[0]["last_seen"].is_null());
        assert_eq!(got(&site, &bob, "/api/blocked/").await, json!([]), "he is not told");
        for (who, whom) in [(&ada, "bob"), (&bob, "ada")] {
            assert_eq!(got(&site, who, &format!("/api/people/?search={whom}")).await["results"], json!([]));
            let refused = post(&site, who, "/api/conversations/", &json!({"username": whom})).await;
            assert_eq!((refused.status, refused.code().as_str()), (403, "cannot_message"));
        }
        for _ in 0..2 {
            assert_eq!(ask(&site, &ada, Method::DELETE, "/api/users/bob/block/").await.status, 204);
        }
        assert_eq!(names(&got(&site, &bob, "/api/people/?search=ada").await["results"]), ["ada"]);
        for _ in 0..2 {
            assert_eq!(ask(&site, &ada, Method::PUT, "/api/users/bob/mute/").await.status, 204);
        }
        for _ in 0..2 {
            assert_eq!(ask(&site, &ada, Method::DELETE, "/api/users/bob/mute/").await.status, 204);
        }
    }

    async fn nobody_and_oneself_are_not_to_be_kept_away(site: Site) {
        let ada = site.member("ada").await;
        for method in [Method::PUT, Method::DELETE] {
            for what in ["block", "mute"] {
                for (name, status, code) in [("nobody", 404, "not_found"), ("a%00b", 404, "not_found"), ("ada", 400, "invalid_field")] {
                    let refused = ask(&site, &ada, method.clone(), &format!("/api/users/{name}/{what}/")).await;
                    assert_eq!(fully(&refused), (status, code.into()), "{method} {name} {what}");
                }
            }
        }
    }

    async fn what_is_wrong_is_reported_once_and_only_where_it_can_be_seen(site: Site) {
        let (ada, bob, eve) = (site.member("ada").await, site.member("bob").await, site.member("eve").await);
        let id = friends(&site, &ada, (&bob, "bob")).await;
        let message = write(&site, &ada, &id, "buy this").await["id"].clone();
        for report in [
            json!({"kind": "user", "id": ada.id, "reason": "impersonation"}),
            json!({"kind": "message", "id": message, "reason": "spam", "note": "again", "later": 1}),
            json!({"kind": "conversation", "id": id, "reason": "other"}),
        ] {
            for _ in 0..2 {
                let filed = post(&site, &bob, "/api/reports/", &report).await;
                assert_eq!((filed.status, filed.json()["detail"].is_string()), (201, true), "{report}: {}", filed.body);
            }
            let hidden = post(&site, &eve, "/api/reports/", &report).await;
            let expected = if report["kind"] == "user" { 201 } else { 404 };
            assert_eq!(hidden.status, expected, "{report}");
        }
        for (report, status) in [
            (json!({"kind": "user", "id": bob.id, "reason": "spam"}), 400),
            (json!({"kind": "user", "id": NOTHING, "reason": "spam"}), 404),
            (json!({"kind": "planet", "id": NOTHING, "reason": "spam"}), 400),
            (json!({"kind": "user", "id": ada.id, "reason": "because"}), 400),
            (json!({"kind": "user", "id": "x", "reason": "spam"}), 400),
            (json!({"kind": "user", "reason": "spam"}), 400),
            (json!({"kind": "user", "id": ada.id, "reason": "spam", "note": "x".repeat(1001)}), 400),
            (json!({"kind": "user", "id": ada.id, "reason": "spam", "note": "a\u{0}b"}), 400),
        ] {
            let refused = post(&site, &bob, "/api/reports/", &report).await;
            assert_eq!(fully(&refused).0, status, "{report:.90}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn s12_looking_for_people_too_often_says_when_to_come_back() {
    let site = Site::but(|config| config.rules.searches_per_minute = 2).await;
    let ada = site.member("ada").await;
    assert_eq!(get(&site, &ada, "/api/people/?search=a").await.status, 200);
    assert_eq!(get(&site, &ada, "/api/auth/users/?search=a").await.status, 200);
    for path in ["/api/people/?search=a", "/api/auth/users/?search=a"] {
        let refused = get(&site, &ada, path).await;
        assert_eq!(fully(&refused), (429, "rate_limited".into()), "{path}");
        assert!((1..=60).contains(&refused.header("retry-after").parse::<u64>().unwrap()));
    }
}
