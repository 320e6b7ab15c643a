//! Posts and comments over REST, in Spherespace's shapes.

use reqwest::Method;
use reqwest::multipart::Form;
use serde_json::{Value, json};

use crate::conversing::{NOTHING, ask, fully, get, got, keys, post, tell};
use crate::on_both;
use crate::site::{Member, OWN_ORIGIN, Site, answer};

/// What Spherespace's clients read of a post.
const POST: [&str; 18] = [
    "author",
    "comments_count",
    "community",
    "content",
    "date_posted",
    "dislikes_count",
    "id",
    "likes_count",
    "post_image",
    "post_image_url",
    "post_video",
    "post_video_url",
    "public_id",
    "slug",
    "title",
    "user_has_disliked",
    "user_has_liked",
    "views_count",
];
const COMMENT: [&str; 13] = [
    "author",
    "content",
    "created_at",
    "dislikes_count",
    "id",
    "likes_count",
    "parent",
    "post",
    "replies",
    "replies_count",
    "updated_at",
    "user_has_disliked",
    "user_has_liked",
];
const AUTHOR: [&str; 7] =
    ["badge", "first_name", "id", "is_verified", "last_name", "profile_image", "username"];

async fn publish(site: &Site, who: &Member, title: &str) -> Value {
    let written =
        post(site, who, "/api/posts/", &json!({"title": title, "content": "Words."})).await;
    assert_eq!(written.status, 201, "{}", written.body);
    written.json()
}

fn has(value: &Value, fields: &[&str]) {
    let keys = keys(value);
    for field in fields {
        assert!(keys.contains(field), "{field}: {value}");
    }
}

async fn say(site: &Site, who: &Member, body: Value) -> Value {
    let said = post(site, who, "/api/comments/", &body).await;
    assert_eq!(said.status, 201, "{}", said.body);
    said.json()
}

