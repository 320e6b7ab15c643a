//! Profiles, and who follows whom.

use serde::{Deserialize, Serialize};

use crate::chat::Author;
use crate::{MediaId, UnixMillis};

/// Most links on a profile.
pub const LINKS_MAX: usize = 5;
/// Most characters of a link's label and of its address.
pub const LINK_LABEL_MAX: usize = 50;
pub const LINK_URL_MAX: usize = 500;
/// People of one step through a list of followers.
pub const FOLLOWS_PAGE: u64 = 30;

/// Somebody's profile, as one reader may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    pub user: Author,
    pub first_name: String,
    pub last_name: String,
    pub bio: String,
    pub avatar: Option<MediaId>,
    pub banner: Option<MediaId>,
    pub links: Vec<ProfileLink>,
    pub created_at: UnixMillis,
    pub posts_count: i64,
    pub followers_count: i64,
    pub following_count: i64,
    pub standing: Standing,
}

impl Profile {
    /// First and last name where there are any, else the username.
    #[must_use]
    pub fn display_name(&self) -> String {
        display_name(&self.first_name, &self.last_name, &self.user.username)
    }
}

/// What is between a reader and somebody else; all false for who is signed out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    pub is_self: bool,
    pub is_following: bool,
    pub follows_reader: bool,
    pub is_muted: bool,
}

/// A link that somebody shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileLink {
    pub label: String,
    /// `http://…` or `https://…`.
    pub url: String,
    /// When its page last led back to the profile, if it does.
    pub proved_at: Option<UnixMillis>,
}

/// Those whom a reader follows and who follow somebody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mutuals {
    /// Some of them, by username.
    pub names: Vec<String>,
    /// All of them.
    pub count: i64,
}

/// Somebody in a list of people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    pub user: Author,
    pub first_name: String,
    pub last_name: String,
    pub bio: String,
    pub followers_count: i64,
    pub standing: Standing,
    /// Why a reader may want to know them; nobody where that was not asked.
    pub mutuals: Mutuals,
}

impl Listed {
    #[must_use]
    pub fn display_name(&self) -> String {
        display_name(&self.first_name, &self.last_name, &self.user.username)
    }
}

/// A step through those who follow somebody or whom somebody follows, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Follows {
    pub people: Vec<Listed>,
    /// Where the next step begins; `None` at the end.
    pub next: Option<String>,
}

/// What became of a follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Followed {
    pub username: String,
    pub is_following: bool,
    /// Of the person, now.
    pub followers_count: i64,
}

/// One's own figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    pub user: Author,
    pub posts_count: i64,
    /// Likes less dislikes of all posts.
    pub karma: i64,
    pub followers_count: i64,
    pub following_count: i64,
}

#[must_use]
pub fn display_name(first: &str, last: &str, username: &str) -> String {
    let names: Vec<_> = [first, last].into_iter().filter(|name| !name.is_empty()).collect();
    if names.is_empty() { username.to_owned() } else { names.join(" ") }
}

/// What is wrong with a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkFault {
    TooMany,
    Label,
    Url,
}

/// Links as they will be stored: without those that have no address, each with a label.
///
/// # Errors
/// The first one that cannot be shown.
pub fn checked_links(links: &[ProfileLink]) -> Result<Vec<ProfileLink>, LinkFault> {
    let given = links.iter().filter(|link| !link.url.trim().is_empty());
    let checked: Vec<_> = given.map(checked_link).collect::<Result<_, _>>()?;
    if checked.len() > LINKS_MAX { Err(LinkFault::TooMany) } else { Ok(checked) }
}

fn checked_link(link: &ProfileLink) -> Result<ProfileLink, LinkFault> {
    let (label, url) = (link.label.trim(), with_scheme(link.url.trim()));
    let host = host_of(&url).ok_or(LinkFault::Url)?;
    let unfit = |c: char| c.is_control() || c.is_whitespace() || "<>\"'`\\".contains(c);
    if url.chars().count() > LINK_URL_MAX || url.chars().any(unfit) {
        return Err(LinkFault::Url);
    }
    let label =
        if label.is_empty() { &host[..host.floor_char_boundary(LINK_LABEL_MAX)] } else { label };
    if label.chars().count() > LINK_LABEL_MAX || label.chars().any(char::is_control) {
        return Err(LinkFault::Label);
    }
    Ok(ProfileLink { label: label.to_owned(), url: url.clone(), proved_at: None })
}

