//! What happened, without script.

use crate::on_both;
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
        let saved = ada.post("/settings/notifications", &[("kind", "follow"), ("kind", "mention"), ("kind", "odd")]).await;
        assert_eq!((saved.status, saved.location()), (303, "/settings/notifications?saved=1"));
        let page = ada.get("/settings/notifications?saved=1").await;
        assert_eq!(visible(&page).matches(" checked").count(), 2, "{}", page.body);
        bob.post("/c/tea/join", &[]).await;
        assert!(visible(&ada.get("/notifications").await).contains("Nothing yet"));
        let stranger = site.get("/notifications").await;
        assert!(stranger.status == 303 && stranger.location().starts_with("/login?next="));
    }
}
