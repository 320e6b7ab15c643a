//! Writing in the room without script.

use crate::site::Site;
use crate::{Browser, on_both};

on_both! {
    async fn a_message_is_one_however_often_its_form_is_sent(site: Site) {
        let mut ada = Browser::member(&site, "ada").await;
        let room = ada.get("/chat/global").await;
        let id = room.between(r#"name="client_id" value=""#, "\"").to_owned();
        let form = [("client_id", id.as_str()), ("content", "hello\r\nthere")];
        for _ in 0..3 {
            let sent = ada.post("/chat/global", &form).await;
            assert_eq!((sent.status, sent.location()), (303, "/chat/global#latest"));
        }
        assert_eq!(site.said().await, ["hello\nthere"]);
        let next = ada.get("/chat/global").await;
        assert_ne!(next.between(r#"name="client_id" value=""#, "\""), id, "the next message is another");
        let other = ada.post("/chat/global", &[("client_id", &id), ("content", "other")]).await;
        assert_eq!(other.status, 409);
        let again = other.between(r#"name="client_id" value=""#, "\"").to_owned();
        assert_ne!(again, id, "under the same id it would be refused for ever");
        assert!(other.between("<textarea", "</textarea>").contains("other"));
        assert_eq!(site.said().await.len(), 1);
    }

    async fn markup_is_text(site: Site) {
        let mut ada = Browser::member(&site, "ada").await;
        let hostile = "</script><script>alert(1)</script><img src=x onerror=alert(1)> & \u{202e}evil";
        ada.post("/chat/global", &[("content", hostile)]).await;
        assert_eq!(site.said().await, [hostile]);
        let room = site.get("/chat/global").await;
        assert!(!room.body.contains("<script>alert") && !room.body.contains("<img src=x"), "{}", room.body);
        assert!(room.body.contains("&lt;img src=x onerror=alert(1)&gt;"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_a_message_comes_back_with_its_text_and_the_reason() {
    let site = Site::sqlite().await;
    let mut ada = Browser::member(&site, "ada").await;
    let long = "ü".repeat(2001);
    for (content, kept, reason) in [
        (long.as_str(), long.as_str(), "too long"),
        ("  \r\n ", "", "nothing to send"),
        ("\u{200b}", "", "nothing to send"),
        ("a\0b", "", "cannot be stored"),
    ] {
        let page = ada.post("/chat/global", &[("content", content)]).await;
        assert_eq!(page.status, 400, "{content:?}");
        assert!(page.between(r#"id="composer-hint""#, "</p>").contains(reason), "{}", page.body);
        assert!(page.between("<textarea", "</textarea>").contains(kept));
        assert!(page.body.contains(r#"name="client_id""#), "it can be sent again");
    }
    assert!(site.said().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_is_asked_to_sign_in_and_nothing_is_stored() {
    let site = Site::sqlite().await;
    let empty = Browser::new(&site).post("/chat/global", &[("content", "")]).await;
    assert_eq!((empty.status, empty.location()), (303, "/login?next=/chat/global"));
    let mut nobody = Browser::new(&site);
    let away = nobody.post("/chat/global", &[("content", "hello & \"goodbye\"")]).await;
    assert_eq!(away.status, 401, "{}", away.body);
    assert!(away.body.contains("what you wrote is back in the box"), "{}", away.body);
    let form = away.body.split("<main").nth(1).unwrap_or_default();
    let next = "/chat/global?text=hello%20%26%20%22goodbye%22";
    assert!(form.contains(&format!(r#"name="next" value="{next}""#)), "{form}");
    assert!(site.said().await.is_empty());
    let mut ada = Browser::member(&site, "ada").await;
    let room = ada.get(next).await;
    let kept = room.between("<textarea", "</textarea>");
    assert!(kept.contains("hello &amp; \"goodbye\""), "{kept}");
    let hostile = ada.get("/chat/global?text=%3C/textarea%3E%3Ch2%3Eevil%3C/h2%3E").await;
    assert!(!hostile.body.contains("<h2>evil"), "{}", hostile.body);
    let field = hostile.between("<textarea", "</textarea>");
    assert!(field.contains("&lt;/textarea>&lt;h2>evil"), "{field}");
    assert!(!site.get("/chat/global").await.body.contains(r#"name="content""#));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_writes_too_fast_keeps_the_text_and_hears_how_long_to_wait() {
    let site = Site::but(|config| config.rules.message_rate_limit = 1).await;
    let mut ada = Browser::member(&site, "ada").await;
    for n in 0..5 {
        assert_eq!(ada.post("/chat/global", &[("content", &n.to_string())]).await.status, 303);
    }
    let page = ada.post("/chat/global", &[("content", "the sixth")]).await;
    assert_eq!(page.status, 429);
    assert_eq!(page.header("retry-after"), "1");
    assert!(page.between("<textarea", "</textarea>").contains("the sixth"));
    assert_eq!(site.said().await.len(), 5);
}
