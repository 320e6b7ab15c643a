//! What a post is called in its address.

use uuid::Uuid;

/// Characters of a title that its slug keeps.
const LENGTH: usize = 130;
/// How many of a name there may be before the rest are told apart by their id.
const NAMESAKES: usize = 20;
/// What other addresses are called.
const RESERVED: [&str; 8] =
    ["new", "trending", "preview", "edit", "history", "drafts", "comments", "autosave"];

/// Names for a post, the best first: its title as letters and digits of any script with `-` between
/// them, the same with a number, and at last its id, which is nobody else's.
pub(super) fn slugs(title: &str, id: Uuid) -> impl Iterator<Item = String> {
    let base = slug(title);
    let is_free =
        !base.is_empty() && !RESERVED.contains(&&*base) && Uuid::try_parse(&base).is_err();
    let from = if is_free { 1 } else { 2 };
    let numbered = (from..=NAMESAKES).map({
        let base = base.clone();
        move |n| if n == 1 { base.clone() } else { format!("{base}-{n}") }
    });
    let numbered = numbered.take(if base.is_empty() { 0 } else { NAMESAKES });
    numbered.chain([id.to_string()])
}

fn slug(title: &str) -> String {
    let mut slug = String::new();
    for c in title.chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug: String = slug.chars().take(LENGTH).collect();
    slug.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(title: &str) -> String {
        slugs(title, Uuid::nil()).next().unwrap()
    }

    #[test]
    fn s_42_letters_of_any_script_make_a_slug() {
        assert_eq!(first("Hello, World!"), "hello-world");
        assert_eq!(first("  Ночной ДОЗОР №7 "), "ночной-дозор-7");
        assert_eq!(first("夜の音楽"), "夜の音楽");
        assert_eq!(first("مرحبا بالعالم"), "مرحبا-بالعالم");
        assert_eq!(first("a/../b?c#d"), "a-b-c-d");
        assert!(first(&"x".repeat(500)).chars().count() <= LENGTH);
    }

    #[test]
    fn s_42_what_means_something_else_is_no_slug() {
        assert_eq!(first("Trending"), "trending-2");
        assert_eq!(first("New"), "new-2");
        for nothing in ["", "!!!", "🎵🎶"] {
            assert_eq!(first(nothing), Uuid::nil().to_string(), "{nothing}");
        }
        let id = Uuid::now_v7().to_string();
        assert_eq!(first(&id), format!("{id}-2"), "another's id");
    }
}
