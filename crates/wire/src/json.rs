//! Reading JSON with whatever parser is at hand.
//!
//! The browser has one already. What it is to read implements [`FromJson`] over the little that
//! [`Json`] asks of a parsed value, which is a tenth of the code that a parser of our own and
//! serde's visitors would bring into the download. The server reads with serde; tests hold both to
//! the same words.

use std::collections::BTreeMap;

/// A parsed value.
pub trait Json: Sized {
    /// The value under a name; `None` where it is missing or `null`, or where this is no object.
    fn field(&self, name: &str) -> Option<Self>;
    /// What a string holds.
    fn text(&self) -> Option<String>;
    /// What a number is. Whole ones are exact up to 2⁵³.
    fn number(&self) -> Option<f64>;
    fn flag(&self) -> Option<bool>;
    /// What a list holds.
    fn items(&self) -> Option<Vec<Self>>;
    /// The names of an object and what is under them.
    fn entries(&self) -> Option<Vec<(String, Self)>>;
}

/// What can be read from JSON; `None` where it is something else.
pub trait FromJson: Sized {
    fn from_json<J: Json>(json: &J) -> Option<Self>;

    /// What it means that a field is not there: nothing, or that the whole cannot be read.
    fn missing() -> Option<Self> {
        None
    }
}

/// The field of an object.
pub fn field<T: FromJson, J: Json>(json: &J, name: &str) -> Option<T> {
    match json.field(name) {
        Some(value) => T::from_json(&value),
        None => T::missing(),
    }
}

/// What is written as a string and reads back as it was written.
pub fn parsed<T: std::str::FromStr, J: Json>(json: &J) -> Option<T> {
    json.text()?.parse().ok()
}

/// Reads a struct field by field; a field that is left out of the list does not compile.
#[macro_export]
macro_rules! from_json {
    ($type:ty { $($field:ident),+ $(,)? }) => {
        impl $crate::json::FromJson for $type {
            fn from_json<J: $crate::json::Json>(json: &J) -> Option<Self> {
                Some(Self { $($field: $crate::json::field(json, stringify!($field))?,)+ })
            }
        }
    };
}

/// An enum that is written as one of some words.
pub trait Words: Copy + 'static {
    const WORDS: &'static [(&'static str, Self)];
}

/// The variant that a word stands for.
pub fn word<T: Words, J: Json>(json: &J) -> Option<T> {
    let text = json.text()?;
    T::WORDS.iter().find(|(word, _)| *word == text).map(|(_, variant)| *variant)
}

/// Reads an enum from its words; a variant that is left out of the list does not compile.
#[macro_export]
macro_rules! from_word {
    ($type:ident { $($word:literal => $variant:ident),+ $(,)? }) => {
        impl $crate::json::Words for $type {
            const WORDS: &'static [(&'static str, Self)] = &[$(($word, Self::$variant)),+];
        }

        impl $crate::json::FromJson for $type {
            fn from_json<J: $crate::json::Json>(json: &J) -> Option<Self> {
                $crate::json::word(json)
            }
        }

        const _: fn(&$type) = |word| match word { $($type::$variant => {})+ };
    };
}

impl FromJson for String {
    fn from_json<J: Json>(json: &J) -> Option<Self> {
        json.text()
    }
}

impl FromJson for bool {
    fn from_json<J: Json>(json: &J) -> Option<Self> {
        json.flag()
    }

    fn missing() -> Option<Self> {
        Some(false)
    }
}

impl FromJson for i64 {
    fn from_json<J: Json>(json: &J) -> Option<Self> {
        let number = json.number()?;
        (number.trunc() == number).then_some(number as Self)
    }
}

impl FromJson for u64 {
    fn from_json<J: Json>(json: &J) -> Option<Self> {
        i64::from_json(json)?.try_into().ok()
    }
}

impl FromJson for usize {
    fn from_json<J: Json>(json: &J) -> Option<Self> {
        i64::from_json(json)?.try_into().ok()
    }
}

