//! The one way in which a text becomes words, for both databases and for what is looked for in them.
//!
//! A word is a run of letters and digits, folded: case, accents and forms that look alike make no difference.
//! Scripts that write no spaces give no words that way, so a run of theirs becomes each pair of neighbours:
//! what is looked for in it is then a row of pairs, and found wherever it stands.

use std::ops::Range;

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// Characters of a word; what is longer is compared by its beginning.
const WORD_MAX: usize = 40;

/// A word, as it is compared and where it stands in its text, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: String,
    pub(super) place: Range<usize>,
    /// Whether it is of a script without spaces: a pair, or the one character that a run ends with.
    pub(super) is_pair: bool,
}

/// A character of a word, folded, and where it stands.
struct Letter {
    folded: char,
    place: Range<usize>,
}

/// Every word of a text, in its order. The last character of a run without spaces stands alone as well.
pub(super) fn words(text: &str) -> Vec<Word> {
    let mut reader = Reader::default();
    for (at, character) in text.char_indices() {
        reader.take(character, at..at + character.len_utf8());
    }
    reader.end_run();
    reader.words
}

#[derive(Default)]
struct Reader {
    words: Vec<Word>,
    run: Vec<Letter>,
    is_unspaced: bool,
}

impl Reader {
    fn take(&mut self, character: char, place: Range<usize>) {
        let inside = !self.run.is_empty() && is_combining_mark(character);
        if is_silent(character) && !self.run.is_empty() {
            return;
        }
        if !inside && !character.is_alphanumeric() {
            return self.end_run();
        }
        let is_unspaced = if inside { self.is_unspaced } else { writes_no_spaces(character) };
        if is_unspaced != self.is_unspaced {
            self.end_run();
            self.is_unspaced = is_unspaced;
        }
        let run = &mut self.run;
        fold(character, |folded| run.push(Letter { folded, place: place.clone() }));
    }

    fn end_run(&mut self) {
        let run = std::mem::take(&mut self.run);
        let (Some(first), Some(last)) = (run.first(), run.last()) else { return };
        if !self.is_unspaced {
            let text = run.iter().take(WORD_MAX).map(|letter| letter.folded).collect();
            let place = first.place.start..last.place.end;
            return self.words.push(Word { text, place, is_pair: false });
        }
        for at in 0..run.len() {
            let pair = &run[at..run.len().min(at + 2)];
            let text = pair.iter().map(|letter| letter.folded).collect();
            let end = pair.last().map_or(0, |letter| letter.place.end);
            let place = pair.first().map_or(0, |letter| letter.place.start)..end;
            self.words.push(Word { text, place, is_pair: true });
        }
    }
}

/// What stands in a word and says nothing: joiners, soft hyphens, signs of how something is drawn.
fn is_silent(character: char) -> bool {
    matches!(character, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FE00}'..='\u{FE0F}' | '\u{640}')
}

/// The letters that a character is compared as.
fn fold(character: char, mut letter: impl FnMut(char)) {
    // Syllables of Hangul would become their parts.
    if matches!(character, '\u{AC00}'..='\u{D7A3}') {
        return letter(character);
    }
    for lower in character.to_lowercase() {
        decompose_compatible(lower, |part| {
            for part in part.to_lowercase() {
                fold_part(part, &mut letter);
            }
        });
    }
}

fn fold_part(part: char, letter: &mut impl FnMut(char)) {
    match part {
        // Accents, the points of Hebrew, the vowels of Arabic: often left out by whoever types.
        '\u{640}'
        | '\u{300}'..='\u{36F}'
        | '\u{591}'..='\u{5C7}'
        | '\u{64B}'..='\u{65F}'
        | '\u{670}' => {}
        'ß' => "ss".chars().for_each(letter),
        'æ' => "ae".chars().for_each(letter),
        'œ' => "oe".chars().for_each(letter),
        'ø' => letter('o'),
        'đ' => letter('d'),
        'ł' => letter('l'),
        'ı' => letter('i'),
        'ς' => letter('σ'),
        part if part.is_alphanumeric() || is_combining_mark(part) => letter(part),
        _ => {}
    }
}

