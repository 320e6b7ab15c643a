//! What somebody has typed to find something: words, phrases and operators, read the same everywhere.

use super::words::{Word, words, writes_no_spaces};

/// Characters of a question.
pub const QUERY_MAX: usize = 200;
/// Words of a question that are looked for; what comes after them is left out.
const TERMS_MAX: usize = 24;
const DAY_MS: i64 = 86_400_000;

/// Why a text is no question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryFault {
    TooLong,
    /// `has:` knows no such thing.
    UnknownThing,
    /// `before:` and `after:` want a day as `2026-01-31`.
    NoDay,
    /// An operator without its value.
    NoValue,
    /// There is nothing in it that is to be found, only what is not.
    OnlyWithout,
}

impl QueryFault {
    /// A sentence for whoever typed it.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::TooLong => "A search has at most 200 characters.",
            Self::UnknownThing => "has: finds link, image or code.",
            Self::NoDay => "before: and after: need a day, like 2026-01-31.",
            Self::NoValue => "from:, in:, has:, before: and after: need a word right behind them.",
            Self::OnlyWithout => "Add a word that should be found.",
        }
    }
}

/// Something that a text can hold besides words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thing {
    Link,
    Image,
    Code,
}

impl Thing {
    fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "link" | "links" | "url" => Self::Link,
            "image" | "images" | "picture" | "pictures" | "photo" => Self::Image,
            "code" => Self::Code,
            _ => return None,
        })
    }
}

/// Words that have to stand side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) words: Vec<String>,
    /// Whether the last of them is only the beginning of a word.
    pub(super) is_beginning: bool,
}

/// A question, understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    pub(super) wanted: Vec<Term>,
    pub(super) unwanted: Vec<Term>,
    /// Usernames or display names; one of them.
    pub(super) from: Vec<String>,
    /// Slugs of communities or titles of conversations; one of them.
    pub(super) within: Vec<String>,
    pub(super) has: Vec<Thing>,
    pub(super) has_not: Vec<Thing>,
    /// Unix milliseconds: older than that.
    pub(super) before: Option<i64>,
    /// Unix milliseconds: as old as that or newer.
    pub(super) after: Option<i64>,
}

impl Query {
    /// Reads what was typed. A text without any word is a question that finds nothing.
    ///
    /// # Errors
    /// [`QueryFault`], with a sentence for whoever typed it.
    pub fn read(text: &str) -> Result<Self, QueryFault> {
        if text.chars().count() > QUERY_MAX {
            return Err(QueryFault::TooLong);
        }
        let mut query = Self::default();
        let parts: Vec<_> = Parts(text).collect();
        let last = parts.len().saturating_sub(1);
        for (at, part) in parts.into_iter().enumerate() {
            query.take(part, at == last)?;
        }
        if query.is_empty() && !query.unwanted.is_empty() {
            return Err(QueryFault::OnlyWithout);
        }
        Ok(query)
    }

    /// Whether there is nothing to be found by.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty()
            && self.from.is_empty()
            && self.within.is_empty()
            && self.has.is_empty()
    }

    /// Whether it is nothing but words, which people and communities can have too.
    #[must_use]
    pub(super) fn is_plain(&self) -> bool {
        !self.wanted.is_empty()
            && self.from.is_empty()
            && self.within.is_empty()
            && self.has.is_empty()
            && self.has_not.is_empty()
            && self.before.is_none()
            && self.after.is_none()
    }

    fn take(&mut self, part: Part<'_>, is_last: bool) -> Result<(), QueryFault> {
        let Part { key, value, is_quoted, is_without } = part;
        match (key, is_without) {
            (Some(Key::From), false) => self.from.push(named(value)?),
            (Some(Key::In), false) => self.within.push(named(value)?),
            (Some(Key::Has), _) => {
                let thing = Thing::from_word(&named(value)?.to_lowercase());
                let thing = thing.ok_or(QueryFault::UnknownThing)?;
                if is_without { self.has_not.push(thing) } else { self.has.push(thing) }
            }
            (Some(Key::Before), false) => self.before = Some(day(value)?),
            (Some(Key::After), false) => self.after = Some(day(value)?),
            // What cannot be turned round is left out by its words.
            _ => self.look_for(value, is_last && !is_quoted, is_without),
        }
        Ok(())
    }

    fn look_for(&mut self, text: &str, is_beginning: bool, is_without: bool) {
        let terms = if is_without { &mut self.unwanted } else { &mut self.wanted };
        let room = TERMS_MAX.saturating_sub(terms.len());
        terms.extend(terms_of(text, is_beginning && !is_without).into_iter().take(room));
    }
}

