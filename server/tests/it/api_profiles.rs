//! Profiles, following and pictures as their clients see them.

use crate::conversing::post;
use crate::site::{Answer, Site, answer};
use crate::{Member, on_both};
use image::{DynamicImage, ImageFormat};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

async fn ask(site: &Site, member: &Member, method: Method, path: &str) -> Answer {
    answer(site.request(method, path).bearer_auth(&member.access)).await
}

async fn get(site: &Site, member: &Member, path: &str) -> Value {
    ask(site, member, Method::GET, path).await.json()
}

fn names(list: &Value) -> Vec<&str> {
    let rows = list.as_array().expect("a bare array").iter();
    rows.map(|row| row["username"].as_str().unwrap()).collect()
}

pub(crate) fn picture(format: ImageFormat) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    DynamicImage::new_rgb8(400, 300).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A file whose name and type say the opposite of what it is.
fn file(field: &'static str, bytes: Vec<u8>) -> Form {
    let part = Part::bytes(bytes).file_name("../../x.svg").mime_str("image/svg+xml").unwrap();
    Form::new().part(field, part)
}

async fn change(site: &Site, member: &Member, form: Form) -> Answer {
    let request = site.request(Method::PATCH, "/api/auth/user/").bearer_auth(&member.access);
    answer(request.multipart(form)).await
}

