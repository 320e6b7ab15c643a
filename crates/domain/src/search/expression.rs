//! A question in the language of either database's index.

use std::collections::BTreeMap;

use sea_orm::DbBackend;
use uuid::Uuid;

use super::documents::{by, has, quoted, within};
use super::query::{Query, Term};

/// What a document has to hold: one of each group, and nothing that is unwanted.
#[derive(Debug, Clone, Default)]
pub(super) struct Expression {
    groups: Vec<Vec<Term>>,
    unwanted: Vec<Term>,
}

fn mark(word: String) -> Term {
    Term { words: vec![word], is_beginning: false }
}

impl Expression {
    /// The words of a question.
    pub(super) fn of_words(query: &Query) -> Self {
        let groups = query.wanted.iter().map(|term| vec![term.clone()]).collect();
        Self { groups, unwanted: query.unwanted.clone() }
    }

    /// The whole of it, with those whom it names and the places that it names.
    pub(super) fn of(query: &Query, from: &[Uuid], places: &[Uuid]) -> Self {
        let mut whole = Self::of_words(query);
        let marks =
            |ids: &[Uuid], of: fn(Uuid) -> String| ids.iter().map(|id| mark(of(*id))).collect();
        if !query.from.is_empty() {
            whole.groups.push(marks(from, by));
        }
        if !query.within.is_empty() {
            whole.groups.push(marks(places, within));
        }
        whole.groups.extend(query.has.iter().map(|thing| vec![mark(has(*thing))]));
        whole.unwanted.extend(query.has_not.iter().map(|thing| mark(has(*thing))));
        whole
    }

    /// Whether nothing can be found: there is nothing to look for, or somebody or some place is nobody's.
    pub(super) fn is_hopeless(&self) -> bool {
        self.groups.is_empty() || self.groups.iter().any(Vec::is_empty)
    }

    pub(super) fn text(&self, backend: DbBackend) -> String {
        match backend {
            DbBackend::Sqlite => self.fts5(""),
            _ => self.tsquery(""),
        }
    }

    /// In SQL, whether all that is wanted stands in what the document `s` is called, and what that asks for, from
    /// value number `first` on. It is asked of documents that are found already.
    pub(super) fn named(&self, backend: DbBackend, first: usize) -> (String, Vec<String>) {
        if self.is_hopeless() {
            return ("TRUE".into(), Vec::new());
        }
        if backend != DbBackend::Sqlite {
            return (format!("s.words @@ CAST(${first} AS TSQUERY)"), vec![self.in_head(backend)]);
        }
        // Its words stand there one space apart: another look at the index would be at whatever is called so.
        let mut numbers = first..;
        let mut is_there = |_: &Term| {
            let number = numbers.next().unwrap_or(first);
            format!("instr(' ' || s.head || ' ', ${number}) > 0")
        };
        let groups: Vec<_> =
            self.groups.iter().map(|group| any(group.iter().map(&mut is_there), " OR ")).collect();
        (groups.join(" AND "), self.groups.iter().flatten().map(beside).collect())
    }

    /// The same with one of `spellings` for each beginning of a word that has any.
    pub(super) fn spelled(mut self, spellings: &BTreeMap<String, Vec<String>>) -> Self {
        let group = |terms: Vec<Term>| {
            terms.into_iter().flat_map(|term| spelled(term, spellings)).collect()
        };
        self.groups = self.groups.into_iter().map(group).collect();
        self
    }

    /// The beginnings of words that are wanted.
    pub(super) fn beginnings(&self) -> impl Iterator<Item = &str> {
        let beginnings = self.groups.iter().flatten().filter(|term| term.is_beginning);
        beginnings.filter_map(|term| term.words.last().map(String::as_str))
    }

    /// The same, where all of it stands in what something is called.
    pub(super) fn in_head(&self, backend: DbBackend) -> String {
        match backend {
            DbBackend::Sqlite => self.fts5("{head} : "),
            _ => self.tsquery("A"),
        }
    }

