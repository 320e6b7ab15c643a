//! What can be done with conversations and messages without script.

use crate::on_both;
use crate::site::Site;
use crate::talk::{accepted, group, write_to};
use crate::{Answer, Browser};

fn visible(page: &Answer) -> &str {
    page.body.split("<body").nth(1).unwrap_or_default()
}

/// The page of the newest message that holds a text, from the conversation's page.
async fn message(browser: &mut Browser<'_>, talk: &str, text: &str) -> String {
    let page = browser.get(talk).await;
    let (_, after) = page.body.rsplit_once(text).unwrap_or_else(|| panic!("{text}: {}", page.body));
    let (_, path) = after.split_once(&format!("{talk}/messages/")).unwrap();
    format!("{talk}/messages/{}", path.split('"').next().unwrap())
}

on_both! {
    async fn a_request_is_answered_with_one_button(site: Site) {
        let mut bob = Browser::member(&site, "bob").await;
        let (mut ada, mut cy) = (Browser::member(&site, "ada").await, Browser::member(&site, "cy").await);
        let mut eve = Browser::member(&site, "eve").await;
        let mut talks = Vec::new();
        for stranger in [&mut ada, &mut cy, &mut eve] {
            let talk = write_to(stranger, "bob").await;
            assert_eq!(stranger.post(&talk, &[("content", "hello")]).await.status, 303);
            talks.push(talk);
        }
        let accept = bob.post(&format!("{}/accept", talks[0]), &[]).await;
        assert_eq!((accept.status, accept.location()), (303, talks[0].as_str()));
        assert!(visible(&bob.get(&talks[0]).await).contains("<textarea"));
        let ignore = bob.post(&format!("{}/ignore", talks[1]), &[]).await;
        assert_eq!((ignore.status, ignore.location()), (303, "/chat/requests"));
        let block = bob.post(&format!("{}/block-request", talks[2]), &[("reason", "spam")]).await;
        assert_eq!((block.status, block.location()), (303, "/chat/requests"));
        assert!(visible(&bob.get("/chat/requests").await).contains("No requests"));
        let refused = eve.post(&talks[2], &[("content", "again")]).await;
        assert!(refused.status == 403 && refused.body.contains("again"), "{}", refused.body);
    }

    async fn the_fourth_word_of_a_stranger_waits_in_the_box(site: Site) {
        let mut eve = Browser::member(&site, "eve").await;
        Browser::member(&site, "bob").await;
        let talk = write_to(&mut eve, "bob").await;
        for n in 1..=3 {
            assert_eq!(eve.post(&talk, &[("content", &n.to_string())]).await.status, 303);
        }
        let fourth = eve.post(&talk, &[("content", "the fourth")]).await;
        assert_eq!(fourth.status, 403);
        assert!(visible(&fourth).contains("the fourth</textarea>"), "{}", fourth.body);
        assert!(visible(&fourth).contains("Wait for their answer"), "{}", fourth.body);
    }

    async fn a_message_is_changed_reacted_to_quoted_and_taken_back(site: Site) {
        let (mut ada, mut bob) = (Browser::member(&site, "ada").await, Browser::member(&site, "bob").await);
        let talk = accepted(&mut ada, &mut bob).await;
        ada.post(&talk, &[("content", "first words")]).await;
        let path = message(&mut ada, &talk, "first words").await;
        let back = ada.post(&format!("{path}/edit"), &[("form", "edit"), ("content", "better words")]).await;
        assert_eq!((back.status, back.location()), (303, format!("{talk}?at=2#m2").as_str()));
        assert!(visible(&bob.get(&talk).await).contains("better words"));

        let empty = ada.post(&format!("{path}/edit"), &[("form", "edit"), ("content", "  ")]).await;
        assert_eq!(empty.status, 400);
        assert!(visible(&empty).contains(r#"id="edit-issue" class="field__issue">There is nothing to send"#), "{}", empty.body);
        assert_eq!(bob.post(&format!("{path}/edit"), &[("content", "mine")]).await.status, 403);

        for _ in 0..2 {
            assert_eq!(bob.post(&format!("{path}/react"), &[("emoji", "👍"), ("on", "1")]).await.status, 303);
        }
        assert!(visible(&ada.get(&talk).await).contains("👍, 1 person"));
        assert_eq!(bob.post(&format!("{path}/react"), &[("emoji", "x")]).await.status, 400);

        let page = bob.get(&format!("{talk}?reply=2")).await;
        let answered = page.between(r#"name="reply_to" value=""#, "\"").to_owned();
        let refused = bob.post(&talk, &[("content", " "), ("reply_to", &answered)]).await;
        assert_eq!(refused.between(r#"name="reply_to" value=""#, "\""), answered, "it is still an answer");
        let id = page.between(r#"name="reply_to" value=""#, "\"").to_owned();
        bob.post(&talk, &[("content", "an answer"), ("reply_to", &id)]).await;
        let quoted = ada.get(&talk).await;
        assert!(visible(&quoted).contains(r##"href="#m2""##), "{}", quoted.body);

        assert_eq!(bob.post(&format!("{path}/unsend"), &[]).await.status, 403);
        assert_eq!(ada.post(&format!("{path}/unsend"), &[]).await.status, 303);
        let after = bob.get(&talk).await;
        assert!(!after.body.contains("better words"), "{}", after.body);
        assert!(visible(&after).contains("Message taken back"));
    }

    async fn a_group_is_made_and_looked_after(site: Site) {
        let (mut ada, mut bob) = (Browser::member(&site, "ada").await, Browser::member(&site, "bob").await);
        accepted(&mut ada, &mut bob).await;
        let mut cy = Browser::member(&site, "cy").await;
        accepted(&mut ada, &mut cy).await;
        let talk = group(&mut ada, "Band", &["bob"]).await;
        let details = format!("{talk}/details");
        let unnamed = ada.post("/chat/new", &[("group", "1"), ("title", " "), ("with", "bob")]).await;
        assert!(unnamed.status == 400 && visible(&unnamed).contains("1 to 100 characters"), "{}", unnamed.body);
        assert!(visible(&unnamed).contains(r#"value="bob""#), "who was picked stays picked");

        let renamed = ada.post(&format!("{talk}/rename"), &[("form", "rename"), ("title", "Orchestra")]).await;
        assert_eq!((renamed.status, renamed.location()), (303, details.as_str()));
        let long = "x".repeat(101);
        let refused = ada.post(&format!("{talk}/rename"), &[("form", "rename"), ("title", &long)]).await;
        assert!(refused.status == 400 && visible(&refused).contains(&long), "{}", refused.body);
        assert!(visible(&refused).contains(r#"aria-invalid="true""#));
        assert_eq!(bob.post(&format!("{talk}/rename"), &[("title", "Mine")]).await.status, 403);
        let me = ada.get(&details).await.between(r#"{"viewer":{"id":""#, "\"").to_owned();
        let role = bob.post(&format!("{talk}/role"), &[("member", &me), ("role", "member")]).await;
        assert!(role.status == 403 && visible(&role).contains(r#"role="alert" class="notice">You may not do this."#), "{}", role.body);

        let nobody = ada.post(&format!("{talk}/add"), &[("form", "add"), ("username", "cz")]).await;
        assert_eq!(nobody.status, 400);
        assert!(nobody.between(r#"id="add-issue""#, "</p>").contains("nobody of that name"), "{}", nobody.body);
        assert!(visible(&nobody).contains(r#"value="cz""#), "what was typed stays");
        assert_eq!(ada.post(&format!("{talk}/add"), &[("form", "add"), ("username", "cy")]).await.status, 303);
        let page = ada.get(&details).await;
        assert!(visible(&page).contains("3 members") && visible(&page).contains("Orchestra"));
        let member = page.between(r#"name="member" value=""#, "\"").to_owned();
        assert_eq!(ada.post(&format!("{talk}/role"), &[("member", &member), ("role", "admin")]).await.status, 303);
        assert!(visible(&ada.get(&details).await).contains("Admin"));
        assert_eq!(ada.post(&format!("{talk}/remove"), &[("member", &member)]).await.status, 303);
        assert!(visible(&ada.get(&details).await).contains("2 members"));
        let left = ada.post(&format!("{talk}/leave"), &[]).await;
        assert_eq!((left.status, left.location()), (303, "/chat"));
        assert_eq!(ada.get(&talk).await.status, 404);
    }

    async fn ones_own_place_is_muted_marked_drafted_and_deleted(site: Site) {
        let (mut ada, mut bob) = (Browser::member(&site, "ada").await, Browser::member(&site, "bob").await);
        let talk = accepted(&mut ada, &mut bob).await;
        for hours in ["abc", "9999", "-1", ""] {
            assert_eq!(bob.post(&format!("{talk}/mute"), &[("hours", hours)]).await.status, 400, "{hours}");
        }
        assert_eq!(bob.post(&format!("{talk}/mute"), &[("hours", "0")]).await.status, 303);
        assert!(visible(&bob.get(&format!("{talk}/details")).await).contains("Muted until you say otherwise"));
        assert_eq!(bob.post(&format!("{talk}/mute"), &[("hours", "8")]).await.status, 303);
        assert!(visible(&bob.get("/chat").await).contains("chat-row--muted"));
        assert!(visible(&bob.get(&format!("{talk}/details")).await).contains("Muted until"));
        assert_eq!(bob.post(&format!("{talk}/unmute"), &[]).await.status, 303);
        assert!(!visible(&bob.get("/chat").await).contains("chat-row--muted"));

        assert_eq!(bob.post(&format!("{talk}/unread"), &[]).await.status, 303);
        assert!(visible(&bob.get("/chat").await).contains("1 unread message"));

        assert_eq!(bob.post(&format!("{talk}/draft"), &[("content", "half a thou")]).await.status, 303);
        assert!(visible(&bob.get("/chat").await).contains("half a thou"));
        assert!(visible(&bob.get(&talk).await).contains("half a thou</textarea>"));
        assert_eq!(bob.post(&talk, &[("content", "half a thought")]).await.status, 303);
        assert!(!visible(&bob.get("/chat").await).contains("Draft:"), "what was sent is no draft");

        assert_eq!(bob.post(&format!("{talk}/delete"), &[]).await.status, 303);
        assert!(!visible(&bob.get("/chat").await).contains(&talk));
        assert!(visible(&ada.get("/chat").await).contains(&talk), "the other keeps it");
    }

    async fn a_block_ends_writing_on_both_sides_until_it_is_lifted(site: Site) {
        let (mut ada, mut bob) = (Browser::member(&site, "ada").await, Browser::member(&site, "bob").await);
        let talk = accepted(&mut ada, &mut bob).await;
        assert_eq!(bob.post(&format!("{talk}/block"), &[]).await.status, 303);
        assert!(visible(&bob.get(&talk).await).contains("You have blocked ada"));
        let refused = ada.post(&talk, &[("content", "hello?")]).await;
        assert!(refused.status == 403 && visible(&refused).contains("hello?"), "{}", refused.body);
        assert_eq!(bob.post(&format!("{talk}/unblock"), &[]).await.status, 303);
        assert_eq!(ada.post(&talk, &[("content", "hello!")]).await.status, 303);
    }

    async fn nobody_is_blocked_by_way_of_a_group(site: Site) {
        let (mut ada, mut bob) = (Browser::member(&site, "ada").await, Browser::member(&site, "bob").await);
        let group = group(&mut ada, "Band", &["bob"]).await;
        assert_eq!(ada.post(&format!("{group}/block"), &[]).await.status, 404);
        assert_eq!(ada.post(&format!("{group}/unblock"), &[]).await.status, 404);
        let talk = write_to(&mut bob, "ada").await;
        assert_eq!(bob.post(&talk, &[("content", "still here")]).await.status, 303);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_gets_no_page_back() {
    let site = Site::sqlite().await;
    let (mut ada, mut bob) =
        (Browser::member(&site, "ada").await, Browser::member(&site, "bob").await);
    let talk = accepted(&mut ada, &mut bob).await;
    let path = message(&mut bob, &talk, "hello").await;
    let ask = |browser: &Browser<'_>, verb: &str, form: &[(&str, &str)]| {
        let request = site.request(reqwest::Method::POST, &format!("{path}/{verb}"));
        let request =
            request.header("accept", "application/json").header("sec-fetch-site", "same-origin");
        crate::site::answer(browser.with_cookies(request).form(form))
    };
    let done = ask(&bob, "react", &[("emoji", "🎉"), ("on", "1")]).await;
    assert_eq!((done.status, done.body.as_str()), (204, ""));
    let refused = ask(&bob, "unsend", &[]).await;
    assert_eq!((refused.status, refused.code().as_str()), (403, "forbidden"));
    assert_eq!(ask(&Browser::new(&site), "unsend", &[]).await.status, 401);
    let foreign = site.request(reqwest::Method::POST, &format!("{path}/unsend"));
    let foreign = ada.with_cookies(foreign).header("origin", "http://evil.example");
    assert_eq!(crate::site::answer(foreign).await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_of_a_name_is_said_beside_the_search() {
    let site = Site::sqlite().await;
    let mut ada = Browser::member(&site, "ada").await;
    Browser::member(&site, "bobby").await;
    let found = ada.get("/chat/new?q=bob&with=zoe").await;
    assert!(
        visible(&found).contains("Write to bobby") && visible(&found).contains(r#"value="zoe""#)
    );
    assert!(visible(&ada.get("/chat/new?q=nobody").await).contains("Nobody is called"));
    let nobody = ada.post("/chat/new", &[("username", "nobody"), ("q", "nob&x")]).await;
    assert_eq!(nobody.status, 400, "{}", nobody.body);
    assert!(
        visible(&nobody).contains("There is nobody of that name")
            && visible(&nobody).contains("nob&amp;x")
    );
    let oneself = ada.post("/chat/new", &[("username", "ada")]).await;
    assert_eq!(oneself.status, 400);
    assert_eq!(ada.post("/chat/new", &[]).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_confirmed_and_needs_a_reason_that_there_is() {
    let site = Site::sqlite().await;
    let (mut ada, mut bob) =
        (Browser::member(&site, "ada").await, Browser::member(&site, "bob").await);
    let talk = accepted(&mut ada, &mut bob).await;
    let of_message = message(&mut bob, &talk, "hello").await;
    for path in [&talk, &of_message] {
        let path = format!("{path}/report");
        let strange = bob.post(&path, &[("reason", "boredom")]).await;
        assert_eq!(strange.status, 400, "{path}: {}", strange.body);
        let done = bob.post(&path, &[("reason", "spam")]).await;
        assert_eq!(done.status, 303, "{path}: {}", done.body);
        let thanks = bob.get(done.location()).await;
        assert!(visible(&thanks).contains("The report has arrived"), "{path}: {}", thanks.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn searching_too_fast_loses_nobody_who_was_picked() {
    let site = Site::but(|config| config.rules.searches_per_minute = 5).await;
    let mut ada = Browser::member(&site, "ada").await;
    let path = "/chat/new?q=b&with=zoe&with=yan&with=zoe";
    let mut page = ada.get(path).await;
    assert_eq!(visible(&page).matches(r#"value="zoe""#).count(), 1, "once: {}", page.body);
    for _ in 0..20 {
        if visible(&page).contains(r#"role="alert""#) {
            break;
        }
        page = ada.get(path).await;
        assert_eq!(page.status, 200, "{}", page.body);
    }
    assert!(visible(&page).contains("Wait a moment"), "{}", page.body);
    assert!(visible(&page).contains(r#"value="zoe""#) && visible(&page).contains(r#"value="yan""#));
}
