//! `@name` in a text: told the same by whoever writes it down, links it, or tells its owner.

use crate::accounts::{USERNAME_MAX, username_key};

/// Names of one text whose owners are looked for.
pub const MENTIONS_MAX: usize = 20;
/// No username is shorter.
const SHORTEST: usize = 2;

/// The first `@name` of a text: what stands before it, the name, and the rest. A name with another `@` in it
/// cannot be told from an address.
#[must_use]
pub fn next_mention(text: &str) -> Option<(&str, &str, &str)> {
    let is_inside = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '+' | '-');
    for (at, _) in text.match_indices('@') {
        let (before, after) = (&text[..at], &text[at + 1..]);
        let end = after.find(|c| !is_inside(c)).unwrap_or(after.len());
        // What ends a sentence does not belong to the name.
        let name = after[..end].trim_end_matches(['.', '+', '-']);
        let is_own_word = !before.ends_with(|c: char| is_inside(c) || matches!(c, '@' | '/'));
        let is_address = after[end..].starts_with('@');
        let length = name.chars().count();
        if is_own_word && !is_address && (SHORTEST..=USERNAME_MAX).contains(&length) {
            return Some((before, name, &after[name.len()..]));
        }
    }
    None
}

/// The names in a text as they are compared, each once, at most [`MENTIONS_MAX`].
#[must_use]
pub fn mentioned(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some((_, name, after)) = next_mention(rest) {
        let key = username_key(name);
        if !names.contains(&key) {
            names.push(key);
        }
        if names.len() == MENTIONS_MAX {
            break;
        }
        rest = after;
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_behind_a_sign_of_their_own() {
        let names = mentioned(
            "@ada, (@Grace.Hopper) and @bob. Not a@b.example, /@cid, @@dan, @e, @x@y.example; @ADA!",
        );
        assert_eq!(names, ["ada", "grace.hopper", "bob"].map(username_key));
        assert_eq!(next_mention("hi @ada-"), Some(("hi ", "ada", "-")));
        assert_eq!(next_mention("@"), None);
        let many: String = (10..60).map(|n| format!("@name{n} ")).collect();
        assert_eq!(mentioned(&many).len(), MENTIONS_MAX);
    }
}