on_both! {
    async fn s46_a_profile_and_its_lists_always_carry_their_counts(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        for (method, path) in [(Method::POST, "follow"), (Method::PUT, "follow")] {
            let followed = ask(&site, &ada, method, &format!("/api/users/Bob/{path}/")).await;
            assert_eq!(followed.status, 200);
            let state = followed.json();
            assert_eq!(state, json!({"detail": "You follow bob.", "is_following": true, "followers_count": 1}));
        }
        let profile = get(&site, &ada, "/api/users/bob/").await;
        for (key, value) in [
            ("id", json!(bob.id)), ("username", json!("bob")), ("first_name", json!("")),
            ("last_name", json!("")), ("profile_image", json!(null)), ("bio", json!("")),
            ("posts_count", json!(0)), ("followers_count", json!(1)), ("following_count", json!(0)),
            ("posts", json!([])), ("is_following", json!(true)), ("is_verified", json!(false)),
            ("badge", json!(null)),
        ] {
            assert_eq!(profile[key], value, "{key}");
        }
        assert_eq!(site.get("/api/users/bob/").await.json()["is_following"], false, "for a stranger");
        let stats = get(&site, &bob, "/api/stats/").await;
        assert_eq!((&stats["followers_count"], &stats["karma"]), (&json!(1), &json!(0)));
        let following = get(&site, &ada, "/api/users/following/").await;
        assert_eq!(names(&following), ["bob"]);
        for key in ["id", "first_name", "last_name", "profile_image", "followers_count", "bio"] {
            assert!(following[0].get(key).is_some(), "{key}");
        }
        for method in [Method::POST, Method::DELETE] {
            let path = if method == Method::POST { "unfollow" } else { "follow" };
            let gone = ask(&site, &ada, method, &format!("/api/users/bob/{path}/")).await;
            assert_eq!(gone.json()["is_following"], false);
            assert_eq!(gone.json()["followers_count"], 0);
        }
    }

    async fn s46_the_posts_of_a_profile_carry_their_counts_and_are_the_readers_to_see(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        for (title, visibility) in [("For all", "public"), ("For a few", "followers")] {
            let body = json!({"title": title, "content": "Some words.", "visibility": visibility});
            let request = site.request(Method::POST, "/api/posts/").bearer_auth(&ada.access);
            let posted = answer(request.json(&body)).await;
            assert_eq!(posted.status, 201, "{}", posted.body);
        }
        let titles = |profile: &Value| {
            let posts = profile["posts"].as_array().unwrap().clone();
            for post in &posts {
                for key in ["likes_count", "dislikes_count", "comments_count", "views_count"] {
                    assert_eq!(post[key], 0, "{key}");
                }
            }
            posts.iter().map(|post| post["title"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let seen = get(&site, &bob, "/api/users/ada/").await;
        assert_eq!((titles(&seen), &seen["posts_count"]), (vec!["For all".to_owned()], &json!(2)));
        ask(&site, &bob, Method::POST, "/api/users/ada/follow/").await;
        assert_eq!(titles(&get(&site, &bob, "/api/users/ada/").await), ["For a few", "For all"]);
        let page = site.get("/u/ada").await;
        assert!(page.body.contains("For all") && !page.body.contains("For a few"));
    }

    async fn following_is_refused_where_there_is_nobody_to_follow(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let own = ask(&site, &ada, Method::POST, "/api/users/ada/follow/").await;
        assert_eq!((own.status, own.code().as_str()), (400, "invalid_field"));
        let nobody = ask(&site, &ada, Method::POST, "/api/users/nobody/follow/").await;
        assert_eq!(nobody.status, 404);
        ask(&site, &bob, Method::PUT, "/api/users/ada/block/").await;
        for (who, path) in [(&ada, "/api/users/bob/"), (&bob, "/api/users/ada/")] {
            let follow = ask(&site, who, Method::POST, &format!("{path}follow/")).await;
            let seen = ask(&site, who, Method::GET, path).await;
            assert_eq!((follow.status, seen.status), (404, 404), "{path}");
        }
    }

    async fn suggestions_and_the_most_followed_are_bare_arrays(site: Site) {
        let ada = site.member("ada").await;
        for n in 0..7 {
            site.member(&format!("person{n}")).await;
        }
        ask(&site, &ada, Method::POST, "/api/users/person3/follow/").await;
        let suggested = get(&site, &ada, "/api/suggestions/").await;
        assert_eq!(names(&suggested).len(), 5);
        assert!(!names(&suggested).contains(&"ada") && !names(&suggested).contains(&"person3"));
        let explored = get(&site, &ada, "/api/explore/").await;
        assert_eq!((names(&explored).len(), names(&explored)[0]), (7, "person3"));
        assert_eq!(names(&site.get("/api/explore/").await.json()).len(), 8);
    }

    async fn a_picture_is_shown_wherever_its_person_is(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        site.say(&ada, "before").await;
        let form = file("image", picture(ImageFormat::Png)).text("first_name", "Ada");
        let changed = change(&site, &ada, form).await;
        assert_eq!(changed.status, 200, "{}", changed.body);
        let own = changed.json();
        let image = own["profile"]["image"].as_str().unwrap().to_owned();
        assert_eq!(own["first_name"], "Ada");
        let profile = site.get("/api/users/ada/").await.json();
        assert_eq!(profile["profile_image"], image);
        let sent = site.say(&ada, "after").await;
        assert_eq!(sent["sender"]["profile_image"], image);
        let history = site.get("/api/chat/global/messages/").await.json();
        assert_eq!(history[0]["sender"]["profile_image"], image);
        let found = get(&site, &bob, "/api/people/?search=ada").await;
        assert_eq!(found["results"][0]["profile_image"], image);
        post(&site, &ada, "/api/posts/", &json!({"title": "Tea", "content": "x"})).await;
        post(&site, &ada, "/api/communities/", &json!({"name": "Tea"})).await;
        let (read, place) = (site.get("/api/posts/tea/").await.json(), site.get("/api/communities/tea/").await.json());
        let members = site.get("/api/communities/tea/members/").await.json();
        for author in [&read["author"], &place["creator"], &members["results"][0]["user"]] {
            assert_eq!(author["profile_image"], image, "whole and everywhere the same");
        }
        let path = &image[image.find("/media/").unwrap()..];
        assert!(image.starts_with("http://"), "{image}");
        let file = site.get(path).await;
        assert_eq!((file.status, file.header("content-type")), (200, "image/webp"));
        assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(file.header("x-content-type-options"), "nosniff");
        assert!(file.header("content-security-policy").starts_with("default-src 'none'; frame"));
        let gone = change(&site, &ada, Form::new().text("image", "")).await;
        assert!(gone.json()["profile"]["image"].is_null());
        assert!(site.get("/api/users/ada/").await.json()["profile_image"].is_null());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn s17_a_file_is_a_picture_by_its_content_or_refused_beside_its_field() {
    let site = Site::sqlite().await;
    let ada = site.member("ada").await;
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP] {
        for field in ["image", "banner"] {
            let taken = change(&site, &ada, file(field, picture(format))).await;
            assert_eq!(taken.status, 200, "{format:?}: {}", taken.body);
        }
    }
    for hostile in [
        b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>".to_vec(),
        b"<!doctype html><script>alert(1)</script>".to_vec(),
    ] {
        let refused = change(&site, &ada, file("image", hostile)).await;
        assert_eq!((refused.status, refused.code().as_str()), (400, "invalid_field"));
        assert!(refused.json()["image"][0].as_str().unwrap().contains("JPEG"));
    }
    let cropped = file("image", picture(ImageFormat::Png))
        .text("crop_x", "390")
        .text("crop_y", "0")
        .text("crop_width", "100")
        .text("crop_height", "100");
    assert_eq!(change(&site, &ada, cropped).await.status, 400, "outside of it");
    let long = change(&site, &ada, file("image", vec![0; 11 * 1024 * 1024])).await;
    assert_eq!((long.status, long.code().as_str()), (413, "too_large"));
    let request = site.request(Method::PATCH, "/api/auth/user/").bearer_auth(&ada.access);
    let json = answer(request.json(&json!({"bio": "x".repeat(2 * 1024 * 1024)}))).await;
    assert_eq!(json.status, 413, "only a form with files may be so long");
    let request = site.request(Method::PATCH, "/api/auth/user/").bearer_auth(&ada.access);
    let broken = request.header("content-type", "multipart/form-data; boundary=x").body("--x\r\n");
    assert_eq!(answer(broken).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_but_pictures_is_had_where_pictures_are() {
    let site = Site::sqlite().await;
    let ada = site.member("ada").await;
    let own = change(&site, &ada, file("image", picture(ImageFormat::Png))).await.json();
    let image = own["profile"]["image"].as_str().unwrap();
    let id = image.rsplit('/').nth(1).unwrap();
    for path in [
        format!("/media/{id}/127.webp"),
        format!("/media/{id}/0128.webp"),
        format!("/media/{id}/128.png"),
        format!("/media/{id}/..%2f128.webp"),
        format!("/media/{}/128.webp", id.to_uppercase()),
        format!("/media/{}/128.webp", id.replace('-', "")),
        "/media/00000000-0000-7000-8000-000000000000/128.webp".into(),
        "/media/x/128.webp".into(),
        "/media/..%2f..%2fsecret_key/128.webp".into(),
    ] {
        assert_eq!(site.get(&path).await.status, 404, "{path}");
    }
    assert_eq!(site.get(&format!("/media/{id}/64.webp")).await.status, 200);
}
