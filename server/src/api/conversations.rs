//! `/api/conversations/…` and what lies beside it: conversations in Spherespace's shapes, with what
//! its contract did not have.

#![allow(
    unused_qualifications,
    reason = "what describes an operation repeats the names of its shapes"
)]

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use domain::Caller;
use domain::chat::{self, ChatError, Started};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use wire::conversations::{Conversation as View, ListCursor, Target};
use wire::people::ReportReason;
use wire::{ConversationId, ErrorCode, Problem, UnixMillis};

use super::Body;
use super::asker::Asker;
use super::conversation_shapes::{Conversation, conversations};
use super::id::TalkId;
use super::message_shapes::no_such_person;
use super::shapes::Done;
use crate::refusal::Refusal;
use crate::state::AppState;

/// Most rows of one list.
const LIST_LIMIT: u64 = 100;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// At most 100, which is what comes where nothing is said.
    limit: Option<u64>,
    /// The ones below this conversation: the last of the list before.
    #[param(value_type = Option<uuid::Uuid>)]
    after: Option<ConversationId>,
    /// That conversation's `updated_at` as it was in that list: with it a step goes on where the last
    /// one ended, whatever happened meanwhile.
    #[param(value_type = Option<String>, format = DateTime)]
    updated_at: Option<UnixMillis>,
}

impl ListQuery {
    fn limit(&self) -> u64 {
        self.limit.unwrap_or(LIST_LIMIT)
    }

    async fn cursor(
        &self,
        state: &AppState,
        caller: &Caller,
    ) -> Result<Option<ListCursor>, Refusal> {
        let Some(id) = self.after else { return Ok(None) };
        if let Some(updated_at) = self.updated_at {
            return Ok(Some(ListCursor { updated_at, id }));
        }
        let View { updated_at, .. } = chat::conversation(&state.services, caller, id).await?;
        Ok(Some(ListCursor { updated_at, id }))
    }
}

type Listing = Result<Query<ListQuery>, QueryRejection>;

fn listing(query: Listing) -> Result<ListQuery, Refusal> {
    let query = query.map_err(|error| Refusal::new(ErrorCode::InvalidField, error.body_text()));
    query.map(|Query(query)| query)
}

/// List one's conversations.
///
/// A bare array, newest activity first, with the requests that one has sent. Those that wait for one's
/// own answer are a list of their own.
#[utoipa::path(get, path = "/api/conversations", tag = "conversations", params(ListQuery),
    responses((status = 200, body = Vec<Conversation>)))]
pub(super) async fn list(
    State(state): State<AppState>,
    Asker(caller): Asker,
    query: Listing,
) -> Result<Json<Vec<Conversation>>, Refusal> {
    let query = listing(query)?;
    let after = query.cursor(&state, &caller).await?;
    let found = chat::conversations(&state.services, &caller, after, query.limit()).await?;
    conversations(&state, &caller, found.conversations).await.map(Json)
}

/// List the requests that wait for one's answer.
#[utoipa::path(get, path = "/api/message-requests", tag = "conversations", params(ListQuery),
    responses((status = 200, body = Vec<Conversation>)))]
pub(super) async fn requests(
    State(state): State<AppState>,
    Asker(caller): Asker,
    query: Listing,
) -> Result<Json<Vec<Conversation>>, Refusal> {
    let query = listing(query)?;
    let after = query.cursor(&state, &caller).await?;
    let found = chat::requests(&state.services, &caller, after, query.limit()).await?;
    conversations(&state, &caller, found.conversations).await.map(Json)
}

/// With one person, by `username`; or a group, by its `title`.
#[derive(Deserialize, ToSchema)]
pub(super) struct StartBody {
    #[schema(example = "bob")]
    username: Option<String>,
    /// 1 to 100 characters.
    title: Option<String>,
    /// The group's first members, besides oneself.
    usernames: Option<Vec<String>>,
}

/// Begin a conversation.
///
/// With `username`, one between two: 200 where there is one already, 201 for a new one, a request
/// unless the other follows the caller, has written to them, or shares an accepted conversation with
/// them. With `title`, a group.
#[utoipa::path(post, path = "/api/conversations", tag = "conversations", request_body = StartBody,
    responses((status = 201, body = Conversation), (status = 200, body = Conversation)))]
pub(super) async fn start(
    State(state): State<AppState>,
    Asker(caller): Asker,
    Body(body): Body<StartBody>,
) -> Result<(StatusCode, Json<Conversation>), Refusal> {
    let StartBody { username, title, usernames } = body;
    let (status, view) = if title.is_some() || usernames.is_some() {
        let group = create_group(&state, &caller, title, usernames.unwrap_or_default());
        (StatusCode::CREATED, group.await?)
    } else {
        start_direct(&state, &caller, username).await?
    };
    shown(&state, &caller, view).await.map(|json| (status, json))
}

