//! `/api/notifications/`: what happened, what was seen, and what one wants to hear of.

#![allow(
    unused_qualifications,
    reason = "what describes an operation repeats the names of its shapes"
)]

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use domain::{Caller, notifications};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wire::chat::Author;
use wire::notifications::{About, Digest, NewsChoice, NewsChoices, NewsEvent, NewsKind};
use wire::{ErrorCode, Problem, UnixMillis};

use super::Body;
use super::asker::Asker;
use super::chat::Sender;
use super::id::Id;
use super::paging::{Page, Paging, PagingQuery};
use crate::pages::choices;
use crate::refusal::Refusal;
use crate::state::AppState;

/// Something that happened.
#[derive(Serialize, ToSchema)]
pub(super) struct Notification {
    id: uuid::Uuid,
    /// `follow`, `post_like`, `comment`, `reply`, `comment_like`, `mention`, `community_request`,
    /// `community_accepted`, `taken_out` or `achievement`.
    kind: &'static str,
    /// The same for everything that can be told together: all likes of one post.
    topic: uuid::Uuid,
    #[schema(value_type = Sender)]
    actor: Author,
    /// The title of the post, the name of the community or group, or the word of the achievement; null for a
    /// follow, and for a mention in the global room.
    title: Option<String>,
    /// The page that it leads to.
    url: String,
    is_read: bool,
    #[schema(value_type = String, format = DateTime)]
    created_at: UnixMillis,
}

impl From<NewsEvent> for Notification {
    fn from(event: NewsEvent) -> Self {
        let title = match event.about {
            About::Oneself => None,
            About::Post { title, .. } => Some(title),
            About::Community { name, .. } => Some(name),
            About::Achievement(achievement) => Some(achievement.as_str().to_owned()),
            About::Conversation { name, .. } => name,
        };
        Self {
            id: event.id,
            kind: event.kind.as_str(),
            topic: event.topic,
            actor: event.by,
            title,
            url: event.address,
            is_read: event.is_read,
            created_at: event.at,
        }
    }
}

/// How much waits.
#[derive(Serialize, ToSchema)]
pub(super) struct Waiting {
    /// What is told together counts once.
    unread_count: i64,
}

/// List what happened.
///
/// The newest first, event by event, twenty a page. To look marks nothing as read.
#[utoipa::path(get, path = "/api/notifications", tag = "notifications", params(PagingQuery),
    responses((status = 200, body = Page<Notification>)))]
pub(super) async fn list(
    State(state): State<AppState>,
    Asker(caller): Asker,
    paging: Paging<20>,
) -> Result<Json<Page<Notification>>, Refusal> {
    let (skip, size) = (paging.skip(), paging.size());
    let (count, events) = notifications::events(&state.services, &caller, skip, size).await?;
    let results = events.into_iter().map(Notification::from).collect();
    Ok(Json(paging.page(&state.config.public_url, count, results)?))
}

/// Count what waits.
#[utoipa::path(get, path = "/api/notifications/unread-count", tag = "notifications",
    responses((status = 200, body = Waiting)))]
pub(super) async fn unread_count(
    State(state): State<AppState>,
    Asker(caller): Asker,
) -> Result<Json<Waiting>, Refusal> {
    waiting(&state, &caller).await
}

async fn waiting(state: &AppState, caller: &Caller) -> Result<Json<Waiting>, Refusal> {
    let unread_count = notifications::unread(&state.services, caller).await?;
    Ok(Json(Waiting { unread_count }))
}

/// Mark everything as read.
#[utoipa::path(post, path = "/api/notifications/read", tag = "notifications",
    responses((status = 200, body = Waiting)))]
pub(super) async fn read_all(
    State(state): State<AppState>,
    Asker(caller): Asker,
) -> Result<Json<Waiting>, Refusal> {
    notifications::mark_all_read(&state.services, &caller).await?;
    waiting(&state, &caller).await
}

