//! What a community may be called, and what its address is made of.

use wire::CommunityId;
use wire::accounts::username_key;
use wire::communities::{CommunityForm, NAME_MAX, SLOW_MODE_MAX, TEXT_MAX};

use super::CommunityError;

/// Words that addresses need for themselves.
const RESERVED: [&str; 2] = ["new", "discover"];
/// Characters of a name that its address takes, so that a number fits behind them.
const SLUG_MAX: usize = 100;
/// Addresses with a number that are tried before the id.
const NUMBERED: u32 = 20;

/// The form, as it is stored.
///
/// # Errors
/// [`CommunityError::Invalid`] with the field.
pub(super) fn checked(form: &CommunityForm) -> Result<CommunityForm, CommunityError> {
    let issue = |field, why| Err(CommunityError::Invalid { field, why });
    let name = form.name.split_whitespace().collect::<Vec<_>>().join(" ");
    let length = name.chars().count();
    if length == 0 || length > NAME_MAX || name.chars().any(char::is_control) {
        return issue("name", "A community's name has 1 to 100 characters.");
    }
    if !(0..=SLOW_MODE_MAX).contains(&form.slow_mode_seconds) {
        return issue("slow_mode_seconds", "Slow mode is 0 to 86400 seconds.");
    }
    Ok(CommunityForm {
        name,
        description: text("description", &form.description)?,
        rules: text("rules", &form.rules)?,
        ..*form
    })
}

fn text(field: &'static str, text: &str) -> Result<String, CommunityError> {
    let text = text.replace("\r\n", "\n").trim().to_owned();
    if text.chars().count() > TEXT_MAX || text.contains('\0') {
        let why = "This is longer than 10000 characters, or holds what no text can.";
        return Err(CommunityError::Invalid { field, why });
    }
    Ok(text)
}

/// A name as it is compared: without regard to case, look-alikes or the number of spaces.
pub(super) fn name_key(name: &str) -> String {
    username_key(&name.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Addresses for a name, the best first. The last is nobody else's.
pub(super) fn slugs(name: &str, id: CommunityId) -> impl Iterator<Item = String> {
    let base = slug(name);
    let plain = Some(base.clone()).filter(|base| !RESERVED.contains(&base.as_str()));
    let numbered = (2..NUMBERED).map({
        let base = base.clone();
        move |number| format!("{base}-{number}")
    });
    let of_name = plain.into_iter().chain(numbered).filter(move |_| !base.is_empty());
    of_name.chain([id.0.simple().to_string()])
}

/// Letters and digits of any script in lower case, with a hyphen for whatever stands between them.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    let mut length = 0;
    for letter in name.chars().flat_map(char::to_lowercase).take(SLUG_MAX) {
        if is_of_a_word(letter) {
            slug.push(letter);
            length += 1;
        } else if length > 0 && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

/// Letters, digits, and the marks that stand on or between them.
fn is_of_a_word(letter: char) -> bool {
    letter.is_alphanumeric()
        || matches!(letter,
            '\u{300}'..='\u{36F}' | '\u{94D}' | '\u{9CD}' | '\u{A4D}' | '\u{ACD}' | '\u{B4D}'
            | '\u{BCD}' | '\u{C4D}' | '\u{CCD}' | '\u{D4D}' | '\u{E47}'..='\u{E4E}' | '\u{3099}' | '\u{309A}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_letters_of_any_script() {
        for (name, expected) in [
            ("Rust & Friends!", "rust-friends"),
            ("  ÉCOLE  d'été ", "école-d-été"),
            ("東京 写真部", "東京-写真部"),
            ("हिन्दी साहित्य", "हिन्दी-साहित्य"),
            ("نادي القراءة", "نادي-القراءة"),
            ("--- a", "a"),
            ("🎉🎉", ""),
        ] {
            assert_eq!(slug(name), expected);
        }
        assert!(slug(&"ß".repeat(100)).chars().count() <= SLUG_MAX);
    }

    #[test]
    fn s_42_words_that_addresses_need_are_nobodys() {
        let id = CommunityId::new();
        assert_eq!(slugs("New", id).next().as_deref(), Some("new-2"));
        assert_eq!(slugs("discover", id).next().as_deref(), Some("discover-2"));
        let own = id.0.simple().to_string();
        assert_eq!(slugs("🎉", id).collect::<Vec<_>>(), std::slice::from_ref(&own));
        let all: Vec<_> = slugs("Tea", id).collect();
        assert_eq!((all[0].as_str(), all[1].as_str(), all.last()), ("tea", "tea-2", Some(&own)));
    }
}