/// Whether a character is of a script that writes no spaces between words, or (Hangul) hangs so much on each
/// word that its spaces do not help.
pub(super) fn writes_no_spaces(character: char) -> bool {
    matches!(character,
        '\u{0E00}'..='\u{0FFF}' // Thai, Lao, Tibetan
        | '\u{1000}'..='\u{109F}' // Burmese
        | '\u{1100}'..='\u{11FF}' // Hangul's parts
        | '\u{1780}'..='\u{17FF}' // Khmer
        | '\u{1950}'..='\u{19DF}' | '\u{1A20}'..='\u{1AAF}' // Tai
        | '\u{1B00}'..='\u{1B7F}' | '\u{A980}'..='\u{A9FF}' // Balinese, Javanese
        | '\u{2E80}'..='\u{2FDF}' | '\u{3005}'..='\u{3007}' // Han's parts and marks
        | '\u{3021}'..='\u{3029}' | '\u{3031}'..='\u{33FF}' // kana, bopomofo, Hangul's letters
        | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{AA60}'..='\u{AADF}' | '\u{AC00}'..='\u{D7FF}' | '\u{F900}'..='\u{FAFF}'
        | '\u{FF66}'..='\u{FFDC}' | '\u{1B000}'..='\u{1B16F}' | '\u{1F200}'..='\u{1F2FF}' | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(text: &str) -> Vec<String> {
        words(text).into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn words_are_runs_of_letters_and_digits_folded() {
        assert_eq!(texts("Don't PANIC, it's 42!"), ["don", "t", "panic", "it", "s", "42"]);
        assert_eq!(texts("Crème BRÛLÉE naïve"), ["creme", "brulee", "naive"]);
        assert_eq!(texts("cre\u{301}me"), texts("crème"));
        assert_eq!(texts("Straße STRASSE Ærø Łódź"), ["strasse", "strasse", "aero", "lodz"]);
        assert_eq!(texts("ＦＵＬＬ ｗｉｄｔｈ ﬁne"), ["full", "width", "fine"]);
        assert_eq!(texts("ΟΔΟΣ οδος İstanbul ёлка"), ["οδοσ", "οδοσ", "istanbul", "елка"]);
        assert_eq!(texts("שָׁלוֹם مُحَمَّد"), ["שלום", "محمد"]);
        assert_eq!(texts("हिन्दी में"), ["हिन्दी", "में"]);
        assert_eq!(texts("soft\u{AD}hyphen 🎈 --- _"), ["softhyphen"]);
        assert_eq!(texts(""), Vec::<String>::new());
    }

    #[test]
    fn scripts_without_spaces_become_pairs_of_neighbours() {
        assert_eq!(texts("東京都"), ["東京", "京都", "都"]);
        assert_eq!(texts("iPhone発売!"), ["iphone", "発売", "売"]);
        assert_eq!(texts("서울에서"), ["서울", "울에", "에서", "서"]);
        assert_eq!(texts("ｶﾞ"), texts("ガ"));
        assert_eq!(texts("ไทย").len(), 3);
        assert_eq!(texts("ภาษา")[0], "ภา");
    }

    #[test]
    fn a_word_knows_where_it_stands() {
        let text = "Ein Ölbild, 東京";
        let found: Vec<_> = words(text).iter().map(|word| &text[word.place.clone()]).collect();
        assert_eq!(found, ["Ein", "Ölbild", "東京", "京"]);
    }

    proptest! {
        #[test]
        fn no_text_is_too_strange(text in "\\PC{0,200}|(?s).{0,80}") {
            let mut last = 0;
            for word in words(&text) {
                prop_assert!(text.get(word.place.clone()).is_some());
                prop_assert!(word.place.start >= last, "{text:?}");
                last = word.place.start;
                prop_assert!(word.text.chars().count() <= WORD_MAX && !word.text.contains(' '));
            }
        }
    }

    /// What was folded once stays as it is, whatever it is made of: the index and the question agree.
    #[test]
    fn folding_again_changes_nothing() {
        for character in ('\0'..=char::MAX).filter(|character| character.is_alphanumeric()) {
            let text = format!("{character}{character}a");
            for word in words(&text).into_iter().filter(|word| !word.is_pair) {
                let again = texts(&word.text).concat();
                assert!(
                    again == word.text || word.text.chars().count() == WORD_MAX,
                    "{text} {again}"
                );
            }
        }
    }
}