/// People write `example.org`.
fn with_scheme(url: &str) -> String {
    let has_scheme =
        url.contains("://") || url.split('/').next().is_some_and(|head| head.contains(':'));
    if has_scheme { url.to_owned() } else { format!("https://{url}") }
}

/// The host of an http(s) address without a password in it.
fn host_of(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    let is_web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.split(':').next().unwrap_or_default();
    (is_web && !authority.contains('@') && host.contains('.')).then_some(host)
}

/// A piece of a text: as it is, or the address of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    Text(&'a str),
    Url(&'a str),
}

/// A text with the addresses of pages that stand in it set apart. Only `http://` and `https://` are.
#[must_use]
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = next_url(rest) {
        let end = url_end(&rest[start..]) + start;
        if start > 0 {
            pieces.push(Piece::Text(&rest[..start]));
        }
        pieces.push(Piece::Url(&rest[start..end]));
        rest = &rest[end..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

fn next_url(text: &str) -> Option<usize> {
    let starts = text.match_indices("http").map(|(at, _)| at);
    let is_url = |at: &usize| {
        let (before, url) = text.split_at(*at);
        let apart = before.chars().next_back().is_none_or(|c| !c.is_alphanumeric());
        apart && host_of(&url[..url_end(url)]).is_some()
    };
    starts.into_iter().find(is_url)
}

/// Where an address ends: at a space, and without the sentence's own punctuation.
fn url_end(url: &str) -> usize {
    let unfit = |c: char| c.is_whitespace() || c.is_control() || "<>\"'`\\".contains(c);
    let whole = &url[..url.find(unfit).unwrap_or(url.len())];
    whole.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '}']).len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(label: &str, url: &str) -> ProfileLink {
        ProfileLink { label: label.into(), url: url.into(), proved_at: None }
    }

    #[test]
    fn a_link_leads_to_a_page_and_to_nothing_else() {
        for hostile in [
            "javascript:alert(1)",
            "JAVASCRIPT://x.y/%0aalert(1)",
            "data:text/html,x",
            "https://user:pass@example.org",
            "https://example.org/<script>",
            "https://nowhere",
            "https://a b.org",
            "ftp://example.org",
        ] {
            assert_eq!(checked_links(&[link("x", hostile)]), Err(LinkFault::Url), "{hostile}");
        }
        let long = format!("https://example.org/{}", "x".repeat(500));
        assert_eq!(checked_links(&[link("x", &long)]), Err(LinkFault::Url));
        assert_eq!(checked_links(&[link(&"x".repeat(51), "example.org")]), Err(LinkFault::Label));
        assert_eq!(checked_links(&vec![link("", "example.org"); 6]), Err(LinkFault::TooMany));
        let checked = checked_links(&[link("", " example.org/me "), link("x", " ")]).unwrap();
        assert_eq!(checked, [link("example.org", "https://example.org/me")]);
    }

    #[test]
    fn addresses_in_a_text_are_set_apart_from_its_words() {
        let text = "See https://example.org/a?b=1, (http://x.org). javascript:alert(1) http://nowhere xhttp://y.org";
        let urls: Vec<_> = pieces(text)
            .into_iter()
            .filter_map(|piece| match piece {
                Piece::Url(url) => Some(url),
                Piece::Text(_) => None,
            })
            .collect();
        assert_eq!(urls, ["https://example.org/a?b=1", "http://x.org"]);
        let whole: String = pieces(text)
            .into_iter()
            .map(|piece| match piece {
                Piece::Url(text) | Piece::Text(text) => text,
            })
            .collect();
        assert_eq!(whole, text, "nothing is lost");
    }
}
