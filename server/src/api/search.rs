//! Search over everything that the caller may see.

#![allow(
    unused_qualifications,
    reason = "what describes an operation repeats the names of its shapes"
)]

use axum::extract::State;
use axum::extract::rejection::QueryRejection;
use axum::{Extension, Json};
use domain::search::{self, PAGES_MAX, RESULTS_MAX, Scope};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wire::chat::Author;
use wire::search::{CommunityHit, Found, Hits, Kind, MessageHit, PersonHit, Piece, PostHit};
use wire::{ConversationKey, ErrorCode, MessageId, PostId, Problem, UnixMillis};

use super::chat::Sender;
use super::communities::Community;
use super::profiles::SuggestedUser;
use crate::identify::Visit;
use crate::refusal::Refusal;
use crate::state::AppState;

/// Of each kind where nothing else is said.
const SOME: u64 = 10;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct SearchQuery {
    /// Words, `"phrases"`, `-without`, `from:` a person, `in:` a community or conversation,
    /// `has:link|image|code`, `before:` and `after:` a day like `2026-01-31`. At most 200 characters.
    #[serde(default)]
    q: String,
    /// `people` (or `users`), `posts`, `communities` or `messages`; else some of each.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// From 1, of one type.
    page: Option<u64>,
    /// Of each type, at most 50, else 10.
    page_size: Option<u64>,
}

/// What was found. Texts under `highlight` are HTML: escaped, with `<mark>` around what was looked for.
#[derive(Serialize, ToSchema)]
pub(super) struct Results {
    users: Vec<FoundUser>,
    posts: Vec<FoundPost>,
    communities: Vec<FoundCommunity>,
    messages: Vec<FoundMessage>,
    /// Of one type, the next page's number; null at the end.
    next: Option<u64>,
}

#[derive(Serialize, ToSchema)]
struct FoundUser {
    #[serde(flatten)]
    user: SuggestedUser,
    highlight: UserHighlight,
}

#[derive(Serialize, ToSchema)]
struct UserHighlight {
    name: String,
    username: String,
    bio: String,
}

/// Spherespace's `SearchPost`.
#[derive(Serialize, ToSchema)]
struct FoundPost {
    #[schema(value_type = uuid::Uuid)]
    id: PostId,
    /// The same.
    #[schema(value_type = uuid::Uuid)]
    public_id: PostId,
    slug: String,
    title: String,
    /// Markdown, as it was typed.
    content: String,
    post_image_url: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    date_posted: UnixMillis,
    author: SuggestedUser,
    likes_count: i64,
    comments_count: i64,
    highlight: PostHighlight,
}

#[derive(Serialize, ToSchema)]
struct PostHighlight {
    title: String,
    excerpt: String,
}

#[derive(Serialize, ToSchema)]
struct FoundCommunity {
    #[serde(flatten)]
    community: Community,
    highlight: CommunityHighlight,
}

#[derive(Serialize, ToSchema)]
struct CommunityHighlight {
    name: String,
    about: String,
}

#[derive(Serialize, ToSchema)]
struct FoundMessage {
    #[schema(value_type = uuid::Uuid)]
    id: MessageId,
    /// Its id, or `global`.
    #[schema(value_type = String)]
    conversation_id: ConversationKey,
    /// Its title, or the name of the other of two.
    conversation_name: Option<String>,
    seq: i64,
    #[schema(value_type = Sender)]
    sender: Author,
    content: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: UnixMillis,
    /// Where it can be read among the others.
    url: String,
    highlight: MessageHighlight,
}

#[derive(Serialize, ToSchema)]
struct MessageHighlight {
    content: String,
}

/// Text that is safe in a page, whatever it says.
fn html(pieces: &[Piece]) -> String {
    let mut html = String::new();
    for Piece { text, is_hit } in pieces {
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let text = text.replace('"', "&quot;").replace('\'', "&#39;");
        match is_hit {
            true => html.extend(["<mark>", &text, "</mark>"]),
            false => html.push_str(&text),
        }
    }
    html
}

impl From<PersonHit> for FoundUser {
    fn from(PersonHit { person, name, username, bio }: PersonHit) -> Self {
        let highlight =
            UserHighlight { name: html(&name), username: html(&username), bio: html(&bio) };
        Self { user: person.into(), highlight }
    }
}

