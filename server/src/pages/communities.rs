//! What the pages of communities are rendered from.

use app::communities::{CommunityContent, Discover, Inside, Manage, Steps};
use app::content::Content;
use app::page::Live;
use axum::http::Uri;
use domain::Caller;
use domain::activity;
use domain::communities::{self, CommunityError};
use domain::posts::{self, PostError};
use wire::activity::{CommunityPulse, Pulse};
use wire::communities::{
    ActCursor, Communities, Community, CommunityCursor, CommunityRight, CommunityRole,
    PeopleCursor, Standing,
};
use wire::posts::{PostCard, PostStep};
use wire::{ErrorCode, Problem, UnixMillis};

use super::{Asked, decoded, query_value};

/// Posts of one step.
const POSTS: u64 = 20;

/// The pages under `/communities` and `/c`.
enum Place {
    Discover,
    New,
    Community(String),
    Members(String),
    Manage(String),
    Invitation(String, String),
}

fn place(path: &str) -> Option<Place> {
    let steps: Option<Vec<String>> = path.trim_start_matches('/').split('/').map(decoded).collect();
    let steps = steps?;
    let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
    Some(match steps.as_slice() {
        ["communities"] => Place::Discover,
        ["communities", "new"] => Place::New,
        ["c", slug] => Place::Community((*slug).to_owned()),
        ["c", slug, "members"] => Place::Members((*slug).to_owned()),
        ["c", slug, "manage"] => Place::Manage((*slug).to_owned()),
        ["c", slug, "join", token] => Place::Invitation((*slug).to_owned(), (*token).to_owned()),
        _ => return None,
    })
}

/// Whether the page at a path is one of these.
pub(super) fn is_here(path: &str) -> bool {
    path == "/communities" || path.starts_with("/communities/") || path.starts_with("/c/")
}

/// Whether somebody who is signed out has to sign in for the page at a path.
pub(super) fn is_for_members(path: &str) -> bool {
    matches!(place(path), Some(Place::New | Place::Manage(_)))
}

/// Everything for the page at `uri`. What is not the reader's to see is not there.
pub(super) async fn load(asked: &Asked, uri: &Uri) -> Result<(Live, Content), Problem> {
    let Some(place) = place(uri.path()) else { return Ok((Live::Nothing, Content::NotFound)) };
    let gathered = gather(asked, uri, place).await;
    match gathered {
        Ok(content) => Ok((Live::Nothing, Content::Communities(Box::new(content)))),
        Err(CommunityError::NotFound | CommunityError::Forbidden) => {
            Ok((Live::Nothing, Content::NotFound))
        }
        Err(error) => Err(error.into()),
    }
}

async fn gather(
    asked: &Asked,
    uri: &Uri,
    place: Place,
) -> Result<CommunityContent, CommunityError> {
    let (services, caller) = (&asked.state.services, asked.visit.caller.as_ref());
    Ok(match place {
        Place::Discover => CommunityContent::Discover(discover(asked, uri).await?),
        Place::New => CommunityContent::New,
        Place::Community(slug) => {
            CommunityContent::Community(Box::new(inside(asked, uri, &slug).await?))
        }
        Place::Members(slug) => {
            let after = people_cursor(&query_value(uri, "after"));
            let community = communities::community(services, caller, &slug).await?;
            let members = communities::members(services, caller, &slug, after).await?;
            let waiting = waiting(asked, &community).await?;
            CommunityContent::Members { community, members, waiting }
        }
        Place::Manage(slug) => {
            let caller = caller.ok_or(CommunityError::NotFound)?;
            CommunityContent::Manage(Box::new(manage(asked, uri, caller, &slug).await?))
        }
        Place::Invitation(slug, token) => {
            let community = communities::invitation(services, caller, &slug, &token).await?;
            let description = shown(&community.description).await;
            CommunityContent::Invitation { community, description, token }
        }
    })
}

async fn inside(asked: &Asked, uri: &Uri, slug: &str) -> Result<Inside, CommunityError> {
    let (services, viewer) = (&asked.state.services, asked.visit.caller.as_ref());
    let community = communities::community(services, viewer, slug).await?;
    let mut posts = posts_in(asked, uri, &community).await?;
    let pinned = pinned(asked, uri, &community).await?;
    posts.posts.retain(|post| Some(post.id.0) != community.pinned_post_id);
    Ok(Inside {
        description: shown(&community.description).await,
        rules: shown(&community.rules).await,
        waiting: waiting(asked, &community).await?,
        pinned,
        posts,
        pulse: week_of(asked, &community).await?,
        here: uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
        community,
    })
}

/// The one post above the others, on the first page, where the reader may see it.
async fn pinned(
    asked: &Asked,
    uri: &Uri,
    community: &Community,
) -> Result<Option<PostCard>, CommunityError> {
    let is_first = query_value(uri, "after").is_empty();
    let Some(id) = community.pinned_post_id.filter(|_| is_first) else { return Ok(None) };
    let viewer = asked.visit.caller.as_ref();
    match posts::post(&asked.state.services, viewer, &id.to_string()).await {
        Ok(post) => Ok(Some(post.card)),
        Err(PostError::NotFound) => Ok(None),
        Err(error) => Err(CommunityError::Store(error.into())),
    }
}

/// Markdown as it will look, made away from the threads that answer.
async fn shown(markdown: &str) -> String {
    let markdown = markdown.to_owned();
    if markdown.is_empty() {
        return markdown;
    }
    tokio::task::spawn_blocking(move || posts::render(&markdown).html).await.unwrap_or_default()
}

