//! Pages that strangers read are rendered once for many, and are never older than what was written.

use std::time::Duration;

use reqwest::Method;

use crate::browser::Browser;
use crate::on_both;
use crate::site::{Answer, Site, answer};

const CSP: &str = "content-security-policy";

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

/// Asks until two strangers got the page of one rendering: between them the second may have ended, or a
/// job may have written.
async fn both_get_one(site: &Site, path: &str) -> (Answer, Answer) {
    loop {
        let one = stranger(site, path, "one", &[]).await;
        let two = stranger(site, path, "two", &[]).await;
        if one.header(CSP) == two.header(CSP) {
            return (one, two);
        }
    }
}

on_both! {
    async fn strangers_get_the_bytes_of_one_rendering(site: Site) {
        let mut ada = Browser::member(&site, "ada").await;
        let path = publish(&mut ada, "words").await;
        let both = tokio::time::timeout(Duration::from_secs(30), both_get_one(&site, &path)).await;
        let (one, two) = both.expect("two strangers never got the same page");
        assert_eq!((one.status, &one.body), (200, &two.body));
        let nonce = one.header(CSP).split_once("nonce-").unwrap().1.split_once('\'').unwrap().0;
        assert!(one.body.contains(nonce), "the page carries the nonce that its answer allows");
        assert_ne!(one.header("x-request-id"), two.header("x-request-id"));
        assert_eq!(one.header("cache-control"), "private, no-store");
        let hers = ada.get(&path).await;
        assert_ne!(hers.header(CSP), one.header(CSP));
        assert!(hers.body.contains("ada") && hers.body != one.body);
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
        for number in 0..12 {
            let name = format!("browser {number}");
            assert_eq!(stranger(&site, &path, &name, &[]).await.status, 200);
            assert_eq!(stranger(&site, &path, &name, &[]).await.status, 200, "once more");
        }
        let counted = async {
            while site.get(&format!("/api{path}/")).await.json()["views_count"] != 12 {}
        };
        tokio::time::timeout(Duration::from_secs(30), counted).await.expect("twelve views");
    }
}