/// The words of a text as terms: what stands side by side is one, and a run without spaces one of its own,
/// since in an index the character that it ends with stands between it and what follows.
pub(super) fn terms_of(text: &str, is_beginning: bool) -> Vec<Term> {
    let found = words(text);
    let mut terms = Vec::new();
    let mut rest = found.as_slice();
    while let Some(first) = rest.first() {
        let (length, term) = if first.is_pair { paired(rest) } else { spaced(rest) };
        rest = &rest[length..];
        let is_beginning = term.is_beginning || (is_beginning && rest.is_empty() && !first.is_pair);
        terms.push(Term { is_beginning, ..term });
    }
    terms
}

/// The words that these begin with, up to a run without spaces.
fn spaced(found: &[Word]) -> (usize, Term) {
    let length = found.iter().take_while(|word| !word.is_pair).count();
    let words = found[..length].iter().map(|word| word.text.clone()).collect();
    (length, Term { words, is_beginning: false })
}

/// The run without spaces that these begin with. Its pairs name its last character, too; one that stands
/// alone is found at the beginning of a pair.
fn paired(found: &[Word]) -> (usize, Term) {
    let overlaps = |two: &&[Word]| two[1].is_pair && two[1].place.start < two[0].place.end;
    let length = 1 + found.windows(2).take_while(overlaps).count();
    let pairs = (length - 1).max(1);
    let words = found[..pairs].iter().map(|word| word.text.clone()).collect();
    (length, Term { words, is_beginning: length == 1 })
}

/// Whether a text is too short for anything but its beginning to be found: one letter of a script with spaces.
pub(super) fn is_too_short(text: &str) -> bool {
    let mut letters = text.trim().chars();
    let (first, second) = (letters.next(), letters.next());
    second.is_none() && !first.is_some_and(writes_no_spaces)
}

/// A value that names something.
fn named(value: &str) -> Result<String, QueryFault> {
    let value = value.trim().trim_start_matches('@');
    let is_named = !value.is_empty() && !value.contains('\0');
    is_named.then(|| value.to_owned()).ok_or(QueryFault::NoValue)
}

/// The beginning of a day of UTC, in unix milliseconds.
fn day(value: &str) -> Result<i64, QueryFault> {
    if value.trim().is_empty() {
        return Err(QueryFault::NoValue);
    }
    let mut numbers = value.trim().split('-');
    let mut number = |digits: usize| {
        let text = numbers.next().filter(|text| text.len() == digits)?;
        text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<i64>().ok())?
    };
    let (Some(year), Some(month), Some(day)) = (number(4), number(2), number(2)) else {
        return Err(QueryFault::NoDay);
    };
    let is_over = numbers.next().is_none();
    let is_day = (1..=12).contains(&month) && (1..=length(year, month)).contains(&day);
    if is_over && is_day { Ok(days(year, month, day) * DAY_MS) } else { Err(QueryFault::NoDay) }
}

fn length(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970. A year is counted from March, so that the day that may be missing is its last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let since_march = (month + 9) % 12;
    let in_year = (153 * since_march + 2) / 5 + day - 1;
    365 * year + year / 4 - year / 100 + year / 400 + in_year - 719_468
}

#[derive(Clone, Copy)]
enum Key {
    From,
    In,
    Has,
    Before,
    After,
}

impl Key {
    fn from_word(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "from" => Self::From,
            "in" => Self::In,
            "has" => Self::Has,
            "before" => Self::Before,
            "after" => Self::After,
            _ => return None,
        })
    }
}

/// A piece between spaces, or between quotes.
struct Part<'a> {
    key: Option<Key>,
    value: &'a str,
    is_quoted: bool,
    is_without: bool,
}

/// The pieces of a text that are still to be read.
struct Parts<'a>(&'a str);

impl<'a> Iterator for Parts<'a> {
    type Item = Part<'a>;

    fn next(&mut self) -> Option<Part<'a>> {
        let text = self.0.trim_start();
        let unsigned = text.strip_prefix('-').filter(|rest| !rest.starts_with(char::is_whitespace));
        let (is_without, text) = unsigned.map_or((false, text), |rest| (true, rest));
        if text.is_empty() {
            return None;
        }
        let key = text.split_once(':').and_then(|(key, rest)| Some((Key::from_word(key)?, rest)));
        let (key, text) = key.map_or((None, text), |(key, rest)| (Some(key), rest));
        let (value, is_quoted, rest) = match text.strip_prefix(['"', '“', '”', '„']) {
            // A quote that is never closed goes to the end.
            Some(quoted) => {
                let end = quoted.find(['"', '“', '”']).unwrap_or(quoted.len());
                let rest = quoted.get(end..).unwrap_or_default();
                (&quoted[..end], true, rest.trim_start_matches(['"', '“', '”']))
            }
            None => {
                let end = text.find(|c: char| c.is_whitespace()).unwrap_or(text.len());
                (&text[..end], false, &text[end..])
            }
        };
        self.0 = rest;
        Some(Part { key, value, is_quoted, is_without })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn term(words: &[&str], is_beginning: bool) -> Term {
        Term { words: words.iter().map(|word| (*word).to_owned()).collect(), is_beginning }
    }

