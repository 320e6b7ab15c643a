//! Communities over REST.

use image::ImageFormat;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::api_profiles::picture;
use crate::conversing::{ask, fully, get, got, keys, post, tell};
use crate::on_both;
use crate::site::{Member, Site, answer};

const COMMUNITY: [&str; 19] = [
    "cover_image",
    "cover_image_url",
    "created_at",
    "creator",
    "description",
    "icon",
    "icon_url",
    "id",
    "is_member",
    "is_private",
    "members_count",
    "name",
    "pinned_post_id",
    "posts_count",
    "role",
    "room_id",
    "rules",
    "slow_mode_seconds",
    "slug",
];

async fn make(site: &Site, who: &Member, body: &Value) -> Value {
    let made = post(site, who, "/api/communities/", body).await;
    assert_eq!(made.status, 201, "{}", made.body);
    made.json()
}

on_both! {
    async fn s46_counts_are_always_there(site: Site) {
        let ada = site.member("ada").await;
        let made = make(&site, &ada, &json!({"name": "Tea"})).await;
        assert_eq!(keys(&made), COMMUNITY.to_vec());
        let shown = site.get("/api/communities/tea/").await.json();
        let listed = site.get("/api/communities/").await.json();
        let changed = tell(&site, &ada, Method::PATCH, "/api/communities/tea/", &json!({"rules": "x"})).await.json();
        for community in [&made, &shown, &listed["results"][0], &changed] {
            assert_eq!((&community["members_count"], &community["posts_count"]), (&json!(1), &json!(0)), "{community}");
            assert_eq!(keys(&community["creator"]).iter().filter(|key| ["id", "username", "profile_image", "is_verified", "badge"].contains(*key)).count(), 5);
        }
    }

    async fn s05_only_those_who_look_after_it_change_a_community(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        make(&site, &ada, &json!({"name": "Tea"})).await;
        post(&site, &bob, "/api/communities/tea/join/", &json!({})).await;
        for (method, body) in [(Method::PUT, json!({"name": "Mine"})), (Method::PATCH, json!({"name": "Mine"})), (Method::DELETE, json!({}))] {
            let refused = tell(&site, &bob, method, "/api/communities/tea/", &body).await;
            assert_eq!(fully(&refused), (403, "forbidden".into()));
        }
        for action in ["accept", "decline", "remove", "ban", "unban"] {
            let refused = post(&site, &bob, "/api/communities/tea/members/ada/", &json!({"action": action})).await;
            assert_eq!(refused.status, 403, "{action}");
        }
        assert_eq!(get(&site, &bob, "/api/communities/tea/requests/").await.status, 403);
        assert_eq!(got(&site, &bob, "/api/communities/tea/").await["name"], "Tea");
    }

    async fn s25_a_private_community_is_shut_to_strangers(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        make(&site, &ada, &json!({"name": "Quiet", "is_private": true, "rules": "Be kind."})).await;
        let card = got(&site, &bob, "/api/communities/quiet/").await;
        assert_eq!((&card["name"], &card["rules"], &card["is_member"]), (&json!("Quiet"), &json!(""), &json!(false)));
        for _ in 0..2 {
            let asked = post(&site, &bob, "/api/communities/quiet/join/", &json!({})).await;
            assert_eq!((asked.status, asked.json()), (200, json!({"status": "requested", "role": null})));
        }
        assert_eq!(get(&site, &bob, "/api/communities/quiet/members/").await.status, 404);
        assert_eq!(site.get("/api/communities/quiet/members/").await.status, 404);
        assert_eq!(ask(&site, &bob, Method::POST, "/api/communities/quiet/room/").await.status, 403);
        let accepted = post(&site, &ada, "/api/communities/quiet/members/bob/", &json!({"action": "accept"})).await;
        assert_eq!(accepted.status, 204);
        assert_eq!(got(&site, &bob, "/api/communities/quiet/members/").await["count"], 2);
        assert_eq!(got(&site, &bob, "/api/communities/quiet/").await["rules"], "Be kind.");
    }

    async fn s42_a_taken_name_is_told_at_its_field_and_any_script_has_an_address(site: Site) {
        let ada = site.member("ada").await;
        make(&site, &ada, &json!({"name": "New"})).await;
        let slug = make(&site, &ada, &json!({"name": "東京 写真部"})).await["slug"].as_str().unwrap().to_owned();
        assert_eq!(got(&site, &ada, &format!("/api/communities/{slug}/")).await["name"], "東京 写真部");
        let taken = post(&site, &ada, "/api/communities/", &json!({"name": "new"})).await;
        assert_eq!(fully(&taken), (400, "invalid_field".into()));
        assert!(taken.json()["name"].is_array());
    }

    async fn pages_of_communities_hold_six(site: Site) {
        let ada = site.member("ada").await;
        for n in 0..8 {
            make(&site, &ada, &json!({"name": format!("Place {n}")})).await;
        }
        let first = site.get("/api/communities/").await.json();
        assert_eq!((first["count"].as_i64(), first["results"].as_array().map(Vec::len)), (Some(8), Some(6)));
        assert_eq!(first["results"][0]["name"], "Place 7");
        let second = site.get("/api/communities/?page=2").await.json();
        assert_eq!(second["results"].as_array().map(Vec::len), Some(2));
        assert_eq!(site.get("/api/communities/?page=3").await.status, 404);
    }

    async fn an_owner_stays_and_is_told_so_in_the_old_words(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        make(&site, &ada, &json!({"name": "Tea"})).await;
        let joined = post(&site, &bob, "/api/communities/tea/join/", &json!({})).await.json();
        assert_eq!(joined, json!({"status": "joined", "role": "member"}));
        let stays = post(&site, &ada, "/api/communities/tea/leave/", &json!({})).await;
        assert_eq!((stays.status, &stays.json()["error"]), (400, &json!("Creator cannot leave the community")));
        let missing = post(&site, &ada, "/api/communities/tea/members/bob/", &json!({"action": "role"})).await;
        assert_eq!(fully(&missing), (400, "invalid_field".into()));
        let handed = post(&site, &ada, "/api/communities/tea/members/bob/", &json!({"action": "role", "role": "owner"})).await;
        assert_eq!(handed.status, 204);
        let left = post(&site, &ada, "/api/communities/tea/leave/", &json!({})).await;
        assert_eq!((left.status, left.json()), (200, json!({"status": "left"})));
    }

    async fn a_form_makes_a_community_with_its_pictures(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let part = |bytes: Vec<u8>| Part::bytes(bytes).file_name("x.svg").mime_str("text/html").unwrap();
        let png = || part(picture(ImageFormat::Png));
        let send = async |who: &Member, method: Method, path: &str, form: Form| {
            answer(site.request(method, path).bearer_auth(&who.access).multipart(form)).await
        };
        let (all, tea) = ("/api/communities/", "/api/communities/tea/");
        let form = Form::new().text("name", "Tea").text("is_private", "true").text("slow_mode_seconds", "60");
        let made = send(&ada, Method::POST, all, form.part("icon", png()).part("cover_image", png())).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let made = made.json();
        assert_eq!((&made["is_private"], &made["slow_mode_seconds"]), (&json!(true), &json!(60)));
        for (field, size) in [("icon", 256), ("icon_url", 256), ("cover_image", 1200), ("cover_image_url", 1200)] {
            let url = made[field].as_str().unwrap();
            assert!(url.starts_with("http") && url.ends_with(&format!("/{size}.webp")), "{field}: {url}");
        }
        let html = Form::new().text("name", "Other").part("icon", part(b"<html>".to_vec()));
        let refused = send(&ada, Method::POST, all, html).await;
        assert_eq!((refused.status, refused.json()["icon"].is_array()), (400, true), "{}", refused.body);
        assert_eq!(send(&ada, Method::POST, all, Form::new().text("name", "x").text("is_private", "perhaps")).await.status, 400);
        assert_eq!(site.get(all).await.json()["count"], 1, "what was refused made nothing");
        assert_eq!(send(&bob, Method::PATCH, tea, Form::new().part("icon", png())).await.status, 403);
        let changed = send(&ada, Method::PATCH, tea, Form::new().text("icon", "").part("cover_image", png())).await.json();
        assert!(changed["icon"].is_null() && changed["is_private"] == true, "{changed}");
        assert_ne!(changed["cover_image"], made["cover_image"]);
        let long = json!({"name": "x", "rules": "x".repeat(1024 * 1024)});
        assert_eq!(post(&site, &ada, all, &long).await.status, 413, "only pictures may be long");
    }
}
