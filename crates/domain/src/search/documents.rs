//! What an index holds of something: its words, and marks that no text has.

use std::collections::BTreeMap;
use std::fmt::Write;

use uuid::Uuid;

use super::query::Thing;
use super::words::words;

/// Most words of one document, and bytes of them: a `tsvector` holds less than a mebibyte.
const WORDS_MAX: usize = 50_000;
const BYTES_MAX: usize = 700_000;
/// What a `tsvector` spends on a word besides its letters.
const OVERHEAD: usize = 8;
/// Positions beyond this one are all the same to Postgres.
const LAST_POSITION: usize = 16_382;
/// Positions of a word that Postgres keeps.
const POSITIONS: usize = 255;

/// Begins a mark. It is no letter, so that no text has such a word.
const MARK: char = '\u{E000}';

/// The mark of what somebody has written.
pub(super) fn by(account: Uuid) -> String {
    format!("{MARK}by{}", account.simple())
}

/// The mark of what stands in a community or conversation.
pub(super) fn within(place: Uuid) -> String {
    format!("{MARK}in{}", place.simple())
}

pub(super) fn has(thing: Thing) -> String {
    let word = match thing {
        Thing::Link => "link",
        Thing::Image => "image",
        Thing::Code => "code",
    };
    format!("{MARK}{word}")
}

/// What is indexed of one post, person, community or message.
#[derive(Debug, Clone, Default)]
pub(super) struct Document {
    /// What it is called.
    pub(super) head: String,
    pub(super) body: String,
    pub(super) marks: Vec<String>,
}

/// A document as words.
#[derive(Debug, Clone, Default)]
pub(super) struct Indexed {
    head: Vec<String>,
    body: Vec<String>,
}

impl Indexed {
    pub(super) fn of(document: &Document) -> Self {
        let mut bytes = 0;
        let mut known = |text: &str| -> Vec<String> {
            let fits = |word: &String| {
                bytes += word.len() + OVERHEAD;
                bytes <= BYTES_MAX
            };
            words(text).into_iter().map(|word| word.text).take(WORDS_MAX).take_while(fits).collect()
        };
        let head = known(&document.head);
        let mut body = known(&document.body);
        body.extend(document.marks.iter().cloned());
        Self { head, body }
    }

    /// The columns `head` and `body` of SQLite's index.
    pub(super) fn columns(&self) -> (String, String) {
        (self.head.join(" "), self.body.join(" "))
    }

    /// The same as a `tsvector`, with the head's words in weight A. No phrase reaches from one to the other.
    pub(super) fn vector(&self) -> String {
        let head = (1..).zip(&self.head).map(|(at, word)| (word, at, "A"));
        let body = (self.head.len() + 10..).zip(&self.body).map(|(at, word)| (word, at, ""));
        let mut places = BTreeMap::<&str, Vec<String>>::new();
        for (word, at, weight) in head.chain(body) {
            let places = places.entry(word).or_default();
            if places.len() < POSITIONS {
                places.push(format!("{}{weight}", at.min(LAST_POSITION)));
            }
        }
        let mut vector = String::new();
        for (word, places) in places {
            let _infallible = write!(vector, "{}:{} ", quoted(word), places.join(","));
        }
        vector
    }
}

/// A word as `tsvector` and `tsquery` read it.
pub(super) fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\\', "\\\\").replace('\'', "''"))
}

/// The words of a page: its HTML, which is ours, without elements.
pub(super) fn plain(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        let (element, after) = after.split_once('>').unwrap_or((after, ""));
        if !is_inline(element) {
            text.push(' ');
        }
        rest = after;
    }
    text.push_str(rest);
    for (name, character) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&nbsp;", " "),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ] {
        text = text.replace(name, character);
    }
    text
}

/// Whether words before and after a mark of an element are one word.
fn is_inline(element: &str) -> bool {
    let name = element.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
    matches!(name, "a" | "em" | "strong" | "del" | "s" | "code")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vector_names_each_word_once_with_its_places() {
        let document = Document {
            head: "Tea time".into(),
            body: "tea, it's o'clock".into(),
            marks: vec![has(Thing::Link)],
        };
        let indexed = Indexed::of(&document);
        assert_eq!(
            indexed.vector(),
            "'clock':16 'it':13 'o':15 's':14 'tea':1A,12 'time':2A '\u{E000}link':17 "
        );
        assert_eq!(indexed.columns().1, "tea it s o clock \u{E000}link");
        assert_eq!(quoted("a'b\\"), "'a''b\\\\'");
    }

    #[test]
    fn a_document_has_an_end() {
        let body = (0..100_000).filter_map(|n| char::from_u32(0x4E00 + n * 7 % 20_900)).collect();
        let vector = Indexed::of(&Document { body, ..Document::default() }).vector();
        assert!(vector.len() < 1 << 20 && vector.contains("16382"), "{}", vector.len());
        let many = Document { body: "same ".repeat(1000), ..Document::default() };
        assert_eq!(Indexed::of(&many).vector().matches(',').count(), POSITIONS - 1);
    }

    #[test]
    fn a_page_is_read_without_its_elements() {
        let html = "<h2>A &amp; B</h2><p>one <em>t</em>wo</p><p>3 &lt; 4 <img src=\"/media/1\" alt=\"x\"></p>";
        let text = plain(html).split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(text, "A & B one two 3 < 4");
    }
}