    fn wanted(text: &str) -> Vec<Term> {
        Query::read(text).unwrap().wanted
    }

    #[test]
    fn words_stand_for_themselves_and_the_last_for_what_begins_so() {
        assert_eq!(
            wanted("Quick BROWN fo"),
            [term(&["quick"], false), term(&["brown"], false), term(&["fo"], true),]
        );
        assert_eq!(wanted("don't"), [term(&["don", "t"], true)]);
        assert_eq!(
            wanted("\"quick brown\" fox"),
            [term(&["quick", "brown"], false), term(&["fox"], true)]
        );
        assert_eq!(
            wanted("a \"b c"),
            [term(&["a"], false), term(&["b", "c"], false)],
            "never closed"
        );
        assert!(Query::read("  ").unwrap().is_empty() && Query::read("!? …").unwrap().is_empty());
    }

    #[test]
    fn scripts_without_spaces_are_looked_for_pair_by_pair() {
        assert_eq!(wanted("東京都"), [term(&["東京", "京都"], false)]);
        assert_eq!(wanted("京"), [term(&["京"], true)]);
        assert_eq!(wanted("東京タワー"), [term(&["東京", "京タ", "タワ", "ワー"], false)]);
        assert_eq!(wanted("発売iPho"), [term(&["発売"], false), term(&["ipho"], true)]);
        assert_eq!(
            wanted("新iPhone発売"),
            [term(&["新"], true), term(&["iphone"], false), term(&["発売"], false),]
        );
        assert_eq!(wanted("\"東京 大阪\""), [term(&["東京"], false), term(&["大阪"], false)]);
    }

    #[test]
    fn operators_say_who_where_what_and_when() {
        let query = Query::read(
            "From:@Ada from:\"Grace Hopper\" in:tea has:link HAS:picture before:2026-02-01 after:1970-01-02 fox",
        );
        let query = query.unwrap();
        assert_eq!(query.from, ["Ada", "Grace Hopper"]);
        assert_eq!(query.within, ["tea"]);
        assert_eq!(query.has, [Thing::Link, Thing::Image]);
        assert_eq!((query.before, query.after), (Some(1_769_904_000_000), Some(DAY_MS)));
        assert_eq!(query.wanted, [term(&["fox"], true)]);
        assert!(!query.is_plain() && Query::read("fox").unwrap().is_plain());
        assert_eq!(wanted("note:this"), [term(&["note", "this"], true)], "no operator of ours");
    }

    #[test]
    fn a_minus_leaves_out_and_needs_something_to_leave_it_out_of() {
        let query = Query::read("tea -green -\"with milk\" -has:code").unwrap();
        assert_eq!(query.unwanted, [term(&["green"], false), term(&["with", "milk"], false)]);
        assert_eq!(query.has_not, [Thing::Code]);
        assert_eq!(Query::read("-tea"), Err(QueryFault::OnlyWithout));
        assert_eq!(wanted("a - b"), [term(&["a"], false), term(&["b"], true)]);
    }

    #[test]
    fn what_cannot_be_understood_is_said() {
        assert!(Query::read(&"x".repeat(QUERY_MAX)).is_ok());
        assert_eq!(Query::read(&"x".repeat(QUERY_MAX + 1)), Err(QueryFault::TooLong));
        for (text, fault) in [
            ("has:money", QueryFault::UnknownThing),
            ("before:yesterday", QueryFault::NoDay),
            ("after:2026-02-30", QueryFault::NoDay),
            ("after:2026-1-1", QueryFault::NoDay),
            ("after:2026-01-01-01", QueryFault::NoDay),
            ("before:+026-01-01", QueryFault::NoDay),
            ("from:", QueryFault::NoValue),
            ("in:\"\"", QueryFault::NoValue),
            ("before:", QueryFault::NoValue),
        ] {
            assert_eq!(Query::read(text), Err(fault), "{text}");
        }
    }

    #[test]
    fn days_are_days_of_the_calendar() {
        assert_eq!(day("1970-01-01"), Ok(0));
        assert_eq!(day("2024-02-29"), Ok(19_782 * DAY_MS));
        assert_eq!(day("2000-03-01"), Ok(11_017 * DAY_MS));
        assert!(
            day("1900-02-29").is_err() && day("0000-01-01").is_ok() && day("9999-12-31").is_ok()
        );
    }

    proptest! {
        #[test]
        fn nothing_that_is_typed_breaks_the_reader(text in "(?s).{0,220}") {
            let _ = Query::read(&text);
        }

        #[test]
        fn nothing_made_of_operators_breaks_the_reader(
            text in "((from|in|has|before|after|-|:|\"|“| |\t|東|京|ไ|a|\\*|\\(|'|OR|NOT|2026-01-01|\0){0,30})"
        ) {
            if let Ok(query) = Query::read(&text) {
                for term in query.wanted.iter().chain(&query.unwanted) {
                    prop_assert!(!term.words.is_empty());
                }
            }
        }
    }
}