impl<T: FromJson> FromJson for Option<T> {
    fn from_json<J: Json>(json: &J) -> Option<Self> {
        T::from_json(json).map(Some)
    }

    fn missing() -> Option<Self> {
        Some(None)
    }
}

impl<T: FromJson> FromJson for Box<T> {
    fn from_json<J: Json>(json: &J) -> Option<Self> {
        T::from_json(json).map(Self::new)
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json<J: Json>(json: &J) -> Option<Self> {
        json.items()?.iter().map(T::from_json).collect()
    }

    fn missing() -> Option<Self> {
        Some(Self::new())
    }
}

/// A pair is a list of two.
impl<A: FromJson, B: FromJson> FromJson for (A, B) {
    fn from_json<J: Json>(json: &J) -> Option<Self> {
        let items = json.items()?;
        let [first, second] = items.as_slice() else { return None };
        Some((A::from_json(first)?, B::from_json(second)?))
    }
}

impl<K: std::str::FromStr + Ord, V: FromJson> FromJson for BTreeMap<K, V> {
    fn from_json<J: Json>(json: &J) -> Option<Self> {
        // Collecting would sort first: a sorter more for each kind of map in the download.
        let mut map = Self::new();
        for (name, value) in json.entries()? {
            map.insert(name.parse().ok()?, V::from_json(&value)?);
        }
        Some(map)
    }

    fn missing() -> Option<Self> {
        Some(Self::new())
    }
}

/// Where there is no browser: what tests and tools read with.
#[cfg(not(target_arch = "wasm32"))]
impl Json for serde_json::Value {
    fn field(&self, name: &str) -> Option<Self> {
        self.get(name).filter(|value| !value.is_null()).cloned()
    }

    fn text(&self) -> Option<String> {
        self.as_str().map(str::to_owned)
    }

    fn number(&self) -> Option<f64> {
        self.as_f64()
    }

    fn flag(&self) -> Option<bool> {
        self.as_bool()
    }

    fn items(&self) -> Option<Vec<Self>> {
        self.as_array().cloned()
    }

    fn entries(&self) -> Option<Vec<(String, Self)>> {
        let pairs = self.as_object()?.iter();
        Some(pairs.map(|(name, value)| (name.clone(), value.clone())).collect())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_something_else_is_not_read() {
        assert_eq!(i64::from_json(&json!(1.5)), None);
        assert_eq!(u64::from_json(&json!(-1)), None);
        assert_eq!(String::from_json(&json!(1)), None);
        assert_eq!(Vec::<i64>::from_json(&json!([1, "2"])), None);
        assert_eq!(<(i64, i64)>::from_json(&json!([1, 2, 3])), None);
        assert_eq!(BTreeMap::<i64, bool>::from_json(&json!({"a": true})), None);
    }

    fn as_serde<T: Words + serde::Serialize>() {
        for (word, variant) in T::WORDS {
            assert_eq!(serde_json::to_value(variant).unwrap(), json!(word));
        }
    }

    #[test]
    fn words_are_those_that_serde_writes() {
        as_serde::<crate::accounts::Field>();
        as_serde::<crate::accounts::FieldIssue>();
        as_serde::<crate::conversations::ConversationKind>();
        as_serde::<crate::conversations::MemberChange>();
        as_serde::<crate::conversations::RequestState>();
        as_serde::<crate::conversations::Role>();
        as_serde::<crate::live::Presence>();
        as_serde::<crate::people::LastSeen>();
    }

    #[test]
    fn what_is_left_out_is_nothing_where_nothing_is_possible() {
        let object = json!({"title": null});
        assert_eq!(field::<Option<String>, _>(&object, "title"), Some(None));
        assert_eq!(field::<Vec<i64>, _>(&object, "rows"), Some(Vec::new()));
        assert_eq!(field::<bool, _>(&object, "muted"), Some(false));
        assert_eq!(field::<String, _>(&object, "name"), None);
    }
}
