//! What the pages of search are rendered from.

use app::content::Content;
use app::page::Live;
use app::search::{Explore, Results, Search};
use axum::http::{StatusCode, Uri};
use domain::search::{self, PAGES_MAX, QUERY_MAX, Query, QueryFault, Scope, SearchError};
use domain::{communities, posts, profiles};
use wire::search::Kind;
use wire::{ErrorCode, Problem};

use super::{Asked, query_value};

/// Of each kind beside the others, and of one alone.
const SOME: u64 = 5;
const MANY: u64 = 20;
/// What each part of what is going on shows.
const PEOPLE: usize = 6;
const POSTS: u64 = 5;
const COMMUNITIES: usize = 4;
const TAGS: u64 = 12;

/// Whether the page at a path is one of these.
pub(super) fn is_here(path: &str) -> bool {
    ["/search", "/explore"].contains(&path)
}

/// What a page is answered with: a question that is none is the asker's mistake.
pub(super) fn status(uri: &Uri) -> StatusCode {
    let is_asked = uri.path() == "/search";
    match Query::read(&query_value(uri, "q")) {
        Err(_) if is_asked => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    }
}

/// Everything for the page at `uri`.
pub(super) async fn load(asked: &Asked, uri: &Uri) -> Result<(Live, Content), Problem> {
    let search = match uri.path() {
        "/explore" => Search::Explore(Box::new(explore(asked).await?)),
        _ => Search::Found(Box::new(results(asked, uri).await?)),
    };
    Ok((Live::Nothing, Content::Search(Box::new(search))))
}

async fn results(asked: &Asked, uri: &Uri) -> Result<Results, Problem> {
    let query = query_value(uri, "q");
    let kind = Kind::from_word(&query_value(uri, "type"));
    // Of all kinds there is one page.
    let page = query_value(uri, "page").parse().ok().filter(|_| kind.is_some());
    let page = page.unwrap_or(1).clamp(1, PAGES_MAX);
    let scope = Scope { kind, page, limit: if kind.is_some() { MANY } else { SOME } };
    let (viewer, address) = (asked.visit.caller.as_ref(), asked.visit.origin.address);
    let results = Results { is_asked: !query.trim().is_empty(), kind, page, ..Results::default() };
    match search::search(&asked.state.services, viewer, address, &query, scope).await {
        Ok(found) => Ok(Results { query, found, ..results }),
        Err(SearchError::Store(problem)) => Err(problem),
        Err(error) => {
            let refused = Some(words(asked, error));
            Ok(Results { query, refused, is_asked: false, ..results })
        }
    }
}

/// What stands beside the field.
fn words(asked: &Asked, error: SearchError) -> String {
    let texts = asked.texts();
    match error {
        SearchError::Query(QueryFault::TooLong) => texts.search_fault_too_long(QUERY_MAX),
        SearchError::Query(QueryFault::UnknownThing) => texts.search_fault_thing().to_owned(),
        SearchError::Query(QueryFault::NoDay) => texts.search_fault_day().to_owned(),
        SearchError::Query(QueryFault::NoValue) => texts.search_fault_value().to_owned(),
        SearchError::Query(QueryFault::OnlyWithout) => texts.search_fault_without().to_owned(),
        SearchError::TooOften { .. } => asked.words_for(ErrorCode::RateLimited),
        SearchError::Store(problem) => asked.words_for(problem.code),
    }
}

async fn explore(asked: &Asked) -> Result<Explore, Problem> {
    let (services, viewer) = (&asked.state.services, asked.visit.caller.as_ref());
    let mut people = match viewer {
        Some(_) => profiles::suggestions(services, viewer).await?,
        None => profiles::explore(services, viewer).await?,
    };
    people.truncate(PEOPLE);
    let posts = posts::trending(services, viewer, POSTS).await?;
    let mut communities = communities::discover(services, viewer, None).await?.communities;
    communities.truncate(COMMUNITIES);
    Ok(Explore {
        people,
        posts: posts.into_iter().map(|post| post.card).collect(),
        communities,
        tags: posts::trending_tags(services, viewer, TAGS).await?,
    })
}
