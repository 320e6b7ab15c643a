//! The built site, embedded: styles, scripts, WASM, icons. The binary is the whole product.
//!
//! A debug build reads the files from `target/site` instead, so that a rebuild of the front end
//! needs none of the server.

use std::borrow::Cow;
use std::sync::LazyLock;

use app::shell::Assets;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest, Sha256};

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../target/site"]
#[allow_missing = true]
struct Site;

const FOREVER: &str = "public, max-age=31536000, immutable";
const BRIEFLY: &str = "public, max-age=3600";

/// The addresses that pages name, found once.
pub fn addresses(language: app::text::Language) -> Assets {
    static FOUND: LazyLock<Assets> = LazyLock::new(|| {
        let [boot, chat, social, alerts] =
            ["boot.js", "chat.js", "social.js", "alerts.js"].map(script);
        let [pictures, crop, hover_card, feed] =
            ["pictures.js", "crop.js", "hover-card.js", "feed.js"].map(script);
        let [css, js, wasm] = ["css", "js", "wasm"].map(built);
        let worker = worker(&[&css, &boot, &social, &hover_card]);
        let text = String::new();
        Assets {
            css,
            js,
            wasm,
            boot,
            chat,
            social,
            pictures,
            crop,
            hover_card,
            feed,
            alerts,
            worker,
            text,
        }
    });
    let (text, _) = app::text::file(language);
    Assets { text: format!("/text/{text}"), ..FOUND.clone() }
}

/// The service worker, under an address that changes with it and with what it keeps for a time without a
/// connection.
fn worker(kept: &[&str]) -> String {
    let mut hash = Sha256::new();
    kept.iter().for_each(|address| hash.update(address));
    hash.update(script("sw.js"));
    hash.update(app::text::file(app::text::Language::default()).0);
    let version: String =
        hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    format!("/sw.js?v={version}")
}

fn script(name: &str) -> String {
    format!("/{name}?v={}", fingerprint(name))
}

/// `pkg/spherespace.<hash>.<extension>`, whatever the hash.
fn built(extension: &str) -> String {
    let ending = format!(".{extension}");
    let found =
        Site::iter().find(|path| path.starts_with("pkg/spherespace") && path.ends_with(&ending));
    found.map_or_else(|| format!("/pkg/spherespace.{extension}"), |path| format!("/{path}"))
}

fn fingerprint(path: &str) -> String {
    let hash = Site::get(path).map(|file| file.metadata.sha256_hash()).unwrap_or_default();
    hash.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// The file at the request's path, if there is one.
pub fn find(uri: &Uri, headers: &HeaderMap) -> Option<Response> {
    let path = uri.path().strip_prefix('/')?;
    let media_type = media_type(path)?;
    let plain = Site::get(path)?;
    let lasting =
        path.starts_with("pkg/") || uri.query().is_some_and(|query| query.starts_with("v="));
    let (encoding, file) = best(path, plain, headers);
    let mut response = (StatusCode::OK, body(file.data)).into_response();
    let answer = response.headers_mut();
    answer.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    let caching = if lasting { FOREVER } else { BRIEFLY };
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = encoding {
        answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    Some(response)
}

/// The texts of a language, for the browser.
pub fn texts(name: &str) -> Response {
    let file = app::text::Language::ALL.iter().map(|language| app::text::file(*language));
    let Some((_, json)) = file.into_iter().find(|(own, _)| *own == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static(FOREVER)),
    ];
    (headers, json).into_response()
}

/// Brotli before gzip before plain, as far as the client takes it and the build made it.
fn best(
    path: &str,
    plain: EmbeddedFile,
    headers: &HeaderMap,
) -> (Option<&'static str>, EmbeddedFile) {
    let accepted = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    for (encoding, extension) in [("br", "br"), ("gzip", "gz")] {
        if accepts(accepted, encoding)
            && let Some(file) = Site::get(&format!("{path}.{extension}"))
        {
            return (Some(encoding), file);
        }
    }
    (None, plain)
}

fn accepts(header: &str, encoding: &str) -> bool {
    header.split(',').map(str::trim).any(|item| {
        let (name, quality) = item.split_once(';').unwrap_or((item, ""));
        name.trim().eq_ignore_ascii_case(encoding)
            && !quality.replace(' ', "").starts_with("q=0.000")
            && quality.replace(' ', "") != "q=0"
    })
}

fn body(data: Cow<'static, [u8]>) -> Body {
    match data {
        Cow::Borrowed(bytes) => Body::from(bytes),
        Cow::Owned(bytes) => Body::from(bytes),
    }
}

/// Only what we ship; `None` also keeps the compressed twins from being asked for by name.
fn media_type(path: &str) -> Option<&'static str> {
    let (_, extension) = path.rsplit_once('.')?;
    Some(match extension {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "txt" => "text/plain; charset=utf-8",
        "webmanifest" => "application/manifest+json",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoding_counts_only_where_it_is_accepted() {
        assert!(accepts("gzip, deflate, br", "br"));
        assert!(accepts("br;q=0.5", "br"));
        assert!(!accepts("gzip, br;q=0", "br"));
        assert!(!accepts("gzip", "br"));
    }

    #[test]
    fn wasm_has_its_own_type_and_compressed_twins_have_no_address() {
        assert_eq!(media_type("pkg/spherespace.1.wasm"), Some("application/wasm"));
        assert_eq!(media_type("pkg/spherespace.1.wasm.br"), None);
    }
}
