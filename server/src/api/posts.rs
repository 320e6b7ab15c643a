//! `/api/posts/…` and `/api/drafts/`: posts, in Spherespace's shapes.

#![allow(
    unused_qualifications,
    reason = "what describes an operation repeats the names of its shapes"
)]

use axum::extract::{Query, State};
use axum::http::{StatusCode, Uri};
use axum::{Extension, Json};
use domain::accounts::Origin;
use domain::media::store_picture;
use domain::posts::{self, Intent, PostError, PostForm, Reader};
use domain::{Caller, Services};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use wire::media::PictureKind;
use wire::posts::{PostState, Visibility};
use wire::{ErrorCode, Problem, UnixMillis};

use super::asker::Asker;
use super::id::Id;
use super::json::AnyBody;
use super::paging::{Page, Paging, PagingQuery, query_value};
use super::post_shapes::Post;
use crate::identify::Visit;
use crate::refusal::Refusal;
use crate::state::AppState;
use crate::uploads::Files;

const PER_PAGE: u64 = 6;
const BEST: u64 = 20;
const MOST: u64 = 50;

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only described")]
pub(super) struct PostsQuery {
    /// Only those of this community, by its slug.
    community: Option<String>,
}

/// What a post is to be. Whatever else a client sends is ignored.
#[derive(Debug, Default, Deserialize, ToSchema)]
pub(super) struct PostBody {
    /// At most 100 characters.
    title: Option<String>,
    /// Markdown, at most 100,000 characters.
    content: Option<String>,
    /// The community that it is written for.
    community_slug: Option<String>,
    /// Words between commas or spaces.
    tags: Option<String>,
    /// `public`, `followers` or `community`.
    visibility: Option<String>,
    /// `published`, or `draft` to keep a new one for oneself.
    state: Option<String>,
    /// RFC 3339 in UTC: then it is published by itself.
    publish_at: Option<String>,
    /// A picture of one's own.
    cover_id: Option<Uuid>,
    /// What the picture shows, in words.
    cover_alt: Option<String>,
    /// In a form the file of a picture; an empty text takes the picture away.
    post_image: Option<String>,
}

/// A published post that the caller may see, or one of their own in any state.
async fn seen(
    services: &Services,
    visit: &Visit,
    key: &str,
) -> Result<wire::posts::Post, PostError> {
    let found = posts::post(services, visit.caller.as_ref(), key).await;
    match (found, &visit.caller) {
        (Err(PostError::NotFound), Some(caller)) => posts::editable(services, caller, key).await,
        (found, _) => found,
    }
}

fn shape(state: &AppState, post: wire::posts::Post) -> Json<Post> {
    Json(Post::new(post, &state.config.public_url))
}

/// List posts.
///
/// The newest first, as far as one may see them.
#[utoipa::path(get, path = "/api/posts", tag = "posts", params(PagingQuery, PostsQuery),
    security((), ("bearer" = []), ("cookie" = [])), responses((status = 200, body = Page<Post>)))]
pub(super) async fn list(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    uri: Uri,
    paging: Paging<PER_PAGE>,
) -> Result<Json<Page<Post>>, Refusal> {
    let community = query_value(&uri, "community");
    let caller = visit.caller.as_ref();
    let (found, count) = posts::page_of_posts(
        &state.services,
        caller,
        community.as_deref(),
        paging.skip(),
        paging.size(),
    )
    .await?;
    let url = &state.config.public_url;
    let found = found.into_iter().map(|post| Post::new(post, url)).collect();
    Ok(Json(paging.page(url, count, found)?))
}

/// Write a post.
///
/// As JSON or as a form. It is published at once, unless `state` is `draft` or `publish_at` names a time.
#[utoipa::path(post, path = "/api/posts", tag = "posts", request_body = PostBody,
    responses((status = 201, body = Post)))]
pub(super) async fn write(
    State(state): State<AppState>,
    Asker(caller): Asker,
    AnyBody(body, files): AnyBody<PostBody>,
) -> Result<(StatusCode, Json<Post>), Refusal> {
    let intent = match body.state.as_deref() {
        Some("draft") => Intent::Keep,
        _ => Intent::Publish,
    };
    let body = whole(body)?;
    let cover = cover(&state, &caller, files).await?;
    let form = form(PostForm { intent, cover, ..PostForm::default() }, body)?;
    let written = posts::write_post(&state.services, &caller, None, &form).await?;
    Ok((StatusCode::CREATED, shape(&state, written)))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct TrendingQuery {
    /// At most 50, else 20.
    limit: Option<u64>,
}

/// The best posts of late.
#[derive(Serialize, ToSchema)]
pub(super) struct Trending {
    results: Vec<Post>,
    count: usize,
    algorithm: &'static str,
}

/// List the best posts of late.
#[utoipa::path(get, path = "/api/posts/trending", tag = "posts", params(TrendingQuery),
    security((), ("bearer" = []), ("cookie" = [])), responses((status = 200, body = Trending)))]
