//! The files of the front end. They are there where it was built; a server without them still
//! gives pages, and says 404.

use std::path::Path;

use app::text::Language;
use reqwest::Method;
use server::assets::addresses;

use crate::site::{Answer, Site, answer};

const FOREVER: &str = "public, max-age=31536000, immutable";

async fn get_as(site: &Site, path: &str, encodings: &str) -> (Answer, usize) {
    let request = site.request(Method::GET, path).header("accept-encoding", encodings);
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let length = response.bytes().await.unwrap().len();
    (Answer { status, headers, body: String::new() }, length)
}

fn is_built() -> bool {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/site/pkg").exists()
}

#[tokio::test(flavor = "multi_thread")]
async fn s32_every_file_that_a_page_names_has_its_type_and_is_kept_for_ever() {
    let site = Site::sqlite().await;
    let names = addresses(Language::default());
    for (path, kind) in [
        (names.css, "text/css; charset=utf-8"),
        (names.js, "text/javascript; charset=utf-8"),
        (names.wasm, "application/wasm"),
        (names.boot, "text/javascript; charset=utf-8"),
        (names.chat, "text/javascript; charset=utf-8"),
    ] {
        let (plain, size) = get_as(&site, &path, "identity").await;
        if !is_built() {
            assert_eq!(plain.status, 404, "{path}");
            continue;
        }
        assert_eq!((plain.status, plain.header("content-type")), (200, kind), "{path}");
        assert_eq!(plain.header("cache-control"), FOREVER, "{path}");
        assert_eq!(plain.header("x-content-type-options"), "nosniff");
        assert_eq!(plain.header("vary"), "accept-encoding");
        assert!(plain.set_cookies().is_empty());
        assert_eq!(plain.header("content-encoding"), "");
        for encoding in ["br", "gzip"] {
            let (packed, packed_size) = get_as(&site, &path, encoding).await;
            assert_eq!(
                (packed.header("content-encoding"), packed.header("content-type")),
                (encoding, kind)
            );
            assert!(packed_size < size, "{path}: {packed_size} of {size}");
        }
        let (best, _) = get_as(&site, &path, "gzip, deflate, br").await;
        assert_eq!(best.header("content-encoding"), "br");
        let head = answer(site.request(Method::HEAD, &path)).await;
        assert_eq!((head.status, head.header("content-type")), (200, kind));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_without_a_hash_is_kept_briefly() {
    let site = Site::sqlite().await;
    for (path, kind) in [
        ("/favicon.svg", "image/svg+xml"),
        ("/manifest.webmanifest", "application/manifest+json"),
        ("/boot.js", "text/javascript; charset=utf-8"),
    ] {
        let file = answer(site.request(Method::GET, path)).await;
        if is_built() {
            assert_eq!((file.status, file.header("content-type")), (200, kind), "{path}");
            assert_eq!(file.header("cache-control"), "public, max-age=3600", "{path}");
        } else {
            assert_eq!(file.status, 404, "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_texts_of_the_language_are_in_the_program_itself() {
    let site = Site::sqlite().await;
    let path = addresses(Language::default()).text;
    let texts = site.get(&path).await;
    assert_eq!((texts.status, texts.header("content-type")), (200, "application/json"));
    assert_eq!(texts.header("cache-control"), FOREVER);
    assert!(texts.json().is_array());
    for other in ["/text/xx.json", "/text/en.json", "/text/..%2fen.json", "/text/%00"] {
        let missing = site.get(other).await;
        assert_eq!(missing.status, 404, "{other}");
        assert_ne!(missing.header("cache-control"), FOREVER, "{other}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_not_found_and_never_kept() {
    let site = Site::sqlite().await;
    for path in [
        "/pkg/nothing.wasm",
        "/pkg/spherespace.0000.js",
        "/pkg/",
        "/pkg",
        "/favicon.svg.br",
        "/boot.js.gz",
        "/icons",
    ] {
        let missing = site.get(path).await;
        assert!([404, 308].contains(&missing.status), "{path}: {}", missing.status);
        assert_ne!(missing.header("cache-control"), FOREVER, "{path}");
    }
}
