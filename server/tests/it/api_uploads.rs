//! Uploads as clients of the tus protocol send them.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use image::ImageFormat;
use reqwest::{Method, RequestBuilder};
use sea_orm::{ConnectionTrait, Statement};
use sha1::{Digest, Sha1};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::api_profiles::picture;
use crate::site::{Answer, Member, Site, answer};
use crate::{Browser, on_both};

const PIECE: &str = "application/offset+octet-stream";

fn tus(site: &Site, who: &Member, method: Method, path: &str) -> RequestBuilder {
    site.request(method, path).bearer_auth(&who.access).header("tus-resumable", "1.0.0")
}

async fn begin(site: &Site, who: &Member, length: usize) -> String {
    let begun = tus(site, who, Method::POST, "/api/uploads/").header("upload-length", length);
    let begun =
        answer(begun.header("upload-metadata", "filename Y3VwLnBuZw==,kind Y292ZXI=")).await;
    assert_eq!((begun.status, begun.header("tus-resumable")), (201, "1.0.0"), "{}", begun.body);
    assert!(begun.header("upload-expires").ends_with(" GMT"));
    begun.location().to_owned()
}

fn piece(site: &Site, who: &Member, place: &str, offset: usize, bytes: &[u8]) -> RequestBuilder {
    let request = tus(site, who, Method::PATCH, place).header("content-type", PIECE);
    request.header("upload-offset", offset).body(bytes.to_vec())
}

async fn offset(site: &Site, who: &Member, place: &str) -> usize {
    let looked = answer(tus(site, who, Method::HEAD, place)).await;
    assert_eq!((looked.status, looked.header("cache-control")), (200, "no-store"));
    looked.header("upload-offset").parse().unwrap()
}

/// A piece over a connection that is cut before its end.
async fn send_and_cut(site: &Site, who: &Member, place: &str, said: usize, bytes: &[u8]) {
    let mut wire = TcpStream::connect(site.address).await.unwrap();
    let head = format!(
        "PATCH {place} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nTus-Resumable: 1.0.0\r\n\
         Upload-Offset: 0\r\nContent-Type: {PIECE}\r\nContent-Length: {said}\r\n\r\n",
        who.access
    );
    wire.write_all(head.as_bytes()).await.unwrap();
    wire.write_all(bytes).await.unwrap();
    wire.shutdown().await.unwrap();
    let _answered = wire.read_to_end(&mut Vec::new()).await;
}

async fn status(request: RequestBuilder) -> u16 {
    answer(request).await.status
}