    fn fts5(&self, column: &str) -> String {
        let term = |term: &Term| {
            let star = if term.is_beginning { " *" } else { "" };
            format!("{column}\"{}\"{star}", term.words.join(" ").replace('"', ""))
        };
        let groups = self.groups.iter().map(|group| any(group.iter().map(term), " OR "));
        let wanted = groups.collect::<Vec<_>>().join(" AND ");
        if self.unwanted.is_empty() {
            return wanted;
        }
        format!("({wanted}) NOT {}", any(self.unwanted.iter().map(term), " OR "))
    }

    fn tsquery(&self, weight: &str) -> String {
        let term = |term: &Term| {
            let last = term.words.len().saturating_sub(1);
            let word = |(at, word): (usize, &String)| {
                let star = if at == last && term.is_beginning { "*" } else { "" };
                let flags = format!("{star}{weight}");
                let colon = if flags.is_empty() { "" } else { ":" };
                format!("{}{colon}{flags}", quoted(word))
            };
            let words: Vec<_> = term.words.iter().enumerate().map(word).collect();
            format!("({})", words.join(" <-> "))
        };
        let groups = self.groups.iter().map(|group| any(group.iter().map(term), " | "));
        let unwanted = self.unwanted.iter().map(|unwanted| format!("!{}", term(unwanted)));
        groups.chain(unwanted).collect::<Vec<_>>().join(" & ")
    }
}

/// A term as it stands among words that are one space apart, with such before and behind them.
fn beside(term: &Term) -> String {
    let end = if term.is_beginning { "" } else { " " };
    format!(" {}{end}", term.words.join(" "))
}

fn spelled(term: Term, spellings: &BTreeMap<String, Vec<String>>) -> Vec<Term> {
    let Some((last, words)) = term.words.split_last().filter(|_| term.is_beginning) else {
        return vec![term];
    };
    let Some(spellings) = spellings.get(last) else { return vec![term] };
    let with = |word: &String| {
        let words = words.iter().chain([word]).cloned().collect();
        Term { words, is_beginning: false }
    };
    spellings.iter().map(with).collect()
}

fn any(terms: impl Iterator<Item = String>, or: &str) -> String {
    format!("({})", terms.collect::<Vec<_>>().join(or))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_databases_are_asked_the_same() {
        let query = Query::read("\"green tea\" from:ada -milk pot").unwrap();
        let ada = Uuid::nil();
        let asked = Expression::of(&query, &[ada, ada], &[]);
        let name = by(ada);
        assert_eq!(
            asked.text(DbBackend::Sqlite),
            format!(
                "((\"green tea\") AND (\"pot\" *) AND (\"{name}\" OR \"{name}\")) NOT (\"milk\")"
            )
        );
        assert_eq!(
            asked.text(DbBackend::Postgres),
            format!("(('green' <-> 'tea')) & (('pot':*)) & (('{name}') | ('{name}')) & !('milk')")
        );
        let words = Expression::of_words(&Query::read("tea po").unwrap());
        assert_eq!(words.in_head(DbBackend::Sqlite), "({head} : \"tea\") AND ({head} : \"po\" *)");
        assert_eq!(words.in_head(DbBackend::Postgres), "(('tea':A)) & (('po':*A))");
        let (named, values) = words.named(DbBackend::Sqlite, 5);
        let heads = ["$5", "$6"].map(|n| format!("(instr(' ' || s.head || ' ', {n}) > 0)"));
        assert_eq!((named, values), (heads.join(" AND "), vec![" tea ".into(), " po".into()]));
        let (named, values) = words.named(DbBackend::Postgres, 5);
        assert_eq!(
            (named.as_str(), values),
            ("s.words @@ CAST($5 AS TSQUERY)", vec!["(('tea':A)) & (('po':*A))".into()])
        );
        assert_eq!(Expression::default().named(DbBackend::Sqlite, 5).0, "TRUE");
        assert!(Expression::of(&query, &[], &[]).is_hopeless(), "nobody is called so");
        assert!(Expression::default().is_hopeless());
    }
}
