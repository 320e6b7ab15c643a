//! Whether a page says that a profile is its author's: a link with `rel="me"` that leads there.

use std::cell::Cell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::{RawKind, Rawtext, Rcdata, ScriptData};
use html5ever::tokenizer::{
    BufferQueue, StartTag, Tag, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

/// Whether `html` has a link to `profile` with `rel="me"`, as `<a>` or as `<link>`. A slash at the end, the
/// case of letters, a query and a place in the page make no difference.
pub(super) fn leads_back(html: &str, profile: &str) -> bool {
    let sink = Links { wanted: plain(profile), found: Cell::new(false) };
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    let _fed = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.found.get()
}

/// An address as it is compared.
fn plain(address: &str) -> String {
    let end = address.find(['?', '#']).unwrap_or(address.len());
    address[..end].trim().trim_end_matches('/').to_lowercase()
}

struct Links {
    wanted: String,
    found: Cell<bool>,
}

impl Links {
    fn look(&self, tag: &Tag) {
        let value = |name: &str| {
            let found = tag.attrs.iter().find(|attribute| &*attribute.name.local == name);
            found.map(|attribute| attribute.value.to_string()).unwrap_or_default()
        };
        let is_me =
            || value("rel").split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case("me"));
        if matches!(&*tag.name, "a" | "link") && is_me() && plain(&value("href")) == self.wanted {
            self.found.set(true);
        }
    }
}

/// What stands in it is text, whatever it looks like.
fn text_within(tag: &Tag) -> Option<RawKind> {
    match &*tag.name {
        "script" => Some(ScriptData),
        "style" | "xmp" | "iframe" | "noembed" | "noframes" => Some(Rawtext),
        "title" | "textarea" => Some(Rcdata),
        _ => None,
    }
}

impl TokenSink for Links {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let Token::TagToken(tag) = token else { return TokenSinkResult::Continue };
        if tag.kind != StartTag {
            return TokenSinkResult::Continue;
        }
        self.look(&tag);
        text_within(&tag).map_or(TokenSinkResult::Continue, TokenSinkResult::RawData)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: &str = "https://sphere.example/u/ada";

    #[test]
    fn a_link_with_rel_me_leads_back() {
        for html in [
            r#"<a rel="me" href="https://sphere.example/u/ada">me</a>"#,
            r#"<p><A HREF='https://Sphere.example/u/Ada/' REL='nofollow ME noopener'>"#,
            r#"<link rel=me href=https://sphere.example/u/ada>"#,
            r#"<a href="&#104;ttps://sphere.example/u/ada?from=x#y" rel="me">"#,
            r#"<title>x</title><a rel="me" href="https://sphere.example/u/ada">"#,
        ] {
            assert!(leads_back(html, ADA), "{html}");
        }
    }

    #[test]
    fn nothing_else_does() {
        for html in [
            "",
            "https://sphere.example/u/ada",
            r#"<a href="https://sphere.example/u/ada">"#,
            r#"<a rel="mention" href="https://sphere.example/u/ada">"#,
            r#"<a rel="me" href="https://sphere.example/u/adam">"#,
            r#"<a rel="me" href="https://sphere.example.evil/u/ada">"#,
            r#"<img rel="me" href="https://sphere.example/u/ada">"#,
            r#"<!-- <a rel="me" href="https://sphere.example/u/ada"> -->"#,
            r#"<script>'<a rel="me" href="https://sphere.example/u/ada">'</script>"#,
            r#"<textarea><a rel="me" href="https://sphere.example/u/ada"></textarea>"#,
            r#"&lt;a rel="me" href="https://sphere.example/u/ada"&gt;"#,
        ] {
            assert!(!leads_back(html, ADA), "{html}");
        }
    }
}
