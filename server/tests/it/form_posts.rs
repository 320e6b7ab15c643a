//! Posts in a browser without script: writing, reading, answering.

use reqwest::Method;
use serde_json::Value;

use crate::site::{Site, answer};
use crate::{Browser, on_both};

async fn publish(browser: &mut Browser<'_>, title: &str, content: &str) -> String {
    let form = [("form", "post"), ("title", title), ("content", content), ("do", "publish")];
    let sent = browser.post("/posts/new", &form).await;
    assert_eq!(sent.status, 303, "{}", sent.body);
    sent.location().to_owned()
}

on_both! {
    async fn a_post_is_written_read_liked_answered_and_deleted_without_script(site: Site) {
        let mut ada = Browser::member(&site, "ada").await;
        let mut bob = Browser::member(&site, "bob").await;
        let path = publish(&mut ada, "Ночь & Tag", "# Hi\n\n<script>alert(1)</script> #music").await;
        assert_eq!(path, "/posts/%D0%BD%D0%BE%D1%87%D1%8C-tag");
        let page = bob.get(&path).await;
        assert_eq!(page.status, 200);
        assert!(page.body.contains("<h2>Hi</h2>") && page.body.contains("&lt;script&gt;alert"), "{}", page.body);
        assert!(page.body.contains("application/ld+json") && page.body.contains(r#"rel="canonical""#));
        assert!(!page.body.contains(" style="), "no inline style");
        let home = bob.get("/").await;
        assert!(home.body.contains("Ночь &amp; Tag") && home.body.contains("data-part"), "{}", home.body);
        for (verb, sign) in [("like", "Like, 1"), ("bookmark", "Saved")] {
            let done = bob.post(&format!("{path}/{verb}"), &[("next", "/?tab=fresh#x")]).await;
            assert_eq!((done.status, done.location()), (303, "/?tab=fresh#x"));
            assert!(bob.get(&path).await.body.contains(sign), "{verb}");
        }
        assert!(bob.get("/?tab=saved").await.body.contains("Ночь"));
        let said = bob.post(&format!("{path}/comments"), &[("content", "<b>good</b>"), ("next", &path)]).await;
        let place = said.location().to_owned();
        assert!(said.status == 303 && place.starts_with(&format!("{path}#comment-")), "{place}");
        let id = place.rsplit_once("#comment-").unwrap().1.to_owned();
        let answered = ada.post(&format!("{path}/comments"), &[("content", "thanks"), ("parent", &id)]).await;
        assert_eq!(answered.status, 303);
        let page = site.get(&path).await;
        assert!(page.body.contains("&lt;b&gt;good&lt;/b&gt;") && page.body.contains("thanks"), "{}", page.body);
        assert!(page.body.contains("2 comments"));
        let thread = site.get(&format!("{path}/comments/{id}")).await;
        assert!(thread.status == 200 && thread.body.contains("thanks"));
        assert_eq!(bob.post(&format!("{path}/comments/{id}/like"), &[]).await.status, 303);
        assert_eq!(bob.post(&format!("{path}/comments/{id}/edit"), &[("content", "better")]).await.status, 303);
        assert!(site.get(&path).await.body.contains("better"));
        assert_eq!(ada.post(&format!("{path}/comments/{id}/delete"), &[]).await.status, 403, "not hers");
        assert_eq!(bob.post(&format!("{path}/comments/{id}/delete"), &[]).await.status, 303);
        assert!(site.get(&path).await.body.contains("This comment was taken back"));
        let gone = ada.post(&format!("{path}/delete"), &[]).await;
        assert!(gone.location().starts_with("/drafts?deleted="), "{}", gone.location());
        assert_eq!(site.get(&path).await.status, 404);
        let drafts = ada.get(gone.location()).await;
        let restore = drafts.between(r#"action="/posts/"#, "\"").to_owned();
        let back = ada.post(&format!("/posts/{restore}"), &[]).await;
        assert_eq!((back.status, back.location()), (303, path.as_str()));
    }

    async fn no_title_ends_the_title_of_a_page(site: Site) {
        let mut ada = Browser::member(&site, "ada").await;
        let path = publish(&mut ada, "</title></script><img src=x onerror=alert(1)>", "words").await;
        for page in [path.clone(), format!("{path}/history"), "/".into(), "/u/ada".into()] {
            let page = ada.get(&page).await;
            assert!(page.status == 200 && !page.body.contains("<img src=x"), "{}", page.body);
            assert_eq!(page.body.matches("</title>").count(), 1, "{}", page.body);
        }
    }

    async fn what_cannot_be_a_post_comes_back_as_it_was_typed(site: Site) {
        let mut ada = Browser::member(&site, "ada").await;
        let hostile = "</textarea><b>words</b>";
        let form = [("form", "post"), ("title", ""), ("content", hostile), ("tags", "one"), ("do", "publish")];
        let refused = ada.post("/posts/new", &form).await;
        assert_eq!(refused.status, 400);
        assert!(refused.body.contains("A post needs a title."), "{}", refused.body);
        assert!(refused.body.contains("&lt;/textarea>&lt;b>words"), "{}", refused.body);
        assert!(refused.body.contains(r#"value="one""#));
        let looked = ada.post("/posts/new", &[("title", "T"), ("content", "*hi*"), ("do", "preview")]).await;
        assert!(looked.status == 200 && looked.body.contains("<em>hi</em>"), "{}", looked.body);
        assert!(looked.body.contains(r#"value="T""#));
        assert_eq!(ada.get("/drafts").await.body.matches("/edit\"").count(), 0, "nothing was stored");
    }

    async fn two_windows_on_one_draft_never_write_over_each_other_unasked(site: Site) {
        let mut ada = Browser::member(&site, "ada").await;
        let request = site.request(Method::POST, "/posts/new").header("accept", "application/json").header("sec-fetch-site", "same-origin");
        let begun = ada.with_cookies(request).form(&[("title", "Tea"), ("content", "one"), ("do", "keep")]);
        let begun: Value = serde_json::from_str(&answer(begun).await.body).unwrap();
        let edit = format!("/posts/{}/edit", begun["id"].as_str().unwrap());
        let opened = begun["saved_at"].to_string();
        assert!(ada.get(&edit).await.body.contains(&format!(r#"name="saved_at" value="{opened}""#)));
        let write = |content| [("form", "post"), ("title", "Tea"), ("content", content), ("do", "keep"), ("saved_at", opened.as_str())];
        assert_eq!(ada.post(&edit, &write("two")).await.status, 303);
        let request = site.request(Method::POST, &edit).header("accept", "application/json").header("sec-fetch-site", "same-origin");
        let by_itself = answer(ada.with_cookies(request).form(&write("three"))).await;
        assert!(by_itself.status == 409 && by_itself.body.contains("edit_conflict"), "{}", by_itself.body);
        let late = ada.post(&edit, &write("three")).await;
        assert_eq!(late.status, 409);
        assert!(late.body.contains("saved elsewhere since you opened it"), "{}", late.body);
        assert!(late.between("<textarea", "</textarea>").contains("three"), "nothing typed is lost");
        assert!(ada.get(&edit).await.between("<textarea", "</textarea>").contains("two"));
        let fresh = late.between(r#"name="saved_at" value=""#, "\"").to_owned();
        let again = [("title", "Tea"), ("content", "three"), ("do", "keep"), ("saved_at", fresh.as_str())];
        assert_eq!(ada.post(&edit, &again).await.status, 303, "who knows of the other may replace it");
        assert!(ada.get(&edit).await.between("<textarea", "</textarea>").contains("three"));
    }

    async fn drafts_are_saved_changed_and_planned(site: Site) {
        let mut ada = Browser::member(&site, "ada").await;
        let saved = ada.post("/posts/new", &[("title", "Later"), ("content", "x"), ("do", "keep")]).await;
        assert_eq!((saved.status, saved.location()), (303, "/drafts"));
        let drafts = ada.get("/drafts").await;
        let edit = format!("/posts/{}/edit", drafts.between("href=\"/posts/", "/edit\"").rsplit("href=\"/posts/").next().unwrap());
        assert!(ada.get(&edit).await.body.contains(r#"value="Later""#));
        let mut eve = Browser::member(&site, "eve").await;
        assert_eq!(eve.get(&edit).await.status, 404);
        assert_eq!(eve.post(&edit, &[("title", "x"), ("content", "y"), ("do", "keep")]).await.status, 404);
        let later = [("title", "Later"), ("content", "x"), ("publish_at", "2026-11-24T12:00"), ("zone", "-60"), ("do", "publish")];
        let past = ada.post(&edit, &[("title", "Later"), ("content", "x"), ("publish_at", "2001-01-01T12:00"), ("do", "publish")]).await;
        assert!(past.status == 400 && past.body.contains("within a year"), "{}", past.body);
        let soon = wire::UnixMillis(domain::clock::now().0 + 3_600_000).to_string();
        let planned = ada.post(&edit, &[later[0], later[1], ("publish_at", &soon[..16]), later[4]]).await;
        assert_eq!((planned.status, planned.location()), (303, "/drafts"));
        assert!(ada.get("/drafts").await.body.contains("Will be published"));
        assert_eq!(site.get("/posts/later").await.status, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_read_and_are_asked_to_sign_in_for_the_rest() {
    let site = Site::sqlite().await;
    let mut ada = Browser::member(&site, "ada").await;
    let path = publish(&mut ada, "Post", "Words").await;
    for page in ["/posts/new".to_owned(), "/drafts".to_owned(), format!("{path}/edit")] {
        let sent = site.get(&page).await;
        assert_eq!((sent.status, sent.location()), (303, format!("/login?next={page}").as_str()));
    }
    let mut stranger = Browser::new(&site);
    for verb in ["like", "comments", "delete"] {
        let refused = stranger.post(&format!("{path}/{verb}"), &[("content", "x")]).await;
        assert!([303, 401].contains(&refused.status), "{verb}: {}", refused.status);
    }
    let read = site.get(&path).await;
    assert!(read.status == 200 && read.body.contains("Sign in to join the conversation"));
    for missing in [
        "/posts/nothing",
        "/posts/post/comments/x",
        "/posts/post/nothing",
        "/tags/a%2Fb",
        "/posts/%00",
    ] {
        assert_eq!(site.get(missing).await.status, 404, "{missing}");
    }
    let history = site.get("/posts/post/history").await;
    assert!(
        history.status == 200 && history.body.contains("It has not been changed"),
        "{}",
        history.body
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_read_what_everybody_may_read() {
    let site = Site::sqlite().await;
    let mut ada = Browser::member(&site, "ada").await;
    publish(&mut ada, "A <b> & c", "Words").await;
    let hidden =
        [("title", "Hidden"), ("content", "x"), ("visibility", "followers"), ("do", "publish")];
    assert_eq!(ada.post("/posts/new", &hidden).await.status, 303);
    let feed = site.get("/u/ADA/feed.xml").await;
    assert_eq!(
        (feed.status, feed.header("content-type")),
        (200, "application/atom+xml; charset=utf-8")
    );
    assert!(
        feed.body.contains("<title>A &lt;b&gt; &amp; c</title>") && !feed.body.contains("Hidden"),
        "{}",
        feed.body
    );
    let map = site.get("/sitemap.xml").await;
    let parts: Vec<_> = map.body.split("<loc>http://sphere.example").skip(1).collect();
    let parts: Vec<_> = parts.iter().map(|part| part.split('<').next().unwrap()).collect();
    assert_eq!((parts.len(), parts[0]), (2, "/sitemap/pages.xml"), "{}", map.body);
    assert!(site.get(parts[0]).await.body.contains("<loc>http://sphere.example/</loc>"));
    let week = site.get(parts[1]).await;
    assert_eq!(week.header("content-type"), "application/xml; charset=utf-8");
    assert!(
        week.body.contains("http://sphere.example/posts/a-b-c") && !week.body.contains("hidden"),
        "{}",
        week.body
    );
    for none in ["/sitemap/posts-x.xml", "/sitemap/posts-1", "/sitemap/else.xml"] {
        assert_eq!(site.get(none).await.status, 404, "{none}");
    }
    assert!(
        site.get("/robots.txt").await.body.contains("Sitemap: http://sphere.example/sitemap.xml")
    );
    assert_eq!(site.get("/u/nobody/feed.xml").await.status, 404);
    let tagged = publish(&mut ada, "Tagged", "#Music").await;
    assert!(site.get("/tags/music").await.body.contains(&tagged));
    assert!(site.get("/tags/silence").await.body.contains("Nothing here yet"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_not_looked_at_again_and_again() {
    let site = Site::but(|config| config.rules.offers_per_minute = 2).await;
    let mut ada = Browser::member(&site, "ada").await;
    let form = [("do", "preview"), ("title", "Tides"), ("content", "*words*")];
    for expected in [200, 200, 429] {
        let looked = ada.post("/posts/new", &form).await;
        assert_eq!(looked.status, expected, "{}", looked.body);
        assert!(
            looked.between("<textarea", "</textarea>").contains("*words*"),
            "what was typed stays"
        );
    }
}