impl FoundPost {
    fn new(PostHit { post, author, title, excerpt }: PostHit, public_url: &str) -> Self {
        let card = post.card;
        Self {
            id: card.id,
            public_id: card.id,
            content: post.content,
            post_image_url: card.cover_address().map(|path| format!("{public_url}{path}")),
            date_posted: card.dated(),
            author: author.into(),
            likes_count: card.likes_count,
            comments_count: card.comments_count,
            slug: card.slug,
            title: card.title,
            highlight: PostHighlight { title: html(&title), excerpt: html(&excerpt) },
        }
    }
}

impl FoundCommunity {
    fn new(CommunityHit { community, name, about }: CommunityHit, public_url: &str) -> Self {
        let highlight = CommunityHighlight { name: html(&name), about: html(&about) };
        Self { community: Community::new(community, public_url), highlight }
    }
}

impl From<MessageHit> for FoundMessage {
    fn from(hit: MessageHit) -> Self {
        Self {
            url: hit.path(),
            id: hit.id,
            conversation_id: hit.conversation,
            conversation_name: hit.place,
            seq: hit.seq,
            sender: hit.sender,
            content: hit.content,
            created_at: hit.created_at,
            highlight: MessageHighlight { content: html(&hit.excerpt) },
        }
    }
}

impl Results {
    fn new(found: Found, next: Option<u64>, public_url: &str) -> Self {
        let Found { people, posts, communities, messages } = found;
        Self {
            users: people.hits.into_iter().map(FoundUser::from).collect(),
            posts: posts.hits.into_iter().map(|hit| FoundPost::new(hit, public_url)).collect(),
            communities: communities
                .hits
                .into_iter()
                .map(|hit| FoundCommunity::new(hit, public_url))
                .collect(),
            messages: messages.hits.into_iter().map(FoundMessage::from).collect(),
            next,
        }
    }
}

fn has_more(found: &Found) -> bool {
    fn of<T>(hits: &Hits<T>) -> bool {
        hits.has_more
    }
    of(&found.people) || of(&found.posts) || of(&found.communities) || of(&found.messages)
}

/// Search people, posts, communities and one's own messages.
///
/// Whoever is signed out finds what is public. Fewer than two letters find nothing, unless their script writes
/// no spaces.
#[utoipa::path(get, path = "/api/search", tag = "search", params(SearchQuery),
    security((), ("bearer" = []), ("cookie" = [])), responses((status = 200, body = Results)))]
pub(super) async fn search(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    query: Result<axum::extract::Query<SearchQuery>, QueryRejection>,
) -> Result<Json<Results>, Refusal> {
    let query = query.map_err(|error| Refusal::new(ErrorCode::InvalidField, error.body_text()))?;
    let SearchQuery { q, kind, page, page_size } = query.0;
    let scope = scope(kind.as_deref(), page, page_size)?;
    let (services, viewer) = (&state.services, visit.caller.as_ref());
    let found = search::search(services, viewer, visit.origin.address, &q, scope).await?;
    if scope.page > 1 && found.is_empty() {
        return Err(Refusal::new(ErrorCode::NotFound, "Invalid page."));
    }
    let goes_on = scope.kind.is_some() && scope.page < PAGES_MAX && has_more(&found);
    let next = goes_on.then_some(scope.page + 1);
    Ok(Json(Results::new(found, next, &state.config.public_url)))
}

fn scope(kind: Option<&str>, page: Option<u64>, size: Option<u64>) -> Result<Scope, Refusal> {
    let kind = match kind.unwrap_or_default() {
        "" | "all" => None,
        "users" => Some(Kind::People),
        word => Some(Kind::from_word(word).ok_or_else(|| {
            Refusal(Problem::field("type", "It is people, posts, communities or messages."))
        })?),
    };
    let page = page.unwrap_or(1);
    if page == 0 || (page > 1 && kind.is_none()) {
        return Err(Refusal::new(ErrorCode::NotFound, "Invalid page."));
    }
    Ok(Scope { kind, page, limit: size.unwrap_or(SOME).clamp(1, RESULTS_MAX) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_wrote_stays_text_around_a_mark() {
        let piece = |text: &str, is_hit| Piece { text: text.into(), is_hit };
        let pieces = [piece("<b> & \"", false), piece("<script>'", true)];
        assert_eq!(html(&pieces), "&lt;b&gt; &amp; &quot;<mark>&lt;script&gt;&#39;</mark>");
    }
}
