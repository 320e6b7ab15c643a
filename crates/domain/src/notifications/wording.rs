//! What leaves this site in words. The rules know no language: whoever starts the services brings one.

use std::fmt::Debug;

use wire::notifications::{Digest, News, NewsKind};

/// A letter before it has an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    pub subject: String,
    pub text: String,
}

/// What a digest tells.
#[derive(Debug, Clone, Copy)]
pub struct LetterWords<'a> {
    pub username: &'a str,
    /// This site's own address, without a trailing slash.
    pub site: &'a str,
    pub every: Digest,
    pub news: &'a [News],
    /// Where one click ends it.
    pub unsubscribe: &'a str,
}

/// Sentences by the code of a language; one that is not known is English.
pub trait Wording: Debug + Send + Sync {
    /// One sentence that a lock screen may show to anybody: no titles, nothing that was written.
    fn push(&self, language: &str, kind: NewsKind, who: &str) -> String;
    /// As [`Wording::push`], of a message to its reader alone or in a group.
    fn message(&self, language: &str, who: &str, in_group: bool) -> String;
    /// What a browser is told that is tried out.
    fn trial(&self, language: &str) -> String;
    fn digest(&self, language: &str, words: LetterWords<'_>) -> Letter;
}

/// Nobody's language: words of the program, for tests.
#[derive(Debug, Clone, Copy)]
pub struct PlainWords;

impl Wording for PlainWords {
    fn push(&self, language: &str, kind: NewsKind, who: &str) -> String {
        format!("{language}: {} by {who}", kind.as_str())
    }

    fn message(&self, language: &str, who: &str, in_group: bool) -> String {
        format!("{language}: message by {who}{}", if in_group { " in a group" } else { "" })
    }

    fn trial(&self, language: &str) -> String {
        format!("{language}: trial")
    }

    fn digest(&self, language: &str, words: LetterWords<'_>) -> Letter {
        let LetterWords { username, site, every, news, unsubscribe } = words;
        let line = |one: &News| {
            let names: Vec<_> = one.people.iter().map(|person| person.username.as_str()).collect();
            let (kind, names, address) = (one.kind.as_str(), names.join(" "), one.address());
            format!("{kind} by {names} +{} {site}{address}\n", one.others)
        };
        let lines: String = news.iter().map(line).collect();
        let subject = format!("{language} {} for {username}", every.as_str());
        Letter { subject, text: format!("{lines}{unsubscribe}\n") }
    }
}
