//! The pages of conversations: what they show, and to whom.

use crate::on_both;
use crate::site::Site;
use crate::talk::{accepted, group, write_to};
use crate::{Answer, Browser};

/// What stands in the page, without what its script starts from.
fn visible(page: &Answer) -> &str {
    page.body.split("<body").nth(1).unwrap_or_default()
}

/// The messages of a conversation's page, without the list beside it.
fn timeline(page: &Answer) -> &str {
    visible(page).split(r#"role="log""#).nth(1).unwrap_or_default()
}

on_both! {
    async fn a_list_names_who_what_and_how_many(site: Site) {
        let (mut ada, mut bob) = (Browser::member(&site, "ada").await, Browser::member(&site, "bob").await);
        let talk = accepted(&mut ada, &mut bob).await;
        ada.post(&talk, &[("content", "Are you <b>there</b>?")]).await;
        let list = bob.get("/chat").await;
        assert_eq!(list.status, 200);
        assert!(list.between("<title>", "</title>").starts_with("(1) Chats"), "{}", list.body);
        let row = list.between(&format!(r#"href="{talk}""#), "</a>");
        assert!(row.contains("ada") && row.contains("Are you &lt;b&gt;there&lt;/b&gt;?"), "{row}");
        assert!(row.contains("1 unread message") && row.contains("<time"), "{row}");
        let own = ada.get("/chat").await;
        assert!(own.between(&format!(r#"href="{talk}""#), "</a>").contains("You: Are you"), "{}", own.body);
    }

    async fn a_conversation_shows_the_last_fifty_and_the_way_to_older_ones(site: Site) {
        let (mut ada, mut bob) = (Browser::member(&site, "ada").await, Browser::member(&site, "bob").await);
        let talk = accepted(&mut ada, &mut bob).await;
        for n in 0..60 {
            let sent = ada.post(&talk, &[("content", &format!("number {n};"))]).await;
            assert_eq!((sent.status, sent.location()), (303, format!("{talk}#latest").as_str()));
        }
        let page = bob.get(&talk).await;
        assert_eq!(page.body.matches("<article").count(), 50, "{}", page.body);
        assert!(timeline(&page).contains("number 59;") && !timeline(&page).contains("number 5;"));
        let older = page.between(&format!(r#"href="{talk}?before="#), "\"").to_owned();
        let older = bob.get(&format!("{talk}?before={older}")).await;
        assert!(timeline(&older).contains("number 5;") && !timeline(&older).contains("number 59;"));
        let at = bob.get(&format!("{talk}?at=30")).await;
        assert!(timeline(&at).contains(r#"id="m30""#) && timeline(&at).contains("number 59;"));
    }

    async fn nobody_else_learns_that_a_conversation_exists(site: Site) {
        let (mut ada, mut bob) = (Browser::member(&site, "ada").await, Browser::member(&site, "bob").await);
        let mut eve = Browser::member(&site, "eve").await;
        let talk = accepted(&mut ada, &mut bob).await;
        let nowhere = format!("/chat/{}", uuid::Uuid::now_v7());
        for end in ["", "/details", "?at=1", "?before=9"] {
            let (real, made_up) = (eve.get(&format!("{talk}{end}")).await, eve.get(&format!("{nowhere}{end}")).await);
            assert_eq!((real.status, made_up.status), (404, 404), "{end}");
            assert!(!real.body.contains("bob"), "{end}: {}", real.body);
        }
        for verb in ["accept", "delete", "leave", "mute", "draft", "unread", "block", "rename", "add", "report"] {
            let refused = eve.post(&format!("{talk}/{verb}"), &[("title", "x"), ("username", "eve")]).await;
            assert_eq!(refused.status, 404, "{verb}: {}", refused.body);
        }
        assert_eq!(eve.post(&talk, &[("content", "let me in")]).await.status, 404);
        for of in [&talk, &nowhere] {
            let pane = eve.get(&format!("/chat/pane?here={}", &of[6..])).await;
            assert!(pane.status == 200 && !pane.body.contains("chat-head"), "{}", pane.body);
        }
        for path in ["/chat/nonsense", "/chat/nonsense/details", "/chat/global/details", "/chat/global/messages/x"] {
            assert_eq!(ada.get(path).await.status, 404, "{path}");
        }
    }

    async fn signed_out_one_is_sent_to_sign_in_and_comes_back(site: Site) {
        let mut nobody = Browser::new(&site);
        let id = uuid::Uuid::now_v7();
        for path in ["/chat/requests".to_owned(), "/chat/new".to_owned(), format!("/chat/{id}")] {
            let answer = nobody.get(&path).await;
            assert_eq!((answer.status, answer.location()), (303, format!("/login?next={path}").as_str()));
        }
        let question = nobody.get("/chat/new?q=a b&with=bob").await;
        assert_eq!(question.location(), "/login?next=/chat/new%3Fq%3Da%20b%26with%3Dbob".replace("%20", "%2520"));
        let answer = nobody.post(&format!("/chat/{id}/accept"), &[]).await;
        assert_eq!((answer.status, answer.location()), (303, format!("/login?next=/chat/{id}").as_str()));
        assert_eq!(nobody.post(&format!("/chat/{id}"), &[("content", "x")]).await.status, 401);
        for part in ["pane?here=global", "switch?q=a", "mentions?here=global&q=a"] {
            assert_eq!(nobody.get(&format!("/chat/{part}")).await.status, 401, "{part}");
        }
    }

    async fn a_request_is_a_neutral_card_with_inert_words(site: Site) {
        let (mut eve, mut bob) = (Browser::member(&site, "eve").await, Browser::member(&site, "bob").await);
        let talk = write_to(&mut eve, "bob").await;
        eve.post(&talk, &[("content", "see http://evil.example/ <img src=x>")]).await;
        assert!(eve.get(&talk).await.body.contains("has not answered yet"));
        let list = bob.get("/chat").await;
        assert!(visible(&list).contains("1 message request") && !visible(&list).contains("evil.example"));
        let requests = bob.get("/chat/requests").await;
        let card = requests.between(r#"<li class="panel request-card">"#, "</li>");
        assert!(card.contains("eve wants to write to you."), "{card}");
        assert!(card.contains("You share no conversation."), "{card}");
        assert!(card.contains("http://evil.example/ &lt;img src=x&gt;"), "{card}");
        assert!(!card.contains("avatar") && !card.contains("<img") && !card.contains(r#"href="http"#), "{card}");
        let open = bob.get(&talk).await;
        assert!(!visible(&open).contains("<textarea"), "first an answer: {}", open.body);
        assert!(visible(&open).contains(&format!(r#"action="{talk}/accept""#)));
        // Looking is not reading.
        assert!(visible(&bob.get("/chat").await).contains("1 message request"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_parts_that_change_are_given_alone() {
    let site = Site::sqlite().await;
    let (mut ada, mut bob) =
        (Browser::member(&site, "ada").await, Browser::member(&site, "bob").await);
    let talk = accepted(&mut ada, &mut bob).await;
    let pane = bob.get(&format!("/chat/pane?here={}", &talk[6..])).await;
    assert_eq!((pane.status, pane.header("content-type")), (200, "text/html; charset=utf-8"));
    for id in ["chat-list", "chat-head", "chat-notice"] {
        let part = format!(r#"id="{id}""#);
        assert!(pane.body.contains(&part), "{id}: {}", pane.body);
        assert!(bob.get(&talk).await.body.contains(&part), "{id}");
    }
    assert!(!pane.body.contains("<html") && pane.header("cache-control").contains("no-store"));
    assert!(!ada.get("/chat/pane?here=global").await.body.contains("chat-head"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_that_is_taken_anew_is_the_same_list() {
    let site = Site::sqlite().await;
    let (mut ada, mut bob) =
        (Browser::member(&site, "ada").await, Browser::member(&site, "bob").await);
    let talk = accepted(&mut ada, &mut bob).await;
    for page in
        ["/chat", &talk, "/chat/global", "/chat?after=1_01a20588-4b71-72b9-ac4d-af6c2ed0f0a3"]
    {
        let whole = bob.get(page).await;
        let address = whole.between(r#"data-pane=""#, "\"").replace("&amp;", "&");
        let part = bob.get(&address).await;
        let list = |answer: &Answer| answer.between(r#"<div data-unread="#, "</nav>").to_owned();
        assert_eq!(list(&part), list(&whole), "{page}: {address}");
        assert_eq!(
            part.body.contains("<h1 class=\"chat-list__title\""),
            page.starts_with("/chat?") || page == "/chat"
        );
    }
    let read = bob.get(&format!("/chat/pane?here={}", &talk[6..])).await;
    assert!(read.between("chat-receipts", "</script>").contains("ada"), "{}", read.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_go_on_behind_the_first_fifty() {
    let site = Site::sqlite().await;
    let mut bob = Browser::member(&site, "bob").await;
    for n in 0..51 {
        let mut fan = Browser::member(&site, &format!("fan{n}")).await;
        let talk = write_to(&mut fan, "bob").await;
        assert_eq!(fan.post(&talk, &[("content", "hello")]).await.status, 303);
    }
    let first = bob.get("/chat/requests").await;
    assert!(!visible(&first).contains("fan0 wants"), "the oldest is behind");
    let next = first.between(r#"href="/chat/requests?after="#, "\"").to_owned();
    let second = bob.get(&format!("/chat/requests?after={next}")).await;
    assert!(visible(&second).contains("fan0 wants") && !visible(&second).contains("fan1 wants"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_can_go_to_conversations_first_and_then_to_people() {
    let site = Site::sqlite().await;
    let (mut ada, mut bob) =
        (Browser::member(&site, "ada").await, Browser::member(&site, "bob").await);
    let talk = accepted(&mut ada, &mut bob).await;
    Browser::member(&site, "bobby").await;
    let found = ada.get("/chat/switch?q=BO").await;
    let (talks, people) = found.body.split_once("<button").unwrap();
    assert!(talks.contains(&talk) && !people.contains(r#"value="bob""#), "once: {}", found.body);
    assert!(people.contains(r#"value="bobby""#), "{}", found.body);
    let all = ada.get("/chat/switch?q=").await;
    assert!(all.body.contains("/chat/global") && all.body.contains(&talk));
    assert!(!all.body.contains("bobby"), "nobody is looked for before a letter is typed");
    assert!(ada.get("/chat/switch?q=zzz").await.body.contains("Nothing fits"));
}

#[tokio::test(flavor = "multi_thread")]
async fn members_can_be_named_by_members_alone() {
    let site = Site::sqlite().await;
    let (mut ada, mut bob) =
        (Browser::member(&site, "ada").await, Browser::member(&site, "bob").await);
    let talk = accepted(&mut ada, &mut bob).await;
    let path = format!("/chat/mentions?here={}&q=", &talk[6..]);
    assert!(ada.get(&format!("{path}B")).await.body.contains(r#"data-name="bob""#));
    assert!(!ada.get(&format!("{path}x")).await.body.contains("option"));
    assert!(!ada.get(&path).await.body.contains(r#"data-name="ada""#), "not oneself");
    let mut eve = Browser::member(&site, "eve").await;
    assert_eq!(eve.get(&path).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_names_are_offered_than_fit() {
    let site = Site::sqlite().await;
    let mut ada = Browser::member(&site, "ada").await;
    let names: Vec<String> = (0..12).map(|n| format!("fan{n:02}")).collect();
    for name in &names {
        Browser::member(&site, name).await;
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let talk = group(&mut ada, "Fans", &names).await;
    let offered = ada.get(&format!("/chat/mentions?here={}&q=FAN", &talk[6..])).await;
    let shown = offered.body.split(r#"data-name=""#).skip(1).map(|rest| &rest[..5]);
    assert_eq!(shown.collect::<Vec<_>>(), names[..8], "{}", offered.body);
    let odd =
        ada.get(&format!("/chat/mentions?here={}&q=%00{}", &talk[6..], "x".repeat(200))).await;
    assert_eq!((odd.status, odd.body.contains("option")), (200, false), "{}", odd.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_offered_while_typing_has_a_limit_of_its_own() {
    let site = Site::but(|config| config.rules.offers_per_minute = 4).await;
    let (mut ada, mut bob) =
        (Browser::member(&site, "ada").await, Browser::member(&site, "bob").await);
    for path in ["/chat/switch?q=a", "/chat/mentions?here=global&q=a"].repeat(2) {
        assert_eq!(ada.get(path).await.status, 200, "{path}");
    }
    for path in ["/chat/switch?q=a", "/chat/mentions?here=global&q=a"] {
        let hasty = ada.get(path).await;
        assert_eq!(hasty.status, 429, "{path}: {}", hasty.body);
        assert_eq!(bob.get(path).await.status, 200, "{path}: each has their own");
    }
    assert_eq!(ada.get("/chat/pane").await.status, 200, "what the page needs is not counted");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_and_details_are_had_anew_as_they_are_now() {
    let site = Site::sqlite().await;
    let (mut ada, mut bob) =
        (Browser::member(&site, "ada").await, Browser::member(&site, "bob").await);
    let mut eve = Browser::member(&site, "eve").await;
    let talk = accepted(&mut ada, &mut bob).await;
    let pane = |browser: &Answer| browser.between(r#"data-pane=""#, r#"""#).replace("&amp;", "&");
    let requests = pane(&bob.get("/chat/requests").await);
    assert!(!bob.get(&requests).await.body.contains("wants to write"));
    let request = write_to(&mut eve, "bob").await;
    eve.post(&request, &[("content", "an offer")]).await;
    let anew = bob.get(&requests).await;
    assert!(anew.body.contains("eve wants to write") && anew.body.contains("an offer"));
    assert!(!anew.body.contains("<html"), "a part: {}", anew.body);

    let details = pane(&bob.get(&format!("{talk}/details")).await);
    let anew = bob.get(&details).await;
    assert!(anew.body.contains("2 members") && !anew.body.contains("chat-head"), "{}", anew.body);
    let strange = eve.get(&details).await;
    assert!(strange.status == 200 && !strange.body.contains("members"), "{}", strange.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_pages_count_what_waits_in_conversations() {
    let site = Site::sqlite().await;
    let (mut ada, mut bob) =
        (Browser::member(&site, "ada").await, Browser::member(&site, "bob").await);
    let talk = accepted(&mut ada, &mut bob).await;
    let nav = |page: &Answer| page.between(r#"<nav aria-label="Main""#, "</nav>").to_owned();
    assert!(!nav(&bob.get("/").await).contains("unread"));
    ada.post(&talk, &[("content", "one")]).await;
    for path in ["/", "/settings/sessions"] {
        assert!(nav(&bob.get(path).await).contains("1 unread message"), "{path}");
    }
    assert!(!nav(&bob.get("/chat").await).contains("unread"), "the list says it there");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_script_reading_is_marked_with_a_button() {
    let site = Site::sqlite().await;
    let (mut ada, mut bob) =
        (Browser::member(&site, "ada").await, Browser::member(&site, "bob").await);
    let talk = accepted(&mut ada, &mut bob).await;
    ada.post(&talk, &[("content", "one")]).await;
    let form = format!(r#"<noscript><form method="post" action="{talk}/read""#);
    assert!(visible(&bob.get(&talk).await).contains(&form), "{}", bob.get(&talk).await.body);
    assert_eq!(bob.post(&format!("{talk}/read"), &[]).await.status, 303);
    assert!(!visible(&bob.get(&talk).await).contains(&form));
}