pub(super) async fn trending(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    uri: Uri,
) -> Result<Json<Trending>, Refusal> {
    let bad = || Refusal(Problem::field("limit", "This is a number from 1 to 50."));
    let query = Query::<TrendingQuery>::try_from_uri(&uri).map_err(|_| bad())?;
    let limit = query.limit.unwrap_or(BEST);
    if limit == 0 {
        return Err(bad());
    }
    let caller = visit.caller.as_ref();
    let best = posts::trending(&state.services, caller, limit.min(MOST)).await?;
    let url = &state.config.public_url;
    let results: Vec<_> = best.into_iter().map(|post| Post::new(post, url)).collect();
    Ok(Json(Trending { count: results.len(), results, algorithm: "wilson_hn_velocity" }))
}

/// Read a post, by its slug or its id.
#[utoipa::path(get, path = "/api/posts/{id}", tag = "posts", params(("id" = String, Path)),
    security((), ("bearer" = []), ("cookie" = [])), responses((status = 200, body = Post)))]
pub(super) async fn one(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    Id(key): Id<String>,
) -> Result<Json<Post>, Refusal> {
    Ok(shape(&state, seen(&state.services, &visit, &key).await?))
}

/// Replace a post of one's own.
#[utoipa::path(put, path = "/api/posts/{id}", tag = "posts", params(("id" = String, Path)),
    request_body = PostBody, responses((status = 200, body = Post)))]
pub(super) async fn replace(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(key): Id<String>,
    AnyBody(body, files): AnyBody<PostBody>,
) -> Result<Json<Post>, Refusal> {
    rewrite(&state, &caller, &key, whole(body)?, files).await
}

/// Change a post of one's own.
///
/// What is left out stays. What a published post said before is kept. Where somebody else changes it in the
/// same moment, the later one is refused with 409 `edit_conflict`.
#[utoipa::path(patch, path = "/api/posts/{id}", tag = "posts", params(("id" = String, Path)),
    request_body = PostBody, responses((status = 200, body = Post)))]
pub(super) async fn change(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(key): Id<String>,
    AnyBody(body, files): AnyBody<PostBody>,
) -> Result<Json<Post>, Refusal> {
    rewrite(&state, &caller, &key, body, files).await
}

async fn rewrite(
    state: &AppState,
    caller: &Caller,
    key: &str,
    body: PostBody,
    files: Files,
) -> Result<Json<Post>, Refusal> {
    // Whose it is comes before what is wrong with it.
    let present = posts::editable(&state.services, caller, key).await?;
    let is_begun = present.card.state != PostState::Published;
    let publishes = is_begun && body.state.as_deref() == Some("published");
    let intent = if publishes { Intent::Publish } else { Intent::Keep };
    let new = cover(state, caller, files).await?;
    let cover = new.or(present.card.cover.map(|cover| cover.0));
    let stays = PostForm {
        title: present.card.title,
        content: present.content,
        tags: present.card.tags.join(" "),
        visibility: present.card.visibility,
        community: present.card.community.map(|community| community.slug),
        cover,
        cover_alt: None,
        intent,
        based_on: Some(present.card.saved_at),
    };
    let form = form(stays, body)?;
    Ok(shape(state, posts::write_post(&state.services, caller, Some(key), &form).await?))
}

/// The picture that comes with a post.
async fn cover(
    state: &AppState,
    caller: &Caller,
    mut files: Files,
) -> Result<Option<Uuid>, Refusal> {
    if files.contains_key("post_video") {
        return Err(Refusal(Problem::field("post_video", "Films are not taken here.")));
    }
    let Some(bytes) = files.remove("post_image") else { return Ok(None) };
    let stored = store_picture(&state.services, caller, PictureKind::Cover, bytes, None).await;
    let stored = stored.map_err(|error| match error.sentence() {
        Some(sentence) => Problem::field("post_image", sentence),
        None => error.into(),
    })?;
    Ok(Some(stored.id.0))
}

/// Title and content have to be there.
fn whole(body: PostBody) -> Result<PostBody, Refusal> {
    let mut problem = Problem::new(ErrorCode::InvalidField, "Some fields need another look.");
    for (name, value) in [("title", &body.title), ("content", &body.content)] {
        if value.is_none() {
            problem.fields.insert(name.into(), vec!["This field is required.".into()]);
        }
    }
    if problem.fields.is_empty() { Ok(body) } else { Err(Refusal(problem)) }
}