on_both! {
    async fn s46_every_post_carries_its_counts_wherever_it_stands(site: Site) {
        let ada = site.member("ada").await;
        let written = publish(&site, &ada, "Hello").await;
        let read = site.get("/api/posts/hello/").await.json();
        let listed = site.get("/api/posts/").await.json()["results"][0].clone();
        let best = site.get("/api/posts/trending/").await.json();
        let draft = post(&site, &ada, "/api/drafts/", &json!({})).await.json();
        for shape in [&written, &read, &listed, &best["results"][0], &draft] {
            has(shape, &POST);
            assert_eq!(keys(&shape["author"]), AUTHOR);
            for count in ["likes_count", "dislikes_count", "comments_count", "views_count", "bookmarks_count"] {
                assert_eq!(shape[count], 0, "{count}");
            }
        }
        assert_eq!((&best["count"], &best["algorithm"]), (&json!(1), &json!("wilson_hn_velocity")));
        assert_eq!((&written["slug"], &written["id"]), (&json!("hello"), &read["public_id"]));
        assert_eq!(got(&site, &ada, "/api/drafts/").await.as_array().unwrap().len(), 1);
        let id = read["id"].as_str().unwrap();
        assert_eq!(site.get(&format!("/api/posts/{id}")).await.json()["slug"], "hello");
    }

    async fn s21_times_are_the_servers(site: Site) {
        let ada = site.member("ada").await;
        let long_ago = "1999-01-01T00:00:00Z";
        let body = json!({"title": "Old", "content": "x", "date_posted": long_ago, "created_at": long_ago, "published_at": long_ago, "likes_count": 99, "author": NOTHING});
        let written = post(&site, &ada, "/api/posts/", &body).await.json();
        let changed = tell(&site, &ada, Method::PATCH, "/api/posts/old/", &body).await.json();
        let said = say(&site, &ada, json!({"post": "old", "content": "x", "created_at": long_ago})).await;
        for time in [&written["date_posted"], &changed["date_posted"], &said["created_at"]] {
            assert!(time.as_str().unwrap() > "2020", "{time}");
        }
        assert_eq!((&changed["likes_count"], &changed["author"]["username"]), (&json!(0), &json!("ada")));
    }

    async fn s03_s04_only_authors_write_and_others_are_told_so(site: Site) {
        let (ada, eve) = (site.member("ada").await, site.member("eve").await);
        publish(&site, &ada, "Mine").await;
        let said = say(&site, &ada, json!({"post": "mine", "content": "mine"})).await;
        let comment = format!("/api/comments/{}/", said["id"].as_str().unwrap());
        let body = json!({"title": "Hers", "content": "hers"});
        for path in ["/api/posts/mine/", &comment] {
            for method in [Method::PUT, Method::PATCH] {
                let refused = tell(&site, &eve, method, path, &body).await;
                assert_eq!(fully(&refused), (403, "forbidden".into()), "{path}");
            }
            let refused = ask(&site, &eve, Method::DELETE, path).await;
            assert_eq!(fully(&refused), (403, "forbidden".into()), "{path}");
            assert_eq!(answer(site.request(Method::DELETE, path).header("origin", OWN_ORIGIN)).await.status, 401);
        }
        let changed = tell(&site, &ada, Method::PATCH, "/api/posts/mine/", &json!({"content": "*new*"})).await.json();
        assert_eq!((&changed["title"], &changed["content_html"]), (&json!("Mine"), &json!("<p><em>new</em></p>\n")));
        assert_eq!(tell(&site, &ada, Method::PUT, &comment, &json!({"content": "new"})).await.json()["content"], "new");
        for path in [comment.as_str(), "/api/posts/mine/"] {
            assert_eq!(ask(&site, &ada, Method::DELETE, path).await.status, 204);
            assert_eq!(site.get(path).await.status, 404);
        }
        assert_eq!(ask(&site, &ada, Method::POST, "/api/posts/mine/restore/").await.status, 200);
        assert_eq!(site.get("/api/posts/mine/").await.status, 200);
    }

    async fn s43_liking_again_is_one_like_and_toggling_turns_round(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        publish(&site, &ada, "Post").await;
        let said = say(&site, &ada, json!({"post": "post", "content": "x"})).await;
        for path in ["/api/posts/post/".to_owned(), format!("/api/comments/{}/", said["id"].as_str().unwrap())] {
            for (method, verb, likes, dislikes) in [
                (Method::PUT, "like", 1, 0), (Method::PUT, "like", 1, 0), (Method::POST, "dislike", 0, 1),
                (Method::DELETE, "like", 0, 1), (Method::POST, "dislike", 0, 0), (Method::POST, "like", 1, 0),
                (Method::DELETE, "like", 0, 0), (Method::DELETE, "like", 0, 0),
            ] {
                let shape = ask(&site, &bob, method, &format!("{path}{verb}/")).await.json();
                assert_eq!((&shape["likes_count"], &shape["dislikes_count"]), (&json!(likes), &json!(dislikes)), "{path}{verb}");
                assert_eq!(shape["user_has_liked"], likes == 1);
            }
        }
        for (method, kept) in [(Method::PUT, true), (Method::PUT, true), (Method::POST, false), (Method::POST, true), (Method::DELETE, false)] {
            let shape = ask(&site, &bob, method, "/api/posts/post/bookmark/").await.json();
            assert_eq!((&shape["user_has_bookmarked"], &shape["bookmarks_count"]), (&json!(kept), &json!(i32::from(kept))));
        }
    }

    async fn s20_a_view_of_nothing_is_not_found(site: Site) {
        let ada = site.member("ada").await;
        publish(&site, &ada, "Post").await;
        for (path, status) in [("post", 200), ("nothing", 404), (NOTHING, 404), ("a%00b", 404)] {
            let request = site.request(Method::POST, &format!("/api/posts/{path}/view/")).header("origin", OWN_ORIGIN);
            assert_eq!(answer(request).await.status, status, "{path}");
        }
    }

    async fn s45_s62_comments_are_asked_for_by_post_and_nest(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let written = publish(&site, &ada, "Post").await;
        let mut parent = Value::Null;
        for depth in 0..6 {
            let body = json!({"post": written["id"], "content": depth.to_string(), "parent": parent});
            parent = say(&site, &bob, body).await["id"].clone();
        }
        let last = say(&site, &ada, json!({"post": "post", "content": "newest"})).await;
        let list = site.get(&format!("/api/comments/?post={}", written["id"].as_str().unwrap())).await.json();
        assert_eq!((list[0]["content"].as_str(), list.as_array().unwrap().len()), (Some("newest"), 2));
        has(&list[0], &COMMENT);
        assert_eq!((&list[0]["id"], keys(&last).len()), (&last["id"], COMMENT.len()));
        let mut comment = &list[1];
        for depth in 0..6 {
            assert_eq!(comment["content"], depth.to_string());
            comment = &comment["replies"][0];
        }
        assert_eq!(fully(&site.get("/api/comments/").await), (400, "invalid_field".into()));
        assert_eq!(site.get("/api/comments/?post=nothing").await.status, 404);
        assert_eq!(site.get("/api/comments/?post=post&limit=1").await.json().as_array().unwrap().len(), 1);
        let elsewhere = publish(&site, &ada, "Other").await;
        let refused = post(&site, &ada, "/api/comments/", &json!({"post": elsewhere["id"], "content": "x", "parent": parent})).await;
        assert_eq!((refused.status, refused.json()["parent"].is_array()), (400, true));
    }

    async fn a_post_may_come_as_a_form(site: Site) {
        let ada = site.member("ada").await;
        let form = Form::new().text("title", "By form").text("content", "x").text("post_image", "");
        let sent = answer(site.request(Method::POST, "/api/posts/").bearer_auth(&ada.access).multipart(form)).await;
        assert_eq!((sent.status, &sent.json()["slug"]), (201, &json!("by-form")), "{}", sent.body);
        let plain = site.request(Method::POST, "/api/posts/").bearer_auth(&ada.access).form(&[("title", "Plain"), ("content", "x")]);
        assert_eq!(answer(plain).await.status, 201);
        let film = reqwest::multipart::Part::bytes(b"film".to_vec()).file_name("a.mp4");
        let form = Form::new().text("title", "Film").text("content", "x").part("post_video", film);
        let sent = answer(site.request(Method::POST, "/api/posts/").bearer_auth(&ada.access).multipart(form)).await;
        assert_eq!((sent.status, sent.json()["post_video"].is_array()), (400, true), "{}", sent.body);
        assert_eq!(site.get("/api/posts/?page_size=1").await.json()["count"], 2);
        assert_eq!(site.get("/api/posts/?page=9").await.status, 404);
        assert_eq!(site.get("/api/posts/?community=nowhere").await.json()["count"], 0);
    }

    async fn s48_bad_values_are_400_and_never_500(site: Site) {
        let ada = site.member("ada").await;
        publish(&site, &ada, "Post").await;
        for limit in ["x", "0", "-1", "1.5", "99999999999999999999"] {
            let refused = site.get(&format!("/api/posts/trending/?limit={limit}")).await;
            assert_eq!(fully(&refused), (400, "invalid_field".into()), "{limit}");
        }
        assert_eq!(site.get("/api/posts/trending/?limit=9999").await.status, 200);
        for body in [
            json!({}), json!({"title": "x"}), json!({"title": 5, "content": "x"}),
            json!({"title": "x", "content": ["x"]}), json!({"title": "x".repeat(101), "content": "x"}),
            json!({"title": "x\u{0}", "content": "x"}), json!({"title": "x", "content": "x", "visibility": "nobody"}),
            json!({"title": "x", "content": "x", "publish_at": "tomorrow"}),
            json!({"title": "x", "content": "x", "publish_at": "2001-01-01T00:00:00Z"}),
            json!({"title": "x", "content": "x", "community_slug": "nowhere"}),
            json!({"title": "x", "content": "x", "cover_id": NOTHING}), json!([]), json!("x"),
        ] {
            let refused = post(&site, &ada, "/api/posts/", &body).await;
            assert_eq!(fully(&refused), (400, "invalid_field".into()), "{body}");
        }
        for body in [json!({}), json!({"post": "post"}), json!({"post": "post", "content": ""}), json!({"post": "post", "content": "x", "parent": "x"}), json!({"post": 5, "content": "x"})] {
            assert_eq!(post(&site, &ada, "/api/comments/", &body).await.status, 400, "{body}");
        }
        for path in ["/api/comments/x/", "/api/posts/%00/", "/api/posts/%FF/"] {
            assert_eq!(get(&site, &ada, path).await.status, 404, "{path}");
        }
    }
}
