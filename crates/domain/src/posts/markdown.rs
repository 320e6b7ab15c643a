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
use wire::MediaId;
use wire::accounts::username_key;
use wire::media::{PICTURES, picture_address, picture_addresses};
use wire::mentions::next_mention;
use wire::posts::{TAG_MAX, tag_key, tag_path};

use super::mentions::Named;
use super::pictures::{Shelf, Shown, named};

/// Elements inside of each other; what is deeper loses its marks and keeps its text.
const DEPTH: usize = 24;
/// Bytes of an address and of a title or another description of one. What is longer leads nowhere, or is cut:
/// the allow-list's writer takes the square of their length.
const ADDRESS: usize = 2000;
const WORDS: usize = 1500;
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

/// Renders Markdown without its pictures, which are links. It takes time in proportion to the text, whatever
/// stands in it.
#[must_use]
pub fn render(markdown: &str) -> Rendered {
    render_with(markdown, &Shelf::new(), &Named::new())
}

/// Renders Markdown with those of its pictures that are on the shelf, the others are links; and with links to
/// those whom it names.
pub(super) fn render_with(markdown: &str, shelf: &Shelf, named: &Named) -> Rendered {
    let mut writer = written(markdown, shelf, named);
    let unclean = unclean(std::mem::take(&mut writer.events));
    Rendered {
        html: unveiled(&CLEANER.clean(&unclean).to_string()),
        excerpt: beginning(&writer.text),
        words: u32::try_from(writer.text.split_whitespace().count()).unwrap_or(u32::MAX),
        tags: writer.tags,
    }
}

fn written<'a, 's>(markdown: &'a str, shelf: &'s Shelf, named: &'s Named) -> Writer<'a, 's> {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut writer = Writer::new(shelf, named);
    for event in TextMergeStream::new(Parser::new_ext(markdown, options)) {
        writer.take(event);
    }
    writer
}

/// HTML as the renderer makes it, with veils over what the allow-list's writer is slow with.
fn unclean(events: Vec<Event<'_>>) -> String {
    let mut unclean = String::new();
    let veiled = events.into_iter().map(|event| match event {
        Event::Text(text) => Event::Text(veiled(text)),
        Event::Code(code) => Event::Code(veiled(code)),
        other => other,
    });
    html::push_html(&mut unclean, veiled);
    unclean
}

/// For each of these in a text that writer looks through all that follows it, so that many of them took the
/// square of their number. Each stands as a character that nobody uses until it is done.
fn is_slow(c: char) -> bool {
    c == '&' || ('\u{80}'..='\u{BF}').contains(&c)
}

/// Where their veils begin, in the last plane that is for private use.
const VEIL: u32 = 0x10_F000;

