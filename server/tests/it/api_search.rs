//! Search over REST and as pages, as its clients and readers see it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::site::{Answer, Site, answer};
use crate::{Member, on_both};

async fn search(site: &Site, member: Option<&Member>, query: &[(&str, &str)]) -> Answer {
    let address = reqwest::Url::parse_with_params(&site.url("/api/search/"), query).unwrap();
    let query = address.query().unwrap_or_default();
    let request = site.request(Method::GET, &format!("/api/search/?{query}"));
    let request = match member {
        Some(member) => request.bearer_auth(&member.access),
        None => request,
    };
    answer(request).await
}

async fn found(site: &Site, member: Option<&Member>, q: &str) -> Value {
    let answer = search(site, member, &[("q", q)]).await;
    assert_eq!(answer.status, 200, "{q}: {}", answer.body);
    answer.json()
}

async fn send(site: &Site, member: &Member, path: &str, body: &Value) -> Value {
    let request = site.request(Method::POST, path).bearer_auth(&member.access).json(body);
    let answer = answer(request).await;
    assert!([200, 201].contains(&answer.status), "{path}: {}", answer.body);
    answer.json()
}

fn titles(found: &Value) -> Vec<&str> {
    found["posts"].as_array().unwrap().iter().map(|post| post["title"].as_str().unwrap()).collect()
}

on_both! {
    async fn search_answers_in_the_shape_of_spherespace_with_more_beside_it(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let post = json!({"title": "Tea & <time>", "content": "Leaves in **hot** water"});
        send(&site, &ada, "/api/posts/", &post).await;
        send(&site, &ada, "/api/communities/", &json!({"name": "Hot tea"})).await;
        send(&site, &bob, "/api/chat/global/messages/", &json!({"content": "hot news", "client_id": "1"})).await;
        site.index_messages(1).await;
        let all = found(&site, Some(&bob), "hot").await;
        let post = &all["posts"][0];
        for key in ["id", "public_id", "slug", "content", "post_image_url", "date_posted"] {
            assert!(post.get(key).is_some(), "{key}: {post}");
        }
        assert_eq!((&post["title"], &post["likes_count"], &post["comments_count"]), (&json!("Tea & <time>"), &json!(0), &json!(0)));
        assert_eq!(post["highlight"], json!({"title": "Tea &amp; &lt;time&gt;", "excerpt": "Leaves in <mark>hot</mark> water"}));
        for key in ["id", "first_name", "last_name", "profile_image", "followers_count", "bio"] {
            assert!(post["author"].get(key).is_some(), "{key}");
        }
        assert_eq!(all["communities"][0]["slug"], "hot-tea");
        assert_eq!(all["communities"][0]["highlight"]["name"], "<mark>Hot</mark> tea");
        let message = &all["messages"][0];
        assert_eq!((&message["conversation_id"], &message["seq"], &message["url"]), (&json!("global"), &json!(1), &json!("/chat/global?at=1#m1")));
        assert_eq!(message["sender"]["username"], "bob");
        let people = found(&site, None, "ad").await;
        assert_eq!(people["users"][0]["username"], "ada");
        assert_eq!(people["users"][0]["highlight"]["name"], "<mark>ada</mark>");
        for short in ["", " ", "a"] {
            let nothing = found(&site, None, short).await;
            assert_eq!(nothing, json!({"users": [], "posts": [], "communities": [], "messages": [], "next": null}));
        }
    }

    async fn one_type_is_read_page_by_page(site: Site) {
        let ada = site.member("ada").await;
        for n in 0..5 {
            send(&site, &ada, "/api/posts/", &json!({"title": format!("Needle {n}"), "content": "x"})).await;
        }
        let page = |page: &'static str| [("q", "needle"), ("type", "posts"), ("page_size", "2"), ("page", page)];
        let first = search(&site, None, &page("1")).await.json();
        assert_eq!((titles(&first), &first["next"]), (vec!["Needle 4", "Needle 3"], &json!(2)));
        let last = search(&site, None, &page("3")).await.json();
        assert_eq!((titles(&last), &last["next"]), (vec!["Needle 0"], &json!(null)));
        for wrong in ["4", "0", "99999"] {
            assert_eq!(search(&site, None, &page(wrong)).await.status, 404, "{wrong}");
        }
        assert_eq!(search(&site, None, &[("q", "needle"), ("type", "spheres")]).await.status, 400);
        assert_eq!(search(&site, None, &[("q", "needle"), ("page", "x")]).await.status, 400);
    }

    async fn a_question_that_is_none_is_told_at_its_field(site: Site) {
        for q in ["x".repeat(10_000), "has:money".into(), "before:soon".into(), "-only".into()] {
            let refused = search(&site, None, &[("q", &q)]).await;
            assert_eq!(refused.status, 400, "{}", refused.body);
            let body = refused.json();
            assert!(body["q"][0].is_string() && body["error"]["details"]["q"][0].is_string(), "{body}");
        }
    }

    async fn s_25_a_stranger_finds_nothing_of_a_private_community_but_its_card(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        send(&site, &ada, "/api/communities/", &json!({"name": "Secret tea", "is_private": true})).await;
        let inside = json!({"title": "Needle", "content": "inside", "community_slug": "secret-tea"});
        send(&site, &ada, "/api/posts/", &inside).await;
        assert_eq!(titles(&found(&site, Some(&ada), "needle").await), ["Needle"]);
        for reader in [None, Some(&bob)] {
            assert_eq!(titles(&found(&site, reader, "needle").await), Vec::<&str>::new());
            assert_eq!(titles(&found(&site, reader, "in:secret-tea needle").await), Vec::<&str>::new());
            assert_eq!(found(&site, reader, "secret").await["communities"][0]["is_private"], true);
        }
    }

    async fn pages_of_search_keep_what_was_typed_and_lead_to_what_was_found(site: Site) {
        let ada = site.member("ada").await;
        send(&site, &ada, "/api/posts/", &json!({"title": "Needle \"<work>\"", "content": "thread & all"})).await;
        let page = site.get("/search?q=thread").await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains(r#"href="/posts/needle-work""#) && page.body.contains("<mark>thread</mark> &amp; all"), "{}", page.body);
        assert!(page.body.contains("Needle &quot;&lt;work&gt;&quot;") || page.body.contains("Needle \"&lt;work&gt;\""), "{}", page.body);
        let hostile = site.get("/search?q=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E").await;
        assert!(!hostile.body.contains("<script>alert"), "{}", hostile.body);
        let long = site.get(&format!("/search?q={}", "x".repeat(10_000))).await;
        assert_eq!(long.status, 400);
        assert!(long.body.contains("at most 200 characters") && long.body.contains(r#"aria-invalid="true""#));
        let day = site.get("/search?q=tea+before%3Asoon").await;
        assert!(day.status == 400 && day.body.contains(r#"value="tea before:soon""#), "{}", day.body);
        let begin = site.get("/search").await;
        assert!(begin.status == 200 && begin.body.contains("from:grace"), "{}", begin.body);
        let explore = site.get("/explore").await;
        assert!(explore.status == 200 && explore.body.contains("/posts/needle-work") && explore.body.contains("/u/ada"), "{}", explore.body);
    }
}
