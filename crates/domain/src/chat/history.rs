//! A stretch of a conversation.

use std::collections::BTreeSet;

use entity::{conversation, membership, message};
use sea_orm::{ColumnTrait, DbBackend, EntityTrait, QueryFilter, Statement, Value};
use wire::chat::{HISTORY_LIMIT, HISTORY_PAGE, History, Message, Room, Span};
use wire::{ConversationId, ConversationKey, MessageId, UserId};

use super::ChatError;
use super::global_room::{conversation_of, readable_signed_out};
use super::mark_read::place_of;
use super::message_rows::{COLUMNS, messages};
use super::own_place::may_read;
use super::presence::online;
use crate::{Caller, Services};

/// What the page of the global room shows: a stretch of it, and who is there.
///
/// # Errors
/// Where the database does not answer.
pub async fn room(
    services: &Services,
    caller: Option<&Caller>,
    span: Span,
) -> Result<Room, ChatError> {
    room_of(services, caller, ConversationKey::Global, span).await
}

/// As [`room`], of any conversation. Who is online stands in the global room alone; elsewhere the
/// members say it.
///
/// # Errors
/// [`ChatError::NotFound`] for a conversation that the caller does not belong to.
pub async fn room_of(
    services: &Services,
    caller: Option<&Caller>,
    key: ConversationKey,
    span: Span,
) -> Result<Room, ChatError> {
    // Somebody who comes back wants as much as can be had; a page shows a page.
    let limit = if matches!(span, Span::After(_)) { HISTORY_LIMIT } else { HISTORY_PAGE };
    let is_global = key == ConversationKey::Global;
    let history = history(services, caller, key, span, limit).await?;
    let (online, online_count) =
        if is_global { online(services, caller).await? } else { (Vec::new(), 0) };
    Ok(Room {
        history,
        online,
        online_count,
        message_max_length: services.settings.message_max_length,
    })
}

/// Up to `limit` messages (at most [`HISTORY_LIMIT`]), oldest first. Reading marks nothing as read.
///
/// # Errors
/// [`ChatError::NotFound`] for a conversation that the caller does not belong to.
pub async fn history(
    services: &Services,
    caller: Option<&Caller>,
    key: ConversationKey,
    span: Span,
    limit: u64,
) -> Result<History, ChatError> {
    let id = conversation_of(key);
    let last_read_seq = read_mark(services, caller, key).await?;
    // Before the messages: what arrives in between makes the number too small, never too large.
    let conversation = conversation::Entity::find_by_id(id.0).one(&services.store.read).await?;
    let known_last = conversation.ok_or(ChatError::NotFound)?.last_seq;
    let viewer = caller.map(|caller| caller.user_id);
    let messages = stretch(services, id, span, limit.min(HISTORY_LIMIT), viewer).await?;
    let newest = messages.last().map_or(0, |message| message.seq);
    let oldest = messages.first().map_or_else(|| edge(span, known_last), |message| message.seq);
    Ok(History { has_older: oldest > 1, last_seq: known_last.max(newest), last_read_seq, messages })
}

/// Where the next message would stand in a stretch that has none.
fn edge(span: Span, last_seq: i64) -> i64 {
    match span {
        Span::Newest => last_seq + 1,
        Span::Before(seq) => seq.min(last_seq + 1),
        Span::After(seq) => seq.min(last_seq) + 1,
    }
}

/// Everything after `seq`, for a client that comes back; one more than `limit` tells that there is
/// too much. The caller must have been let into the conversation before.
///
/// # Errors
/// Where the database does not answer.
pub async fn messages_after(
    services: &Services,
    conversation: ConversationId,
    seq: i64,
    limit: u64,
) -> Result<Vec<Message>, ChatError> {
    stretch(services, conversation, Span::After(seq), limit, None).await
}

/// The number of a message, for clients that name the edge of a stretch by its id.
///
/// # Errors
/// [`ChatError::NotFound`] for a message that is not in this conversation, or not the caller's to see.
pub async fn seq_of_message(
    services: &Services,
    caller: Option<&Caller>,
    key: ConversationKey,
    message: MessageId,
) -> Result<i64, ChatError> {
    read_mark(services, caller, key).await?;
    place_of(&services.store.read, conversation_of(key).0, message).await
}

/// The number of the newest of some messages, which all have to be in this conversation.
///
/// # Errors
/// As [`seq_of_message`].
pub async fn seq_of_newest(
    services: &Services,
    caller: &Caller,
    key: ConversationKey,
    messages: &BTreeSet<MessageId>,
) -> Result<i64, ChatError> {
    read_mark(services, Some(caller), key).await?;
    let rows = message::Entity::find()
        .filter(message::Column::ConversationId.eq(conversation_of(key).0))
        .filter(message::Column::Id.is_in(messages.iter().map(|id| id.0)))
        .all(&services.store.read)
        .await?;
    let newest = rows.iter().map(|row| row.seq).max();
    newest.filter(|_| rows.len() == messages.len()).ok_or(ChatError::NotFound)
}

/// How far the caller has read, which also proves that they may.
async fn read_mark(
    services: &Services,
    caller: Option<&Caller>,
    key: ConversationKey,
) -> Result<Option<i64>, ChatError> {
    let Some(caller) = caller else {
        return readable_signed_out(key).map(|()| None);
    };
    let place = (conversation_of(key).0, caller.user_id.0);
    let membership = membership::Entity::find_by_id(place).one(&services.store.read).await?;
    match membership {
        Some(row) if may_read(&services.store.read, &row).await? => Ok(Some(row.last_read_seq)),
        Some(_) => Err(ChatError::NotFound),
        None => readable_signed_out(key).map(|()| Some(0)),
    }
}

async fn stretch(
    services: &Services,
    conversation: ConversationId,
    span: Span,
    limit: u64,
    viewer: Option<UserId>,
) -> Result<Vec<Message>, ChatError> {
    let query = stretch_of(services.store.backend(), conversation, span, limit);
    let mut messages = messages(&services.store.read, query, viewer).await?;
    if !matches!(span, Span::After(_)) {
        messages.reverse();
    }
    Ok(messages)
}

/// From the end that `span` names: what is before a message is read backwards.
pub(super) fn stretch_of(
    backend: DbBackend,
    conversation: ConversationId,
    span: Span,
    limit: u64,
) -> Statement {
    let (bound, edge, order) = match span {
        Span::Newest => ("<=", i64::MAX, "DESC"),
        Span::Before(seq) => ("<", seq, "DESC"),
        Span::After(seq) => (">", seq, "ASC"),
    };
    let sql = format!(
        "SELECT {COLUMNS} FROM message m JOIN account a ON a.id = m.sender_id \
         WHERE m.conversation_id = $1 AND m.seq {bound} $2 ORDER BY m.seq {order} LIMIT $3"
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let values: [Value; 3] = [conversation.0.into(), edge.into(), limit.into()];
    Statement::from_sql_and_values(backend, sql, values)
}
