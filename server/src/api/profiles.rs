//! Profiles, following, and whom one may want to follow.

#![allow(
    unused_qualifications,
    reason = "what describes an operation repeats the names of its shapes"
)]

use axum::extract::State;
use axum::{Extension, Json};
use domain::{posts, profiles};
use serde::Serialize;
use utoipa::ToSchema;
use wire::chat::Author;
use wire::media::picture_address;
use wire::profiles::{Figures, Followed, Listed, Profile, ProfileLink};
use wire::{UnixMillis, UserId};

use super::asker::Asker;
use super::id::Id;
use super::post_shapes::Post;
use crate::identify::Visit;
use crate::refusal::Refusal;
use crate::state::AppState;

/// Posts beside a profile.
const POSTS: u64 = 12;

/// Spherespace's `SuggestedUser`.
#[derive(Serialize, ToSchema)]
pub(super) struct SuggestedUser {
    #[schema(value_type = uuid::Uuid)]
    id: UserId,
    username: String,
    first_name: String,
    last_name: String,
    profile_image: Option<String>,
    is_verified: bool,
    /// `basic`, `premium` or `organization`.
    badge: Option<String>,
    followers_count: i64,
    bio: String,
    is_following: bool,
    /// How many of those whom the caller follows follow them; counted among suggestions.
    mutuals_count: i64,
}

impl From<Listed> for SuggestedUser {
    fn from(listed: Listed) -> Self {
        let Author { id, username, profile_image, is_verified, badge } = listed.user;
        Self {
            id,
            username,
            first_name: listed.first_name,
            last_name: listed.last_name,
            profile_image,
            is_verified,
            badge,
            followers_count: listed.followers_count,
            bio: listed.bio,
            is_following: listed.standing.is_following,
            mutuals_count: listed.mutuals.count,
        }
    }
}

/// A link on a profile.
#[derive(Serialize, ToSchema)]
pub(super) struct Link {
    label: String,
    url: String,
    /// Whether its page leads back to the profile with `rel="me"`.
    is_verified: bool,
}

impl From<ProfileLink> for Link {
    fn from(ProfileLink { label, url, proved_at }: ProfileLink) -> Self {
        Self { label, url, is_verified: proved_at.is_some() }
    }
}

/// Spherespace's `PublicProfile`.
#[derive(Serialize, ToSchema)]
pub(super) struct PublicProfile {
    #[schema(value_type = uuid::Uuid)]
    id: UserId,
    username: String,
    first_name: String,
    last_name: String,
    profile_image: Option<String>,
    banner_image: Option<String>,
    is_verified: bool,
    /// `basic`, `premium` or `organization`.
    badge: Option<String>,
    bio: String,
    links: Vec<Link>,
    posts_count: i64,
    followers_count: i64,
    following_count: i64,
    /// At most twelve, the newest first.
    posts: Vec<Post>,
    is_following: bool,
    follows_you: bool,
    #[schema(value_type = String, format = DateTime)]
    created_at: UnixMillis,
}

impl PublicProfile {
    fn new(profile: Profile, posts: Vec<wire::posts::Post>, public_url: &str) -> Self {
        let posts = posts.into_iter().map(|post| Post::new(post, public_url)).collect();
        let Author { id, username, profile_image, is_verified, badge } = profile.user;
        Self {
            id,
            username,
            first_name: profile.first_name,
            last_name: profile.last_name,
            profile_image,
            banner_image: profile.banner.map(|banner| picture_address(banner, 1500)),
            is_verified,
            badge,
            bio: profile.bio,
            links: profile.links.into_iter().map(Link::from).collect(),
            posts_count: profile.posts_count,
            followers_count: profile.followers_count,
            following_count: profile.following_count,
            posts,
            is_following: profile.standing.is_following,
            follows_you: profile.standing.follows_reader,
            created_at: profile.created_at,
        }
    }
}

/// What became of it.
#[derive(Serialize, ToSchema)]
pub(super) struct FollowState {
    detail: String,
    is_following: bool,
    followers_count: i64,
}

impl From<Followed> for FollowState {
    fn from(Followed { username, is_following, followers_count }: Followed) -> Self {
        let detail = match is_following {
            true => format!("You follow {username}."),
            false => format!("You do not follow {username}."),
        };
        Self { detail, is_following, followers_count }
    }
}

/// One's own figures.
#[derive(Serialize, ToSchema)]
pub(super) struct Stats {
    username: String,
    profile_image: Option<String>,
    posts_count: i64,
    /// Likes less dislikes of all posts.
    karma: i64,
    followers_count: i64,
    following_count: i64,
}

