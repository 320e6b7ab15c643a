//! Conversations in the shapes of both older contracts.

use domain::Caller;
use serde::Serialize;
use utoipa::ToSchema;
use wire::conversations::{Conversation as View, ConversationKind, RequestState, Role};
use wire::{ConversationId, UnixMillis, UserId};

use super::cast::{Cast, Marks, Participant, Speaker};
use super::message_shapes::{DirectMessage, Telling};
use crate::refusal::Refusal;
use crate::state::AppState;

/// Characters of the last message in LiquidChat's lists.
const SNIPPET: usize = 100;

/// Spherespace's conversation.
#[derive(Serialize, ToSchema)]
pub(super) struct Conversation {
    #[schema(value_type = uuid::Uuid)]
    id: ConversationId,
    /// Of a group: the caller, and up to five others.
    participants: Vec<Participant>,
    last_message: Option<DirectMessage>,
    unread_count: i64,
    #[schema(value_type = String, format = DateTime)]
    updated_at: UnixMillis,
    is_request: bool,
    /// `pending` or `accepted`. A sender is never told that they were declined.
    request_status: &'static str,
    /// `direct` or `group`.
    #[schema(value_type = String)]
    kind: ConversationKind,
    /// A group's name.
    title: Option<String>,
    members_count: i64,
    /// The caller's own: `member`, `admin` or `owner`.
    #[schema(value_type = String)]
    role: Role,
    /// Whether the caller has blocked the other person.
    is_blocked: bool,
    last_seq: i64,
    last_read_seq: i64,
    #[schema(value_type = Option<String>, format = DateTime)]
    muted_until: Option<UnixMillis>,
    draft: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: UnixMillis,
}

/// LiquidChat's conversation.
#[derive(Serialize, ToSchema)]
pub(super) struct PrivateConversation {
    #[schema(value_type = uuid::Uuid)]
    id: ConversationId,
    participants: Vec<Speaker>,
    #[schema(value_type = String, format = DateTime)]
    created_at: UnixMillis,
    #[schema(value_type = String, format = DateTime)]
    updated_at: UnixMillis,
    last_message: Option<Snippet>,
    unread_count: i64,
    #[schema(value_type = String)]
    kind: ConversationKind,
    title: Option<String>,
    members_count: i64,
    last_seq: i64,
}

/// The beginning of the last message.
#[derive(Serialize, ToSchema)]
pub(super) struct Snippet {
    /// At most 100 characters.
    content: String,
    #[schema(value_type = String, format = DateTime)]
    timestamp: UnixMillis,
    #[schema(value_type = uuid::Uuid)]
    sender_id: UserId,
}

/// These conversations in this order, for Spherespace's clients.
pub(super) async fn conversations(
    state: &AppState,
    caller: &Caller,
    views: Vec<View>,
) -> Result<Vec<Conversation>, Refusal> {
    let cast = cast(state, caller, &views).await?;
    Ok(views.into_iter().map(|view| conversation(&cast, caller, view)).collect())
}

/// As [`conversations`], for LiquidChat's.
pub(super) async fn private_conversations(
    state: &AppState,
    caller: &Caller,
    views: Vec<View>,
) -> Result<Vec<PrivateConversation>, Refusal> {
    let cast = cast(state, caller, &views).await?;
    Ok(views.into_iter().map(|view| private_conversation(&cast, caller, view)).collect())
}

async fn cast(state: &AppState, caller: &Caller, views: &[View]) -> Result<Cast, Refusal> {
    let members = views.iter().flat_map(|view| &view.people);
    let messages = views.iter().filter_map(|view| view.last_message.as_ref());
    Cast::of(state, caller, members, messages).await
}

fn conversation(cast: &Cast, caller: &Caller, view: View) -> Conversation {
    let marks = Marks::of(view.last_read_seq, view.people.iter());
    let telling = Telling::with(cast, marks);
    let others = view.people.iter().map(|member| cast.participant(&member.user));
    let me = cast.participant(&caller.author());
    let is_request = view.request != RequestState::Accepted;
    Conversation {
        id: view.id,
        participants: std::iter::once(me).chain(others).collect(),
        last_message: view.last_message.map(|message| telling.direct(message)),
        unread_count: view.unread_count,
        updated_at: view.updated_at,
        is_request,
        request_status: if is_request { "pending" } else { "accepted" },
        kind: view.kind,
        title: view.title,
        members_count: view.members_count,
        role: view.role,
        is_blocked: view.is_blocked,
        last_seq: view.last_seq,
        last_read_seq: view.last_read_seq,
        muted_until: view.muted_until,
        draft: view.draft,
        created_at: view.created_at,
    }
}

fn private_conversation(cast: &Cast, caller: &Caller, view: View) -> PrivateConversation {
    let others = view.people.iter().map(|member| cast.speaker(&member.user));
    let me = cast.speaker(&caller.author());
    let last_message = view.last_message.map(|message| Snippet {
        content: message.content.chars().take(SNIPPET).collect(),
        timestamp: message.created_at,
        sender_id: message.sender.id,
    });
    PrivateConversation {
        id: view.id,
        participants: std::iter::once(me).chain(others).collect(),
        created_at: view.created_at,
        updated_at: view.updated_at,
        last_message,
        unread_count: view.unread_count,
        kind: view.kind,
        title: view.title,
        members_count: view.members_count,
        last_seq: view.last_seq,
    }
}
