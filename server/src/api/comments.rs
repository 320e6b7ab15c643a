//! `/api/comments/…`: what was answered to a post, in Spherespace's shapes.

#![allow(
    unused_qualifications,
    reason = "what describes an operation repeats the names of its shapes"
)]

use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::{Extension, Json};
use domain::Caller;
use domain::posts::{self, Change, CommentsWanted, Reaction};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use wire::posts::CommentOrder;
use wire::{CommentId, Problem};

use super::asker::Asker;
use super::id::Id;
use super::json::AnyBody;
use super::paging::query_value;
use super::post_shapes::Comment;
use crate::identify::Visit;
use crate::refusal::Refusal;
use crate::state::AppState;

/// Comments that answer none, where nothing is said.
const STEP: u64 = 100;
/// Answers below them, and how deep they may stand.
const ANSWERS: i64 = 2000;
const DEPTH: i32 = 50;

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only described")]
pub(super) struct CommentsQuery {
    /// The post's id or slug.
    post: String,
    /// How many that answer no other: at most 200, else 100.
    limit: Option<u64>,
}

/// List the comments of a post.
///
/// A bare array, the newest first, each with what was answered to it, the oldest first.
#[utoipa::path(get, path = "/api/comments", tag = "comments", params(CommentsQuery),
    security((), ("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = Vec<Comment>)))]
pub(super) async fn list(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    uri: Uri,
) -> Result<Json<Vec<Comment>>, Refusal> {
    let missing = || Refusal(Problem::field("post", "This field is required."));
    let post = query_value(&uri, "post").filter(|post| !post.is_empty()).ok_or_else(missing)?;
    let limit =
        match query_value(&uri, "limit") {
            None => STEP,
            Some(text) => text.parse().ok().filter(|limit| *limit > 0).ok_or_else(|| {
                Refusal(Problem::field("limit", "This is a number from 1 to 200."))
            })?,
        };
    let caller = visit.caller.as_ref();
    let post = posts::post(&state.services, caller, &post).await?;
    let order = CommentOrder::Newest;
    let wanted = CommentsWanted { order, after: None, limit, depth: DEPTH, answers: ANSWERS };
    let step = posts::comments(&state.services, caller, &post.card, &wanted).await?;
    let url = &state.config.public_url;
    Ok(Json(step.comments.into_iter().map(|comment| Comment::new(comment, url)).collect()))
}

#[derive(Deserialize, ToSchema)]
pub(super) struct CommentBody {
    /// The post's id or slug.
    post: String,
    /// 1 to 1000 characters.
    content: String,
    /// The comment of the same post that this one answers.
    parent: Option<String>,
}

/// Answer a post, or a comment under it.
#[utoipa::path(post, path = "/api/comments", tag = "comments", request_body = CommentBody,
    responses((status = 201, body = Comment)))]
pub(super) async fn write(
    State(state): State<AppState>,
    Asker(caller): Asker,
    AnyBody(body, _): AnyBody<CommentBody>,
) -> Result<(StatusCode, Json<Comment>), Refusal> {
    let CommentBody { post, content, parent } = body;
    let parent = match parent.filter(|parent| !parent.is_empty()) {
        None => None,
        Some(text) => Some(text.parse::<CommentId>().map_err(|_| {
            Refusal(Problem::field("parent", "There is no such comment under this post."))
        })?),
    };
    let services = &state.services;
    let written = posts::write_comment(services, &caller, &post, parent, &content).await?;
    Ok((StatusCode::CREATED, shape(&state, written)))
}

fn shape(state: &AppState, comment: wire::posts::Comment) -> Json<Comment> {
    Json(Comment::new(comment, &state.config.public_url))
}

/// Read one comment, without what was answered to it.
#[utoipa::path(get, path = "/api/comments/{id}", tag = "comments",
    params(("id" = uuid::Uuid, Path)), security((), ("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = Comment)))]
pub(super) async fn one(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    Id(id): Id<CommentId>,
) -> Result<Json<Comment>, Refusal> {
    let found = posts::comment(&state.services, visit.caller.as_ref(), id).await?;
    Ok(shape(&state, found))
}

/// Post and parent of a comment stay what they are.
#[derive(Deserialize, ToSchema)]
pub(super) struct CommentChange {
    /// 1 to 1000 characters.
    content: String,
}

/// Replace a comment of one's own.
#[utoipa::path(put, path = "/api/comments/{id}", tag = "comments",
    params(("id" = uuid::Uuid, Path)), request_body = CommentChange,
    responses((status = 200, body = Comment)))]
