//! Turns `locales/*.json` into typed Rust.
//!
//! English decides which texts exist and which placeholders they take; every other language must
//! match it, or the build stops with a sentence that names the text.
//!
//! `locales/en.json` holds what the browser may have to say; it travels. What only the server ever says
//! stands beside it, in one file for each feature: `locales/en/posts.json`.
//!
//! A catalogue is one flat list: the language's name of its plural rule first, then the
//! texts in the order of their keys (those that travel before the others), a plural text taking one place
//! for each [`FORMS`].

// A build that cannot go on has nobody to answer to but the person who reads its panic.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::{Map, Value};

/// The forms a plural text may have, in the order of their places in the list.
const FORMS: [&str; 4] = ["one", "few", "many", "other"];
/// The rules that `text/plural.rs` knows.
const PLURAL_RULES: [&str; 4] = ["other", "one_other", "zero_one_other", "slavic"];
/// The language that defines the catalogue and is the last resort.
const BASE: &str = "en";

struct Locale {
    code: String,
    name: String,
    direction: String,
    plural: String,
    /// What the browser has too.
    travels: BTreeMap<String, Text>,
    /// What only the server says.
    stays: BTreeMap<String, Text>,
}

impl Locale {
    /// In the order of the list.
    fn texts(&self) -> impl Iterator<Item = (&String, &Text)> {
        self.travels.iter().chain(&self.stays)
    }

    fn text(&self, key: &str) -> Option<&Text> {
        self.travels.get(key).or_else(|| self.stays.get(key))
    }
}

enum Text {
    Plain(String),
    Plural(BTreeMap<String, String>),
}

fn main() {
    println!("cargo:rerun-if-changed=locales");
    println!("cargo:rerun-if-changed=build.rs");
    let mut locales: Vec<Locale> = locale_files().iter().map(|path| read(path)).collect();
    locales.sort_by_key(|locale| (locale.code != BASE, locale.code.clone()));
    let Some((base, others)) = locales.split_first() else {
        panic!("app/locales holds no catalogue");
    };
    assert_eq!(base.code, BASE, "app/locales/{BASE}.json is missing: it defines every text");
    for other in others {
        compare(base, other);
    }
    write_whole(&generate(base, &locales));
}

/// Puts a new file in the place of the old one, which may be linked from another tree's build.
fn write_whole(catalogue: &str) {
    let folder = PathBuf::from(env::var("OUT_DIR").expect("cargo sets OUT_DIR"));
    let fresh = folder.join("catalogue.rs.new");
    let written = fs::write(&fresh, catalogue);
    written
        .and_then(|()| fs::rename(&fresh, folder.join("catalogue.rs")))
        .expect("the catalogue could not be written");
}

fn locale_files() -> Vec<PathBuf> {
    let folder = fs::read_dir("locales").expect("app/locales cannot be read");
    json_files(folder)
}

fn json_files(folder: fs::ReadDir) -> Vec<PathBuf> {
    let files = folder.map(|entry| entry.expect("a folder of app/locales cannot be read").path());
    files.filter(|path| path.extension().is_some_and(|kind| kind == "json")).collect()
}

fn read(path: &Path) -> Locale {
    let shown = path.display();
    let value = read_json(path);
    let about = |key: &str| {
        let word = value["language"][key].as_str();
        word.unwrap_or_else(|| panic!("{shown}: \"language\" has no \"{key}\"")).to_owned()
    };
    let locale = Locale {
        code: about("code"),
        name: about("name"),
        direction: about("direction"),
        plural: about("plural"),
        travels: read_texts(path, &value["texts"]),
        stays: read_features(path),
    };
    check_header(path, &locale);
    let twice = locale.stays.keys().find(|key| locale.travels.contains_key(*key));
    assert!(twice.is_none(), "{shown}: {twice:?} stands in the folder beside it too");
    locale
}

fn read_json(path: &Path) -> Value {
    let shown = path.display();
    let json = fs::read_to_string(path).unwrap_or_else(|why| panic!("{shown}: {why}"));
    serde_json::from_str(&json).unwrap_or_else(|why| panic!("{shown}: {why}"))
}

fn read_texts(path: &Path, value: &Value) -> BTreeMap<String, Text> {
    let shown = path.display();
    let texts = value.as_object().unwrap_or_else(|| panic!("{shown}: there are no texts"));
    texts.iter().map(|(key, text)| (key.clone(), read_text(path, key, text))).collect()
}

