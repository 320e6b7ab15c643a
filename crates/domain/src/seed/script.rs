//! The play: who there is and what is written and said, as it stands in the texts beside this file.

use wire::posts::Visibility;

const CAST: &str = include_str!("demo/cast.txt");
const COMMUNITIES: &str = include_str!("demo/communities.txt");
const POSTS: &str = include_str!("demo/posts.md");
const ROOM: &str = include_str!("demo/room.txt");
const TALKS: &str = include_str!("demo/talks.txt");

/// Who is signed in to look around.
pub(super) const VISITOR: &str = "demo";

#[derive(Debug, Clone, Copy)]
pub(super) struct Person {
    pub(super) username: &'static str,
    pub(super) first_name: &'static str,
    pub(super) last_name: &'static str,
    pub(super) bio: &'static str,
}

#[derive(Debug, Clone)]
pub(super) struct Place {
    pub(super) name: &'static str,
    pub(super) owner: &'static str,
    pub(super) is_private: bool,
    pub(super) description: &'static str,
    pub(super) rules: String,
    /// Besides the owner.
    pub(super) members: Vec<&'static str>,
}

#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) author: &'static str,
    /// The slug of its community.
    pub(super) community: Option<&'static str>,
    pub(super) visibility: Visibility,
    pub(super) tags: &'static str,
    pub(super) title: &'static str,
    /// Markdown.
    pub(super) content: &'static str,
    /// In the order in which they were given.
    pub(super) answers: Vec<Answer>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Answer {
    pub(super) author: &'static str,
    /// How far below the post; one deeper than the answer before it answers that one.
    pub(super) depth: usize,
    pub(super) content: &'static str,
}

/// What somebody says in a room.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub(super) author: &'static str,
    pub(super) words: &'static str,
}

#[derive(Debug, Clone)]
pub(super) struct Talk {
    /// Of a group; `None` between two.
    pub(super) title: Option<&'static str>,
    /// Whoever began it first.
    pub(super) people: Vec<&'static str>,
    pub(super) lines: Vec<Line>,
}

pub(super) fn cast() -> Vec<Person> {
    rows(CAST)
        .map(|[username, first_name, last_name, bio]| Person {
            username,
            first_name,
            last_name,
            bio,
        })
        .collect()
}

pub(super) fn places() -> Vec<Place> {
    let place = |[name, owner, kind, description, rules, members]: [&'static str; 6]| Place {
        name,
        owner,
        is_private: kind == "private",
        description,
        rules: rules.replace("\\n", "\n"),
        members: members.split_whitespace().collect(),
    };
    rows(COMMUNITIES).map(place).collect()
}

pub(super) fn pieces() -> Vec<Piece> {
    parts(POSTS, "=== ").map(piece).collect()
}

/// The global room, from the first line to the newest.
pub(super) fn room() -> Vec<Line> {
    ROOM.lines().filter_map(line).collect()
}

pub(super) fn talks() -> Vec<Talk> {
    parts(TALKS, "@ ").map(talk).collect()
}

/// Lines of fields between bars.
fn rows<const N: usize>(text: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    text.lines().map(fields)
}

/// What is missing is empty.
fn fields<const N: usize>(line: &'static str) -> [&'static str; N] {
    let mut fields = line.splitn(N, '|').map(str::trim);
    std::array::from_fn(|_| fields.next().unwrap_or_default())
}

/// What stands between lines that begin with `mark`, with the rest of that line.
fn parts(text: &'static str, mark: &'static str) -> impl Iterator<Item = &'static str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let part = rest.strip_prefix(mark)?;
        let end = part.match_indices(mark).map(|(at, _)| at).find(|at| part[..*at].ends_with('\n'));
        let (part, after) = part.split_at(end.unwrap_or(part.len()));
        rest = after;
        Some(part)
    })
}

fn piece(part: &'static str) -> Piece {
    let (head, body) = part.split_once('\n').unwrap_or((part, ""));
    let [author, community, visibility, tags, title] = fields(head);
    let (content, answers) = match body.find("\n--- ") {
        Some(at) => body.split_at(at + 1),
        None => (body, ""),
    };
    Piece {
        author,
        community: Some(community).filter(|slug| !slug.is_empty()),
        visibility: Visibility::from_word(visibility).unwrap_or_default(),
        tags,
        title,
        content: content.trim(),
        answers: parts(answers, "--- ").map(answer).collect(),
    }
}

fn answer(part: &'static str) -> Answer {
    let (head, content) = part.split_once('\n').unwrap_or((part, ""));
    let author = head.trim_start_matches('>');
    Answer { author: author.trim(), depth: head.len() - author.len(), content: content.trim() }
}

fn line(text: &'static str) -> Option<Line> {
    let (author, words) = text.split_once(": ")?;
    Some(Line { author, words })
}

fn talk(part: &'static str) -> Talk {
    let (head, body) = part.split_once('\n').unwrap_or((part, ""));
    let lines = body.lines().filter_map(line).collect();
    match head.split_once(": ") {
        Some((title, people)) => {
            Talk { title: Some(title), people: people.split(", ").collect(), lines }
        }
        None => Talk { title: None, people: head.split(" > ").collect(), lines },
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn everybody_who_speaks_is_in_the_cast_and_every_text_is_whole() {
        let cast: BTreeSet<_> = cast().iter().map(|person| person.username).collect();
        assert_eq!(cast.len(), 25);
        let pieces = pieces();
        assert_eq!(pieces.len(), POSTS.lines().filter(|line| line.starts_with("=== ")).count());
        let answers = pieces.iter().flat_map(|piece| &piece.answers);
        let lines = talks().into_iter().flat_map(|talk| talk.lines).chain(room());
        let speakers = answers.map(|answer| answer.author).chain(lines.map(|line| line.author));
        for speaker in speakers.chain(pieces.iter().map(|piece| piece.author)) {
            assert!(cast.contains(speaker), "{speaker}");
        }
        for piece in &pieces {
            assert!(!piece.title.is_empty() && !piece.content.is_empty(), "{piece:?}");
            assert!(
                !piece.content.contains("\n--- ") && !piece.content.contains("=== "),
                "{piece:?}"
            );
        }
        let said = POSTS.lines().filter(|line| line.starts_with("--- ")).count();
        assert_eq!(pieces.iter().map(|piece| piece.answers.len()).sum::<usize>(), said);
    }

    #[test]
    fn an_answer_is_at_most_one_deeper_than_the_one_before() {
        for piece in pieces() {
            let mut deepest = 0;
            for answer in &piece.answers {
                assert!(answer.depth <= deepest, "{answer:?}");
                deepest = answer.depth + 1;
            }
        }
    }

    #[test]
    fn whoever_writes_or_answers_in_a_community_is_a_member() {
        let slug = |name: &str| name.to_lowercase().replace(" & ", "-").replace(' ', "-");
        let places = places();
        for piece in pieces() {
            let Some(community) = piece.community else { continue };
            let place = places.iter().find(|place| slug(place.name) == community);
            let place = place.unwrap_or_else(|| panic!("{community}"));
            let belongs = |who| who == place.owner || place.members.contains(&who);
            assert!(belongs(piece.author), "{} in {community}", piece.author);
            let hidden = piece.visibility == Visibility::Community;
            assert!(
                !hidden || piece.answers.iter().all(|answer| belongs(answer.author)),
                "{piece:?}"
            );
        }
    }
}