pub(super) async fn replace(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(id): Id<CommentId>,
    AnyBody(body, _): AnyBody<CommentChange>,
) -> Result<Json<Comment>, Refusal> {
    let edited = posts::edit_comment(&state.services, &caller, id, &body.content).await?;
    Ok(shape(&state, edited))
}

/// Change a comment of one's own.
#[utoipa::path(patch, path = "/api/comments/{id}", tag = "comments",
    params(("id" = uuid::Uuid, Path)), request_body = CommentChange,
    responses((status = 200, body = Comment)))]
pub(super) async fn change(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(id): Id<CommentId>,
    AnyBody(body, _): AnyBody<CommentChange>,
) -> Result<Json<Comment>, Refusal> {
    let edited = posts::edit_comment(&state.services, &caller, id, &body.content).await?;
    Ok(shape(&state, edited))
}

/// Take a comment of one's own back, or one of somebody's in a community that one looks after.
#[utoipa::path(delete, path = "/api/comments/{id}", tag = "comments",
    params(("id" = uuid::Uuid, Path)), responses((status = 204)))]
pub(super) async fn delete(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(id): Id<CommentId>,
) -> Result<StatusCode, Refusal> {
    posts::delete_comment(&state.services, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn react(
    state: &AppState,
    caller: &Caller,
    id: CommentId,
    reaction: Reaction,
    change: Change,
) -> Result<Json<Comment>, Refusal> {
    posts::react_to_comment(&state.services, caller, id, reaction, change).await?;
    Ok(shape(state, posts::comment(&state.services, Some(caller), id).await?))
}

/// Like a comment, or like it no more.
#[utoipa::path(post, path = "/api/comments/{id}/like", tag = "comments", params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = Comment)))]
pub(super) async fn toggle_like(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(id): Id<CommentId>,
) -> Result<Json<Comment>, Refusal> {
    react(&state, &caller, id, Reaction::Like, Change::Toggle).await
}

/// Like a comment.
#[utoipa::path(put, path = "/api/comments/{id}/like", tag = "comments", params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = Comment)))]
pub(super) async fn like(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(id): Id<CommentId>,
) -> Result<Json<Comment>, Refusal> {
    react(&state, &caller, id, Reaction::Like, Change::Put).await
}

/// Like a comment no more.
#[utoipa::path(delete, path = "/api/comments/{id}/like", tag = "comments", params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = Comment)))]
pub(super) async fn take_like(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(id): Id<CommentId>,
) -> Result<Json<Comment>, Refusal> {
    react(&state, &caller, id, Reaction::Like, Change::Take).await
}

/// Dislike a comment, or dislike it no more.
#[utoipa::path(post, path = "/api/comments/{id}/dislike", tag = "comments", params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = Comment)))]
pub(super) async fn toggle_dislike(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(id): Id<CommentId>,
) -> Result<Json<Comment>, Refusal> {
    react(&state, &caller, id, Reaction::Dislike, Change::Toggle).await
}

/// Dislike a comment.
#[utoipa::path(put, path = "/api/comments/{id}/dislike", tag = "comments", params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = Comment)))]
pub(super) async fn dislike(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(id): Id<CommentId>,
) -> Result<Json<Comment>, Refusal> {
    react(&state, &caller, id, Reaction::Dislike, Change::Put).await
}

/// Dislike a comment no more.
#[utoipa::path(delete, path = "/api/comments/{id}/dislike", tag = "comments", params(("id" = uuid::Uuid, Path)),
    responses((status = 200, body = Comment)))]
pub(super) async fn take_dislike(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(id): Id<CommentId>,
) -> Result<Json<Comment>, Refusal> {
    react(&state, &caller, id, Reaction::Dislike, Change::Take).await
}
