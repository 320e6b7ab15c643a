//! Every visible text, typed.
//!
//! `locales/*.json` become the methods of [`Texts`], so a text that does not exist, or a value
//! that a text does not take, is a compile error. The server holds every language; the browser
//! holds none and is handed the one in use by [`install`] before it hydrates, without the texts that only
//! the server says (`locales/en/*.json`).

mod negotiate;
mod plural;
mod sentences;

use std::fmt::Display;
use std::sync::OnceLock;

use serde::Serialize;
use wire::from_word;

use crate::page::page;

include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));

/// One language as the server holds it.
pub(crate) struct Catalogue {
    language: Language,
    file: &'static str,
    json: &'static str,
    entries: &'static [&'static str],
}

/// The texts of one language.
#[derive(Debug, Clone, Copy)]
pub struct Texts {
    /// The name of the plural rule, then every text; see `build.rs`.
    entries: &'static [&'static str],
}

/// The browser's one catalogue.
static INSTALLED: OnceLock<&'static [&'static str]> = OnceLock::new();

/// The texts in the language of the page at hand.
#[must_use]
pub fn texts() -> Texts {
    match INSTALLED.get() {
        Some(entries) => Texts { entries },
        None => texts_in(page().language),
    }
}

/// The texts of a language, where no page is at hand. Empty in the browser.
#[must_use]
pub fn texts_in(language: Language) -> Texts {
    let entries = catalogue(language).map_or::<&[_], _>(&[], |found| found.entries);
    Texts { entries }
}

/// The file that hands a language to the browser: its name under `/text/`, which changes with its
/// content, and its body.
#[must_use]
pub fn file(language: Language) -> (&'static str, &'static str) {
    catalogue(language).map_or(("", "[]"), |found| (found.file, found.json))
}

/// Gives the browser its catalogue, the body of [`file`]. Only the first call counts.
///
/// `None` where it is no JSON list of strings.
#[must_use]
pub fn install(json: &str) -> Option<()> {
    let entries: Vec<String> = crate::json::read(json)?;
    let entries: Vec<&'static str> =
        entries.into_iter().map(|text| &*Box::leak(text.into_boxed_str())).collect();
    let _ = INSTALLED.set(Vec::leak(entries));
    Some(())
}

fn catalogue(language: Language) -> Option<&'static Catalogue> {
    CATALOGUES.iter().find(|found| found.language == language)
}

impl Texts {
    fn entry(self, place: usize) -> &'static str {
        self.entries.get(place).copied().unwrap_or_default()
    }

    /// A whole number, its thousands apart.
    #[must_use]
    pub fn number(self, number: usize) -> String {
        match (number / 1000, number % 1000) {
            (0, rest) => rest.to_string(),
            (more, rest) => format!("{}{}{rest:03}", self.number(more), self.number_separator()),
        }
    }

    /// What a sentence of English is here; `None` where the catalogue does not have it. Refusals come from
    /// where there is no reader, in English.
    #[must_use]
    pub fn translated(self, english: &str) -> Option<&'static str> {
        let place = texts_in(Language::En).entries.iter().position(|text| *text == english)?;
        self.entries.get(place).copied()
    }

    fn plural(self, place: usize, count: usize) -> &'static str {
        self.entry(place + plural::form(self.entry(0), count))
    }
}

/// Puts the values in the place of their names.
fn fill(text: &str, values: &[(&str, &dyn Display)]) -> String {
    let mut filled = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        if let Some((_, value)) = values.iter().find(|(known, _)| *known == name) {
            filled.push_str(&value.to_string());
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    const EN: Language = Language::En;

    #[test]
    fn placeholders_are_filled_and_braces_in_values_are_left_alone() {
        let texts = texts_in(EN);
        assert_eq!(texts.site_title("Chat"), "Chat · Spherespace");
        assert_eq!(texts.sessions_device("{system}", "Linux"), "{system} on Linux");
        assert_eq!(fill("{a}{b} {", &[("a", &1), ("b", &2)]), "12 ");
    }

    #[test]
    fn plurals_follow_the_count() {
        let texts = texts_in(EN);
        assert_eq!(texts.room_online(1), "1 person here");
        assert_eq!(texts.room_online(0), "0 people here");
        assert_eq!(
            texts.room_too_long(2, 2000),
            "2 characters too many; a message has at most 2000."
        );
    }

    #[test]
    fn nothing_at_all_is_singular_in_french() {
        let texts = texts_in(Language::Fr);
        assert_eq!(texts.communities_members(0), "0 membre");
        assert_eq!(texts.communities_members(1), "1 membre");
        assert_eq!(texts.communities_members(2), "2 membres");
    }

    #[test]
    fn thousands_stand_apart_as_the_language_has_it() {
        let in_both = |count| [EN, Language::Fr].map(|one| texts_in(one).number(count));
        assert_eq!(in_both(999), ["999", "999"]);
        assert_eq!(in_both(1_234_007), ["1,234,007", "1\u{202f}234\u{202f}007"]);
        assert_eq!(texts_in(Language::Fr).communities_members(1_000), "1\u{202f}000 membres");
    }

    #[test]
    fn french_never_breaks_a_line_before_its_marks() {
        let bare = [" ?", " !", " ;", " :", " »", "« "];
        for text in texts_in(Language::Fr).entries {
            assert!(!bare.iter().any(|mark| text.contains(mark)), "{text}");
        }
    }

    #[test]
    fn the_file_is_the_list_the_server_renders_from_without_what_only_the_server_says() {
        for (language, rule) in [(EN, "one_other"), (Language::Fr, "zero_one_other")] {
            let (name, json) = file(language);
            let own = format!("{}.", language.code());
            assert!(name.starts_with(&own) && name.ends_with(".json"), "{name}");
            let list: Vec<String> = serde_json::from_str(json).unwrap();
            let all = texts_in(language).entries;
            assert_eq!(list, all[..list.len()]);
            assert_eq!(list[0], rule);
            let stays = texts_in(language).communities_nav();
            assert!(all.contains(&stays) && !list.iter().any(|text| text == stays), "{stays}");
        }
    }

    #[test]
    fn a_catalogue_that_never_came_shows_nothing_and_breaks_nothing() {
        let missing = Texts { entries: &[] };
        assert_eq!((missing.nav_home(), missing.room_online(3).as_str()), ("", ""));
    }
}