/// What was posted into it, for those who may look in.
async fn posts_in(
    asked: &Asked,
    uri: &Uri,
    community: &Community,
) -> Result<PostStep, CommunityError> {
    if !community.is_open() {
        return Ok(PostStep::default());
    }
    let (services, viewer) = (&asked.state.services, asked.visit.caller.as_ref());
    let after = Some(query_value(uri, "after")).filter(|after| !after.is_empty());
    let step = posts::posts_in(services, viewer, community.id.0, after.as_deref(), POSTS).await;
    step.map_err(|error| CommunityError::Store(error.into()))
}

/// What went on in it, for those who may look in.
async fn week_of(
    asked: &Asked,
    community: &Community,
) -> Result<Option<CommunityPulse>, CommunityError> {
    if !community.is_open() {
        return Ok(None);
    }
    let pulse = activity::community_pulse(&asked.state.services, community.id.0).await;
    pulse.map(Some).map_err(|error| CommunityError::Store(error.into()))
}

/// Those who wait to be let in, where the reader may answer.
async fn waiting(asked: &Asked, community: &Community) -> Result<usize, CommunityError> {
    let answers =
        community.standing.role().is_some_and(|role| role.may(CommunityRight::AnswerRequests));
    let Some(caller) = asked.visit.caller.as_ref().filter(|_| answers) else { return Ok(0) };
    let count = communities::requests_count(&asked.state.services, caller, &community.slug).await?;
    Ok(usize::try_from(count).unwrap_or(0))
}

async fn discover(asked: &Asked, uri: &Uri) -> Result<Discover, CommunityError> {
    let (services, caller) = (&asked.state.services, asked.visit.caller.as_ref());
    let query = query_value(uri, "q").trim().to_owned();
    if !query.is_empty() {
        return search(asked, query).await;
    }
    let after = cursor(&query_value(uri, "after"));
    let own = match caller.filter(|_| after.is_none()) {
        Some(caller) => communities::own_communities(services, caller).await?,
        None => Vec::new(),
    };
    let mut found = communities::discover(services, caller, after).await?;
    // One's own stand above all of them.
    let is_own =
        |one: &Community| matches!(one.standing, Standing::Member(_) | Standing::Requested);
    found.communities.retain(|one| !is_own(one));
    let pulse = pulse(asked).await?;
    Ok(Discover { own, found, is_first: after.is_none(), pulse, ..Discover::default() })
}

async fn pulse(asked: &Asked) -> Result<Pulse, CommunityError> {
    let pulse = activity::pulse(&asked.state.services).await;
    pulse.map_err(|error| CommunityError::Store(error.into()))
}

async fn search(asked: &Asked, query: String) -> Result<Discover, CommunityError> {
    let caller = asked.visit.caller.as_ref();
    let pulse = pulse(asked).await?;
    match communities::search(&asked.state.services, caller, &query).await {
        Ok(communities) => {
            let found = Communities { communities, next: None };
            Ok(Discover { found, query, is_first: true, pulse, ..Discover::default() })
        }
        Err(CommunityError::TooOften { .. }) => {
            let refused = Some(asked.words_for(ErrorCode::RateLimited));
            Ok(Discover { query, refused, pulse, ..Discover::default() })
        }
        Err(error) => Err(error),
    }
}

async fn manage(
    asked: &Asked,
    uri: &Uri,
    caller: &Caller,
    slug: &str,
) -> Result<Manage, CommunityError> {
    let services = &asked.state.services;
    let community = communities::community(services, Some(caller), slug).await?;
    let role = community.standing.role().filter(|role| *role >= CommunityRole::Moderator);
    let at = |list| query_value(uri, list);
    let steps = Steps { requests: at("requests"), banned: at("banned"), acts: at("acts") };
    let (requests, banned) = (people_cursor(&steps.requests), people_cursor(&steps.banned));
    Ok(Manage {
        role: role.ok_or(CommunityError::NotFound)?,
        waiting: waiting(asked, &community).await?,
        community,
        requests: communities::requests(services, caller, slug, requests).await?,
        banned: communities::banned(services, caller, slug, banned).await?,
        invitations: communities::invitations(services, caller, slug).await?,
        acts: communities::acts(services, caller, slug, act_cursor(&steps.acts)).await?,
        is_saved: !query_value(uri, "saved").is_empty(),
        // What is no place in a list is the beginning, and is not said again.
        steps: Steps {
            requests: said(&steps.requests, requests.is_some()),
            banned: said(&steps.banned, banned.is_some()),
            acts: said(&steps.acts, act_cursor(&steps.acts).is_some()),
        },
    })
}

fn said(at: &str, is_a_place: bool) -> String {
    if is_a_place { at.to_owned() } else { String::new() }
}

/// The place in the list that an address names, `<members>_<id>`.
fn cursor(text: &str) -> Option<CommunityCursor> {
    let (members_count, id) = text.split_once('_')?;
    Some(CommunityCursor { members_count: members_count.parse().ok()?, id: id.parse().ok()? })
}

/// The place among people that an address names, `<millis>_<id>`.
fn people_cursor(text: &str) -> Option<PeopleCursor> {
    let (since, id) = text.split_once('_')?;
    Some(PeopleCursor { since: UnixMillis(since.parse().ok()?), id: id.parse().ok()? })
}

/// The place in what was done that an address names, `<millis>_<id>`.
fn act_cursor(text: &str) -> Option<ActCursor> {
    let (at, id) = text.split_once('_')?;
    Some(ActCursor { at: UnixMillis(at.parse().ok()?), id: id.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_any_script_are_read() {
        assert!(matches!(place("/c/%E6%9D%B1-x"), Some(Place::Community(slug)) if slug == "東-x"));
        assert!(place("/c/%FF").is_none() && place("/c/%zz").is_none());
        assert!(is_for_members("/c/%E6%9D%B1/manage") && !is_for_members("/c/x"));
    }
}
