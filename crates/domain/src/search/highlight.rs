//! Where a text says what was looked for, and a piece of it around that.

use std::ops::Range;

use wire::search::Piece;

use super::query::Term;
use super::words::{Word, words};

/// Characters of a piece of a text, and of those before the first hit.
const PIECE: usize = 200;
const BEFORE: usize = 60;
/// Characters of a text that are looked through; further on nobody waits for a mark.
const LOOKED_THROUGH: usize = 20_000;

/// The whole text with its hits.
pub(super) fn marked(text: &str, terms: &[Term]) -> Vec<Piece> {
    pieces(text, 0..text.len(), &hits(text, terms))
}

/// A piece of the text around the first hit, as one line; its beginning where there is none.
pub(super) fn excerpt(text: &str, terms: &[Term]) -> Vec<Piece> {
    let end = text.char_indices().nth(LOOKED_THROUGH).map_or(text.len(), |(at, _)| at);
    let line = text[..end].split_whitespace().collect::<Vec<_>>().join(" ");
    let hits = hits(&line, terms);
    let first = hits.first().map_or(0, |hit| hit.start);
    let window = window(&line, first);
    let (is_cut, goes_on) = (window.start > 0, window.end < line.len());
    let mut pieces = pieces(&line, window, &hits);
    let dots = || Piece { text: "…".into(), is_hit: false };
    if is_cut {
        pieces.insert(0, dots());
    }
    if goes_on {
        pieces.push(dots());
    }
    pieces
}

/// Whole words around a place, as far as there are any.
fn window(line: &str, around: usize) -> Range<usize> {
    let back = line[..around].char_indices().rev().nth(BEFORE - 1).map_or(0, |(at, _)| at);
    let start = match line[back..around].find(' ') {
        Some(space) if back > 0 => back + space + 1,
        _ => back,
    };
    let end = line[start..].char_indices().nth(PIECE).map_or(line.len(), |(at, _)| start + at);
    if end == line.len() {
        return start..end;
    }
    let space = line[around..end].rfind(' ').filter(|space| *space > 0);
    start..space.map_or(end, |space| around + space)
}

/// Ranges in bytes, in their order, none touching another.
fn hits(text: &str, terms: &[Term]) -> Vec<Range<usize>> {
    let found = words(text);
    let mut hits: Vec<_> = terms.iter().flat_map(|term| hits_of(&found, term)).collect();
    hits.sort_by_key(|hit| (hit.start, hit.end));
    let mut apart: Vec<Range<usize>> = Vec::with_capacity(hits.len());
    for hit in hits {
        match apart.last_mut().filter(|last| hit.start <= last.end) {
            Some(last) => last.end = last.end.max(hit.end),
            None => apart.push(hit),
        }
    }
    apart
}

fn hits_of<'a>(found: &'a [Word], term: &'a Term) -> impl Iterator<Item = Range<usize>> + 'a {
    let length = term.words.len().max(1);
    found.windows(length).filter(move |row| is_term(row, term)).map(move |row| {
        let end = row.last().map_or(0, |last| last.place.end);
        row.first().map_or(0, |first| first.place.start)..end
    })
}

fn is_term(row: &[Word], term: &Term) -> bool {
    let last = term.words.len().saturating_sub(1);
    let fits = |(at, (word, wanted)): (usize, (&Word, &String))| {
        word.text == *wanted || (at == last && term.is_beginning && word.text.starts_with(wanted))
    };
    term.words.len() == row.len() && row.iter().zip(&term.words).enumerate().all(fits)
}

fn pieces(text: &str, window: Range<usize>, hits: &[Range<usize>]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut at = window.start;
    let mut add = |range: Range<usize>, is_hit| {
        let text = text.get(range).filter(|text| !text.is_empty());
        pieces.extend(text.map(|text| Piece { text: text.to_owned(), is_hit }));
    };
    for hit in hits.iter().filter(|hit| hit.end > window.start && hit.start < window.end) {
        let (start, end) = (hit.start.max(at), hit.end.min(window.end));
        add(at..start, false);
        add(start..end, true);
        at = end;
    }
    add(at..window.end, false);
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::query::terms_of;
    use super::*;

    fn shown(pieces: &[Piece]) -> String {
        let piece = |piece: &Piece| match piece.is_hit {
            true => format!("[{}]", piece.text),
            false => piece.text.clone(),
        };
        pieces.iter().map(piece).collect()
    }

    fn mark(text: &str, query: &str) -> String {
        let terms: Vec<_> = query.split(' ').flat_map(|word| terms_of(word, true)).collect();
        shown(&marked(text, &terms))
    }

    #[test]
    fn what_was_looked_for_is_marked_as_it_was_written() {
        assert_eq!(mark("Crème Brûlée, crèmes", "creme brul"), "[Crème] [Brûlée], [crèmes]");
        assert_eq!(mark("東京都で東京", "東京"), "[東京]都で[東京]");
        assert_eq!(mark("東京都", "東京都"), "[東京都]");
        assert_eq!(mark("nothing", "else"), "nothing");
        assert_eq!(mark("I don't know", "don't"), "I [don't] know");
        assert_eq!(shown(&marked("a b a c", &terms_of("a c", false))), "a b [a c]");
    }

    #[test]
    fn an_excerpt_stands_around_its_hit() {
        let long = format!("{} needle {}", "hay ".repeat(300), "straw ".repeat(300));
        let text = shown(&excerpt(&long, &terms_of("needle", false)));
        assert!(text.starts_with("…hay ") && text.contains("[needle] straw"), "{text}");
        assert!(text.ends_with("straw…") && text.chars().count() <= PIECE + 4, "{text}");
        assert_eq!(shown(&excerpt("short\n\n text", &[])), "short text");
    }

    proptest! {
        #[test]
        fn marking_loses_nothing(text in "[ab東京 é,]{0,300}", query in "[ab東京 ]{0,6}") {
            let terms = terms_of(&query, true);
            let whole: String = marked(&text, &terms).iter().map(|piece| piece.text.as_str()).collect();
            prop_assert_eq!(&whole, &text);
            let _ = excerpt(&text, &terms);
        }
    }
}