/// Mark one as read.
#[utoipa::path(post, path = "/api/notifications/{id}/read", tag = "notifications",
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = Waiting)))]
pub(super) async fn read(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Id(id): Id<uuid::Uuid>,
) -> Result<Json<Waiting>, Refusal> {
    notifications::mark_read(&state.services, &caller, id).await?;
    waiting(&state, &caller).await
}

/// Where one wants to hear of a kind.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub(super) struct Choice {
    /// What is not shown on the site is not kept, so it is not sent either.
    on_site: bool,
    by_push: bool,
    by_mail: bool,
}

/// What one wants to hear of.
#[derive(Serialize, ToSchema)]
pub(super) struct NotificationSettings {
    /// By kind. `message` can only be pushed: messages stand in their conversations.
    choices: BTreeMap<&'static str, Choice>,
    /// `off`, `daily` or `weekly`: how often what was not seen comes by mail.
    digest: &'static str,
}

#[derive(Deserialize, ToSchema)]
pub(super) struct NotificationSettingsBody {
    /// By kind; what is left out stays as it is.
    #[serde(default)]
    choices: BTreeMap<String, Choice>,
    /// `off`, `daily` or `weekly`; left out it stays as it is.
    digest: Option<String>,
}

/// Look at what one wants to hear of.
#[utoipa::path(get, path = "/api/notifications/settings", tag = "notifications",
    responses((status = 200, body = NotificationSettings)))]
pub(super) async fn settings(
    State(state): State<AppState>,
    Asker(caller): Asker,
) -> Result<Json<NotificationSettings>, Refusal> {
    current(&state, &caller).await
}

async fn current(state: &AppState, caller: &Caller) -> Result<Json<NotificationSettings>, Refusal> {
    let choices = notifications::choices(&state.services, caller).await?;
    let digest = notifications::digest(&state.services, caller).await?.as_str();
    let choice = |(kind, choice): (NewsKind, NewsChoice)| {
        let NewsChoice { on_site, by_push, by_mail } = choice;
        (kind.as_str(), Choice { on_site, by_push, by_mail })
    };
    let choices = choices.into_iter().map(choice).collect();
    Ok(Json(NotificationSettings { choices, digest }))
}

/// Change what one wants to hear of.
#[utoipa::path(put, path = "/api/notifications/settings", tag = "notifications",
    request_body = NotificationSettingsBody, responses((status = 200, body = NotificationSettings)))]
pub(super) async fn change_settings(
    State(state): State<AppState>,
    Asker(caller): Asker,
    headers: HeaderMap,
    Body(body): Body<NotificationSettingsBody>,
) -> Result<Json<NotificationSettings>, Refusal> {
    let wanted = known(body.choices)?;
    let digest = body.digest.map(|word| Digest::from_word(&word).ok_or_else(|| unknown("digest")));
    let digest = digest.transpose()?;
    if !wanted.is_empty() {
        notifications::choose(&state.services, &caller, &wanted).await?;
    }
    if let Some(every) = digest {
        let (_, language) = choices(&state, &headers);
        notifications::choose_digest(&state.services, &caller, every, language.code()).await?;
    }
    current(&state, &caller).await
}

fn known(choices: BTreeMap<String, Choice>) -> Result<NewsChoices, Refusal> {
    let choice = |(word, choice): (String, Choice)| {
        let kind = NewsKind::from_word(&word).ok_or_else(|| unknown("choices"))?;
        let Choice { on_site, by_push, by_mail } = choice;
        Ok((kind, NewsChoice { on_site, by_push, by_mail }))
    };
    choices.into_iter().map(choice).collect()
}

fn unknown(field: &str) -> Refusal {
    let mut problem = Problem::new(ErrorCode::InvalidField, "Some fields need another look.");
    problem.fields.insert(field.to_owned(), vec!["This is none that is known.".to_owned()]);
    Refusal(problem)
}
