//! Markdown as HTML that is safe in a page, made once, when a post is written.
//!
//! What was typed as HTML is text. What the renderer makes passes an allow-list besides, so that no mistake
//! of the one is the other's.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use pulldown_cmark::{
    CodeBlockKind, CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd,
    TextMergeStream, html,
};
use wire::posts::{TAG_MAX, tag_key, tag_path};

/// Elements inside of each other; what is deeper loses its marks and keeps its text.
const DEPTH: usize = 24;
/// Characters of an excerpt.
const EXCERPT: usize = 240;

/// A text as it will be shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rendered {
    pub html: String,
    /// The beginning, without marks and code.
    pub excerpt: String,
    pub words: u32,
    /// The `#words` in it, folded, in their order, each once.
    pub tags: Vec<String>,
}

/// Renders Markdown. It takes time in proportion to the text, whatever stands in it.
#[must_use]
pub fn render(markdown: &str) -> Rendered {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut writer = Writer::default();
    for event in TextMergeStream::new(Parser::new_ext(markdown, options)) {
        writer.take(event);
    }
    let mut unclean = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut unclean, writer.events.into_iter());
    Rendered {
        html: CLEANER.clean(&unclean).to_string(),
        excerpt: beginning(&writer.text),
        words: u32::try_from(writer.text.split_whitespace().count()).unwrap_or(u32::MAX),
        tags: writer.tags,
    }
}

/// What is allowed, and what is added.
static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(TAGS.into_iter().collect())
        .add_tag_attributes("a", ["href", "title"])
        .add_tag_attributes("img", ["src", "alt", "title"])
        .add_tag_attributes("ol", ["start"])
        .add_tag_attributes("code", ["class"])
        .url_schemes(["http", "https", "mailto"].into_iter().collect())
        .url_relative(UrlRelative::PassThrough)
        .link_rel(Some("nofollow ugc noopener"))
        // What may have to be scrolled can be reached with keys.
        .set_tag_attribute_value("pre", "tabindex", "0")
        .set_tag_attribute_value("table", "tabindex", "0")
        .set_tag_attribute_value("img", "loading", "lazy")
        .attribute_filter(|element, attribute, value| {
            let is_ours = match (element, attribute) {
                ("img", "src") => value.starts_with(PICTURES),
                ("code", "class") => value.starts_with("language-"),
                _ => true,
            };
            is_ours.then(|| value.into())
        });
    builder
});

const TAGS: [&str; 26] = [
    "p",
    "br",
    "hr",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "a",
    "img",
    "ul",
    "ol",
    "li",
    "strong",
    "em",
    "del",
    "code",
    "pre",
    "blockquote",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "s",
];

/// Pictures come from here and nowhere else: another's server would learn who reads.
const PICTURES: &str = "/media/";

/// Collects what is to be written.
#[derive(Default)]
struct Writer<'a> {
    events: Vec<Event<'a>>,
    /// Elements that are open, written or not.
    depth: usize,
    /// For each picture that is open, whether it is written as one.
    pictures: Vec<bool>,
    links: usize,
    in_code: bool,
    text: String,
    tags: Vec<String>,
    known: BTreeSet<String>,
}

impl<'a> Writer<'a> {
    fn take(&mut self, event: Event<'a>) {
        match event {
            Event::Start(tag) => self.open(tag),
            Event::End(tag) => self.close(tag),
            Event::Text(text) => self.say(text),
            Event::Code(code) => {
                self.text.push_str(&code);
                self.events.push(Event::Code(code));
            }
            Event::Html(text) | Event::InlineHtml(text) => {
                self.text.push_str(&text);
                self.events.push(Event::Text(text));
            }
            Event::TaskListMarker(done) => {
                let sign = if done { "☑ " } else { "☐ " };
                self.events.push(Event::Text(sign.into()));
            }
            other => {
                self.text.push(' ');
                self.events.push(other);
            }
        }
    }

    fn open(&mut self, tag: Tag<'a>) {
        self.depth += 1;
        if self.depth > DEPTH {
            return;
        }
        let tag = self.as_allowed(tag);
        match &tag {
            Tag::Link { .. } => self.links += 1,
            Tag::CodeBlock(_) => self.in_code = true,
            _ => {}
        }
        self.events.push(Event::Start(tag));
    }

