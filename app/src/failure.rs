//! The page for a request that cannot be answered with its own, made without any of what may have
//! failed.

use wire::ErrorCode;

use crate::page::Theme;
use crate::text::{Language, Texts, texts_in};

/// What happened, and to whom it is told.
#[derive(Debug, Clone, Copy)]
pub struct Failure<'a> {
    pub css_url: &'a str,
    pub language: Language,
    pub theme: Theme,
    /// The HTTP status, shown large.
    pub status: u16,
    pub code: ErrorCode,
    /// Where this site is, for somebody who seems to have come to it by another name.
    pub address: Option<&'a str>,
    /// Names the log lines; empty where there are none.
    pub request_id: &'a str,
}

/// A complete HTML document. A fault of ours names the request, so that its log lines can be found.
#[must_use]
pub fn failure_html(failure: &Failure<'_>) -> String {
    let texts = texts_in(failure.language);
    let ours = failure.status >= 500;
    let heading = if ours { texts.failure_title() } else { texts.failure_refused_title() };
    let body = if ours { texts.failure_body() } else { texts.problem(failure.code) };
    let title = escape(&texts.site_title(heading));
    let (code, direction) = (failure.language.code(), failure.language.direction());
    let (css, theme, status) = (escape(failure.css_url), failure.theme.as_str(), failure.status);
    let (heading, body) = (escape(heading), escape(body));
    let (retry, home) = (escape(texts.failure_retry()), escape(texts.not_found_home()));
    let report = if ours { report(texts, failure.request_id) } else { String::new() };
    let address = failure.address.map(|address| link_to(texts, address)).unwrap_or_default();
    format!(
        r#"<!DOCTYPE html>
<html lang="{code}" dir="{direction}" data-theme="{theme}">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>{title}</title>
<link rel="stylesheet" href="{css}"><link rel="icon" href="/favicon.svg" type="image/svg+xml">
</head>
<body>
<main class="lost"><div class="panel lost__panel">
<p class="lost__code" aria-hidden="true">{status}</p>
<h1>{heading}</h1><p>{body}</p>{address}{report}
<p class="actions"><a class="button" href="">{retry}</a> <a class="button button--quiet" href="/">{home}</a></p>
</div></main>
</body>
</html>
"#
    )
}

fn link_to(texts: Texts, address: &str) -> String {
    let (sentence, address) = (escape(texts.failure_address()), escape(address));
    format!(r#"<p>{sentence} <a href="{address}">{address}</a></p>"#)
}

fn report(texts: Texts, request_id: &str) -> String {
    if request_id.is_empty() {
        return String::new();
    }
    let (sentence, id) = (escape(texts.failure_report()), escape(request_id));
    format!("<p>{sentence}</p><p><code>{id}</code></p>")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(status: u16, request_id: &str) -> String {
        failure_html(&Failure {
            css_url: "/pkg/a.css",
            language: Language::En,
            theme: Theme::Dark,
            status,
            code: ErrorCode::CsrfFailed,
            address: Some("https://a.example/?<"),
            request_id,
        })
    }

    #[test]
    fn what_comes_from_outside_is_escaped() {
        let html = failure(500, "<b>\"&");
        assert!(html.contains("<code>&lt;b&gt;&quot;&amp;</code>"), "{html}");
        assert!(html.contains(r#"<a href="https://a.example/?&lt;">https://a.example/?&lt;</a>"#));
        assert!(html.contains(r#"data-theme="dark""#));
        assert!(html.contains(r#"href="/">Go home</a>"#), "a way out: {html}");
    }

    #[test]
    fn no_number_is_promised_where_there_is_none() {
        let html = failure(500, "");
        assert!(!html.contains("<code>") && !html.contains("number"), "{html}");
    }

    #[test]
    fn a_refusal_says_why_and_asks_for_no_report() {
        let html = failure(403, "abc");
        assert!(html.contains("did not come from a page of this site"), "{html}");
        assert!(html.contains("403") && !html.contains("abc"));
    }
}