on_both! {
    async fn a_cut_upload_goes_on_where_it_was(site: Site) {
        let ada = site.member("ada").await;
        let described = answer(site.request(Method::OPTIONS, "/api/uploads/")).await;
        assert_eq!((described.status, described.header("tus-version")), (204, "1.0.0"));
        assert_eq!(described.header("tus-max-size"), (10 * 1024 * 1024).to_string());
        for extension in ["creation", "creation-with-upload", "expiration", "termination", "checksum"] {
            assert!(described.header("tus-extension").split(',').any(|one| one == extension));
        }
        let bytes = picture(ImageFormat::Png);
        let place = begin(&site, &ada, bytes.len()).await;
        send_and_cut(&site, &ada, &place, bytes.len(), &bytes[..100]).await;
        // The server may still be writing what has come when the connection is gone.
        while offset(&site, &ada, &place).await == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(offset(&site, &ada, &place).await, 100);
        let done = answer(piece(&site, &ada, &place, 100, &bytes[100..])).await;
        assert_eq!((done.status, done.header("upload-offset")), (204, bytes.len().to_string().as_str()), "{}", done.body);
        let address = done.header("content-location").to_owned();
        assert!(address.starts_with("/media/") && address.ends_with("/1200.webp"), "a cover: {address}");
        let shown = site.get(&address).await;
        assert_eq!((shown.status, shown.header("content-type")), (200, "image/webp"));
        let looked = answer(tus(&site, &ada, Method::HEAD, &place)).await;
        assert_eq!(looked.header("content-location"), address);
        assert_eq!(looked.header("upload-metadata"), "filename Y3VwLnBuZw==,kind Y292ZXI=");
    }

    async fn what_is_wrong_with_a_piece_is_said_and_changes_nothing(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let place = begin(&site, &ada, 10).await;
        assert_eq!(status(piece(&site, &ada, &place, 1, b"x")).await, 409);
        let typed = tus(&site, &ada, Method::PATCH, &place).header("content-type", "image/png");
        assert_eq!(status(typed.header("upload-offset", 0).body("x")).await, 415);
        assert_eq!(status(piece(&site, &ada, &place, 0, &[7; 11])).await, 413);
        assert_eq!(status(piece(&site, &ada, &place, 0, b"x").header("upload-checksum", "md5 eA==")).await, 400);
        let wrong = BASE64_STANDARD.encode(Sha1::digest(b"y"));
        assert_eq!(status(piece(&site, &ada, &place, 0, b"x").header("upload-checksum", format!("sha1 {wrong}"))).await, 460);
        for request in [piece(&site, &bob, &place, 0, b"x"), tus(&site, &bob, Method::HEAD, &place), tus(&site, &bob, Method::DELETE, &place)] {
            assert_eq!(status(request).await, 404, "somebody else's");
        }
        assert_eq!(status(tus(&site, &ada, Method::HEAD, "/api/uploads/nonsense")).await, 404);
        let other = site.request(Method::HEAD, &place).bearer_auth(&ada.access).header("tus-resumable", "0.2.2");
        let other = answer(other).await;
        assert_eq!((other.status, other.header("tus-version"), other.header("tus-resumable")), (412, "1.0.0", "1.0.0"));
        assert_eq!(offset(&site, &ada, &place).await, 0);
        let right = BASE64_STANDARD.encode(Sha1::digest(b"x"));
        assert_eq!(status(piece(&site, &ada, &place, 0, b"x").header("upload-checksum", format!("sha1 {right}"))).await, 204);
        assert_eq!(status(tus(&site, &ada, Method::DELETE, &place)).await, 204);
        assert_eq!(status(tus(&site, &ada, Method::HEAD, &place)).await, 404);
        for (length, expected) in [("0", 400), ("-1", 400), ("x", 400), ("10485761", 413), ("18446744073709551616", 400)] {
            let request = tus(&site, &ada, Method::POST, "/api/uploads/").header("upload-length", length);
            assert_eq!(status(request).await, expected, "{length}");
        }
        let strange = tus(&site, &ada, Method::POST, "/api/uploads/").header("upload-length", "1").header("upload-metadata", "kind ZmlsbQ==");
        assert_eq!(status(strange).await, 400);
    }

    async fn the_first_piece_may_come_with_the_beginning(site: Site) {
        let ada = site.member("ada").await;
        let bytes = picture(ImageFormat::Png);
        let begin = |length: usize, first: &[u8]| {
            let begin = tus(&site, &ada, Method::POST, "/api/uploads/").header("upload-length", length);
            begin.header("content-type", PIECE).body(first.to_vec())
        };
        let begun = answer(begin(bytes.len(), &bytes[..100])).await;
        assert_eq!((begun.status, begun.header("upload-offset")), (201, "100"), "{}", begun.body);
        let place = begun.location().to_owned();
        assert_eq!(status(piece(&site, &ada, &place, 100, &bytes[100..])).await, 204);
        let whole = answer(begin(bytes.len(), &bytes)).await;
        assert_eq!((whole.status, whole.header("upload-offset")), (201, bytes.len().to_string().as_str()));
        assert!(whole.header("content-location").starts_with("/media/"), "{}", whole.body);
        let empty = answer(begin(5, b"")).await;
        assert_eq!((empty.status, empty.header("upload-offset")), (201, "0"));
        assert_eq!(status(begin(5, b"more than five")).await, 413);
        assert_eq!(status(begin(4, b"text")).await, 400, "no picture");
        let wrong = BASE64_STANDARD.encode(Sha1::digest(b"y"));
        assert_eq!(status(begin(5, b"x").header("upload-checksum", format!("sha1 {wrong}"))).await, 460);
        let untyped = tus(&site, &ada, Method::POST, "/api/uploads/").header("upload-length", 5).body("words");
        assert_eq!(answer(untyped).await.header("upload-offset"), "0", "that was no piece");
        let rows = site.database.connect().await;
        let left = "SELECT count(*) AS n FROM upload WHERE media_id IS NULL";
        let left = rows.query_one_raw(Statement::from_string(rows.get_database_backend(), left)).await;
        assert_eq!(left.unwrap().unwrap().try_get::<i64>("", "n").unwrap(), 2, "only what can go on");
    }

    async fn who_can_only_post_names_the_method_that_is_meant(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let bytes = picture(ImageFormat::Png);
        let place = begin(&site, &ada, bytes.len()).await;
        let meant = |who: &Member, method: &str, path: &str| {
            tus(&site, who, Method::POST, path).header("x-http-method-override", method)
        };
        let next = |who| {
            let piece = meant(who, "PATCH", &place).header("content-type", PIECE);
            piece.header("upload-offset", 0).body(bytes[..10].to_vec())
        };
        assert_eq!(status(next(&bob)).await, 404, "somebody else's");
        assert_eq!(status(next(&ada)).await, 204);
        let looked = answer(meant(&ada, "HEAD", &format!("{place}/"))).await;
        assert_eq!((looked.status, looked.header("upload-offset"), looked.body.as_str()), (200, "10", ""));
        assert_eq!(status(meant(&ada, "PUT", &place)).await, 405);
        assert_eq!(status(meant(&ada, "DELETE", &place)).await, 204);
        assert_eq!(status(tus(&site, &ada, Method::HEAD, &place)).await, 404);
        for path in ["/api/posts/x", "/api/auth/sessions/x"] {
            assert_eq!(status(meant(&ada, "DELETE", path)).await, 405, "nowhere else: {path}");
        }
        let read = tus(&site, &ada, Method::GET, &begin(&site, &ada, 5).await);
        assert_eq!(status(read.header("x-http-method-override", "DELETE")).await, 405, "what reads only reads");
        let browser = Browser::member(&site, "eve").await;
        let foreign = browser.with_cookies(site.request(Method::POST, &place)).header("tus-resumable", "1.0.0");
        let foreign = foreign.header("x-http-method-override", "HEAD").header("sec-fetch-site", "cross-site");
        assert_eq!(status(foreign).await, 404, "a look, at nothing of hers");
    }

    async fn one_sender_has_few_uploads_on_their_way(site: Site) {
        let (ada, bob) = (site.member("ada").await, site.member("bob").await);
        let place = begin(&site, &ada, 1000).await;
        let slow = async || {
            let mut wire = TcpStream::connect(site.address).await.unwrap();
            let head = format!(
                "PATCH {place} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nTus-Resumable: 1.0.0\r\n\
                 Upload-Offset: 0\r\nContent-Type: {PIECE}\r\nContent-Length: 1000\r\n\r\n slow",
                ada.access
            );
            wire.write_all(head.as_bytes()).await.unwrap();
            wire
        };
        // Elsewhere than where it goes on: answered at once while there is room.
        let probe = async |who: &Member| answer(piece(&site, who, &place, 7, b"x")).await;
        let mut waiting = Vec::new();
        // A slow one that comes while it is asked finds no room, and another one takes its place.
        let full = loop {
            waiting.push(slow().await);
            let answer = probe(&ada).await;
            if answer.status != 409 {
                break answer;
            }
        };
        assert!(waiting.len() >= 6, "{}", waiting.len());
        assert_eq!((full.status, full.code(), full.header("retry-after")), (429, "rate_limited".into(), "1"));
        let form = site.request(Method::POST, "/api/posts/").bearer_auth(&ada.access);
        let form = form.header("content-type", "multipart/form-data; boundary=x").body("--x--");
        assert_eq!(status(form).await, 429, "forms with files are such, too");
        assert_eq!(probe(&bob).await.status, 404, "others have room of their own");
        drop(waiting);
        while probe(&ada).await.status == 429 {
            tokio::task::yield_now().await;
        }
    }

    async fn s_17_what_lies_about_being_a_picture_is_refused(site: Site) {
        let ada = site.member("ada").await;
        let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>".as_slice();
        for bytes in [svg, b"<!doctype html><script>alert(1)</script>", b"\x89PNG\r\n\x1a\n cut off"] {
            let place = begin(&site, &ada, bytes.len()).await;
            let refused = answer(piece(&site, &ada, &place, 0, bytes)).await;
            assert_eq!((refused.status, refused.code()), (400, "invalid_field".into()), "{}", refused.body);
            assert_eq!(status(tus(&site, &ada, Method::HEAD, &place)).await, 404, "nothing of it is kept");
        }
    }

    async fn a_page_of_another_site_sends_nothing(site: Site) {
        let ada = Browser::member(&site, "ada").await;
        let begin = |origin: &str| {
            let request = ada.with_cookies(site.request(Method::POST, "/api/uploads/"));
            request.header("tus-resumable", "1.0.0").header("upload-length", "5").header("sec-fetch-site", origin.to_owned())
        };
        let refused: Answer = answer(begin("cross-site")).await;
        assert_eq!((refused.status, refused.code()), (403, "csrf_failed".into()));
        let begun = answer(begin("same-origin")).await;
        assert_eq!(begun.status, 201);
        let place = begun.location().to_owned();
        for (method, origin, expected) in [(Method::PATCH, "cross-site", 403), (Method::DELETE, "cross-site", 403), (Method::DELETE, "same-origin", 204)] {
            let request = ada.with_cookies(site.request(method, &place)).header("tus-resumable", "1.0.0");
            assert_eq!(status(request.header("sec-fetch-site", origin)).await, expected);
        }
    }
}
