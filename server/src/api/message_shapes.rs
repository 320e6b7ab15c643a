//! A conversation's messages, in the shapes of both older contracts.

use std::borrow::Cow;

use domain::Caller;
use domain::chat::members;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wire::chat::{Draft, Message};
use wire::conversations::{Quote, Reaction};
use wire::{ClientId, ConversationKey, ErrorCode, MessageId, Problem, UnixMillis};

use super::cast::{Cast, Marks, Participant, Speaker};
use super::chat::Sender;
use crate::refusal::Refusal;
use crate::state::AppState;

/// Spherespace's message.
#[derive(Serialize, ToSchema)]
pub(super) struct DirectMessage {
    #[schema(value_type = uuid::Uuid)]
    id: MessageId,
    /// The conversation's id; `global` for the room.
    #[schema(value_type = String)]
    conversation: ConversationKey,
    seq: i64,
    #[schema(value_type = String)]
    client_id: ClientId,
    sender: Participant,
    /// Empty where the message was taken back.
    content: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: UnixMillis,
    /// Null until it was read; then the message's own time: how far somebody has read is kept, not when.
    #[schema(value_type = Option<String>, format = DateTime)]
    read_at: Option<UnixMillis>,
    /// `text`.
    message_type: String,
    attachment_url: Option<String>,
    shared_post_id: Option<String>,
    is_unsent: bool,
    is_encrypted: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    edited_at: Option<UnixMillis>,
    #[schema(value_type = Option<QuotedMessage>)]
    reply_to: Option<Box<Quote>>,
    #[schema(value_type = Vec<MessageReaction>)]
    reactions: Vec<Reaction>,
}

/// LiquidChat's message.
#[derive(Serialize, ToSchema)]
pub(super) struct PrivateMessage {
    #[schema(value_type = uuid::Uuid)]
    id: MessageId,
    #[schema(value_type = String)]
    conversation: ConversationKey,
    seq: i64,
    #[schema(value_type = String)]
    client_id: ClientId,
    sender: Speaker,
    content: String,
    #[schema(value_type = String, format = DateTime)]
    timestamp: UnixMillis,
    /// One's own: whether somebody else has read it.
    is_read: bool,
    is_unsent: bool,
    #[schema(value_type = Option<String>, format = DateTime)]
    edited_at: Option<UnixMillis>,
    #[schema(value_type = Option<QuotedMessage>)]
    reply_to: Option<Box<Quote>>,
    #[schema(value_type = Vec<MessageReaction>)]
    reactions: Vec<Reaction>,
}

/// For the documentation: a [`Quote`].
#[derive(ToSchema)]
#[expect(dead_code, reason = "only described")]
pub(super) struct QuotedMessage {
    id: uuid::Uuid,
    seq: i64,
    sender: Sender,
    /// The first 200 characters.
    content: String,
    is_unsent: bool,
}

/// For the documentation: a [`Reaction`].
#[derive(ToSchema)]
#[expect(dead_code, reason = "only described")]
pub(super) struct MessageReaction {
    #[schema(example = "👍")]
    emoji: String,
    count: i64,
    /// Whether the caller is among them.
    mine: bool,
}

/// What the messages of one conversation are told with.
pub(super) struct Telling<'c> {
    cast: Cow<'c, Cast>,
    marks: Marks,
}

impl<'c> Telling<'c> {
    /// `own_mark`: how far the caller has read.
    pub(super) async fn of(
        state: &AppState,
        caller: &Caller,
        key: ConversationKey,
        messages: &[Message],
        own_mark: i64,
    ) -> Result<Self, Refusal> {
        let members = match key {
            ConversationKey::Global => Vec::new(),
            ConversationKey::Id(id) => members(&state.services, caller, id).await?,
        };
        let cast = Cast::of(state, caller, members.iter(), messages.iter()).await?;
        let others = members.iter().filter(|member| member.user.id != caller.user_id);
        Ok(Self { cast: Cow::Owned(cast), marks: Marks::of(own_mark, others) })
    }

    /// For what stands in a list of conversations.
    pub(super) fn with(cast: &'c Cast, marks: Marks) -> Self {
        Self { cast: Cow::Borrowed(cast), marks }
    }

    pub(super) fn direct(&self, message: Message) -> DirectMessage {
        let is_read = self.marks.is_read(&message, self.cast.me());
        DirectMessage {
            id: message.id,
            conversation: message.conversation_id,
            seq: message.seq,
            client_id: message.client_id,
            sender: self.cast.participant(&message.sender),
            content: message.content,
            created_at: message.created_at,
            read_at: is_read.then_some(message.created_at),
            message_type: message.message_type,
            attachment_url: None,
            shared_post_id: None,
            is_unsent: message.is_unsent,
            is_encrypted: false,
            edited_at: message.edited_at,
            reply_to: message.reply_to,
            reactions: message.reactions,
        }
    }

    pub(super) fn private(&self, message: Message) -> PrivateMessage {
        PrivateMessage {
            is_read: self.marks.is_read(&message, self.cast.me()),
            id: message.id,
            conversation: message.conversation_id,
            seq: message.seq,
            client_id: message.client_id,
            sender: self.cast.speaker(&message.sender),
            content: message.content,
            timestamp: message.created_at,
            is_unsent: message.is_unsent,
            edited_at: message.edited_at,
            reply_to: message.reply_to,
            reactions: message.reactions,
        }
    }
}

#[derive(Deserialize, ToSchema)]
pub(super) struct MessageBody {
    /// Plain text; markup in it is text.
    #[schema(example = "hello")]
    content: String,
    /// The sender's own name for the message, 1 to 64 characters: sending again is no second one.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    client_id: Option<ClientId>,
    /// The message of this conversation that this one answers.
    #[serde(default)]
    #[schema(value_type = Option<uuid::Uuid>)]
    reply_to: Option<MessageId>,
    /// `text`, which is all there is.
    #[serde(default)]
    message_type: Option<String>,
    /// Only `false`: what is sealed to somebody cannot be kept here.
    #[serde(default)]
    is_encrypted: bool,
}

impl MessageBody {
    /// # Errors
    /// A kind of message that this server does not have: kept as text it would be nonsense.
    pub(super) fn draft(self, conversation: ConversationKey) -> Result<Draft, Refusal> {
        if self.message_type.is_some_and(|kind| kind != "text") {
            let problem = Problem::field("message_type", "Messages are text.");
            return Err(Refusal(problem));
        }
        if self.is_encrypted {
            let problem = Problem::field("is_encrypted", "Messages are not encrypted here.");
            return Err(Refusal(problem));
        }
        Ok(Draft {
            conversation,
            client_id: self.client_id.unwrap_or_default(),
            content: self.content,
            reply_to: self.reply_to,
        })
    }
}

/// How far is to be read, or from where on unread.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only described")]
pub(super) enum SeqOrMessage {
    Seq(i64),
    Message(uuid::Uuid),
}

/// Words for a name that nobody has.
pub(super) fn no_such_person(error: domain::chat::ChatError) -> Refusal {
    match error {
        domain::chat::ChatError::NotFound => Refusal::new(ErrorCode::NotFound, "User not found."),
        other => other.into(),
    }
}