impl From<Figures> for Stats {
    fn from(figures: Figures) -> Self {
        let Figures { user, posts_count, karma, followers_count, following_count } = figures;
        let Author { username, profile_image, .. } = user;
        Self { username, profile_image, posts_count, karma, followers_count, following_count }
    }
}

/// Look at somebody's profile.
///
/// By username in any case, or by id, so that nobody is out of reach whatever they are called.
#[utoipa::path(get, path = "/api/users/{username}", tag = "profiles", security((), ("bearer" = []), ("cookie" = [])),
    params(("username" = String, Path)), responses((status = 200, body = PublicProfile)))]
pub(super) async fn profile(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
    Id(username): Id<String>,
) -> Result<Json<PublicProfile>, Refusal> {
    let (services, viewer) = (&state.services, visit.caller.as_ref());
    let profile = profiles::profile(services, viewer, &username).await?;
    let posts = posts::latest_of(services, viewer, profile.user.id, POSTS).await?;
    Ok(Json(PublicProfile::new(profile, posts, &state.config.public_url)))
}

/// List those whom one follows.
///
/// A bare array, the newest follow first, at most a thousand. Nobody can be called `following`.
#[utoipa::path(get, path = "/api/users/following", tag = "profiles",
    responses((status = 200, body = Vec<SuggestedUser>)))]
pub(super) async fn following(
    State(state): State<AppState>,
    Asker(caller): Asker,
) -> Result<Json<Vec<SuggestedUser>>, Refusal> {
    Ok(listed(profiles::all_followed(&state.services, &caller).await?))
}

/// Follow somebody.
///
/// Again changes nothing.
#[utoipa::path(post, path = "/api/users/{username}/follow", tag = "profiles",
    params(("username" = String, Path)), responses((status = 200, body = FollowState)))]
pub(super) async fn follow(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(username): Id<String>,
) -> Result<Json<FollowState>, Refusal> {
    Ok(Json(profiles::follow(&state.services, &caller, &username).await?.into()))
}

/// Be somebody's follower.
///
/// As `POST`.
#[utoipa::path(put, path = "/api/users/{username}/follow", tag = "profiles",
    params(("username" = String, Path)), responses((status = 200, body = FollowState)))]
pub(super) async fn be_follower(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(username): Id<String>,
) -> Result<Json<FollowState>, Refusal> {
    Ok(Json(profiles::follow(&state.services, &caller, &username).await?.into()))
}

/// Be no follower of somebody.
///
/// As `POST …/unfollow`.
#[utoipa::path(delete, path = "/api/users/{username}/follow", tag = "profiles",
    params(("username" = String, Path)), responses((status = 200, body = FollowState)))]
pub(super) async fn be_no_follower(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(username): Id<String>,
) -> Result<Json<FollowState>, Refusal> {
    Ok(Json(profiles::unfollow(&state.services, &caller, &username).await?.into()))
}

/// Follow somebody no longer.
///
/// Again changes nothing.
#[utoipa::path(post, path = "/api/users/{username}/unfollow", tag = "profiles",
    params(("username" = String, Path)), responses((status = 200, body = FollowState)))]
pub(super) async fn unfollow(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(username): Id<String>,
) -> Result<Json<FollowState>, Refusal> {
    Ok(Json(profiles::unfollow(&state.services, &caller, &username).await?.into()))
}

/// Whom one may want to follow.
///
/// At most five: those whom people follow whom one follows, then the most followed.
#[utoipa::path(get, path = "/api/suggestions", tag = "profiles", security((), ("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = Vec<SuggestedUser>)))]
pub(super) async fn suggestions(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
) -> Result<Json<Vec<SuggestedUser>>, Refusal> {
    Ok(listed(profiles::suggestions(&state.services, visit.caller.as_ref()).await?))
}

/// The most followed people.
///
/// At most twenty, without oneself.
#[utoipa::path(get, path = "/api/explore", tag = "profiles", security((), ("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = Vec<SuggestedUser>)))]
pub(super) async fn explore(
    State(state): State<AppState>,
    Extension(visit): Extension<Visit>,
) -> Result<Json<Vec<SuggestedUser>>, Refusal> {
    Ok(listed(profiles::explore(&state.services, visit.caller.as_ref()).await?))
}

/// One's own figures.
#[utoipa::path(get, path = "/api/stats", tag = "profiles", responses((status = 200, body = Stats)))]
pub(super) async fn stats(
    State(state): State<AppState>,
    Asker(caller): Asker,
) -> Result<Json<Stats>, Refusal> {
    Ok(Json(profiles::figures(&state.services, &caller).await?.into()))
}

fn listed(people: Vec<Listed>) -> Json<Vec<SuggestedUser>> {
    Json(people.into_iter().map(SuggestedUser::from).collect())
}
