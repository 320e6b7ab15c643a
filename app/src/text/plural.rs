//! Which form of a plural text a count takes.
//!
//! The rules are those of the Unicode CLDR for whole numbers. A language names its rule in its
//! file, so that a new language of a known family needs no code.

/// Places of the forms, as `build.rs` lays them out.
const ONE: usize = 0;
const FEW: usize = 1;
const MANY: usize = 2;
const OTHER: usize = 3;

/// The place of the form, counted from the text's first one.
pub(super) fn form(rule: &str, count: usize) -> usize {
    let (last, last_two) = (count % 10, count % 100);
    match rule {
        "one_other" if count == 1 => ONE,
        "zero_one_other" if count < 2 => ONE,
        "slavic" if last == 1 && last_two != 11 => ONE,
        "slavic" if (2..=4).contains(&last) && !(12..=14).contains(&last_two) => FEW,
        "slavic" => MANY,
        _ => OTHER,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_each_rule() {
        assert_eq!([0, 1, 2].map(|n| form("one_other", n)), [OTHER, ONE, OTHER]);
        assert_eq!([0, 1, 2].map(|n| form("zero_one_other", n)), [ONE, ONE, OTHER]);
        assert_eq!(
            [1, 2, 5, 11, 21, 112].map(|n| form("slavic", n)),
            [ONE, FEW, MANY, MANY, ONE, MANY]
        );
        assert_eq!([0, 1, 2].map(|n| form("other", n)), [OTHER; 3]);
    }
}
