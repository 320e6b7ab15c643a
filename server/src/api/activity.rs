//! Streaks, achievements, and how much is going on, in Spherespace's shapes.

#![allow(
    unused_qualifications,
    reason = "what describes an operation repeats the names of its shapes"
)]

use axum::Json;
use axum::extract::State;
use domain::activity;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wire::activity::{Achievement, Earned};
use wire::{Problem, UnixMillis};

use super::asker::Asker;
use super::json::Body;
use crate::refusal::Refusal;
use crate::state::AppState;

/// Days of UTC on which one was here.
#[derive(Serialize, ToSchema)]
pub(super) struct Streak {
    /// Of this week, Monday first.
    days: [bool; 7],
    current_streak: i64,
    longest_streak: i64,
    /// This week's Monday, `YYYY-MM-DD`.
    week_start: String,
}

/// How much is going on.
#[derive(Serialize, ToSchema)]
pub(super) struct Pulse {
    /// 20 to 100: `20 + 15·posts + 5·comments + 10·people`.
    pulse: i64,
    /// Of the last hour.
    posts_count: i64,
    /// Of the last hour.
    comments_count: i64,
    /// Of the last five minutes.
    active_users: i64,
}

/// Something achieved.
#[derive(Serialize, ToSchema)]
pub(super) struct Award {
    /// `first_post`, `rising_star`, `karma_king`, `week_warrior`, `community_builder` or `social_butterfly`.
    id: &'static str,
    #[schema(value_type = String, format = DateTime)]
    earned_at: UnixMillis,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Achievements {
    achievements: Vec<Award>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Pending {
    pending: Vec<Award>,
}

#[derive(Deserialize, ToSchema)]
pub(super) struct ShownBody {
    achievement_id: String,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Done {
    detail: &'static str,
}

fn awards(earned: Vec<Earned>) -> Vec<Award> {
    let award = |one: Earned| Award { id: one.achievement.as_str(), earned_at: one.at };
    earned.into_iter().map(award).collect()
}

/// How many days in a row one has been here.
///
/// Whoever asks is here today.
#[utoipa::path(get, path = "/api/activity/streak", tag = "activity",
    responses((status = 200, body = Streak)))]
pub(super) async fn streak(
    State(state): State<AppState>,
    Asker(caller): Asker,
) -> Result<Json<Streak>, Refusal> {
    let streak = activity::streak(&state.services, Some(&caller), caller.user_id).await?;
    let wire::activity::Streak { current, longest, week, week_start } = streak;
    let (current_streak, longest_streak) = (current, longest);
    Ok(Json(Streak { days: week, current_streak, longest_streak, week_start }))
}

/// How much is going on everywhere.
///
/// What everybody may see, at most ten seconds old.
#[utoipa::path(get, path = "/api/activity/pulse", tag = "activity",
    security((), ("bearer" = []), ("cookie" = [])), responses((status = 200, body = Pulse)))]
pub(super) async fn pulse(State(state): State<AppState>) -> Result<Json<Pulse>, Refusal> {
    let wire::activity::Pulse { pulse, posts_count, comments_count, active_users } =
        activity::pulse(&state.services).await?;
    Ok(Json(Pulse { pulse, posts_count, comments_count, active_users }))
}

/// What one has achieved.
#[utoipa::path(get, path = "/api/achievements", tag = "activity",
    responses((status = 200, body = Achievements)))]
pub(super) async fn achievements(
    State(state): State<AppState>,
    Asker(caller): Asker,
) -> Result<Json<Achievements>, Refusal> {
    let earned = activity::achievements(&state.services, caller.user_id).await?;
    Ok(Json(Achievements { achievements: awards(earned) }))
}

/// What one has achieved and was not shown yet.
///
/// Asking gives nothing and marks nothing as shown.
#[utoipa::path(get, path = "/api/achievements/pending", tag = "activity",
    responses((status = 200, body = Pending)))]
pub(super) async fn pending(
    State(state): State<AppState>,
    Asker(caller): Asker,
) -> Result<Json<Pending>, Refusal> {
    let earned = activity::pending(&state.services, &caller).await?;
    Ok(Json(Pending { pending: awards(earned) }))
}

/// Mark an achievement as shown.
#[utoipa::path(post, path = "/api/achievements/mark-shown", tag = "activity", request_body = ShownBody,
    responses((status = 200, body = Done)))]
pub(super) async fn mark_shown(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Body(body): Body<ShownBody>,
) -> Result<Json<Done>, Refusal> {
    let unknown = Problem::field("achievement_id", "There is no such achievement.");
    let achievement = Achievement::from_word(&body.achievement_id).ok_or(Refusal(unknown))?;
    activity::mark_shown(&state.services, &caller, achievement).await?;
    Ok(Json(Done { detail: "Achievement marked as shown" }))
}
