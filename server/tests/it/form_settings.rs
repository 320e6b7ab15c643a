//! Devices and looks, without script.

use crate::site::Site;
use crate::{Answer, Browser, on_both};

/// The ids in the forms of the list, which is every device but the current one.
fn other_devices(page: &Answer) -> Vec<String> {
    let forms = page.body.split(r#"name="session_id" value=""#).skip(1);
    forms.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

on_both! {
    async fn one_device_can_be_ended(site: Site) {
        let mut ada = Browser::member(&site, "ada").await;
        let mut phone = Browser::sign_in(&site, "ada").await;
        let devices = other_devices(&ada.get("/settings/sessions").await);
        assert_eq!(devices.len(), 1, "{devices:?}");
        let ended = ada.post("/settings/sessions/revoke", &[("session_id", &devices[0])]).await;
        assert_eq!((ended.status, ended.location()), (303, "/settings/sessions"));
        assert!(!phone.is_signed_in().await);
        assert!(ada.is_signed_in().await);
        let again = ada.post("/settings/sessions/revoke", &[("session_id", &devices[0])]).await;
        assert_eq!(again.status, 404);
    }

    async fn all_others_can_be_ended_at_once(site: Site) {
        let mut ada = Browser::member(&site, "ada").await;
        let mut phone = Browser::sign_in(&site, "ada").await;
        let mut tablet = Browser::sign_in(&site, "ada").await;
        let mut bob = Browser::member(&site, "bob").await;
        let ended = ada.post("/settings/sessions/revoke", &[("all_others", "1")]).await;
        assert_eq!(ended.status, 303);
        assert!(ada.is_signed_in().await && bob.is_signed_in().await);
        assert!(!phone.is_signed_in().await && !tablet.is_signed_in().await);
    }

    async fn nobody_ends_or_sees_the_devices_of_somebody_else(site: Site) {
        let mut ada = Browser::member(&site, "ada").await;
        let mut phone = Browser::sign_in(&site, "ada").await;
        let mut mallory = Browser::member(&site, "mallory").await;
        let devices = other_devices(&ada.get("/settings/sessions").await);
        assert!(!mallory.get("/settings/sessions").await.body.contains(&devices[0]));
        for id in [devices[0].as_str(), "00000000-0000-0000-0000-000000000000", "", "x", "' OR 1=1"] {
            let refused = mallory.post("/settings/sessions/revoke", &[("session_id", id)]).await;
            assert_eq!(refused.status, 404, "{id}: existence is not told");
        }
        assert!(phone.is_signed_in().await);
        let stranger = Browser::new(&site).post("/settings/sessions/revoke", &[("all_others", "1")]).await;
        assert_eq!(stranger.status, 401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_theme_is_kept_in_a_cookie_and_shown_from_the_first_byte() {
    let site = Site::sqlite().await;
    let mut browser = Browser::new(&site);
    assert!(browser.get("/").await.body.contains(r#"data-theme="system""#));
    let chosen =
        browser.post("/settings/appearance", &[("theme", "dark"), ("next", "/login")]).await;
    assert_eq!((chosen.status, chosen.location()), (303, "/login"));
    let line = chosen.set_cookie("theme").unwrap();
    assert!(
        line.starts_with("theme=dark; Path=/; Max-Age=31536000") && line.contains("SameSite=Lax")
    );
    assert!(browser.get("/").await.body.contains(r#"data-theme="dark""#));
    let nonsense = browser
        .post("/settings/appearance", &[("theme", "x; Path=/evil"), ("language", "tlh")])
        .await;
    assert!(nonsense.set_cookies().is_empty(), "a word we do not know changes nothing");
    browser.cookies.insert("theme".into(), "\"><script>alert(1)</script>".into());
    browser.cookies.insert("lang".into(), "../../etc/passwd".into());
    let page = browser.get("/").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains(r#"data-theme="system""#) && !page.body.contains("alert(1)"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_shows_a_device_by_name_and_never_its_markup() {
    let site = Site::sqlite().await;
    let mut ada = Browser::member(&site, "ada").await;
    let agent = format!("<script>alert(1)</script>{}", "x".repeat(5_000));
    let login = site.request(reqwest::Method::POST, "/login").header("user-agent", agent);
    let form = [("username", "ada"), ("password", test_support::PASSWORD)];
    let login = login.header("sec-fetch-site", "same-origin").form(&form);
    assert_eq!(crate::site::answer(login).await.status, 303);
    let page = ada.get("/settings/sessions").await;
    assert_eq!(page.status, 200);
    assert!(!page.body.contains("<script>alert"), "{}", page.body);
    assert_eq!(other_devices(&page).len(), 1);
}
