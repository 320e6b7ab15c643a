//! The name of a file.

use std::fmt;

use uuid::Uuid;

/// Not the name of a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a file")]
pub struct InvalidKey;

/// A thing's id and one form of it: `<id>/256.webp`. No key leads out of its store.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    id: Uuid,
    form: String,
}

impl Key {
    /// # Errors
    /// A form that is not 1 to 40 of small letters, digits, `-` and single dots between them.
    pub fn new(id: Uuid, form: &str) -> Result<Self, InvalidKey> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
        let dotted = form.starts_with('.') || form.ends_with('.') || form.contains("..");
        let fits = (1..=40).contains(&form.len()) && form.chars().all(plain) && !dotted;
        if fits { Ok(Self { id, form: form.to_owned() }) } else { Err(InvalidKey) }
    }

    /// The folder that it lies in, so that none holds too many. Ids are time-ordered: their ends differ.
    pub(crate) fn shelf(&self) -> String {
        let id = self.id.simple().to_string();
        id[id.len() - 2..].to_owned()
    }

    pub(crate) fn file_name(&self) -> String {
        format!("{}-{}", self.id.simple(), self.form)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.id, self.form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_leads_out_of_its_store() {
        for form in ["", ".", "..", "../x", "a/b", "a\\b", "a..b", ".a", "a.", "A", "a\0", "%2e"] {
            assert_eq!(Key::new(Uuid::nil(), form), Err(InvalidKey), "{form:?}");
        }
        let key = Key::new(Uuid::nil(), "256.webp").unwrap();
        assert_eq!(key.shelf(), "00");
        assert_eq!(key.file_name(), "00000000000000000000000000000000-256.webp");
    }
}
