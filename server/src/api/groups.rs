//! `/api/conversations/<id>/members/` and how far they have read.

#![allow(
    unused_qualifications,
    reason = "what describes an operation repeats the names of its shapes"
)]

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::Caller;
use domain::chat::{self, ChatError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wire::ConversationId;
use wire::accounts::username_key;
use wire::chat::Author;
use wire::conversations::{Member as View, Role, SeenBy, Target};

use super::Body;
use super::asker::Asker;
use super::cast::{Cast, Participant};
use super::chat::Sender;
use super::id::{IdAndName, TalkId};
use super::message_shapes::no_such_person;
use crate::refusal::Refusal;
use crate::state::AppState;

/// Somebody in a conversation.
#[derive(Serialize, ToSchema)]
pub(super) struct Member {
    user: Participant,
    /// `member`, `admin` or `owner`.
    #[schema(value_type = String)]
    role: Role,
    /// Null where either side keeps it to itself.
    last_read_seq: Option<i64>,
}

/// Somebody who has read as far as this.
#[derive(Serialize, ToSchema)]
pub(super) struct Reader {
    #[schema(value_type = Sender)]
    user: Author,
    last_read_seq: i64,
}

impl From<SeenBy> for Reader {
    fn from(SeenBy { user, last_read_seq }: SeenBy) -> Self {
        Self { user, last_read_seq }
    }
}

/// See how far the others have read.
///
/// Of those who show it, and to whom the caller shows it.
#[utoipa::path(get, path = "/api/conversations/{id}/receipts", tag = "conversations",
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = Vec<Reader>)))]
pub(super) async fn receipts(
    State(state): State<AppState>,
    Asker(caller): Asker,
    TalkId(id): TalkId,
) -> Result<Json<Vec<Reader>>, Refusal> {
    let receipts = chat::receipts(&state.services, &caller, id).await?;
    Ok(Json(receipts.into_iter().map(Reader::from).collect()))
}

/// List the members of a conversation.
///
/// The caller first, then the oldest members.
#[utoipa::path(get, path = "/api/conversations/{id}/members", tag = "conversations",
    params(("id" = uuid::Uuid, Path)), responses((status = 200, body = Vec<Member>)))]
pub(super) async fn members(
    State(state): State<AppState>,
    Asker(caller): Asker,
    TalkId(id): TalkId,
) -> Result<Json<Vec<Member>>, Refusal> {
    list(&state, &caller, id).await
}

async fn list(
    state: &AppState,
    caller: &Caller,
    id: ConversationId,
) -> Result<Json<Vec<Member>>, Refusal> {
    let members = chat::members(&state.services, caller, id).await?;
    let cast = Cast::of(state, caller, members.iter(), std::iter::empty()).await?;
    let member = |view: View| Member {
        user: cast.participant(&view.user),
        role: view.role,
        last_read_seq: view.last_read_seq,
    };
    Ok(Json(members.into_iter().map(member).collect()))
}

#[derive(Deserialize, ToSchema)]
pub(super) struct MembersBody {
    usernames: Vec<String>,
}

/// Bring people into a group.
///
/// For its admins and its owner; all of them come or none. A group has at most 100 members.
#[utoipa::path(post, path = "/api/conversations/{id}/members", tag = "conversations",
    params(("id" = uuid::Uuid, Path)), request_body = MembersBody,
    responses((status = 200, body = Vec<Member>)))]
pub(super) async fn add(
    State(state): State<AppState>,
    Asker(caller): Asker,
    TalkId(id): TalkId,
    Body(body): Body<MembersBody>,
) -> Result<Json<Vec<Member>>, Refusal> {
    // A conversation that is not the caller's and a person who does not exist have different words.
    chat::conversation(&state.services, &caller, id).await?;
    let people: Vec<_> = body.usernames.into_iter().map(Target::Username).collect();
    let added = chat::add_members(&state.services, &caller, id, &people).await;
    added.map_err(no_such_person)?;
    list(&state, &caller, id).await
}

#[derive(Deserialize, ToSchema)]
pub(super) struct RoleBody {
    /// `member`, `admin` or `owner`: a new owner takes the place of the caller.
    #[schema(value_type = String, example = "admin")]
    role: Role,
}

/// Give a member another role.
///
/// For the group's owner.
#[utoipa::path(patch, path = "/api/conversations/{id}/members/{username}", tag = "conversations",
    params(("id" = uuid::Uuid, Path), ("username" = String, Path)), request_body = RoleBody,
    responses((status = 200, body = Vec<Member>)))]
pub(super) async fn change_role(
    State(state): State<AppState>,
    Asker(caller): Asker,
    IdAndName(id, username): IdAndName<ConversationId>,
    Body(body): Body<RoleBody>,
) -> Result<Json<Vec<Member>>, Refusal> {
    let member = named(&state, &caller, id, &username).await?.user.id;
    chat::change_role(&state.services, &caller, id, member, body.role).await?;
    list(&state, &caller, id).await
}

/// Leave a group, or remove somebody.
///
/// Oneself leaves; others are removed by whoever has a higher role.
#[utoipa::path(delete, path = "/api/conversations/{id}/members/{username}", tag = "conversations",
    params(("id" = uuid::Uuid, Path), ("username" = String, Path)), responses((status = 204)))]
pub(super) async fn remove(
    State(state): State<AppState>,
    Asker(caller): Asker,
    IdAndName(id, username): IdAndName<ConversationId>,
) -> Result<StatusCode, Refusal> {
    let member = named(&state, &caller, id, &username).await?.user.id;
    if member == caller.user_id {
        chat::leave_group(&state.services, &caller, id).await?;
    } else {
        chat::remove_member(&state.services, &caller, id, member).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn named(
    state: &AppState,
    caller: &Caller,
    id: ConversationId,
    username: &str,
) -> Result<View, Refusal> {
    let key = username_key(username);
    let members = chat::members(&state.services, caller, id).await?;
    let found = members.into_iter().find(|member| username_key(&member.user.username) == key);
    found.ok_or(ChatError::NotFound).map_err(no_such_person)
}
