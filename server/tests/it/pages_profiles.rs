//! Profiles and one's own settings, without script.

use crate::api_profiles::picture;
use crate::site::answer;
use crate::{Answer, Browser, on_both};
use image::ImageFormat;
use reqwest::Method;
use reqwest::multipart::{Form, Part};

async fn put_up(browser: &mut Browser<'_>, kind: &str, bytes: Vec<u8>) -> Answer {
    let path = format!("/settings/profile/{kind}");
    let request = browser.with_cookies(browser.site.request(Method::POST, &path));
    let request = request.header("sec-fetch-site", "same-origin").header("accept", "text/html");
    let part = Part::bytes(bytes).file_name("me.png");
    answer(request.multipart(Form::new().part("image", part))).await
}

/// The address of the first picture after `before`.
fn picture_after(page: &Answer, before: &str) -> String {
    let (_, rest) =
        page.body.split_once(before).unwrap_or_else(|| panic!("{before}: {}", page.body));
    let (_, rest) = rest.split_once("src=\"/media/").expect("a picture");
    format!("/media/{}", rest.split('"').next().unwrap())
}

on_both! {
    async fn a_profile_says_who_it_is_and_what_can_be_done(site: Site) {
        let mut ada = Browser::member(&site, "ada").await;
        let mut bob = Browser::member(&site, "bob").await;
        let saved = bob.post("/settings/profile", &[
            ("form", "details"), ("first_name", "Bob"), ("last_name", "<i>Builder</i>"),
            ("bio", "I build.\r\nSee https://example.org/x?a=1&b=2 <script>alert(1)</script>"),
            ("link_url_0", "example.org"), ("link_label_0", "Home"),
        ]).await;
        assert_eq!((saved.status, saved.location()), (303, "/settings/profile?saved=1"), "{}", saved.body);
        let page = ada.get("/u/BOB").await;
        assert_eq!(page.status, 200);
        assert!(page.between("<title>", "</title>").contains("Bob &lt;i>Builder&lt;/i> (@bob)"), "{}", page.body);
        assert!(!page.body.contains("<script>alert") && !page.body.contains("<i>Builder"));
        for part in [
            r#"property="og:title""#, r#"name="description" content="I build. See"#, r#"<link href="http://sphere.example/u/bob" rel="canonical""#,
            r#"href="https://example.org/x?a=1&amp;b=2" rel="nofollow ugc noopener noreferrer""#,
            r#"href="https://example.org" rel="me nofollow"#, r#"action="/u/bob/follow""#,
            r#"action="/u/bob/mute""#, r#"action="/u/bob/block""#, r#"action="/u/bob/report""#,
            r#"action="/chat/new""#,
        ] {
            assert!(page.body.contains(part), "{part}: {}", page.body);
        }
        let own = bob.get("/u/bob").await;
        assert!(own.body.contains("Edit profile") && !own.body.contains("/u/bob/follow\""));
        let stranger = site.get("/u/bob").await;
        assert!(stranger.body.contains("/login?next=/u/bob") && !stranger.body.contains("/u/bob/mute"));
        assert!(site.get("/u/bob?tab=about").await.body.contains("Here since"));
        for path in ["/u/nobody", "/u/bob/x", "/u/bob/followers/x", "/u/%FF", "/u/bob/followers?after=x"] {
            assert_eq!(site.get(path).await.status, 404, "{path}");
        }
    }

    async fn following_muting_and_reporting_are_forms_that_lead_back(site: Site) {
        let mut ada = Browser::member(&site, "ada").await;
        let mut bob = Browser::member(&site, "bob").await;
        let followed = ada.post("/u/bob/follow", &[("next", "/u/bob")]).await;
        assert_eq!((followed.status, followed.location()), (303, "/u/bob"));
        let page = ada.get("/u/bob").await;
        assert!(page.body.contains(r#"action="/u/bob/unfollow""#), "{}", page.body);
        let fans = bob.get("/u/bob/followers").await;
        assert!(fans.body.contains(r#"href="/u/ada""#) && fans.body.contains("Follows you"));
        assert!(bob.get("/u/ada/following").await.body.contains(r#"href="/u/bob""#));
        assert_eq!(ada.post("/u/bob/unfollow", &[("next", "//evil.example")]).await.location(), "/u/bob");
        ada.post("/u/bob/mute", &[]).await;
        assert!(ada.get("/u/bob").await.body.contains("/u/bob/unmute"));
        assert!(ada.get("/settings/privacy").await.body.contains("Stop muting bob"));
        let reported = ada.post("/u/bob/report", &[("reason", "spam")]).await;
        assert_eq!(reported.location(), "/u/bob?reported=1");
        for (path, status) in [("/u/ada/follow", 400), ("/u/nobody/follow", 404), ("/u/bob/x", 404)] {
            assert_eq!(ada.post(path, &[]).await.status, status, "{path}");
        }
    }

    async fn whoever_is_blocked_finds_no_profile_until_it_is_taken_back(site: Site) {
        let mut ada = Browser::member(&site, "ada").await;
        let mut bob = Browser::member(&site, "bob").await;
        let blocked = ada.post("/u/bob/block", &[]).await;
        assert_eq!((blocked.status, blocked.location()), (303, "/settings/privacy?done=block"));
        for path in ["/u/ada", "/u/ada/followers", "/u/ada/following"] {
            assert_eq!(bob.get(path).await.status, 404, "{path}");
        }
        assert_eq!(ada.get("/u/bob").await.status, 404);
        assert!(ada.get("/settings/privacy").await.body.contains("Unblock bob"));
        let let_in = ada.post("/settings/privacy/unblock", &[("username", "bob")]).await;
        assert_eq!(let_in.status, 303);
        assert_eq!((bob.get("/u/ada").await.status, ada.get("/u/bob").await.status), (200, 200));
    }

    async fn pictures_are_put_up_and_taken_down_by_forms(site: Site) {
        let mut ada = Browser::member(&site, "ada").await;
        for kind in ["avatar", "banner"] {
            let up = put_up(&mut ada, kind, picture(ImageFormat::Jpeg)).await;
            assert_eq!((up.status, up.location()), (303, "/settings/profile?saved=1"), "{}", up.body);
        }
        let page = ada.get("/u/ada").await;
        for place in ["profile__banner", "profile__avatar", "menu__button"] {
            let file = site.get(&picture_after(&page, place)).await;
            assert_eq!((file.status, file.header("content-type")), (200, "image/webp"), "{place}");
        }
        let refused = put_up(&mut ada, "avatar", b"<svg/>".to_vec()).await;
        assert_eq!(refused.status, 400);
        assert!(refused.between("id=\"avatar-issue\" class=\"field__issue\">", "</p>").contains("JPEG"), "{}", refused.body);
        let nothing = put_up(&mut ada, "banner", Vec::new()).await;
        assert!(nothing.between("id=\"banner-issue\" class=\"field__issue\">", "</p>").contains("Choose a file"));
        let long = put_up(&mut ada, "avatar", vec![0; 11 * 1024 * 1024]).await;
        assert_eq!(long.status, 413);
        ada.post("/settings/profile/avatar", &[("remove", "1")]).await;
        assert!(!ada.get("/u/ada").await.body.contains("/128.webp"));
        assert_eq!(put_up(&mut ada, "icon", picture(ImageFormat::Png)).await.status, 404);
        let mut stranger = Browser::new(&site);
        let refused = put_up(&mut stranger, "avatar", picture(ImageFormat::Png)).await;
        assert_eq!((refused.status, refused.location()), (303, "/login?next=/settings/profile"));
    }

    async fn s24_settings_that_cannot_be_right_come_back_with_what_was_typed(site: Site) {
        let mut ada = Browser::member(&site, "ada").await;
        let long = "x".repeat(151);
        let refused = ada.post("/settings/profile", &[("form", "details"), ("first_name", &long), ("bio", "kept")]).await;
        assert_eq!(refused.status, 400);
        assert!(refused.between("id=\"first_name-issue\" class=\"field__issue\">", "</p>").contains("150"), "{}", refused.body);
        assert!(refused.body.contains(">kept</textarea>"));
        let refused = ada.post("/settings/profile", &[("form", "details"), ("link_url_0", "javascript:alert(1)")]).await;
        assert_eq!(refused.status, 400);
        assert!(refused.between("id=\"links-issue\" class=\"field__issue\">", "</p>").contains("https://example.org"));
        assert!(refused.body.contains(r#"value="javascript:alert(1)""#));
        let privacy = [("who_can_message", "nobody"), ("show_presence", "1")];
        ada.post("/settings/privacy", &privacy).await;
        let page = ada.get("/settings/privacy").await;
        assert!(page.body.contains(r#"<option value="nobody" selected"#), "{}", page.body);
    }

    async fn the_address_and_the_password_take_the_one_that_is(site: Site) {
        let mut ada = Browser::member(&site, "ada").await;
        let mut phone = Browser::sign_in(&site, "ada").await;
        let wrong = [("form", "email"), ("email", "ada@example.org"), ("current_password", "not it at all")];
        let refused = ada.post("/settings/account/email", &wrong).await;
        assert_eq!(refused.status, 400);
        assert!(refused.between("id=\"email-password-issue\" class=\"field__issue\">", "</p>").len() > 5, "{}", refused.body);
        assert!(refused.body.contains(r#"value="ada@example.org""#));
        let right = [("form", "email"), ("email", "ada@example.org"), ("current_password", test_support::PASSWORD)];
        assert_eq!(ada.post("/settings/account/email", &right).await.status, 303);
        let new = "another-lamp-17";
        let differs = [("form", "password"), ("current_password", test_support::PASSWORD), ("new_password", new), ("password_confirm", "x")];
        assert!(ada.post("/settings/account/password", &differs).await.between("id=\"password_confirm-issue\" class=\"field__issue\">", "</p>").len() > 5);
        let same = [("current_password", test_support::PASSWORD), ("new_password", new), ("password_confirm", new)];
        assert_eq!(ada.post("/settings/account/password", &same).await.status, 303);
        assert!(ada.is_signed_in().await && !phone.is_signed_in().await);
    }

    async fn an_account_that_is_given_up_can_be_taken_back(site: Site) {
        let mut ada = Browser::member(&site, "ada").await;
        let refused = ada.post("/settings/account/delete", &[("form", "delete"), ("current_password", "no")]).await;
        assert!(refused.between("id=\"delete-password-issue\" class=\"field__issue\">", "</p>").len() > 5, "{}", refused.body);
        let given_up = ada.post("/settings/account/delete", &[("current_password", test_support::PASSWORD)]).await;
        assert_eq!((given_up.status, given_up.location()), (303, "/"), "{}", given_up.body);
        assert!(!ada.is_signed_in().await);
        assert_eq!(site.get("/u/ada").await.status, 404);
        let mut again = Browser::new(&site);
        let form = [("username", "ada"), ("password", test_support::PASSWORD), ("next", "/chat")];
        assert_eq!(again.post("/login", &form).await.location(), "/settings/account");
        assert!(again.get("/settings/account").await.body.contains("Keep my account"));
        assert_eq!(again.post("/settings/account/keep", &[]).await.status, 303);
        assert_eq!(site.get("/u/ada").await.status, 200);
    }

    async fn what_was_closed_since_is_not_told_by_its_title(site: Site) {
        let mut ada = Browser::member(&site, "ada").await;
        let mut bob = Browser::member(&site, "bob").await;
        let post = [("title", "Secret later"), ("content", "x"), ("do", "publish")];
        let path = bob.post("/posts/new", &post).await.location().to_owned();
        ada.post(&format!("{path}/comments"), &[("content", "My own words.")]).await;
        for verb in ["like", "bookmark"] {
            ada.post(&format!("{path}/{verb}"), &[]).await;
        }
        let close = [("title", "Secret later"), ("content", "x"), ("visibility", "followers"), ("do", "publish")];
        assert_eq!(bob.post(&format!("{path}/edit"), &close).await.status, 303);
        let request = ada.with_cookies(site.request(Method::GET, "/settings/account/export"));
        let files = unzip(&request.send().await.unwrap().bytes().await.unwrap());
        let text = |at: usize| String::from_utf8(files[at].1.clone()).unwrap();
        assert!(text(4).contains("My own words."), "{}", text(4));
        for at in 0..files.len() {
            assert!(!text(at).contains("Secret later") && !text(at).contains("secret-later"), "{}", text(at));
        }
        assert!(text(5).contains("\"at\"") && text(6).contains("\"at\""), "that there was one is one's own");
    }

    async fn a_name_has_a_card(site: Site) {
        let mut ada = Browser::member(&site, "ada").await;
        let mut bob = Browser::member(&site, "bob").await;
        bob.post("/settings/profile", &[("form", "details"), ("first_name", "Bob"), ("bio", "<i>Kilns</i>")]).await;
        let card = ada.get("/u/bob/card").await;
        assert_eq!((card.status, card.header("cache-control")), (200, "private, no-cache"));
        assert!(card.body.starts_with("<div") && card.body.contains("hover-card"), "a part, no page: {}", card.body);
        assert!(card.body.contains("&lt;i&gt;Kilns") && card.body.contains("/u/bob/follow"), "{}", card.body);
        assert_eq!(ada.post("/u/bob/follow", &[("next", "/u/bob/card")]).await.location(), "/u/bob/card");
        assert!(ada.get("/u/bob/card").await.body.contains("/u/bob/unfollow"));
        assert!(!bob.get("/u/bob/card").await.body.contains("<form"), "nobody follows themselves");
        bob.post("/u/ada/block", &[]).await;
        for name in ["bob", "nobody", "%FF"] {
            assert_ne!(ada.get(&format!("/u/{name}/card")).await.status, 200, "{name}");
        }
    }

    async fn a_profile_tells_what_somebody_answered_and_achieved(site: Site) {
        let mut ada = Browser::member(&site, "ada").await;
        let mut bob = Browser::member(&site, "bob").await;
        let post = [("title", "On kilns"), ("content", "They are hot."), ("do", "publish")];
        let path = bob.post("/posts/new", &post).await.location().to_owned();
        ada.post(&format!("{path}/comments"), &[("content", "Mind <the> gloves.")]).await;
        let replies = site.get("/u/ada?tab=replies").await.body;
        assert!(replies.contains("Mind &lt;the&gt; gloves.") && replies.contains("On kilns"), "{replies}");
        assert!(replies.contains(&format!("{path}/comments/")), "the way there");
        assert!(bob.get("/u/bob?tab=replies").await.body.contains("Nothing answered yet"));
        let about = site.get("/u/bob?tab=about").await.body;
        assert!(about.contains("First post") && !about.contains("Rising star"), "{about}");
        let own = bob.get("/u/bob?tab=about").await.body;
        assert!(own.contains("Rising star") && own.contains("1 day in a row"), "{own}");
        assert!(bob.get("/settings/profile").await.body.contains("1 of 6 achievements"));
        assert!(bob.get("/notifications").await.body.contains("You have achieved something: “First post”"));
    }

    async fn a_feed_says_how_much_came_since(site: Site) {
        let mut ada = Browser::member(&site, "ada").await;
        let mut bob = Browser::member(&site, "bob").await;
        let home = ada.get("/?tab=fresh").await.body;
        let ask = home.split("data-ask=\"").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
        assert_eq!(ada.get(&ask).await.status, 204);
        for n in 0..2 {
            let title = format!("Post {n}");
            bob.post("/posts/new", &[("title", title.as_str()), ("content", "x"), ("do", "publish")]).await;
        }
        let bar = ada.get(&ask).await;
        assert!(bar.status == 200 && bar.body.contains("2 new posts") && bar.body.contains("/?tab=fresh"), "{}", bar.body);
        assert_eq!(bob.get(&ask).await.status, 204, "one's own are not new");
        assert_eq!(ada.get("/feed/new?tab=fresh&since=soon").await.status, 204);
        assert!(!ada.get("/?tab=saved").await.body.contains("data-ask"));
    }

    async fn everything_of_ones_own_is_had_as_one_file_and_nothing_else(site: Site) {
        let mut ada = Browser::member(&site, "ada").await;
        let bob = site.member("bob").await;
        site.say(&bob, "bob's own words").await;
        ada.post("/u/bob/follow", &[]).await;
        for n in 0..3 {
            ada.post("/chat/global", &[("content", &format!("word {n}")), ("client_id", &format!("c{n}"))]).await;
        }
        let post = [("title", "On kilns"), ("content", "They are hot."), ("do", "publish")];
        let path = ada.post("/posts/new", &post).await.location().to_owned();
        ada.post("/posts/new", &[("title", "Later"), ("content", "Not yet."), ("do", "save")]).await;
        ada.post(&format!("{path}/comments"), &[("content", "Mind the gloves.")]).await;
        for verb in ["like", "bookmark"] {
            ada.post(&format!("{path}/{verb}"), &[]).await;
        }
        let request = ada.with_cookies(site.request(Method::GET, "/settings/account/export"));
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "application/zip");
        let files = unzip(&response.bytes().await.unwrap());
        let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
        let writing = ["posts.json", "drafts.json", "comments.json", "likes.json", "bookmarks.json"];
        assert_eq!(names[..2], ["account.json", "messages.json"]);
        assert_eq!(names[2..7], writing);
        assert_eq!(names[7..], ["following.json", "followers.json", "blocked-and-muted.json"]);
        let json = |at: usize| serde_json::from_slice::<serde_json::Value>(&files[at].1).unwrap();
        assert_eq!(json(0)[0]["account"]["username"], "ada");
        let messages = json(1);
        let texts: Vec<_> = messages.as_array().unwrap().iter().map(|one| one["content"].as_str().unwrap()).collect();
        assert_eq!(texts, ["word 0", "word 1", "word 2"]);
        assert_eq!((&json(2)[0]["title"], &json(2)[0]["content"]), (&"On kilns".into(), &"They are hot.".into()));
        assert_eq!(json(3)[0]["title"], "Later");
        assert_eq!(json(4)[0]["content"], "Mind the gloves.");
        for kept in [json(5), json(6)] {
            assert_eq!((kept.as_array().unwrap().len(), &kept[0]["title"]), (1, &"On kilns".into()));
        }
        assert_eq!(json(7)[0]["username"], "bob");
        assert_eq!((json(8), json(9)), (serde_json::json!([]), serde_json::json!([])));
        assert_eq!(site.get("/settings/account/export").await.status, 401);
    }
}

/// The files of an archive by its list, each held against its length and sum.
fn unzip(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let long = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    let short = |at: usize| usize::from(u16::from_le_bytes(bytes[at..at + 2].try_into().unwrap()));
    let end = bytes.len() - 22;
    assert_eq!(long(end), 0x0605_4b50);
    let mut files = Vec::new();
    let mut at = long(end + 16);
    for _ in 0..short(end + 10) {
        assert_eq!(long(at), 0x0201_4b50);
        let (sum, length, name) = (long(at + 16), long(at + 24), short(at + 28));
        let head = long(at + 42);
        assert_eq!(long(head), 0x0403_4b50);
        let start = head + 30 + short(head + 26) + short(head + 28);
        let content = bytes[start..start + length].to_vec();
        assert_eq!(crc32fast::hash(&content) as usize, sum);
        files.push((String::from_utf8(bytes[at + 46..at + 46 + name].to_vec()).unwrap(), content));
        at += 46 + name;
    }
    files
}
