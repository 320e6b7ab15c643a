//! Who may open a socket.

use std::time::Duration;

use crate::site::{OWN_ORIGIN, Site, answer};
use crate::{Browser, Socket, on_both};
use test_support::PATIENCE;

on_both! {
    async fn a_cookie_from_our_page_and_a_bearer_are_let_in(site: Site) {
        let ada = Browser::member(&site, "ada").await;
        let cookie = ada.cookie_line();
        let mut page = Socket::open(&site, "/ws/chat/", &[("cookie", &cookie), ("origin", OWN_ORIGIN)]).await;
        let hello = page.next().await;
        assert_eq!(hello["type"], "connection_established");
        assert_eq!(hello["message"], "Connected as ada.");
        let bob = site.member("bob").await;
        let bearer = format!("Bearer {}", bob.access);
        for headers in [&[("authorization", bearer.as_str())][..], &[("authorization", &bearer), ("origin", "https://evil.example")]] {
            let mut program = Socket::open(&site, "/ws/chat", headers).await;
            assert_eq!(program.next().await["user_id"], bob.id.as_str());
        }
    }

    async fn whoever_has_no_good_credential_is_told_with_a_code(site: Site) {
        let ada = site.member("ada").await;
        let ended = site.sign_in("ada").await;
        answer(site.request(reqwest::Method::POST, "/api/auth/logout/").bearer_auth(&ended.access)).await;
        let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", ada.access.split('.').nth(1).unwrap());
        for token in ["x", "", &format!("{}x", ada.access), &ada.refresh, &unsigned, &ended.access] {
            let bearer = format!("Bearer {token}");
            let mut socket = Socket::open(&site, "/ws/chat/", &[("authorization", &bearer)]).await;
            assert_eq!(socket.closed().await.0, 4001, "{token}");
            let mut socket = Socket::open(&site, &format!("/ws/chat/?token={token}"), &[]).await;
            assert_eq!(socket.closed().await.0, 4001, "{token}");
        }
        let mut nobody = Socket::open(&site, "/ws/chat/", &[("origin", OWN_ORIGIN)]).await;
        assert_eq!(nobody.closed().await.0, 4001);
        let mut forged = Socket::open(&site, "/ws/chat/", &[("origin", OWN_ORIGIN), ("cookie", "spherespace_access=a.b.c; spherespace_refresh=x")]).await;
        assert_eq!(forged.closed().await.0, 4001);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_query_token_works_unless_it_is_switched_off() {
    let site = Site::sqlite().await;
    let ada = site.member("ada").await;
    let path = format!("/ws/chat/?later=1&token={}", ada.access);
    let mut socket = Socket::open(&site, &path, &[("origin", "https://evil.example")]).await;
    assert_eq!(socket.next().await["user_id"], ada.id.as_str());
    let no_page = answer(
        site.request(reqwest::Method::POST, &format!("/api/auth/logout/?token={}", ada.access)),
    )
    .await;
    assert_eq!(no_page.status, 403, "sockets only");

    let site = Site::but(|config| config.ws_query_token = false).await;
    let ada = site.member("ada").await;
    let mut socket = Socket::open(&site, &format!("/ws/chat/?token={}", ada.access), &[]).await;
    assert_eq!(socket.closed().await.0, 4001);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_credential_has_its_own_code() {
    let site = Site::but(|config| config.rules.access_token_lifetime = Duration::ZERO).await;
    let ada = site.member("ada").await;
    let cookie = format!("spherespace_access={}", ada.access);
    let bearer = format!("Bearer {}", ada.access);
    let expired = async {
        // Within its last second the token still opens the socket, which then ends by itself.
        while Socket::open(&site, "/ws/chat/", &[("authorization", &bearer)]).await.closed().await.0
            != 4003
        {}
    };
    tokio::time::timeout(PATIENCE, expired).await.unwrap();
    for headers in
        [&[("cookie", cookie.as_str()), ("origin", OWN_ORIGIN)][..], &[("authorization", &bearer)]]
    {
        let mut socket = Socket::open(&site, "/ws/chat/", headers).await;
        assert_eq!(socket.closed().await.0, 4003, "{headers:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_outlives_its_access_cookie() {
    let site = Site::sqlite().await;
    let mut ada = Browser::member(&site, "ada").await;
    ada.cookies.remove("spherespace_access");
    let cookie = ada.cookie_line();
    let mut socket =
        Socket::open(&site, "/ws/chat/", &[("cookie", &cookie), ("origin", OWN_ORIGIN)]).await;
    assert_eq!(socket.next().await["type"], "connection_established");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_no_handshake_gets_a_plain_answer() {
    let site = Site::sqlite().await;
    let plain = site.get("/ws/chat/").await;
    assert_eq!((plain.status, plain.code().as_str()), (400, "bad_request"));
}
