//! What the pages of posts are rendered from.

use app::content::Content;
use app::page::Live;
use app::posts::{Drafts, Editor, Feed, History, NewPosts, NewPostsProps, Posts, Reading, Tagged};
use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri};
use axum::response::{Html, IntoResponse, Response};
use domain::posts::{self, CommentsWanted, PostError};
use domain::{Caller, clock, communities};
use wire::communities::CommunityRight;
use wire::posts::{CommentOrder, Post, tag_key};
use wire::{CommentId, ErrorCode, Problem, UnixMillis};

use super::{Asked, decoded, html_of, query_value};
use crate::api::reader;
use crate::refusal::Refusal;
use crate::state::AppState;

/// Posts of one step.
const STEP: u64 = 20;

enum Place {
    Feed,
    New,
    Read(String),
    Edit(String),
    History(String),
    Thread(String, CommentId),
    Drafts,
    Tag(String),
}

fn place(path: &str) -> Option<Place> {
    let steps: Option<Vec<_>> = path.trim_start_matches('/').split('/').map(decoded).collect();
    let steps = steps?;
    let steps: Vec<_> = steps.iter().map(String::as_str).collect();
    Some(match steps.as_slice() {
        [""] => Place::Feed,
        ["posts", "new"] => Place::New,
        ["posts", slug] => Place::Read((*slug).into()),
        ["posts", slug, "edit"] => Place::Edit((*slug).into()),
        ["posts", slug, "history"] => Place::History((*slug).into()),
        ["posts", slug, "comments", id] => Place::Thread((*slug).into(), id.parse().ok()?),
        ["drafts"] => Place::Drafts,
        ["tags", tag] => Place::Tag((*tag).into()),
        _ => return None,
    })
}

/// Whether a path is one of these pages.
pub(super) fn is_here(path: &str) -> bool {
    ["/posts/", "/tags/"].iter().any(|folder| path.starts_with(folder)) || path == "/drafts"
}

/// Whether somebody who is signed out has to sign in for the page at a path.
pub(super) fn is_for_members(path: &str) -> bool {
    is_here(path) && matches!(place(path), Some(Place::New | Place::Edit(_) | Place::Drafts))
}

/// Everything for the page at `uri`. What is not the reader's to see is not there.
pub(super) async fn load(asked: &Asked, uri: &Uri) -> Result<(Live, Content), Problem> {
    let gathered = match place(uri.path()) {
        Some(place) => gather(asked, uri, place).await.map_err(Problem::from),
        None => return Ok((Live::Nothing, Content::NotFound)),
    };
    match gathered {
        Ok(posts) => Ok((Live::Nothing, Content::Posts(Box::new(posts)))),
        Err(problem) if [ErrorCode::NotFound, ErrorCode::Forbidden].contains(&problem.code) => {
            Ok((Live::Nothing, Content::NotFound))
        }
        Err(problem) => Err(problem),
    }
}

/// What only members see is not there for anybody else.
fn member(asked: &Asked) -> Result<&Caller, PostError> {
    asked.visit.caller.as_ref().ok_or(PostError::NotFound)
}

async fn gather(asked: &Asked, uri: &Uri, place: Place) -> Result<Posts, PostError> {
    let services = &asked.state.services;
    let after = Some(query_value(uri, "after")).filter(|after| !after.is_empty());
    let here = uri.path_and_query().map_or("/", |whole| whole.as_str()).to_owned();
    Ok(match place {
        Place::Feed => {
            let feed = posts::Feed::from_word(&query_value(uri, "tab")).unwrap_or_default();
            let as_of = clock::now();
            let step = posts::feed(services, member(asked)?, feed, after.as_deref()).await?;
            Posts::Feed(Feed { tab: feed.as_str(), step, as_of, here })
        }
        Place::Read(slug) => Posts::Reading(Box::new(reading(asked, uri, &slug, here).await?)),
        Place::Thread(slug, id) => {
            Posts::Reading(Box::new(thread(asked, &slug, id, after, here).await?))
        }
        Place::New => Posts::Editor(Box::new(editor(asked, None).await?)),
        Place::Edit(slug) => Posts::Editor(Box::new(editor(asked, Some(&slug)).await?)),
        Place::History(slug) => {
            let (post, versions) =
                posts::versions(services, asked.visit.caller.as_ref(), &slug).await?;
            Posts::History(Box::new(History { post, versions }))
        }
        Place::Drafts => Posts::Drafts(drafts(asked, uri).await?),
        Place::Tag(tag) => {
            let tag = tag_key(&tag).ok_or(PostError::NotFound)?;
            let viewer = asked.visit.caller.as_ref();
            let step = posts::tagged(services, viewer, &tag, after.as_deref(), STEP).await?;
            Posts::Tag(Tagged { tag, step, here })
        }
    })
}

