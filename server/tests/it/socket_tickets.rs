//! A socket opened with a ticket.

use crate::site::{OWN_ORIGIN, Site, answer};
use crate::{Browser, Member, Socket, on_both};
use reqwest::Method;

async fn ticket(site: &Site, member: &Member) -> String {
    let request = site.request(Method::POST, "/api/auth/ws-ticket/").bearer_auth(&member.access);
    let answer = answer(request).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let body = answer.json();
    assert_eq!(body["expires_in"], 30);
    body["ticket"].as_str().unwrap().to_owned()
}

on_both! {
    async fn s15_a_ticket_opens_one_socket_from_anywhere(site: Site) {
        let ada = site.member("ada").await;
        let ticket = ticket(&site, &ada).await;
        let path = format!("/ws/chat/?ticket={ticket}");
        // A page of another origin may: it had to be given the ticket.
        let mut socket = Socket::open(&site, &path, &[("origin", "https://elsewhere.example")]).await;
        assert_eq!(socket.next().await["user_id"], ada.id.as_str());
        let mut again = Socket::open(&site, &path, &[]).await;
        assert_eq!(again.closed().await.0, 4001, "once");
        for forged in ["", "x", ada.access.as_str(), "%00"] {
            let mut socket = Socket::open(&site, &format!("/ws/chat/?ticket={forged}"), &[]).await;
            assert_eq!(socket.closed().await.0, 4001, "{forged}");
        }
        let page = site.get(&format!("/api/auth/user/?ticket={}", self::ticket(&site, &ada).await)).await;
        assert_eq!(page.status, 401, "sockets only");
    }

    async fn l06_a_socket_by_ticket_ends_with_its_session(site: Site) {
        let ada = site.member("ada").await;
        let path = format!("/ws/chat/?ticket={}", ticket(&site, &ada).await);
        let mut socket = Socket::open(&site, &path, &[]).await;
        socket.is_open().await;
        answer(site.request(Method::POST, "/api/auth/logout/").bearer_auth(&ada.access)).await;
        assert_eq!(socket.closed().await.0, 4009);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn l07_without_tokens_in_addresses_a_ticket_still_works() {
    let site = Site::but(|config| config.ws_query_token = false).await;
    let mut ada = Browser::member(&site, "ada").await;
    let request = ada.with_cookies(site.request(Method::POST, "/api/auth/ws-ticket/"));
    let answer = answer(request.header("origin", OWN_ORIGIN)).await;
    let ticket = answer.json()["ticket"].as_str().unwrap().to_owned();
    let mut socket = Socket::open(&site, &format!("/ws/chat/?ticket={ticket}"), &[]).await;
    assert_eq!(socket.next().await["message"], "Connected as ada.");
    assert!(ada.is_signed_in().await);
}
