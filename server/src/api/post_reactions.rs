//! What readers do with a post: `PUT` and `DELETE` may be repeated, `POST` turns round what stands there.

#![allow(
    unused_qualifications,
    reason = "what describes an operation repeats the names of its shapes"
)]

use axum::Json;
use axum::extract::State;
use domain::Caller;
use domain::posts::{self, Change, Reaction};

use super::asker::Asker;
use super::id::Id;
use super::post_shapes::Post;
use crate::refusal::Refusal;
use crate::state::AppState;

async fn react(
    state: &AppState,
    caller: &Caller,
    key: &str,
    reaction: Reaction,
    change: Change,
) -> Result<Json<Post>, Refusal> {
    posts::react(&state.services, caller, key, reaction, change).await?;
    read(state, caller, key).await
}

async fn keep(
    state: &AppState,
    caller: &Caller,
    key: &str,
    change: Change,
) -> Result<Json<Post>, Refusal> {
    posts::keep(&state.services, caller, key, change).await?;
    read(state, caller, key).await
}

async fn read(state: &AppState, caller: &Caller, key: &str) -> Result<Json<Post>, Refusal> {
    let post = posts::post(&state.services, Some(caller), key).await?;
    Ok(Json(Post::new(post, &state.config.public_url)))
}

/// Like a post, or like it no more.
#[utoipa::path(post, path = "/api/posts/{id}/like", tag = "posts", params(("id" = String, Path)),
    responses((status = 200, body = Post)))]
pub(super) async fn toggle_like(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(id): Id<String>,
) -> Result<Json<Post>, Refusal> {
    react(&state, &caller, &id, Reaction::Like, Change::Toggle).await
}

/// Like a post.
#[utoipa::path(put, path = "/api/posts/{id}/like", tag = "posts", params(("id" = String, Path)),
    responses((status = 200, body = Post)))]
pub(super) async fn like(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(id): Id<String>,
) -> Result<Json<Post>, Refusal> {
    react(&state, &caller, &id, Reaction::Like, Change::Put).await
}

/// Like a post no more.
#[utoipa::path(delete, path = "/api/posts/{id}/like", tag = "posts", params(("id" = String, Path)),
    responses((status = 200, body = Post)))]
pub(super) async fn take_like(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(id): Id<String>,
) -> Result<Json<Post>, Refusal> {
    react(&state, &caller, &id, Reaction::Like, Change::Take).await
}

/// Dislike a post, or dislike it no more.
#[utoipa::path(post, path = "/api/posts/{id}/dislike", tag = "posts", params(("id" = String, Path)),
    responses((status = 200, body = Post)))]
pub(super) async fn toggle_dislike(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(id): Id<String>,
) -> Result<Json<Post>, Refusal> {
    react(&state, &caller, &id, Reaction::Dislike, Change::Toggle).await
}

/// Dislike a post.
#[utoipa::path(put, path = "/api/posts/{id}/dislike", tag = "posts", params(("id" = String, Path)),
    responses((status = 200, body = Post)))]
pub(super) async fn dislike(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(id): Id<String>,
) -> Result<Json<Post>, Refusal> {
    react(&state, &caller, &id, Reaction::Dislike, Change::Put).await
}

/// Dislike a post no more.
#[utoipa::path(delete, path = "/api/posts/{id}/dislike", tag = "posts", params(("id" = String, Path)),
    responses((status = 200, body = Post)))]
pub(super) async fn take_dislike(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(id): Id<String>,
) -> Result<Json<Post>, Refusal> {
    react(&state, &caller, &id, Reaction::Dislike, Change::Take).await
}

/// Keep a post, or keep it no more.
#[utoipa::path(post, path = "/api/posts/{id}/bookmark", tag = "posts", params(("id" = String, Path)),
    responses((status = 200, body = Post)))]
pub(super) async fn toggle_bookmark(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(id): Id<String>,
) -> Result<Json<Post>, Refusal> {
    keep(&state, &caller, &id, Change::Toggle).await
}

/// Keep a post to come back to.
#[utoipa::path(put, path = "/api/posts/{id}/bookmark", tag = "posts", params(("id" = String, Path)),
    responses((status = 200, body = Post)))]
pub(super) async fn bookmark(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(id): Id<String>,
) -> Result<Json<Post>, Refusal> {
    keep(&state, &caller, &id, Change::Put).await
}

/// Keep a post no more.
#[utoipa::path(delete, path = "/api/posts/{id}/bookmark", tag = "posts", params(("id" = String, Path)),
    responses((status = 200, body = Post)))]
pub(super) async fn take_bookmark(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(id): Id<String>,
) -> Result<Json<Post>, Refusal> {
    keep(&state, &caller, &id, Change::Take).await
}
