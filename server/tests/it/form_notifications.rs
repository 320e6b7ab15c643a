//! What happened, without script.

use reqwest::Method;
use sea_orm::ConnectionTrait;
use serde_json::json;
use test_support::{Backend, PushServer, Subscribed};

use crate::api_passwords::with_mail;
use crate::on_both;
use crate::site::answer;
use crate::{Answer, Browser};

fn visible(page: &Answer) -> &str {
    page.body.split("<body").nth(1).unwrap_or_default()
}

/// The number in the navigation; nothing where it is hidden.
fn badge(page: &Answer) -> Option<&str> {
    let (_, sign) = visible(page).split_once("data-news=\"\"").unwrap_or_default();
    let (attributes, text) = sign.split_once('>').unwrap_or_default();
    (!attributes.contains("hidden")).then(|| text.split('<').next().unwrap_or_default())
}

on_both! {
    async fn a_request_is_told_and_looking_at_it_marks_nothing(site: Site) {
        let (mut ada, mut bob) = (Browser::member(&site, "ada").await, Browser::member(&site, "bob").await);
        ada.post("/communities/new", &[("name", "Tea & Co"), ("is_private", "1")]).await;
        assert!(visible(&ada.get("/notifications").await).contains("Nothing yet"));
        bob.post("/c/tea-co/join", &[]).await;
        for _ in 0..2 {
            let page = ada.get("/notifications").await;
            assert_eq!(badge(&page), Some("1"), "{}", page.body);
            assert!(visible(&page).contains("bob asks to join Tea &amp; Co") && visible(&page).contains(r#"href="/c/tea-co/manage""#));
        }
        assert_eq!(badge(&ada.get("/chat/global").await), Some("1"));
        let page = ada.get("/notifications").await;
        let (_, topic) = visible(&page).split_once("name=\"topic\" value=\"").unwrap();
        let topic = topic.split('"').next().unwrap();
        for (kind, topic, status) in [("nothing", topic, 404), ("community_request", "x", 404)] {
            let refused = ada.post("/notifications/read", &[("kind", kind), ("topic", topic)]).await;
            assert_eq!(refused.status, status, "{kind}");
        }
        let read = ada.post("/notifications/read", &[("kind", "community_request"), ("topic", topic)]).await;
        assert_eq!((read.status, read.location()), (303, "/notifications"));
        let page = ada.get("/notifications").await;
        assert!(badge(&page).is_none() && !visible(&page).contains("Mark as read"));
        ada.post("/c/tea-co/accept", &[("username", "bob")]).await;
        let page = bob.get("/notifications").await;
        assert!(visible(&page).contains("ada let you into Tea &amp; Co"), "{}", page.body);
        assert_eq!(bob.post("/notifications/read", &[]).await.status, 303);
        assert_eq!(badge(&bob.get("/communities").await), None);
    }

    async fn what_is_not_wanted_is_not_told(site: Site) {
        let (mut ada, mut bob) = (Browser::member(&site, "ada").await, Browser::member(&site, "bob").await);
        ada.post("/communities/new", &[("name", "Tea"), ("is_private", "1")]).await;
        let saved = ada.post("/settings/notifications", &[("on_site", "follow"), ("by_push", "follow"), ("on_site", "mention"), ("by_mail", "comment"), ("on_site", "odd"), ("digest", "weekly")]).await;
        assert_eq!((saved.status, saved.location()), (303, "/settings/notifications?saved=1"));
        let page = ada.get("/settings/notifications?saved=1").await;
        assert_eq!(visible(&page).matches(" checked").count(), 4, "three ticks and a week: {}", page.body);
        bob.post("/c/tea/join", &[]).await;
        assert!(visible(&ada.get("/notifications").await).contains("Nothing yet"));
        let stranger = site.get("/notifications").await;
        assert!(stranger.status == 303 && stranger.location().starts_with("/login?next="));
    }

    async fn browsers_are_tried_out_and_switched_off_without_script(site: Site) {
        let server = PushServer::start().await;
        let mut ada = Browser::member(&site, "ada").await;
        let page = ada.get("/settings/notifications").await;
        assert!(visible(&page).contains("No browser is switched on.") && visible(&page).contains("takes JavaScript"));
        let Subscribed { endpoint, p256dh, auth } = server.browser("desk");
        let body = json!({"endpoint": endpoint, "expirationTime": null, "keys": {"p256dh": p256dh, "auth": auth}});
        let request = ada.with_cookies(site.request(Method::POST, "/api/push/devices/")).json(&body);
        let added = answer(request.header("sec-fetch-site", "same-origin").header("accept-language", "en")).await;
        assert_eq!(added.status, 201, "{}", added.body);
        let id = added.json()["id"].as_str().unwrap().to_owned();
        let page = ada.get("/settings/notifications").await;
        assert!(visible(&page).contains("This device") && visible(&page).contains(&id), "{}", page.body);
        let tried = ada.post("/settings/notifications/devices", &[("device", &id), ("do", "try")]).await;
        assert_eq!((tried.status, tried.location()), (303, "/settings/notifications?tried=1#devices"));
        let arrived = server.next().await;
        assert_eq!(arrived.payload["title"], "It works: this browser is told.");
        assert_eq!(arrived.claims["sub"], "mailto:spherespace@localhost");
        assert!(visible(&page).contains(&format!("data-push-key=\"{}\"", arrived.key)), "{}", page.body);
        for (device, verb) in [("x", "try"), (id.as_str(), "odd"), ("00000000-0000-7000-8000-00000000dead", "remove")] {
            let refused = ada.post("/settings/notifications/devices", &[("device", device), ("do", verb)]).await;
            assert_eq!(refused.status, 404, "{device} {verb}");
        }
        let removed = ada.post("/settings/notifications/devices", &[("device", &id), ("do", "remove")]).await;
        assert_eq!(removed.status, 303);
        assert!(visible(&ada.get("/settings/notifications").await).contains("No browser is switched on."));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_letter_leads_out_of_letters_in_one_click_and_not_by_looking() {
    let (site, post) = with_mail(Backend::Sqlite).await;
    let mut ada = Browser::member(&site, "ada").await;
    let rows = site.database.connect().await;
    let sql = "UPDATE account SET email = 'ada@sphere.example', email_key = 'ada@sphere.example'";
    rows.execute_unprepared(sql).await.unwrap();
    ada.post(
        "/settings/notifications",
        &[("on_site", "follow"), ("by_mail", "follow"), ("digest", "daily")],
    )
    .await;
    let mut bob = Browser::member(&site, "bob").await;
    bob.post("/u/ada/follow", &[]).await;
    rows.execute_unprepared("UPDATE digest SET sent_at = 0").await.unwrap();
    rows.execute_unprepared("UPDATE job SET run_at = 0 WHERE kind = 'plan_digests'").await.unwrap();
    // A worker that rests looks again at once when something is due: any job of the site's wakes it.
    site.post_json("/api/auth/password/reset/", &json!({"email": "nobody@sphere.example"})).await;
    let letter = post.next().await.unwrap();
    assert_eq!(
        (letter.to.as_str(), letter.subject.as_str()),
        ("ada@sphere.example", "1 alert waits for you")
    );
    assert!(
        letter.text.contains("- bob follows you\n  http://sphere.example/u/bob\n"),
        "{}",
        letter.text
    );
    let address = letter.unsubscribe.unwrap();
    let path = address.strip_prefix("http://sphere.example").unwrap();
    for _ in 0..2 {
        let page = site.get(path).await;
        assert!(page.status == 200 && visible(&page).contains("End the letters"), "{}", page.body);
    }
    assert_eq!(chosen(&mut ada).await, "daily", "looking ends nothing");
    // As a mail program asks: from nowhere, and following no redirect.
    let request = site.request(Method::POST, path).form(&[("List-Unsubscribe", "One-Click")]);
    let ended = answer(request).await;
    assert!(
        ended.status == 200 && visible(&ended).contains("You get no more of these letters."),
        "{}",
        ended.body
    );
    assert_eq!(chosen(&mut ada).await, "off");
}

async fn chosen(browser: &mut Browser<'_>) -> String {
    let page = browser.get("/settings/notifications").await;
    let mut part = visible(&page).split("name=\"digest\"").skip(1);
    part.find(|option| option.split('>').next().unwrap_or_default().contains("checked"))
        .and_then(|option| option.split("value=\"").nth(1)?.split('"').next().map(str::to_owned))
        .unwrap_or_default()
}
