//! Other people: finding them, keeping them away, and reporting what is wrong.

#![allow(
    unused_qualifications,
    reason = "what describes an operation repeats the names of its shapes"
)]

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::QueryRejection;
use axum::http::StatusCode;
use domain::people;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wire::chat::Author;
use wire::conversations::Target;
use wire::people::{LastSeen, PersonCard, Report, ReportKind, ReportReason};
use wire::{ErrorCode, UnixMillis, UserId};

use super::Body;
use super::asker::Asker;
use super::id::Id;
use super::shapes::Done;
use crate::refusal::Refusal;
use crate::state::AppState;

/// People of one step where nothing is said.
const STEP: u64 = 20;

/// Somebody, as a stranger may see them.
#[derive(Serialize, ToSchema)]
pub(super) struct Card {
    #[schema(value_type = uuid::Uuid)]
    id: UserId,
    username: String,
    profile_image: Option<String>,
    is_verified: bool,
    /// `basic`, `premium` or `organization`.
    badge: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: UnixMillis,
    is_online: bool,
    /// `recently`, `today`, `this_week` or `long_ago`; null for those who hide it.
    #[schema(value_type = Option<String>)]
    last_seen: Option<LastSeen>,
}

impl From<PersonCard> for Card {
    fn from(card: PersonCard) -> Self {
        let Author { id, username, profile_image, is_verified, badge } = card.user;
        let PersonCard { created_at, is_online, last_seen, .. } = card;
        Self { id, username, profile_image, is_verified, badge, created_at, is_online, last_seen }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PeopleQuery {
    /// The beginning of a username, in any case.
    #[serde(default)]
    search: String,
    /// The `next` of the step before.
    after: Option<String>,
    /// At most 100, else 20.
    limit: Option<u64>,
}

/// A step through people, by name.
#[derive(Serialize, ToSchema)]
pub(super) struct Step {
    results: Vec<Card>,
    /// For `after`; null at the end.
    next: Option<String>,
}

/// Find people while somebody types.
///
/// Without oneself and those who are blocked, either way.
#[utoipa::path(get, path = "/api/people", tag = "people", params(PeopleQuery),
    responses((status = 200, body = Step)))]
pub(super) async fn search(
    State(state): State<AppState>,
    Asker(caller): Asker,
    query: Result<axum::extract::Query<PeopleQuery>, QueryRejection>,
) -> Result<Json<Step>, Refusal> {
    let query = query.map_err(|error| Refusal::new(ErrorCode::InvalidField, error.body_text()))?;
    let PeopleQuery { search, after, limit } = query.0;
    let limit = limit.unwrap_or(STEP);
    let found =
        people::search_people(&state.services, &caller, &search, after.as_deref(), limit).await?;
    let results = found.people.into_iter().map(Card::from).collect();
    Ok(Json(Step { results, next: found.next }))
}

/// Keep somebody away.
///
/// Neither can write to the other or find the other. They are not told.
#[utoipa::path(put, path = "/api/users/{username}/block", tag = "people",
    params(("username" = String, Path)), responses((status = 204)))]
pub(super) async fn block(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(username): Id<String>,
) -> Result<StatusCode, Refusal> {
    people::block(&state.services, &caller, &Target::Username(username)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take a block back.
#[utoipa::path(delete, path = "/api/users/{username}/block", tag = "people",
    params(("username" = String, Path)), responses((status = 204)))]
pub(super) async fn unblock(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(username): Id<String>,
) -> Result<StatusCode, Refusal> {
    people::unblock(&state.services, &caller, &Target::Username(username)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Not see what somebody posts.
///
/// They are not told.
#[utoipa::path(put, path = "/api/users/{username}/mute", tag = "people",
    params(("username" = String, Path)), responses((status = 204)))]
pub(super) async fn mute(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(username): Id<String>,
) -> Result<StatusCode, Refusal> {
    people::mute(&state.services, &caller, &Target::Username(username)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// See somebody's posts again.
#[utoipa::path(delete, path = "/api/users/{username}/mute", tag = "people",
    params(("username" = String, Path)), responses((status = 204)))]
pub(super) async fn unmute(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(username): Id<String>,
) -> Result<StatusCode, Refusal> {
    people::unmute(&state.services, &caller, &Target::Username(username)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List those whom one keeps away.
///
/// A bare array, by name.
#[utoipa::path(get, path = "/api/blocked", tag = "people",
    responses((status = 200, body = Vec<Card>)))]
pub(super) async fn blocked(
    State(state): State<AppState>,
    Asker(caller): Asker,
) -> Result<Json<Vec<Card>>, Refusal> {
    let people = people::blocked_people(&state.services, &caller).await?;
    Ok(Json(people.into_iter().map(Card::from).collect()))
}

#[derive(Deserialize, ToSchema)]
pub(super) struct ReportBody {
    /// `user`, `message` or `conversation`.
    #[schema(value_type = String, example = "message")]
    kind: ReportKind,
    /// Its id.
    id: uuid::Uuid,
    /// `spam`, `harassment`, `hate`, `violence`, `impersonation`, `illegal` or `other`.
    #[schema(value_type = String, example = "spam")]
    reason: ReportReason,
    /// At most 1000 characters.
    note: Option<String>,
}

/// Report something to the moderators.
///
/// A second report of the same by the same person changes nothing.
#[utoipa::path(post, path = "/api/reports", tag = "people", request_body = ReportBody,
    responses((status = 201, body = Done)))]
pub(super) async fn report(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Body(body): Body<ReportBody>,
) -> Result<(StatusCode, Json<Done>), Refusal> {
    let ReportBody { kind, id, reason, note } = body;
    let report = Report { kind, id, reason, note };
    people::report(&state.services, &caller, &report).await?;
    Ok((StatusCode::CREATED, Json(Done::saying("Thank you. A moderator will look at it."))))
}