async fn start_direct(
    state: &AppState,
    caller: &Caller,
    username: Option<String>,
) -> Result<(StatusCode, View), Refusal> {
    let target = Target::Username(username.ok_or_else(|| required("username"))?);
    let started = chat::start_direct(&state.services, caller, &target).await;
    Ok(match started.map_err(no_such_person)? {
        Started::New(view) => (StatusCode::CREATED, view),
        Started::Existing(view) => (StatusCode::OK, view),
    })
}

async fn create_group(
    state: &AppState,
    caller: &Caller,
    title: Option<String>,
    usernames: Vec<String>,
) -> Result<View, Refusal> {
    let title = title.ok_or_else(|| required("title"))?;
    let members: Vec<_> = usernames.into_iter().map(Target::Username).collect();
    let created = chat::create_group(&state.services, caller, &title, &members).await;
    created.map_err(no_such_person)
}

fn required(field: &str) -> Refusal {
    Refusal(Problem::field(field, "This field is required."))
}

/// One conversation as an answer.
async fn shown(
    state: &AppState,
    caller: &Caller,
    view: View,
) -> Result<Json<Conversation>, Refusal> {
    let one = conversations(state, caller, vec![view]).await?.pop();
    Ok(Json(one.ok_or(ChatError::NotFound)?))
}

/// Look at one conversation.
#[utoipa::path(get, path = "/api/conversations/{id}", tag = "conversations",
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = Conversation)))]
pub(super) async fn one(
    State(state): State<AppState>,
    Asker(caller): Asker,
    TalkId(id): TalkId,
) -> Result<Json<Conversation>, Refusal> {
    let view = chat::conversation(&state.services, &caller, id).await?;
    shown(&state, &caller, view).await
}

#[derive(Deserialize, ToSchema)]
pub(super) struct TitleBody {
    /// 1 to 100 characters.
    #[schema(example = "Band")]
    title: String,
}

/// Rename a group.
///
/// For its admins and its owner.
#[utoipa::path(patch, path = "/api/conversations/{id}", tag = "conversations",
    params(("id" = uuid::Uuid, Path)), request_body = TitleBody,
    responses((status = 200, body = Conversation)))]
pub(super) async fn rename(
    State(state): State<AppState>,
    Asker(caller): Asker,
    TalkId(id): TalkId,
    Body(body): Body<TitleBody>,
) -> Result<Json<Conversation>, Refusal> {
    chat::rename_group(&state.services, &caller, id, &body.title).await?;
    let view = chat::conversation(&state.services, &caller, id).await?;
    shown(&state, &caller, view).await
}

#[derive(Deserialize, ToSchema)]
pub(super) struct ActionBody {
    /// `accept`, `decline`, `delete` or `block`.
    #[schema(example = "accept")]
    action: String,
    /// With `block`: why its sender is reported too.
    #[schema(value_type = Option<String>)]
    reason: Option<ReportReason>,
    /// With a reason: at most 1000 characters.
    note: Option<String>,
}

/// Answer a request, or take a conversation off one's list.
///
/// Only the one whom a request waits for accepts, declines or blocks it; its sender is not told that it
/// was declined. `delete` hides the conversation for the caller alone, until somebody writes again.
#[utoipa::path(post, path = "/api/conversations/{id}/action", tag = "conversations",
    params(("id" = uuid::Uuid, Path)), request_body = ActionBody,
    responses((status = 200, body = Done)))]
pub(super) async fn act(
    State(state): State<AppState>,
    Asker(caller): Asker,
    TalkId(id): TalkId,
    Body(body): Body<ActionBody>,
) -> Result<Json<Done>, Refusal> {
    let (services, caller) = (&state.services, &caller);
    let done = match body.action.as_str() {
        "accept" => {
            chat::accept_request(services, caller, id).await?;
            "Request accepted"
        }
        "decline" => {
            chat::ignore_request(services, caller, id).await?;
            "Request declined"
        }
        "delete" => {
            chat::hide_conversation(services, caller, id).await?;
            "Conversation deleted"
        }
        "block" => {
            let note = body.note.unwrap_or_default();
            let report = body.reason.map(|reason| (reason, note.as_str()));
            chat::block_request(services, caller, id, report).await?;
            "Sender blocked"
        }
        _ => return Err(Refusal(Problem::field("action", "Invalid action."))),
    };
    Ok(Json(Done::saying(done)))
}

/// What waits for the caller.
#[derive(Serialize, ToSchema)]
pub(super) struct UnreadCount {
    /// Messages of accepted conversations that are not muted.
    unread_count: i64,
    /// Conversations that hold them.
    unread_conversations: i64,
    /// People who want to write to the caller.
    requests_count: i64,
}

/// Count what is unread.
#[utoipa::path(get, path = "/api/unread-count", tag = "conversations",
    responses((status = 200, body = UnreadCount)))]
pub(super) async fn unread_count(
    State(state): State<AppState>,
    Asker(caller): Asker,
) -> Result<Json<UnreadCount>, Refusal> {
    let counts = chat::counts(&state.services, &caller).await?;
    Ok(Json(UnreadCount {
        unread_count: counts.unread_count,
        unread_conversations: counts.unread_conversations,
        requests_count: counts.requests_count,
    }))
}
