//! Communities without script: every page, every form.

use crate::on_both;
use crate::{Answer, Browser};

fn visible(page: &Answer) -> &str {
    page.body.split("<body").nth(1).unwrap_or_default()
}

/// A form that succeeded leads on.
async fn done(browser: &mut Browser<'_>, path: &str, fields: &[(&str, &str)], next: &str) {
    let answer = browser.post(path, fields).await;
    assert_eq!((answer.status, answer.location()), (303, next), "{path}: {}", answer.body);
}

on_both! {
    async fn a_community_is_made_found_and_joined(site: Site) {
        let (mut ada, mut bob) = (Browser::member(&site, "ada").await, Browser::member(&site, "bob").await);
        assert!(visible(&ada.get("/communities").await).contains("No communities yet"));
        done(&mut ada, "/communities/new", &[("form", "create"), ("name", "Tea & Co"), ("description", "Leaves.\n<b>Water.</b>")], "/c/tea-co").await;
        let page = bob.get("/c/tea-co").await;
        let shown = visible(&page);
        assert_eq!(page.status, 200);
        assert!(shown.contains("Tea &amp; Co</h1>") && shown.contains("Leaves.\n&lt;b&gt;Water.&lt;/b&gt;"), "{shown}");
        assert!(shown.contains("1 member<") && shown.contains(r#"action="/c/tea-co/join""#));
        assert!(visible(&bob.get("/communities?q=te").await).contains(r#"href="/c/tea-co""#));
        assert!(visible(&bob.get("/communities?q=co").await).contains("No community begins with"));
        done(&mut bob, "/c/tea-co/join", &[("next", "/communities")], "/communities").await;
        let listed = bob.get("/communities").await;
        assert!(visible(&listed).contains("Your communities") && visible(&listed).contains("2 members"));
        let members = bob.get("/c/tea-co/members").await;
        assert!(visible(&members).contains("Owner") && !visible(&members).contains("/c/tea-co/ban"));
        done(&mut bob, "/c/tea-co/leave", &[], "/c/tea-co").await;
        let stranger = site.get("/c/tea-co").await;
        assert!(visible(&stranger).contains("/login?next=/c/tea-co"));
    }

    async fn what_was_typed_is_given_back_with_the_reason(site: Site) {
        let mut ada = Browser::member(&site, "ada").await;
        done(&mut ada, "/communities/new", &[("name", "Tea")], "/c/tea").await;
        let taken = ada.post("/communities/new", &[("form", "create"), ("name", "TEA"), ("rules", "</textarea>kept")]).await;
        assert_eq!(taken.status, 400);
        assert!(visible(&taken).contains("Another community has this name."), "{}", taken.body);
        assert!(visible(&taken).contains(r#"value="TEA""#) && visible(&taken).contains("&lt;/textarea>kept"));
        let wrong = ada.post("/c/tea/settings", &[("form", "settings"), ("name", ""), ("description", "kept too")]).await;
        assert_eq!(wrong.status, 400);
        assert!(visible(&wrong).contains("1 to 100 characters.") && visible(&wrong).contains("kept too"));
        done(&mut ada, "/c/tea/settings", &[("name", "Tea"), ("is_private", "1"), ("slow_mode_seconds", "60")], "/c/tea/manage?saved=1").await;
        assert!(visible(&ada.get("/c/tea/manage?saved=1").await).contains("Saved."));
        for slow in ["x", "-1", "86401"] {
            let refused = ada.post("/c/tea/settings", &[("name", "Tea"), ("slow_mode_seconds", slow)]).await;
            assert_eq!(refused.status, 400, "{slow}");
        }
        let wrong = ada.post("/c/tea/delete", &[("form", "delete"), ("confirm", "tea")]).await;
        assert_eq!(wrong.status, 400);
        assert!(visible(&wrong).contains("not the name of the community"));
        done(&mut ada, "/c/tea/delete", &[("confirm", "Tea")], "/communities").await;
        assert_eq!(ada.get("/c/tea").await.status, 404);
    }

    async fn slow_mode_says_what_it_is_and_how_long_to_wait(site: Site) {
        let (mut ada, mut bob) = (Browser::member(&site, "ada").await, Browser::member(&site, "bob").await);
        done(&mut ada, "/communities/new", &[("name", "Tea"), ("slow_mode_seconds", "3600")], "/c/tea").await;
        done(&mut bob, "/c/tea/join", &[], "/c/tea").await;
        let form = [("form", "post"), ("title", "One"), ("content", "words"), ("community", "tea"), ("do", "publish")];
        assert_eq!(bob.post("/posts/new", &form).await.status, 303);
        bob.cookies.insert("lang".into(), "fr".into());
        let refused = bob.post("/posts/new", &form).await;
        assert_eq!(refused.status, 429);
        let shown = visible(&refused);
        assert!(shown.contains("mode lent") && shown.contains("Réessayez dans 60 minutes."), "{shown}");
        assert!(refused.between("<textarea", "</textarea>").contains("words"));
    }

    async fn a_private_community_is_asked_and_answers(site: Site) {
        let (mut ada, mut bob) = (Browser::member(&site, "ada").await, Browser::member(&site, "bob").await);
        done(&mut ada, "/communities/new", &[("name", "東京 写真部"), ("is_private", "1"), ("rules", "静かに")], "/c/%E6%9D%B1%E4%BA%AC-%E5%86%99%E7%9C%9F%E9%83%A8").await;
        let here = "/c/%E6%9D%B1%E4%BA%AC-%E5%86%99%E7%9C%9F%E9%83%A8";
        let card = bob.get(here).await;
        assert!(visible(&card).contains("Ask to join") && !visible(&card).contains("静かに"));
        for part in ["members", "manage"] {
            assert_eq!(bob.get(&format!("{here}/{part}")).await.status, 404, "{part}");
        }
        done(&mut bob, &format!("{here}/join"), &[], here).await;
        assert!(visible(&bob.get(here).await).contains("A moderator will answer"));
        assert!(visible(&ada.get(here).await).contains("1 request"));
        assert!(visible(&ada.get(&format!("{here}/manage")).await).contains("Accept bob"));
        done(&mut ada, &format!("{here}/accept"), &[("username", "bob")], &format!("{here}/manage")).await;
        assert!(visible(&bob.get(here).await).contains("静かに"));
        let manage = ada.get(&format!("{here}/manage")).await;
        assert!(visible(&manage).contains("ada let bob in"), "{}", manage.body);
        assert_eq!(bob.get(&format!("{here}/manage")).await.status, 404);
    }

    async fn an_invitation_is_shown_once_and_used_by_a_form(site: Site) {
        let (mut ada, mut bob) = (Browser::member(&site, "ada").await, Browser::member(&site, "bob").await);
        done(&mut ada, "/communities/new", &[("name", "Quiet"), ("is_private", "1")], "/c/quiet").await;
        let made = ada.post("/c/quiet/invite", &[("form", "invite"), ("days", "1"), ("uses", "1")]).await;
        assert_eq!(made.status, 201);
        let (_, rest) = visible(&made).split_once("http://sphere.example/c/quiet/join/").expect("the link");
        let link = format!("/c/quiet/join/{}", rest.split('"').next().unwrap());
        assert!(!ada.get("/c/quiet/manage").await.body.contains(&link), "never again");
        let looked = bob.get(&link).await;
        assert!(visible(&looked).contains("You are invited to Quiet"), "{}", looked.body);
        let stranger = site.get(&link).await;
        assert!(visible(&stranger).contains(&format!("/login?next={link}")));
        assert_eq!(site.get("/c/quiet/join/forged").await.status, 404);
        done(&mut bob, &link, &[], "/c/quiet").await;
        assert!(visible(&bob.get("/c/quiet/members").await).contains("bob"));
        assert_eq!(site.get(&link).await.status, 404, "used up");
        let refused = ada.post("/c/quiet/invite", &[("form", "invite"), ("days", "99"), ("uses", "1")]).await;
        assert_eq!(refused.status, 400);
        assert!(visible(&refused).contains("1 to 30 days") && visible(&refused).contains(r#"value="99""#));
    }

    async fn roles_bans_and_the_owners_place_are_forms(site: Site) {
        let (mut ada, mut bob) = (Browser::member(&site, "ada").await, Browser::member(&site, "bob").await);
        let mut eve = Browser::member(&site, "eve").await;
        done(&mut ada, "/communities/new", &[("name", "Tea")], "/c/tea").await;
        for who in [&mut bob, &mut eve] {
            done(who, "/c/tea/join", &[], "/c/tea").await;
        }
        done(&mut ada, "/c/tea/role", &[("username", "bob"), ("role", "moderator")], "/c/tea/members").await;
        assert!(visible(&bob.get("/c/tea/members").await).contains("Ban eve"));
        done(&mut bob, "/c/tea/ban", &[("username", "eve"), ("next", "/c/tea/manage")], "/c/tea/manage").await;
        assert!(visible(&eve.get("/c/tea").await).contains("You cannot join this community."));
        assert_eq!(eve.post("/c/tea/join", &[]).await.status, 403);
        done(&mut bob, "/c/tea/unban", &[("username", "eve")], "/c/tea/manage").await;
        done(&mut ada, "/c/tea/hand-over", &[("username", "bob")], "/c/tea/members").await;
        assert_eq!(bob.post("/c/tea/leave", &[]).await.status, 400);
        done(&mut ada, "/c/tea/leave", &[], "/c/tea").await;
        for (verb, status) in [("nothing", 404), ("role", 400), ("remove", 404)] {
            assert_eq!(bob.post(&format!("/c/tea/{verb}"), &[("username", "nobody")]).await.status, status, "{verb}");
        }
    }

    async fn the_room_is_one_button_away(site: Site) {
        let (mut ada, mut bob) = (Browser::member(&site, "ada").await, Browser::member(&site, "bob").await);
        done(&mut ada, "/communities/new", &[("name", "Tea")], "/c/tea").await;
        assert_eq!(bob.post("/c/tea/room", &[]).await.status, 403);
        done(&mut bob, "/c/tea/join", &[], "/c/tea").await;
        let entered = bob.post("/c/tea/room", &[]).await;
        let room = entered.location().to_owned();
        assert!(entered.status == 303 && room.starts_with("/chat/"), "{room}");
        assert!(visible(&bob.get(&room).await).contains("Tea"));
        assert_eq!(ada.get(&room).await.status, 404, "not entered yet");
        assert_eq!(ada.post("/c/tea/room", &[]).await.location(), room);
        assert_eq!(ada.get(&room).await.status, 200);
    }
}