/// `GET /feed/new?tab=&since=`: the way to what a feed has that it had not at `since`, in milliseconds since
/// 1970; 204 where there is nothing.
pub(crate) async fn whats_new(State(state): State<AppState>, request: Request) -> Response {
    let Some(asked) = Asked::of(&state, &request) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    match new_posts(&asked, request.uri()).await {
        Ok(Some(html)) => Html(html).into_response(),
        Ok(None) => StatusCode::NO_CONTENT.into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

async fn new_posts(asked: &Asked, uri: &Uri) -> Result<Option<String>, Refusal> {
    let caller = asked.visit.caller()?;
    let feed = posts::Feed::from_word(&query_value(uri, "tab")).unwrap_or_default();
    let Ok(since) = query_value(uri, "since").parse() else { return Ok(None) };
    let count = posts::new_posts(&asked.state.services, caller, feed, UnixMillis(since)).await?;
    let (tab, is_all) = (feed.as_str(), count < posts::NEW_POSTS_MAX);
    // The last of those that are counted says that there are more.
    let count = usize::try_from(count).unwrap_or(0) - usize::from(!is_all);
    let bar = || NewPosts(NewPostsProps { tab, count, is_all });
    Ok((count > 0).then(|| html_of(asked, bar)))
}

/// A post before somebody's eyes: that counts as a view, without anybody waiting for it.
async fn reading(asked: &Asked, uri: &Uri, slug: &str, here: String) -> Result<Reading, PostError> {
    let services = &asked.state.services;
    let viewer = asked.visit.caller.as_ref();
    let post = posts::post(services, viewer, slug).await?;
    posts::view(services, &post.card, &reader(&asked.visit));
    let order = CommentOrder::from_word(&query_value(uri, "sort")).unwrap_or_default();
    let after = Some(query_value(uri, "after")).filter(|after| !after.is_empty());
    let wanted = CommentsWanted { order, after, ..CommentsWanted::default() };
    let comments = posts::comments(services, viewer, &post.card, &wanted).await?;
    let may_take_out = may_take_out(asked, &post).await;
    Ok(Reading { post, order, comments, thread: None, may_take_out, here })
}

async fn thread(
    asked: &Asked,
    slug: &str,
    id: CommentId,
    after: Option<String>,
    here: String,
) -> Result<Reading, PostError> {
    let services = &asked.state.services;
    let viewer = asked.visit.caller.as_ref();
    let post = posts::post(services, viewer, slug).await?;
    let thread = Some(posts::thread(services, viewer, &post.card, id, after).await?);
    let order = CommentOrder::Oldest;
    let may_take_out = may_take_out(asked, &post).await;
    Ok(Reading { post, order, comments: Default::default(), thread, may_take_out, here })
}

/// Whether the reader looks after the community of a post, if it stands in one.
async fn may_take_out(asked: &Asked, post: &Post) -> bool {
    let Some((caller, place)) = asked.visit.caller.as_ref().zip(post.card.community.as_ref())
    else {
        return false;
    };
    let found = communities::community(&asked.state.services, Some(caller), &place.slug).await;
    let role = found.ok().and_then(|community| community.standing.role());
    role.is_some_and(|role| role.may(CommunityRight::TakeOut))
}

async fn editor(asked: &Asked, slug: Option<&str>) -> Result<Editor, PostError> {
    let services = &asked.state.services;
    let caller = member(asked)?;
    let post = match slug {
        Some(slug) => Some(posts::editable(services, caller, slug).await?),
        None => None,
    };
    let communities = posts::communities_of(services, caller).await?;
    Ok(Editor { post, communities, preview: None })
}

async fn drafts(asked: &Asked, uri: &Uri) -> Result<Drafts, PostError> {
    let services = &asked.state.services;
    let caller = member(asked)?;
    let deleted = posts::deleted_posts(services, caller).await?;
    Ok(Drafts {
        drafts: posts::draft_cards(services, caller).await?,
        deleted: deleted.into_iter().map(|post| post.card).collect(),
        has_deleted: !query_value(uri, "deleted").is_empty(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_in_any_script() {
        assert!(matches!(place("/posts/%D0%BF-a"), Some(Place::Read(slug)) if slug == "п-a"));
        assert!(place("/posts/%FF").is_none(), "no text");
        assert!(is_for_members("/posts/new") && is_for_members("/posts/x/edit"));
        assert!(!is_for_members("/posts/x") && !is_for_members("/") && !is_for_members("/tags/x"));
    }
}
