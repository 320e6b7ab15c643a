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

use leptos::prelude::use_context;
use serde::Serialize;
use wire::from_word;

use crate::page::Page;

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
        None => texts_in(use_context::<Page>().unwrap_or_default().language),
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
    fn the_file_is_the_list_the_server_renders_from_without_what_only_the_server_says() {
        let (name, json) = file(EN);
        assert!(name.starts_with("en.") && name.ends_with(".json"), "{name}");
        let list: Vec<String> = serde_json::from_str(json).unwrap();
        let all = texts_in(EN).entries;
        assert_eq!(list, all[..list.len()]);
        assert_eq!(list[0], "one_other");
        let stays = texts_in(EN).communities_nav();
        assert!(all.contains(&stays) && !list.iter().any(|text| text == stays), "{stays}");
    }

    #[test]
    fn a_catalogue_that_never_came_shows_nothing_and_breaks_nothing() {
        let missing = Texts { entries: &[] };
        assert_eq!((missing.nav_home(), missing.room_online(3).as_str()), ("", ""));
    }
}