/// Of `locales/en.json`: everything in `locales/en/`.
fn read_features(path: &Path) -> BTreeMap<String, Text> {
    let mut all = BTreeMap::new();
    let Ok(folder) = fs::read_dir(path.with_extension("")) else { return all };
    for file in json_files(folder) {
        for (key, text) in read_texts(&file, &read_json(&file)) {
            assert!(!all.contains_key(&key), "{}: {key:?} stands elsewhere too", file.display());
            all.insert(key, text);
        }
    }
    all
}

fn check_header(path: &Path, locale: &Locale) {
    let shown = path.display();
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    assert_eq!(stem, Some(locale.code.as_str()), "{shown}: the file is not named like its code");
    let (code, plural) = (&locale.code, &locale.plural);
    let fits = code.len() >= 2 && code.chars().all(|c| c.is_ascii_lowercase());
    assert!(fits, "{shown}: code {code:?} is not two or three small letters");
    let known = PLURAL_RULES.contains(&plural.as_str());
    assert!(known, "{shown}: plural rule {plural:?} is none of {PLURAL_RULES:?}");
    let direction = matches!(locale.direction.as_str(), "ltr" | "rtl");
    assert!(direction, "{shown}: direction is neither \"ltr\" nor \"rtl\"");
}

fn read_text(path: &Path, key: &str, value: &Value) -> Text {
    let shown = path.display();
    let snake = key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    assert!(snake, "{shown}: the key {key:?} is not in snake_case");
    match value {
        Value::String(text) => Text::Plain(text.clone()),
        Value::Object(forms) => Text::Plural(read_forms(path, key, forms)),
        _ => panic!("{shown}: {key} is neither a text nor an object of plural forms"),
    }
}

fn read_forms(path: &Path, key: &str, forms: &Map<String, Value>) -> BTreeMap<String, String> {
    let shown = path.display();
    let read = |(form, text): (&String, &Value)| {
        assert!(FORMS.contains(&form.as_str()), "{shown}: {key} has an unknown form {form:?}");
        let text = text.as_str().unwrap_or_else(|| panic!("{shown}: {key}.{form} is no text"));
        (form.clone(), text.to_owned())
    };
    let forms: BTreeMap<_, _> = forms.iter().map(read).collect();
    assert!(forms.contains_key("other"), "{shown}: {key} lacks the form \"other\"");
    forms
}

impl Text {
    /// Names between braces, without `count` of plurals, which is always the first argument.
    fn placeholders(&self) -> BTreeSet<String> {
        match self {
            Self::Plain(text) => names_in(text),
            Self::Plural(forms) => {
                let all = forms.values().flat_map(|text| names_in(text));
                all.filter(|name| name != "count").collect()
            }
        }
    }

    fn is_plural(&self) -> bool {
        matches!(self, Self::Plural(_))
    }

    /// What stands in the list: one entry, or one for each form.
    fn entries(&self) -> Vec<&str> {
        match self {
            Self::Plain(text) => vec![text],
            Self::Plural(forms) => {
                let form = |name: &&str| forms.get(*name).unwrap_or(&forms["other"]).as_str();
                FORMS.iter().map(form).collect()
            }
        }
    }
}

fn names_in(text: &str) -> BTreeSet<String> {
    let after = text.split('{').skip(1);
    after.filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.to_owned()).collect()
}

/// Stops the build where a language lacks a text, has one too many, or speaks of other things.
fn compare(base: &Locale, other: &Locale) {
    let code = &other.code;
    for (key, text) in base.texts() {
        let Some(twin) = other.text(key) else {
            panic!("locales/{code}.json lacks the text {key:?}");
        };
        let same_kind = text.is_plural() == twin.is_plural();
        let same_place = base.travels.contains_key(key) == other.travels.contains_key(key);
        assert!(
            same_place,
            "locales/{code}: {key:?} must be in the folder in both languages or none"
        );
        assert!(same_kind, "locales/{code}.json: {key:?} must be plural in both languages or none");
        let (wanted, found) = (text.placeholders(), twin.placeholders());
        assert!(
            wanted == found,
            "locales/{code}.json: {key:?} takes {found:?}, but {BASE}.json takes {wanted:?}"
        );
    }
    let extra = other.texts().map(|(key, _)| key).find(|key| base.text(key).is_none());
    assert!(extra.is_none(), "locales/{code}.json has {extra:?}, which {BASE}.json does not");
}

fn generate(base: &Locale, locales: &[Locale]) -> String {
    let mut out = String::from("// Made by build.rs from locales/*.json.\n\n");
    language_enum(&mut out, locales);
    methods(&mut out, base);
    // The browser gets its one catalogue as a file, so only the server holds the tables.
    let on_server = env::var_os("CARGO_FEATURE_SSR").is_some();
    tables(&mut out, if on_server { locales } else { &[] });
    out
}

