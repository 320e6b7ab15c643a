//! Pages that strangers read are rendered once for many, and are never older than what was written.

use std::time::Duration;

use reqwest::Method;
use sea_orm::ConnectionTrait;

use crate::browser::Browser;
use crate::on_both;
use crate::site::{Answer, Site, answer};

const PATIENCE: Duration = Duration::from_secs(30);

async fn publish(browser: &mut Browser<'_>, content: &str) -> String {
    let form = [("form", "post"), ("title", "Tides"), ("content", content), ("do", "publish")];
    browser.post("/posts/new", &form).await.location().to_owned()
}

/// A stranger with a browser of some name.
async fn stranger(site: &Site, path: &str, name: &str, headers: &[(&str, &str)]) -> Answer {
    let request = site.request(Method::GET, path).header("user-agent", name);
    answer(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)))
        .await
}

/// The nonce that an answer allows, which its page carries and no other does.
fn nonce(answer: &Answer) -> String {
    let (_, rest) = answer.header("content-security-policy").split_once("nonce-").unwrap();
    let nonce = rest.split_once('\'').unwrap().0.to_owned();
    assert!(answer.body.contains(&nonce), "{}", answer.body);
    nonce
}

on_both! {
    async fn strangers_get_the_page_of_one_rendering(site: Site) {
        let mut ada = Browser::member(&site, "ada").await;
        let path = publish(&mut ada, "words").await;
        let rows = site.database.connect().await;
        let kept = async {
            // What is written behind the server's back is seen when the page's second is over.
            for round in 0.. {
                let one = stranger(&site, &path, "one", &[]).await;
                let sql = format!("UPDATE post SET title = 'Title {round}'");
                rows.execute_unprepared(&sql).await.unwrap();
                let two = stranger(&site, &path, "two", &[]).await;
                if !two.body.contains(&format!("Title {round}")) {
                    return (one, two);
                }
            }
            unreachable!()
        };
        let (one, two) = tokio::time::timeout(PATIENCE, kept).await.expect("a page that was kept");
        assert_eq!((one.status, two.status), (200, 200));
        assert_eq!(one.body.replace(&nonce(&one), ""), two.body.replace(&nonce(&two), ""));
        assert_ne!(nonce(&one), nonce(&two));
        assert_ne!(one.header("x-request-id"), two.header("x-request-id"));
        assert_eq!(two.header("cache-control"), "private, no-store");
        let hers = ada.get(&path).await;
        assert!(!hers.body.contains("/login") && two.body.contains("/login"), "{}", hers.body);
    }

    async fn what_was_written_is_on_the_very_next_page(site: Site) {
        let mut ada = Browser::member(&site, "ada").await;
        let path = publish(&mut ada, "first words").await;
        for round in 0..20 {
            let words = format!("comment number {round}.");
            assert!(!stranger(&site, &path, "one", &[]).await.body.contains(&words));
            ada.post(&format!("{path}/comments"), &[("content", &words)]).await;
            let page = stranger(&site, &path, "one", &[]).await;
            assert!(page.body.contains(&words), "{round}: {}", page.body);
        }
        ada.post(&format!("{path}/delete"), &[]).await;
        assert_eq!(stranger(&site, &path, "one", &[]).await.status, 404);
    }

    async fn no_two_kinds_of_page_are_taken_for_each_other(site: Site) {
        let mut ada = Browser::member(&site, "ada").await;
        let path = publish(&mut ada, "words").await;
        for _ in 0..10 {
            let dark = stranger(&site, &path, "one", &[("cookie", "theme=dark")]).await;
            let light = stranger(&site, &path, "one", &[("cookie", "theme=light")]).await;
            assert!(dark.body.contains(r#"data-theme="dark""#), "{}", dark.body);
            assert!(light.body.contains(r#"data-theme="light""#), "{}", light.body);
            let packed = stranger(&site, &path, "one", &[("accept-encoding", "gzip")]).await;
            let plain = stranger(&site, &path, "one", &[]).await;
            assert_eq!((packed.header("content-encoding"), plain.header("content-encoding")), ("gzip", ""));
            assert_eq!(ada.get(&path).await.body.matches("/login").count(), 0, "she is signed in");
            let sorted = stranger(&site, &format!("{path}?sort=newest"), "one", &[]).await;
            assert!(sorted.status == 200 && sorted.body != plain.body);
        }
    }

    async fn everybody_who_gets_a_kept_page_is_counted(site: Site) {
        let mut ada = Browser::member(&site, "ada").await;
        let path = publish(&mut ada, "words").await;
        for number in 0..12_u8 {
            // Of twelve kinds.
            let name = format!("browser {}", char::from(b'a' + number));
            assert_eq!(stranger(&site, &path, &name, &[]).await.status, 200);
            assert_eq!(stranger(&site, &path, &name, &[]).await.status, 200, "once more");
        }
        let counted = async {
            while site.get(&format!("/api{path}/")).await.json()["views_count"] != 12 {}
        };
        tokio::time::timeout(PATIENCE, counted).await.expect("twelve views");
    }
}