    fn as_allowed(&mut self, tag: Tag<'a>) -> Tag<'a> {
        match tag {
            Tag::Heading { level, .. } => Tag::Heading {
                level: below(level),
                id: None,
                classes: Vec::new(),
                attrs: Vec::new(),
            },
            Tag::HtmlBlock => Tag::Paragraph,
            Tag::Image { dest_url, title, .. } if !dest_url.starts_with(PICTURES) => {
                self.pictures.push(false);
                let id = CowStr::Borrowed("");
                Tag::Link { link_type: LinkType::Inline, dest_url, title, id }
            }
            Tag::Image { .. } => {
                self.pictures.push(true);
                tag
            }
            Tag::CodeBlock(CodeBlockKind::Fenced(info)) => {
                let language = info.split_whitespace().next().unwrap_or_default().to_owned();
                Tag::CodeBlock(CodeBlockKind::Fenced(language.into()))
            }
            other => other,
        }
    }

    fn close(&mut self, tag: TagEnd) {
        self.depth = self.depth.saturating_sub(1);
        if self.depth >= DEPTH {
            return;
        }
        let tag = match tag {
            TagEnd::Heading(level) => TagEnd::Heading(below(level)),
            TagEnd::HtmlBlock => TagEnd::Paragraph,
            TagEnd::Image if self.pictures.pop() == Some(false) => TagEnd::Link,
            other => other,
        };
        match tag {
            TagEnd::Link => self.links = self.links.saturating_sub(1),
            TagEnd::CodeBlock => self.in_code = false,
            _ => {}
        }
        if !is_inline(tag) {
            self.text.push(' ');
        }
        self.events.push(Event::End(tag));
    }

    /// Words; those that begin with `#` lead to what else is called so.
    fn say(&mut self, text: CowStr<'a>) {
        if self.in_code {
            self.events.push(Event::Text(text));
            return;
        }
        self.text.push_str(&text);
        if self.links > 0 || !self.pictures.is_empty() || !text.contains('#') {
            self.events.push(Event::Text(text));
            return;
        }
        let mut rest = &*text;
        while let Some((before, tag, after)) = next_tag(rest) {
            self.events.push(Event::Text(before.to_owned().into()));
            self.link_to(tag);
            rest = after;
        }
        self.events.push(Event::Text(rest.to_owned().into()));
    }

    fn link_to(&mut self, tag: &str) {
        let Some(key) = tag_key(tag) else { return };
        let link = Tag::Link {
            link_type: LinkType::Inline,
            dest_url: tag_path(&key).into(),
            title: CowStr::Borrowed(""),
            id: CowStr::Borrowed(""),
        };
        if self.known.insert(key.clone()) {
            self.tags.push(key);
        }
        let words = Event::Text(format!("#{tag}").into());
        self.events.extend([Event::Start(link), words, Event::End(TagEnd::Link)]);
    }
}

/// The first `#word` of a text: what stands before it, the word, and the rest.
fn next_tag(text: &str) -> Option<(&str, &str, &str)> {
    let is_inside = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    for (at, _) in text.match_indices('#') {
        let (before, after) = (&text[..at], &text[at + 1..]);
        let end = after.find(|c| !is_inside(c)).unwrap_or(after.len());
        let word = after[..end].trim_end_matches('-');
        let is_own_word = !before.ends_with(|c: char| is_inside(c) || matches!(c, '&' | '/' | '#'));
        if is_own_word && word.chars().count() <= TAG_MAX && tag_key(word).is_some() {
            return Some((before, word, &after[word.len()..]));
        }
    }
    None
}

/// The page's own title is the only one of its level.
fn below(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H2,
        HeadingLevel::H2 => HeadingLevel::H3,
        HeadingLevel::H3 => HeadingLevel::H4,
        HeadingLevel::H4 => HeadingLevel::H5,
        HeadingLevel::H5 | HeadingLevel::H6 => HeadingLevel::H6,
    }
}

fn is_inline(tag: TagEnd) -> bool {
    matches!(tag, TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link)
}

