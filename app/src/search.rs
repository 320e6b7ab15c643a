//! Finding: what somebody looks for, and what is going on. Complete HTML without any script.

mod explore;
mod field;
mod found;
mod help;
mod hits;

use leptos::prelude::*;
use wire::communities::Community;
use wire::posts::PostCard;
use wire::profiles::Listed;
use wire::search::{Found, Kind};

use self::explore::ExplorePage;
pub(crate) use self::field::TopSearch;
use self::found::FoundPage;
use crate::content::{Content, content};
use crate::not_found::NotFoundPage;

/// What a page of search is rendered from.
#[derive(Debug, Clone)]
pub enum Search {
    Found(Box<Results>),
    Explore(Box<Explore>),
}

/// A question and its answer.
#[derive(Debug, Clone, Default)]
pub struct Results {
    /// As it was typed.
    pub query: String,
    /// Whether it was asked at all: there is enough of it.
    pub is_asked: bool,
    /// What alone is shown.
    pub kind: Option<Kind>,
    /// From 1.
    pub page: u64,
    pub found: Found,
    /// Why it could not be answered, in words.
    pub refused: Option<String>,
}

/// What somebody may want to see who is looking for nothing.
#[derive(Debug, Clone, Default)]
pub struct Explore {
    pub people: Vec<Listed>,
    pub posts: Vec<PostCard>,
    pub communities: Vec<Community>,
    /// Words that much was filed under of late, and how much.
    pub tags: Vec<(String, i64)>,
}

/// `/search` and `/explore`.
#[component]
pub(crate) fn SearchPage() -> impl IntoView {
    match Content::clone(&content()) {
        Content::Search(search) => match *search {
            Search::Found(results) => view! { <FoundPage results=*results/> }.into_any(),
            Search::Explore(explore) => view! { <ExplorePage explore=*explore/> }.into_any(),
        },
        _ => view! { <NotFoundPage/> }.into_any(),
    }
}

/// The address of a question: of all kinds or one, of a page.
fn address(query: &str, kind: Option<Kind>, page: u64) -> String {
    let kind = kind.map(|kind| format!("&type={}", kind.as_str())).unwrap_or_default();
    let page = if page > 1 { format!("&page={page}") } else { String::new() };
    format!("/search?q={}{kind}{page}", encoded(query))
}

/// A text as a value in an address.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                encoded.push(char::from(byte));
            }
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_survives_its_address() {
        assert_eq!(address("a&b #é", None, 1), "/search?q=a%26b%20%23%C3%A9");
        assert_eq!(address("x", Some(Kind::Posts), 2), "/search?q=x&type=posts&page=2");
    }
}