/// What stands there, with what is to be changed.
fn form(stays: PostForm, body: PostBody) -> Result<PostForm, Refusal> {
    let visibility = match body.visibility.as_deref() {
        None => stays.visibility,
        Some(word) => Visibility::from_word(word).ok_or_else(|| {
            Refusal(Problem::field("visibility", "This is public, followers or community."))
        })?,
    };
    let intent = match body.publish_at.as_deref().filter(|text| !text.is_empty()) {
        None => stays.intent,
        Some(text) => Intent::Schedule(text.parse::<UnixMillis>().map_err(|_| {
            Refusal(Problem::field("publish_at", "This is a time like 2026-12-24T18:00:00Z."))
        })?),
    };
    Ok(PostForm {
        title: body.title.unwrap_or(stays.title),
        content: body.content.unwrap_or(stays.content),
        tags: body.tags.unwrap_or(stays.tags),
        visibility,
        community: body.community_slug.or(stays.community),
        cover: match body.post_image.as_deref() {
            Some("") => None,
            _ => body.cover_id.or(stays.cover),
        },
        cover_alt: body.cover_alt,
        intent,
        based_on: stays.based_on,
    })
}

/// Delete a post of one's own.
///
/// For thirty days it can be had back.
#[utoipa::path(delete, path = "/api/posts/{id}", tag = "posts", params(("id" = String, Path)),
    responses((status = 204)))]
pub(super) async fn delete(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(key): Id<String>,
) -> Result<StatusCode, Refusal> {
    posts::delete_post(&state.services, &caller, &key).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Have a deleted post back.
#[utoipa::path(post, path = "/api/posts/{id}/restore", tag = "posts", params(("id" = String, Path)),
    responses((status = 200, body = Post)))]
pub(super) async fn restore(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(key): Id<String>,
) -> Result<Json<Post>, Refusal> {
    posts::restore_post(&state.services, &caller, &key).await?;
    Ok(shape(&state, posts::editable(&state.services, &caller, &key).await?))
}

/// Say that a post was read.
///
/// Once for each reader and 24 hours; one's own do not count.
#[utoipa::path(post, path = "/api/posts/{id}/view", tag = "posts", params(("id" = String, Path)),
    security((), ("bearer" = []), ("cookie" = [])), responses((status = 200, body = Viewed)))]
pub(super) async fn view(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    Id(key): Id<String>,
) -> Result<Json<Viewed>, Refusal> {
    let post = posts::post(&state.services, visit.caller.as_ref(), &key).await?;
    posts::view(&state.services, &post.card, &reader(&visit));
    Ok(Json(Viewed { status: "ok" }))
}

#[derive(Serialize, ToSchema)]
pub(super) struct Viewed {
    status: &'static str,
}

/// Somebody signed out who reads, as views are counted.
pub(crate) fn stranger(origin: &Origin) -> Reader {
    Reader { account: None, address: origin.address, user_agent: origin.user_agent.clone() }
}

/// Who reads, as views are counted.
pub(crate) fn reader(visit: &Visit) -> Reader {
    let account = visit.caller.as_ref().map(|caller| caller.user_id);
    Reader { account, ..stranger(&visit.origin) }
}

/// List one's drafts.
///
/// A bare array, what was saved last first; what is planned is among them.
#[utoipa::path(get, path = "/api/drafts", tag = "posts",
    responses((status = 200, body = Vec<Post>)))]
pub(super) async fn drafts(
    State(state): State<AppState>,
    Asker(caller): Asker,
) -> Result<Json<Vec<Post>>, Refusal> {
    let drafts = posts::drafts(&state.services, &caller).await?;
    let url = &state.config.public_url;
    Ok(Json(drafts.into_iter().map(|post| Post::new(post, url)).collect()))
}

/// Begin a draft.
///
/// It is changed, published and deleted under `/api/posts/`.
#[utoipa::path(post, path = "/api/drafts", tag = "posts", request_body = PostBody,
    responses((status = 201, body = Post)))]
pub(super) async fn begin(
    State(state): State<AppState>,
    Asker(caller): Asker,
    AnyBody(body, files): AnyBody<PostBody>,
) -> Result<(StatusCode, Json<Post>), Refusal> {
    let cover = cover(&state, &caller, files).await?;
    let form = form(PostForm { cover, ..PostForm::default() }, body)?;
    let written = posts::write_post(&state.services, &caller, None, &form).await?;
    Ok((StatusCode::CREATED, shape(&state, written)))
}