/// Whole words, as many as fit.
fn beginning(text: &str) -> String {
    let mut beginning = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        length += word.chars().count() + 1;
        if length > EXCERPT {
            if beginning.is_empty() {
                beginning = word.chars().take(EXCERPT).collect();
            }
            beginning.push('…');
            break;
        }
        if !beginning.is_empty() {
            beginning.push(' ');
        }
        beginning.push_str(word);
    }
    beginning
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use wire::posts::CONTENT_MAX;

    use super::*;

    fn html(markdown: &str) -> String {
        render(markdown).html
    }

    #[test]
    fn what_people_type_as_html_is_text() {
        for hostile in [
            "<script>alert(1)</script>",
            "a <img src=x onerror=alert(1)> b",
            "<style>*{display:none}</style>",
            "<a href=\"javascript:alert(1)\">x</a>",
            "<div>\n<svg onload=alert(1)>\n</div>",
        ] {
            let html = html(hostile);
            assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
            assert!(
                !html.contains("<style") && !html.contains("<svg") && !html.contains("<a"),
                "{html}"
            );
            assert!(html.contains("&lt;"), "{html}");
        }
    }

    #[test]
    fn links_lead_out_without_a_word_for_us_and_never_run() {
        let link = html("[x](https://a.example \"t\")");
        assert!(link.contains(r#"href="https://a.example""#), "{link}");
        assert!(link.contains(r#"rel="nofollow ugc noopener""#), "{link}");
        for hostile in
            ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x"]
        {
            let html = html(&format!("[x]({hostile})"));
            assert!(!html.contains("href"), "{html}");
        }
    }

    #[test]
    fn pictures_are_ours_or_they_are_links() {
        assert!(html("![a](/media/1)").contains(r#"<img src="/media/1" alt="a""#));
        let foreign = html("![a *b*](https://spy.example/1.png)");
        assert!(
            !foreign.contains("<img") && foreign.contains("<a href=\"https://spy.example/1.png\""),
            "{foreign}"
        );
        let hostile = html("![a](//media/1) ![b](/mediax)");
        assert!(!hostile.contains("<img"), "{hostile}");
    }

    #[test]
    fn headings_stand_below_the_title_and_code_keeps_its_language() {
        assert_eq!(html("# A").trim(), "<h2>A</h2>");
        assert_eq!(html("###### A").trim(), "<h6>A</h6>");
        let code = html("```rust ignore\n#[x] <b>\n```");
        assert!(code.contains(r#"<code class="language-rust">#[x] &lt;b&gt;"#), "{code}");
        let table = html("| a | b |\n|---|--:|\n| 1 | ~~2~~ |");
        assert!(table.contains("<table") && table.contains("<del>2</del>"), "{table}");
        assert!(!table.contains("style"), "{table}");
        assert!(html("- [x] done").contains("☑ done"));
    }

    #[test]
    fn words_with_a_hash_lead_to_their_tag() {
        let rendered = render("#Rust and #ночь, a#b, `#code`, #2026, [#x](/y), &#35; #rust");
        assert_eq!(rendered.tags, ["rust", "ночь"]);
        assert!(rendered.html.contains("href=\"/tags/rust\""), "{}", rendered.html);
        assert!(
            rendered.html.contains("href=\"/tags/%D0%BD%D0%BE%D1%87%D1%8C\""),
            "{}",
            rendered.html
        );
    }

    #[test]
    fn an_excerpt_has_whole_words_and_no_marks() {
        let rendered = render("# Title\n\nSome *plain* [words](/x).\n\n```\ncode\n```\n\nMore.");
        assert_eq!(rendered.excerpt, "Title Some plain words. More.");
        assert_eq!(rendered.words, 5);
        let long = render(&"word ".repeat(200)).excerpt;
        assert!(long.ends_with("word…") && long.chars().count() <= EXCERPT + 1, "{long}");
        assert_eq!(render(&"x".repeat(1000)).excerpt.chars().count(), EXCERPT + 1);
    }

    /// Each of these once made some renderer take minutes or overflow its stack.
    #[test]
    fn no_text_takes_long() {
        let of = |unit: &str| unit.repeat(CONTENT_MAX / unit.len());
        let indented: String = (0..400).map(|n| format!("{}- a\n", " ".repeat(n))).collect();
        let bombs = [
            of(">"),
            of("> "),
            of("["),
            of("]"),
            of("[]("),
            of("![["),
            of("*"),
            of("**a "),
            of("_a"),
            of("~"),
            of("`"),
            of("<"),
            of("<!--"),
            of("<a "),
            of("#"),
            of(" #a"),
            of("- "),
            of("1. "),
            of("|"),
            of("a|\n-|\n"),
            of("\\"),
            of("*a_ "),
            of("[a][b] "),
            of("<div>\n"),
            indented,
            format!("{}{}", "*".repeat(CONTENT_MAX / 2), "a*".repeat(CONTENT_MAX / 4)),
            format!("{}a{}", "[".repeat(CONTENT_MAX / 2), "](b)".repeat(CONTENT_MAX / 8)),
            // For each of these the allow-list's writer looks through the rest of the text, which only a
            // program that is compiled to be fast does fast.
            "&".repeat(CONTENT_MAX / 5),
            "©".repeat(CONTENT_MAX / 5),
        ];
        for bomb in bombs {
            let begun = Instant::now();
            let rendered = render(&bomb);
            let start: String = bomb.chars().take(12).collect();
            assert!(begun.elapsed() < Duration::from_secs(10), "{start}: {:?}", begun.elapsed());
            let deepest = rendered.html.matches("<blockquote>").count();
            assert!(deepest <= DEPTH || !bomb.starts_with('>'), "{start}");
        }
    }
}