fn variant(locale: &Locale) -> String {
    let (first, rest) = locale.code.split_at(1);
    first.to_ascii_uppercase() + rest
}

fn language_enum(out: &mut String, locales: &[Locale]) {
    out.push_str("/// The languages of `locales/`.\n");
    out.push_str("#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]\n");
    out.push_str("#[serde(rename_all = \"snake_case\")]\npub enum Language {\n    #[default]\n");
    for locale in locales {
        writeln!(out, "    /// {}.\n    {},", locale.name, variant(locale)).unwrap();
    }
    let all: Vec<_> = locales.iter().map(|l| format!("Self::{}", variant(l))).collect();
    let words: Vec<_> = locales.iter().map(|l| format!("{:?} => {}", l.code, variant(l))).collect();
    writeln!(out, "}}\n\nfrom_word!(Language {{ {} }});\n", words.join(", ")).unwrap();
    writeln!(out, "impl Language {{").unwrap();
    writeln!(out, "    /// Every language, the last resort first.").unwrap();
    writeln!(out, "    pub const ALL: [Self; {}] = [{}];", all.len(), all.join(", ")).unwrap();
    property(out, "code", "The language's code, as in `lang`.", locales, |l| &l.code);
    property(out, "name", "What its speakers call it.", locales, |l| &l.name);
    property(out, "direction", "`ltr` or `rtl`.", locales, |l| &l.direction);
    out.push_str("}\n\n");
}

fn property(out: &mut String, name: &str, doc: &str, all: &[Locale], of: fn(&Locale) -> &str) {
    writeln!(out, "\n    /// {doc}\n    #[must_use]").unwrap();
    writeln!(out, "    pub const fn {name}(self) -> &'static str {{\n        match self {{")
        .unwrap();
    for locale in all {
        writeln!(out, "            Self::{} => {:?},", variant(locale), of(locale)).unwrap();
    }
    out.push_str("        }\n    }\n");
}

fn methods(out: &mut String, base: &Locale) {
    out.push_str("#[allow(clippy::too_many_arguments)]\nimpl Texts {\n");
    let mut place = 1;
    for (key, text) in base.texts() {
        method(out, key, text, place);
        place += text.entries().len();
    }
    out.push_str("}\n\n");
}

fn method(out: &mut String, key: &str, text: &Text, place: usize) {
    let names: Vec<String> = text.placeholders().into_iter().collect();
    let entries = text.entries();
    let shown = entries.last().expect("a text has at least one entry");
    let shown = shown.replace('\n', " ");
    writeln!(out, "    /// “{shown}”\n    #[must_use]").unwrap();
    let arguments: String = names.iter().map(|name| format!(", {name}: impl Display")).collect();
    let mut pairs: String = names.iter().map(|name| format!("({name:?}, &{name}), ")).collect();
    if text.is_plural() {
        pairs.insert_str(0, "(\"count\", &self.number(count)), ");
        writeln!(out, "    pub fn {key}(self, count: usize{arguments}) -> String {{").unwrap();
        writeln!(out, "        fill(self.plural({place}, count), &[{pairs}])\n    }}\n").unwrap();
    } else if names.is_empty() {
        writeln!(out, "    pub fn {key}(self) -> &'static str {{").unwrap();
        writeln!(out, "        self.entry({place})\n    }}\n").unwrap();
    } else {
        writeln!(out, "    pub fn {key}(self{arguments}) -> String {{").unwrap();
        writeln!(out, "        fill(self.entry({place}), &[{pairs}])\n    }}\n").unwrap();
    }
}

/// One [`Catalogue`] for each language: its list, what travels of it as JSON, and that file's name.
fn tables(out: &mut String, locales: &[Locale]) {
    writeln!(out, "pub(crate) static CATALOGUES: [Catalogue; {}] = [", locales.len()).unwrap();
    for locale in locales {
        let mut list = vec![locale.plural.as_str()];
        list.extend(locale.travels.values().flat_map(Text::entries));
        let travels = list.len();
        list.extend(locale.stays.values().flat_map(Text::entries));
        let json = serde_json::to_string(&list[..travels]).expect("texts are plain strings");
        let file = format!("{}.{:016x}.json", locale.code, fnv1a(json.as_bytes()));
        let language = variant(locale);
        writeln!(out, "    Catalogue {{ language: Language::{language}, file: {file:?}, json: {json:?}, entries: &{list:?} }},").unwrap();
    }
    out.push_str("];\n");
}

/// FNV-1a: enough to give each content a name of its own.
fn fnv1a(bytes: &[u8]) -> u64 {
    let mix = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, mix)
}
