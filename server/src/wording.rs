//! What pushes and letters say, from the catalogue of the pages.

use std::fmt::Write;

use app::notifications::{push_sentence, sentence};
use app::text::{Language, Texts, texts_in};
use domain::notifications::{Letter, LetterWords, Wording};
use wire::notifications::{Digest, NewsKind};

/// The languages of the pages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CatalogueWords;

fn texts_of(language: &str) -> Texts {
    texts_in(Language::from_code(language).unwrap_or_default())
}

impl Wording for CatalogueWords {
    fn push(&self, language: &str, kind: NewsKind, who: &str) -> String {
        push_sentence(texts_of(language), kind, who)
    }

    fn message(&self, language: &str, who: &str, in_group: bool) -> String {
        let texts = texts_of(language);
        if in_group {
            texts.notifications_push_group_message(who)
        } else {
            texts.notifications_push_message(who)
        }
    }

    fn trial(&self, language: &str) -> String {
        texts_of(language).notifications_push_trial().to_owned()
    }

    fn digest(&self, language: &str, words: LetterWords<'_>) -> Letter {
        let texts = texts_of(language);
        let LetterWords { username, site, every, news, unsubscribe } = words;
        let (hello, begin) =
            (texts.notifications_letter_hello(username), texts.notifications_letter_begin(site));
        let mut text = format!("{hello}\n\n{begin}\n\n");
        for one in news {
            // Writing into a string cannot fail.
            let _ = writeln!(text, "- {}\n  {site}{}", sentence(texts, one), one.address());
        }
        let how_often = match every {
            Digest::Weekly => texts.notifications_letter_weekly(),
            Digest::Daily | Digest::Off => texts.notifications_letter_daily(),
        };
        let _ = write!(
            text,
            "\n{} {site}/notifications\n\n-- \n{how_often} {}\n{unsubscribe}\n",
            texts.notifications_letter_all(),
            texts.notifications_letter_end(),
        );
        Letter { subject: texts.notifications_letter_subject(news.len()), text }
    }
}

#[cfg(test)]
mod tests {
    use wire::chat::Author;
    use wire::notifications::{About, News};
    use wire::{UnixMillis, UserId};

    use super::*;

    #[test]
    fn a_letter_has_a_line_and_a_link_for_each_topic_and_says_how_to_end_it() {
        let news = News {
            kind: NewsKind::Comment,
            topic: uuid::Uuid::nil(),
            about: About::Post { title: "Tea".into(), slug: "tea".into() },
            people: vec![Author::new(UserId::new(), "bob".into())],
            others: 0,
            at: UnixMillis(0),
            is_unread: true,
        };
        let words = LetterWords {
            username: "ada",
            site: "https://sphere.example",
            every: Digest::Weekly,
            news: &[news],
            unsubscribe: "https://sphere.example/unsubscribe/x",
        };
        let Letter { subject, text } = CatalogueWords.digest("en", words);
        assert_eq!(subject, "1 alert waits for you");
        assert!(text.starts_with("Hello ada,\n"), "{text}");
        assert!(
            text.contains("- bob commented on “Tea”\n  https://sphere.example/posts/tea\n"),
            "{text}"
        );
        assert!(
            text.contains("once a week")
                && text.ends_with("https://sphere.example/unsubscribe/x\n"),
            "{text}"
        );
    }

    #[test]
    fn a_language_that_is_not_known_is_english() {
        assert_eq!(CatalogueWords.push("xx", NewsKind::Follow, "bob"), "bob follows you");
        assert_ne!(CatalogueWords.trial(""), "");
    }
}
