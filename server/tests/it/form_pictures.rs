//! Pictures in forms, without script: over a post, of a community.

use image::ImageFormat;
use reqwest::Method;
use reqwest::multipart::{Form, Part};

use crate::api_profiles::picture;
use crate::site::{Answer, answer};
use crate::{Browser, on_both};

fn part(bytes: Vec<u8>) -> Part {
    Part::bytes(bytes).file_name("x.png").mime_str("image/png").unwrap()
}

fn png() -> Part {
    part(picture(ImageFormat::Png))
}

fn svg() -> Part {
    part(b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>".to_vec())
}

async fn send(browser: &Browser<'_>, path: &str, form: Form) -> Answer {
    let request = browser.with_cookies(browser.site.request(Method::POST, path));
    answer(request.header("sec-fetch-site", "same-origin").multipart(form)).await
}

/// The tag of the first cover of a page.
fn cover_on(page: &Answer) -> &str {
    let (before, after) = page.body.split_once("__cover\"").expect("a cover");
    let from = before.rfind("<img").unwrap();
    let end = before.len() + after.find('>').unwrap() + "__cover\"".len();
    &page.body[from..end]
}

fn post(title: &str, what: &str) -> Form {
    let fields = [("form", "post"), ("title", title), ("content", "Words."), ("do", what)];
    fields
        .into_iter()
        .fold(Form::new(), |form, (name, value)| form.text(name.to_owned(), value.to_owned()))
}

on_both! {
    async fn a_cover_is_sent_described_kept_and_removed_with_the_post(site: Site) {
        let mut ada = Browser::member(&site, "ada").await;
        let refused = send(&ada, "/posts/new", post("Title", "publish").part("cover", svg())).await;
        assert_eq!(refused.status, 400);
        assert!(refused.body.contains("This is not a JPEG, PNG, WebP or GIF picture."), "{}", refused.body);

        let unnamed = post("", "publish").part("cover", png()).text("cover_alt", "A \"green\" cup");
        let refused = send(&ada, "/posts/new", unnamed).await;
        assert_eq!(refused.status, 400);
        let id = refused.between(r#"name="cover_id" value=""#, "\"").to_owned();
        assert!(refused.body.contains(&format!("/media/{id}/1200.webp")), "{}", refused.body);
        assert!(refused.body.contains("A &quot;green&quot; cup"), "{}", refused.body);

        let kept = post("Title", "publish").text("cover_id", id.clone()).text("cover_alt", "A \"green\" cup");
        let sent = send(&ada, "/posts/new", kept).await;
        assert_eq!((sent.status, sent.location()), (303, "/posts/title"), "{}", sent.body);
        for page in ["/posts/title", "/", "/u/ada"] {
            let page = ada.get(page).await;
            let shown = cover_on(&page);
            assert!(shown.contains(&format!("/media/{id}/640.webp 640w")), "{shown}");
            assert!(shown.contains("A &quot;green&quot; cup") && shown.contains(r#"height="630""#), "{shown}");
        }
        assert_eq!(site.get(&format!("/media/{id}/640.webp")).await.status, 200);

        let other = Browser::member(&site, "bob").await;
        let stolen = post("Mine", "publish").text("cover_id", id.clone());
        assert_eq!(send(&other, "/posts/new", stolen).await.status, 400, "somebody else's picture");
        let preview = post("Title", "preview").part("cover", png());
        let looked = send(&ada, "/posts/title/edit", preview).await;
        assert_ne!(looked.between(r#"name="cover_id" value=""#, "\""), id, "another one, which is shown at once");
        let gone = post("Title", "keep").text("cover_id", id).text("cover_remove", "1");
        assert_eq!(send(&ada, "/posts/title/edit", gone).await.status, 303);
        assert!(!ada.get("/posts/title").await.body.contains("post__cover"));
    }

    async fn a_community_has_an_icon_and_a_cover(site: Site) {
        let mut ada = Browser::member(&site, "ada").await;
        let mut bob = Browser::member(&site, "bob").await;
        let refused = send(&ada, "/communities/new", Form::new().text("form", "create").text("name", "Tea").part("icon", svg())).await;
        assert_eq!(refused.status, 400);
        assert!(refused.body.contains(r#"value="Tea""#), "{}", refused.body);
        assert_eq!(site.get("/c/tea").await.status, 404, "nothing was made");
        let made = send(&ada, "/communities/new", Form::new().text("name", "Tea").part("icon", png())).await;
        assert_eq!((made.status, made.location()), (303, "/c/tea"), "{}", made.body);
        let sent = send(&ada, "/c/tea/cover", Form::new().part("image", png())).await;
        assert_eq!((sent.status, sent.location()), (303, "/c/tea/manage?saved=1#pictures"));
        for page in ["/c/tea", "/c/tea/members", "/communities"] {
            let page = bob.get(page).await;
            let icon = page.between("class=\"community-icon\"", "</span>");
            assert!(icon.contains("/256.webp"), "{icon}");
        }
        assert!(bob.get("/c/tea").await.between("class=\"community-cover\"", "</div>").contains("/1200.webp"));
        bob.post("/c/tea/join", &[]).await;
        assert_eq!(send(&bob, "/c/tea/icon", Form::new().part("image", png())).await.status, 403);
        for (field, words) in [(Some(svg()), "This is not a JPEG"), (None, "Choose a file first.")] {
            let form = field.map_or_else(|| Form::new().text("x", "y"), |part| Form::new().part("image", part));
            let refused = send(&ada, "/c/tea/icon", form).await;
            assert_eq!(refused.status, 400);
            assert!(refused.body.contains(words), "{}", refused.body);
        }
        let gone = ada.post("/c/tea/icon", &[("remove", "1")]).await;
        assert_eq!(gone.status, 303);
        assert!(!bob.get("/c/tea").await.between("class=\"community-icon\"", "</span>").contains("<img"));
    }

    async fn those_who_look_after_a_community_pin_a_post(site: Site) {
        let mut ada = Browser::member(&site, "ada").await;
        let mut bob = Browser::member(&site, "bob").await;
        ada.post("/communities/new", &[("name", "Tea")]).await;
        bob.post("/c/tea/join", &[]).await;
        for title in ["First", "Second"] {
            let form = [("form", "post"), ("title", title), ("content", "x"), ("community", "tea"), ("do", "publish")];
            assert_eq!(bob.post("/posts/new", &form).await.status, 303);
        }
        let page = ada.get("/c/tea").await;
        assert!(page.body.contains("Pin “First”") && !page.body.contains("Unpin"), "{}", page.body);
        assert!(!bob.get("/c/tea").await.body.contains("/c/tea/pin"));
        let last = page.body.rsplit("name=\"post_id\" value=\"").next().unwrap();
        let first = last.split('"').next().unwrap().to_owned();
        let pinned = ada.post("/c/tea/pin", &[("post_id", &first)]).await;
        assert_eq!((pinned.status, pinned.location()), (303, "/c/tea"));
        let page = bob.get("/c/tea").await;
        let (above, below) = (page.body.find("First").unwrap(), page.body.find("Second").unwrap());
        assert!(above < below && page.body.contains("Pinned"), "{}", page.body);
        assert_eq!(page.body.matches("href=\"/posts/first\"").count(), 1, "it stands there once");
        assert_eq!(bob.post("/c/tea/pin", &[("post_id", &first)]).await.status, 403);
        ada.post("/c/tea/pin", &[("post_id", "")]).await;
        assert!(!bob.get("/c/tea").await.body.contains("Pinned"));
    }

    async fn lists_of_those_who_look_after_a_community_go_on(site: Site) {
        let mut ada = Browser::member(&site, "ada").await;
        ada.post("/communities/new", &[("name", "Tea"), ("description", "**Leaves** and [x](javascript:alert(1))")]).await;
        for n in 0..55 {
            ada.post("/c/tea/settings", &[("name", "Tea"), ("description", &format!("**Leaves** {n}"))]).await;
        }
        let page = ada.get("/c/tea/manage").await;
        let next = page.between("href=\"/c/tea/manage?acts=", "#acts").to_owned();
        let rest = ada.get(&format!("/c/tea/manage?acts={next}")).await;
        let acts = rest.between("community-acts", "</section>");
        assert_eq!(acts.matches("community-act\"").count(), 6, "{acts}");
        assert!(acts.contains("made the community") || acts.contains("ada"), "{acts}");
        assert!(!rest.body.contains("#acts\""), "nothing follows");
        assert_eq!(ada.get("/c/tea/manage?acts=nonsense&requests=1_x&banned=%00").await.status, 200);
        let page = ada.get("/c/tea").await;
        assert!(page.body.contains("<strong>Leaves</strong> 54"), "{}", page.body);
        assert!(ada.get("/communities").await.body.contains(">Leaves 54<"), "a card has no marks");
    }
}