fn veiled(text: CowStr<'_>) -> CowStr<'_> {
    if !text.chars().any(is_slow) {
        return text;
    }
    let veil = |c: char| match is_slow(c) {
        true => char::from_u32(VEIL + u32::from(c)).unwrap_or(c),
        false => c,
    };
    text.chars().map(veil).collect::<String>().into()
}

fn unveiled(html: &str) -> String {
    let mut plain = String::with_capacity(html.len());
    for c in html.chars() {
        let own = u32::from(c).checked_sub(VEIL).and_then(char::from_u32).filter(|c| is_slow(*c));
        match own {
            Some('&') => plain.push_str("&amp;"),
            Some('\u{A0}') => plain.push_str("&nbsp;"),
            other => plain.push(other.unwrap_or(c)),
        }
    }
    plain
}

/// What is allowed, and what is added.
static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(TAGS.into_iter().collect())
        .add_tag_attributes("a", ["href", "title"])
        .add_tag_attributes("img", ["src", "srcset", "sizes", "alt", "title", "width", "height"])
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
                ("img", "srcset") => value.split(", ").all(|one| one.starts_with(PICTURES)),
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

/// How wide pictures are shown, as CSS says it.
const WIDTHS: &str = "(width < 46rem) 100vw, 42rem";

/// A picture that is open.
enum Framed<'a> {
    /// It will stand in the place of the events from there on, which are its words.
    Shown { from: usize, id: MediaId, picture: Shown, title: CowStr<'a> },
    /// Pictures come from here and nowhere else: another's server would learn who reads.
    Link,
}

/// Collects what is to be written.
struct Writer<'a, 's> {
    shelf: &'s Shelf,
    named: &'s Named,
    events: Vec<Event<'a>>,
    /// Elements that are open, written or not.
    depth: usize,
    pictures: Vec<Framed<'a>>,
    links: usize,
    in_code: bool,
    text: String,
    tags: Vec<String>,
    known: BTreeSet<String>,
}

impl<'a, 's> Writer<'a, 's> {
    fn new(shelf: &'s Shelf, named: &'s Named) -> Self {
        Self {
            shelf,
            named,
            events: Vec::new(),
            depth: 0,
            pictures: Vec::new(),
            links: 0,
            in_code: false,
            text: String::new(),
            tags: Vec::new(),
            known: BTreeSet::new(),
        }
    }

    fn take(&mut self, event: Event<'a>) {
        match event {
            Event::Start(tag) => self.open(tag),
            Event::End(tag) => self.close(tag),
            Event::Text(text) => self.say(text),
            Event::Code(code) => {
                self.note(&code);
                self.events.push(Event::Code(code));
            }
            Event::Html(text) | Event::InlineHtml(text) => {
                self.note(&text);
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

    /// Words of the text itself; those of a picture are said by the picture.
    fn note(&mut self, words: &str) {
        if !self.pictures.iter().any(|one| matches!(one, Framed::Shown { .. })) {
            self.text.push_str(words);
        }
    }

    fn open(&mut self, tag: Tag<'a>) {
        self.depth += 1;
        if self.depth > DEPTH {
            return;
        }
        let tag = match tag {
            Tag::Image { dest_url, title, .. } => match self.frame(dest_url, title) {
                Some(link) => link,
                None => return,
            },
            other => Self::as_allowed(other),
        };
        match &tag {
            Tag::Link { .. } => self.links += 1,
            Tag::CodeBlock(_) => self.in_code = true,
            _ => {}
        }
        self.events.push(Event::Start(tag));
    }

    /// Begins a picture; or else the link that leads to it.
    fn frame(&mut self, dest_url: CowStr<'a>, title: CowStr<'a>) -> Option<Tag<'a>> {
        let own = named(&dest_url).and_then(|id| Some((id, *self.shelf.get(&id)?)));
        if let Some((id, picture)) = own {
            let from = self.events.len();
            self.pictures.push(Framed::Shown { from, id, picture, title });
            return None;
        }
        self.pictures.push(Framed::Link);
        let id = CowStr::Borrowed("");
        let (dest_url, title) = (short_address(dest_url), cut(title));
        Some(Tag::Link { link_type: LinkType::Inline, dest_url, title, id })
    }

    fn as_allowed(tag: Tag<'a>) -> Tag<'a> {
        match tag {
            Tag::Heading { level, .. } => Tag::Heading {
                level: below(level),
                id: None,
                classes: Vec::new(),
                attrs: Vec::new(),
            },
            Tag::HtmlBlock => Tag::Paragraph,
            Tag::Link { link_type, dest_url, title, id } => {
                let (dest_url, title) = (short_address(dest_url), cut(title));
                Tag::Link { link_type, dest_url, title, id }
            }
            Tag::CodeBlock(CodeBlockKind::Fenced(info)) => {
                let language = info.split_whitespace().next().unwrap_or_default();
                let language: String = language.chars().take(EXCERPT).collect();
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
            TagEnd::Image => match self.pictures.pop() {
                Some(Framed::Shown { from, id, picture, title }) => {
                    return self.hang(from, id, picture, &title);
                }
                _ => TagEnd::Link,
            },
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

    /// Ends a picture: its words are said where it cannot be seen.
    fn hang(&mut self, from: usize, id: MediaId, picture: Shown, title: &str) {
        let words = self.events.drain(from..).filter_map(|event| match event {
            Event::Text(text) | Event::Code(text) => Some(text.into_string()),
            Event::SoftBreak | Event::HardBreak => Some(" ".to_owned()),
            _ => None,
        });
        let words: String = words.collect();
        self.events.push(Event::InlineHtml(image(id, picture, &words, title).into()));
    }

    /// Words; those that begin with `#` lead to what else is called so, those with `@` to whoever is.
    fn say(&mut self, text: CowStr<'a>) {
        if self.in_code {
            self.events.push(Event::Text(text));
            return;
        }
        self.note(&text);
        if self.links > 0 || !self.pictures.is_empty() || !text.contains(['#', '@']) {
            self.events.push(Event::Text(text));
            return;
        }
        let mut rest = &*text;
        while let Some((before, tag, after)) = next_tag(rest) {
            self.say_names(before);
            self.link_to(tag);
            rest = after;
        }
        self.say_names(rest);
    }

    fn say_names(&mut self, text: &str) {
        let (mut plain, mut rest) = (String::new(), text);
        while let Some((before, name, after)) = next_mention(rest) {
            plain.push_str(before);
            match self.named.get(&username_key(name)) {
                Some(username) => {
                    self.events.push(Event::Text(std::mem::take(&mut plain).into()));
                    self.link(format!("/u/{username}"), format!("@{name}"));
                }
                None => plain.extend(["@", name]),
            }
            rest = after;
        }
        plain.push_str(rest);
        self.events.push(Event::Text(plain.into()));
    }

    fn link(&mut self, to: String, words: String) {
        let link = Tag::Link {
            link_type: LinkType::Inline,
            dest_url: to.into(),
            title: CowStr::Borrowed(""),
            id: CowStr::Borrowed(""),
        };
        let words = Event::Text(words.into());
        self.events.extend([Event::Start(link), words, Event::End(TagEnd::Link)]);
    }

    fn link_to(&mut self, tag: &str) {
        let Some(key) = tag_key(tag) else { return };
        let path = tag_path(&key);
        if self.known.insert(key.clone()) {
            self.tags.push(key);
        }
        self.link(path, format!("#{tag}"));
    }
}

/// With its measures, so that nothing moves when it comes.
fn image(id: MediaId, picture: Shown, alt: &str, title: &str) -> String {
    let largest = picture.kind.sizes().last().copied().unwrap_or(1);
    let Shown { kind, width, height } = picture;
    let address = picture_address(id, largest);
    let mut html = format!(r#"<img src="{address}" width="{width}" height="{height}""#);
    if kind.sizes().first().is_some_and(|smallest| *smallest < width) {
        let choice = picture_addresses(id, kind);
        html.push_str(&format!(r#" srcset="{choice}" sizes="{WIDTHS}""#));
    }
    for (name, words) in [("alt", alt), ("title", title)] {
        if name == "title" && words.is_empty() {
            continue;
        }
        html.push_str(&format!(" {name}=\""));
        escape(&cut(words.into()), &mut html);
        html.push('"');
    }
    html.push('>');
    html
}

fn short_address(address: CowStr<'_>) -> CowStr<'_> {
    if address.len() > ADDRESS { CowStr::Borrowed("#") } else { address }
}

fn cut(words: CowStr<'_>) -> CowStr<'_> {
    match words.char_indices().nth(WORDS) {
        Some((end, _)) => words[..end].to_owned().into(),
        None => words,
    }
}

fn escape(words: &str, html: &mut String) {
    for c in words.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            other => html.push(other),
        }
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

    use wire::media::PictureKind;
    use wire::posts::CONTENT_MAX;

    use super::*;

    const PICTURE: MediaId = MediaId(uuid::Uuid::from_u128(7));
    const SHOWN: Shown = Shown { kind: PictureKind::Picture, width: 9, height: 9 };

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
        let id = MediaId::new();
        let picture = Shown { kind: PictureKind::Picture, width: 1600, height: 900 };
        let shelf = Shelf::from([(id, picture)]);
        let html = |markdown: &str| render_with(markdown, &shelf, &Named::new());
        let text = format!("Before ![a \"*cup*\" & <b>](/media/{id}/1600.webp 'T') #tag");
        let own = html(&text);
        let at = |size| picture_address(id, size);
        for part in [
            format!("src=\"{}\"", at(1600)),
            format!("srcset=\"{} 640w, {} 1600w\"", at(640), at(1600)),
            "sizes=\"(width &lt; 46rem)".into(),
            r#"width="1600" height="900""#.into(),
            r#"alt="a &quot;cup&quot; &amp; "#.into(),
            r#"title="T""#.into(),
            r#"loading="lazy""#.into(),
        ] {
            assert!(own.html.contains(&part), "{part}: {}", own.html);
        }
        assert_eq!((own.excerpt.as_str(), own.tags.len()), ("Before #tag", 1));
        for foreign in [
            "![a *b*](https://spy.example/1.png)".into(),
            format!("![a](//media/{id}/1600.webp)"),
            format!("![a](/mediax/{id}/1600.webp)"),
            format!("![a](/media/{}/1600.webp)", MediaId::new()),
            "![a](/media/1)".into(),
        ] {
            let html = html(&foreign).html;
            assert!(!html.contains("<img") && html.contains("<a "), "{html}");
        }
        let nested =
            format!("[![x ![y](/media/{id}/1.webp)](/media/{id}/1.webp)](https://a.example)");
        assert_eq!(html(&nested).html.matches("<img").count(), 1, "{}", html(&nested).html);
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
    fn names_lead_to_those_whom_they_are_of() {
        let named = Named::from([(username_key("Ada"), "ada".to_owned())]);
        let render = |text: &str| render_with(text, &Shelf::new(), &named).html;
        let html = render("Hi @Ada, @nobody and #tag by @ada!");
        assert_eq!(html.matches("href=\"/u/ada\"").count(), 2, "{html}");
        assert!(html.contains(">@Ada</a>, @nobody and <a"), "{html}");
        for quiet in ["`@ada`", "[@ada](/x)", "a@ada.example", "```\n@ada\n```"] {
            assert!(!render(quiet).contains("/u/ada"), "{quiet}");
        }
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

    #[test]
    fn what_is_slow_to_write_is_veiled_and_shown_as_it_was() {
        let text = "a & b &copy; «c» \u{a0}d © `x && y` [l](/a?b&c '& ©') <&>\u{85}";
        let html = html(text);
        for part in [
            "a &amp; b © «c» &nbsp;d ©",
            "x &amp;&amp; y",
            "/a?b&amp;c",
            "title=\"&amp; ©\"",
            "&lt;&amp;&gt;",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
        assert!(!html.chars().any(|c| u32::from(c) >= VEIL), "{html}");
    }

    /// How many of the characters stand there before which the allow-list's writer looks through the rest.
    fn looks(markdown: &str) -> usize {
        let unclean = unclean(written(markdown, &Shelf::new(), &Named::new()).events);
        unclean.matches("&amp;").count()
            + unclean.chars().filter(|c| is_slow(*c) && *c != '&').count()
    }

    #[test]
    fn no_text_makes_the_writer_look_through_the_rest_again_and_again() {
        for unit in
            ["&", "©", "\u{a0}", "&amp;", "&copy;", "a & b\n\n", "`&` ", "> &", "- &\n", "**&** "]
        {
            assert_eq!(looks(&unit.repeat(CONTENT_MAX / unit.len())), 0, "{unit}");
        }
        // In addresses and titles they are few, because those are short.
        for long in ["&".repeat(CONTENT_MAX), "©".repeat(CONTENT_MAX)] {
            let (address, title) = (format!("[a](/x?{long})"), format!("[a](/x '{long}')"));
            assert!(looks(&address) <= ADDRESS && looks(&title) <= WORDS);
            let shelf = Shelf::from([(PICTURE, SHOWN)]);
            let picture = format!("![{long}](/media/{}/1.webp)", PICTURE);
            let html = unclean(written(&picture, &shelf, &Named::new()).events);
            assert!(html.len() < 10 * WORDS, "{}", html.len());
        }
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
            of("@"),
            of("@ab"),
            of("@ab "),
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
            of("&"),
            of("©"),
            of("&amp;"),
            of("<b>"),
            of("*a **b "),
            of("> - "),
            of("[a](b "),
            of("``` "),
            of("```\n"),
            format!("[a]: /x\n\n{}", of("[a]").chars().take(90_000).collect::<String>()),
            format!("[x](/{})", of("&").chars().take(90_000).collect::<String>()),
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
