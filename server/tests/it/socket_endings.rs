//! Signing out and running out reach the sockets they mean, and only those.

use std::time::{Duration, Instant};

use crate::site::{OWN_ORIGIN, Site, answer};
use crate::{Browser, Socket, on_both};
use reqwest::Method;

async fn of_browser(site: &Site, browser: &Browser<'_>) -> Socket {
    let cookie = browser.cookie_line();
    let mut socket =
        Socket::open(site, "/ws/chat/", &[("cookie", &cookie), ("origin", OWN_ORIGIN)]).await;
    assert_eq!(socket.next().await["type"], "connection_established");
    socket
}

async fn assert_signed_out_within_a_second(socket: &mut Socket) {
    let asked = Instant::now();
    assert_eq!(socket.closed().await.0, 4009);
    assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
}

on_both! {
    async fn signing_out_closes_every_socket_of_that_device_and_no_other(site: Site) {
        let (ada, other_device) = (site.member("ada").await, site.sign_in("ada").await);
        let bob = site.member("bob").await;
        let (mut one, mut two) = (Socket::of(&site, &ada).await, Socket::of(&site, &ada).await);
        let (mut stays, mut bobs) = (Socket::of(&site, &other_device).await, Socket::of(&site, &bob).await);
        answer(site.request(Method::POST, "/api/auth/logout/").bearer_auth(&ada.access)).await;
        assert_signed_out_within_a_second(&mut one).await;
        assert_signed_out_within_a_second(&mut two).await;
        stays.is_open().await;
        bobs.is_open().await;
    }

    async fn a_revoked_device_hears_of_it_at_once(site: Site) {
        let mut ada = Browser::member(&site, "ada").await;
        let phone = Browser::sign_in(&site, "ada").await;
        let (mut mine, mut phones) = (of_browser(&site, &ada).await, of_browser(&site, &phone).await);
        ada.post("/settings/sessions/revoke", &[("all_others", "1")]).await;
        assert_signed_out_within_a_second(&mut phones).await;
        mine.is_open().await;
        ada.post("/logout", &[]).await;
        assert_signed_out_within_a_second(&mut mine).await;
    }

    async fn a_stolen_refresh_token_costs_both_their_sockets(site: Site) {
        let ada = site.member("ada").await;
        let mut socket = Socket::of(&site, &ada).await;
        let mut token = ada.refresh.clone();
        for _ in 0..2 {
            let next = site.post_json("/api/auth/token/refresh/", &serde_json::json!({"refresh": token})).await;
            token = next.json()["refresh"].as_str().unwrap().to_owned();
        }
        let reused = site.post_json("/api/auth/token/refresh/", &serde_json::json!({"refresh": ada.refresh})).await;
        assert_eq!(reused.status, 401);
        assert_signed_out_within_a_second(&mut socket).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bearers_socket_ends_with_its_token_and_a_pages_does_not() {
    let site =
        Site::but(|config| config.rules.access_token_lifetime = Duration::from_secs(1)).await;
    let browser = Browser::member(&site, "ada").await;
    let mut page = of_browser(&site, &browser).await;
    let bob = site.member("bob").await;
    let bearer = format!("Bearer {}", bob.access);
    let mut program = Socket::open(&site, "/ws/chat/", &[("authorization", &bearer)]).await;
    assert_eq!(program.closed().await.0, 4003);
    page.is_open().await;
}
