//! The page for a failure on our side, made without any of what may have failed.

use crate::page::Theme;
use crate::text::{Language, Texts, texts_in};

/// A complete HTML document that names the request, so that its log lines can be found; an empty
/// `request_id` names none.
#[must_use]
pub fn failure_html(css_url: &str, language: Language, theme: Theme, request_id: &str) -> String {
    let texts = texts_in(language);
    let title = escape(&texts.site_title(texts.failure_title()));
    let (code, direction) = (language.code(), language.direction());
    let (css, theme) = (escape(css_url), theme.as_str());
    let heading = escape(texts.failure_title());
    let body = escape(texts.failure_body());
    let retry = escape(texts.failure_retry());
    let report = report(texts, request_id);
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
<p class="lost__code" aria-hidden="true">500</p>
<h1>{heading}</h1><p>{body}</p>{report}
<p><a class="button" href="">{retry}</a></p>
</div></main>
</body>
</html>
"#
    )
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

    #[test]
    fn what_comes_from_outside_is_escaped() {
        let html = failure_html("/pkg/a.css", Language::En, Theme::Dark, "<b>\"&");
        assert!(html.contains("<code>&lt;b&gt;&quot;&amp;</code>"), "{html}");
        assert!(html.contains(r#"data-theme="dark""#));
    }

    #[test]
    fn no_number_is_promised_where_there_is_none() {
        let html = failure_html("/pkg/a.css", Language::En, Theme::System, "");
        assert!(!html.contains("<code>") && !html.contains("number"), "{html}");
    }
}
