//! `docs/faults.md` against the tests that it names.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn sources(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, ending, found);
        } else if path.extension().is_some_and(|end| end == ending) {
            found.push(path);
        }
    }
}

/// The rows that a name begins with: `s07_l_02_strangers` is about S-07 and L-02.
fn rows_of(name: &str) -> Vec<String> {
    let (mut rows, mut rest) = (Vec::new(), name);
    while let Some(letter) = rest.chars().next().filter(|letter| "sl".contains(*letter)) {
        let number = rest[1..].strip_prefix('_').unwrap_or(&rest[1..]);
        let Some((digits, next)) = number.split_once('_') else { break };
        if digits.len() != 2 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            break;
        }
        rows.push(format!("{}-{digits}", letter.to_ascii_uppercase()));
        rest = next;
    }
    rows
}

/// The function that a line of Rust declares, or the test in a browser that a line of TypeScript does.
fn declared(line: &str) -> Option<&str> {
    let in_a_browser = line.strip_prefix("test('").and_then(|rest| rest.split('\'').next());
    let function = || line.split_once("fn ")?.1.split(['(', '<']).next();
    in_a_browser.or_else(function)
}

/// Each pair of a row and a test that is named after it.
fn in_the_sources() -> BTreeSet<(String, String)> {
    let mut files = Vec::new();
    for folder in ["app", "crates", "server"] {
        sources(&root().join(folder), "rs", &mut files);
    }
    sources(&root().join("end2end/specs"), "ts", &mut files);
    let mut pairs = BTreeSet::new();
    for file in files {
        for name in std::fs::read_to_string(file).unwrap().lines().filter_map(declared) {
            pairs.extend(rows_of(name).into_iter().map(|row| (row, name.to_owned())));
        }
    }
    // Where `on_both!` is not at hand, a function and its two tests share a beginning.
    pairs.retain(|(_, name)| !name.ends_with("_sqlite") && !name.ends_with("_postgres"));
    pairs
}

fn in_the_table() -> BTreeSet<(String, String)> {
    let table = std::fs::read_to_string(root().join("docs/faults.md")).unwrap();
    let mut pairs = BTreeSet::new();
    for line in table.lines().filter(|line| line.starts_with("| S-") || line.starts_with("| L-")) {
        let row = line[2..6].to_owned();
        let names: Vec<_> = line.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "{row} is held by nothing");
        pairs.extend(names.into_iter().map(|name| (row.clone(), name.to_owned())));
    }
    pairs
}

#[test]
fn the_table_of_faults_names_every_test_that_holds_one() {
    let (table, sources) = (in_the_table(), in_the_sources());
    assert!(table.len() > 60, "the table is read");
    let gone: Vec<_> = table.difference(&sources).collect();
    assert!(gone.is_empty(), "no such test, or not named after its row: {gone:?}");
    let missing: Vec<_> = sources.difference(&table).collect();
    assert!(missing.is_empty(), "the table lacks: {missing:?}");
}
