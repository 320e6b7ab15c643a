//! The list of somebody's conversations, and what waits in them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};
use uuid::Uuid;
use wire::chat::Message;
use wire::conversations::{Conversation, Conversations, Counts, ListCursor, Member};
use wire::{ConversationId, ConversationKey, UnixMillis, UserId};

use super::conversation_view::{member, view};
use super::message_rows::{COLUMNS, messages};
use super::presence::is_online;
use super::talks::{blocks_of, placeholders, talk, talks_of};
use super::{ChatError, GLOBAL_ROOM, conversation_of};
use crate::{Caller, Services, clock};

/// Most rows one request for a list may ask for.
const LIST_LIMIT: u64 = 100;
/// What the list leaves out: it was hidden, and nothing has been written since.
const SHOWN: &str = "(m.hidden_seq IS NULL OR c.last_seq > m.hidden_seq)";
/// What one of [`Place::unread`](super::talks::Place::unread) says, in SQL.
const UNREAD: &str = "(c.last_seq - CASE WHEN m.unread_from_seq IS NULL \
     OR m.last_read_seq < m.unread_from_seq THEN m.last_read_seq ELSE m.unread_from_seq - 1 END)";

/// The caller's accepted conversations and the requests they have sent, newest activity first, from
/// `after` on; at most `limit` (100).
///
/// # Errors
/// Where the database does not answer.
pub async fn conversations(
    services: &Services,
    caller: &Caller,
    after: Option<ListCursor>,
    limit: u64,
) -> Result<Conversations, ChatError> {
    list(services, caller, "active", after, limit).await
}

/// The requests that wait for the caller's answer, newest first.
///
/// # Errors
/// Where the database does not answer.
pub async fn requests(
    services: &Services,
    caller: &Caller,
    after: Option<ListCursor>,
    limit: u64,
) -> Result<Conversations, ChatError> {
    list(services, caller, "requested", after, limit).await
}

/// Conversations and waiting requests in one list, by number of rows, as clients want it that know
/// neither requests nor steps: those after the first `offset`, and how many there are.
///
/// # Errors
/// Where the database does not answer.
pub async fn page_of_conversations(
    services: &Services,
    caller: &Caller,
    offset: u64,
    limit: u64,
) -> Result<(Vec<Conversation>, u64), ChatError> {
    let sql = format!(
        "SELECT c.id, c.updated_at \
         FROM membership m JOIN conversation c ON c.id = m.conversation_id \
         WHERE m.account_id = $1 AND m.state IN ('active', 'requested') \
         AND m.conversation_id <> $2 AND {SHOWN} \
         ORDER BY c.updated_at DESC, c.id DESC LIMIT $3 OFFSET $4"
    );
    let limit = limit.min(LIST_LIMIT) as i64;
    let offset = i64::try_from(offset).unwrap_or(i64::MAX);
    let values: [Value; 4] =
        [caller.user_id.0.into(), GLOBAL_ROOM.0.into(), limit.into(), offset.into()];
    let query = Statement::from_sql_and_values(services.store.backend(), sql, values);
    let rows = Place::find_by_statement(query).all(&services.store.read).await?;
    let ids: Vec<_> = rows.into_iter().map(|row| ConversationId(row.id)).collect();
    let total = number_of_conversations(services, caller).await?;
    Ok((views(services, caller.user_id, &ids).await?, total))
}

async fn number_of_conversations(services: &Services, caller: &Caller) -> Result<u64, ChatError> {
    #[derive(FromQueryResult)]
    struct Row {
        n: i64,
    }
    let sql = format!(
        "SELECT COUNT(*) AS n FROM membership m JOIN conversation c ON c.id = m.conversation_id \
         WHERE m.account_id = $1 AND m.state IN ('active', 'requested') \
         AND m.conversation_id <> $2 AND {SHOWN}"
    );
    let values: [Value; 2] = [caller.user_id.0.into(), GLOBAL_ROOM.0.into()];
    let query = Statement::from_sql_and_values(services.store.backend(), sql, values);
    let row = Row::find_by_statement(query).one(&services.store.read).await?;
    Ok(row.map_or(0, |row| u64::try_from(row.n).unwrap_or(0)))
}

/// One of the caller's conversations, hidden or not.
///
/// # Errors
/// [`ChatError::NotFound`] for a conversation that the caller does not belong to, and for the global
/// room, which stands in nobody's list.
pub async fn conversation(
    services: &Services,
    caller: &Caller,
    id: ConversationId,
) -> Result<Conversation, ChatError> {
    talk(&services.store.read, id).await?.reader(caller.user_id)?;
    views(services, caller.user_id, &[id]).await?.pop().ok_or(ChatError::NotFound)
}

/// Everybody in a conversation, the caller first, then the oldest members.
///
/// # Errors
/// [`ChatError::NotFound`] for a conversation that the caller does not belong to.
pub async fn members(
    services: &Services,
    caller: &Caller,
    id: ConversationId,
) -> Result<Vec<Member>, ChatError> {
    let rows = &services.store.read;
    let talk = talk(rows, id).await?;
    let own = talk.reader(caller.user_id)?;
    let blocks = blocks_of(rows, caller.user_id).await?;
    let mut members: Vec<_> =
        talk.places.iter().map(|place| member(&talk, own, place, &blocks)).collect();
    members.sort_by_key(|member| member.user.id != caller.user_id);
    show_who_is_online(services, members.iter_mut());
    Ok(members)
}

/// What waits for the caller. The global room, muted conversations and hidden ones do not count.
///
/// # Errors
/// Where the database does not answer.
pub async fn counts(services: &Services, caller: &Caller) -> Result<Counts, ChatError> {
    #[derive(FromQueryResult)]
    struct Row {
        unread: i64,
        conversations: i64,
        requests: i64,
    }
    let query = counts_query(services.store.backend(), caller.user_id, clock::now());
    let row = Row::find_by_statement(query).one(&services.store.read).await?;
    Ok(row.map_or_else(Counts::default, |row| Counts {
        unread_count: row.unread,
        unread_conversations: row.conversations,
        requests_count: row.requests,
    }))
}

pub(super) fn counts_query(
    backend: sea_orm::DbBackend,
    caller: UserId,
    now: UnixMillis,
) -> Statement {
    let counted = "m.state = 'active' AND (m.muted_until IS NULL OR m.muted_until <= $3)";
    let sum = |when: &str, what: &str| {
        format!("CAST(COALESCE(SUM(CASE WHEN {when} THEN {what} ELSE 0 END), 0) AS BIGINT)")
    };
    let sql = format!(
        "SELECT {} AS unread, {} AS conversations, {} AS requests \
         FROM membership m JOIN conversation c ON c.id = m.conversation_id \
         WHERE m.account_id = $1 AND m.state IN ('active', 'requested') \
         AND m.conversation_id <> $2 AND {SHOWN}",
        sum(counted, UNREAD),
        sum(&format!("{counted} AND {UNREAD} > 0"), "1"),
        sum("m.state = 'requested'", "1"),
    );
    let values: [Value; 3] = [caller.0.into(), GLOBAL_ROOM.0.into(), now.0.into()];
    Statement::from_sql_and_values(backend, sql, values)
}

async fn list(
    services: &Services,
    caller: &Caller,
    state: &str,
    after: Option<ListCursor>,
    limit: u64,
) -> Result<Conversations, ChatError> {
    let limit = limit.clamp(1, LIST_LIMIT) as usize;
    let query =
        list_query(services.store.backend(), caller.user_id, state, after, limit as i64 + 1);
    let mut found = Place::find_by_statement(query).all(&services.store.read).await?;
    let has_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| has_more).map(|last| ListCursor {
        updated_at: UnixMillis(last.updated_at),
        id: ConversationId(last.id),
    });
    let ids: Vec<_> = found.into_iter().map(|place| ConversationId(place.id)).collect();
    Ok(Conversations { conversations: views(services, caller.user_id, &ids).await?, next })
}

#[derive(FromQueryResult)]
struct Place {
    id: Uuid,
    updated_at: i64,
}

pub(super) fn list_query(
    backend: sea_orm::DbBackend,
    caller: UserId,
    state: &str,
    after: Option<ListCursor>,
    limit: i64,
) -> Statement {
    let sql = format!(
        "SELECT c.id, c.updated_at \
         FROM membership m JOIN conversation c ON c.id = m.conversation_id \
         WHERE m.account_id = $1 AND m.state = $2 AND m.conversation_id <> $3 AND {SHOWN} \
         AND (c.updated_at < $4 OR (c.updated_at = $4 AND c.id < $5)) \
         ORDER BY c.updated_at DESC, c.id DESC LIMIT $6"
    );
    let (edge, id) =
        after.map_or((i64::MAX, Uuid::max()), |after| (after.updated_at.0, after.id.0));
    let values: [Value; 6] =
        [caller.0.into(), state.into(), GLOBAL_ROOM.0.into(), edge.into(), id.into(), limit.into()];
    Statement::from_sql_and_values(backend, sql, values)
}

/// These conversations in this order, as `viewer` sees them: at most five queries, however many.
async fn views(
    services: &Services,
    viewer: UserId,
    ids: &[ConversationId],
) -> Result<Vec<Conversation>, ChatError> {
    let rows = &services.store.read;
    let wanted: BTreeSet<_> = ids.iter().copied().collect();
    let talks = talks_of(rows, &wanted, viewer).await?;
    let blocks = blocks_of(rows, viewer).await?;
    let mut last = last_messages(rows, viewer, ids).await?;
    let seen = |id: &ConversationId| {
        let talk = talks.get(id)?;
        view(talk, viewer, &blocks, last.remove(id))
    };
    let mut views: Vec<_> = ids.iter().filter_map(seen).collect();
    show_who_is_online(services, views.iter_mut().flat_map(|view| &mut view.people));
    Ok(views)
}

async fn last_messages(
    rows: &impl ConnectionTrait,
    viewer: UserId,
    ids: &[ConversationId],
) -> Result<HashMap<ConversationId, Message>, ChatError> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "SELECT {COLUMNS} FROM conversation c \
         JOIN message m ON m.conversation_id = c.id AND m.seq = c.last_seq \
         JOIN account a ON a.id = m.sender_id WHERE c.id IN ({})",
        placeholders(1, ids.len())
    );
    let values = ids.iter().map(|id| Value::from(id.0));
    let query = Statement::from_sql_and_values(rows.get_database_backend(), sql, values);
    let found = messages(rows, query, Some(viewer)).await?;
    Ok(found
        .into_iter()
        .map(|message| (conversation_of(message.conversation_id), message))
        .collect())
}

/// Fills in who is online, of those whose presence may be shown.
pub(super) fn show_who_is_online<'m>(
    services: &Services,
    members: impl Iterator<Item = &'m mut Member>,
) {
    for member in members {
        member.is_online = member.shows_presence && is_online(services, member.user.id);
    }
}

/// The keys of all conversations whose news the caller hears, with the newest number of each: where a
/// client without cursors begins.
///
/// # Errors
/// Where the database does not answer.
pub async fn accepted_cursors(
    services: &Services,
    caller: &Caller,
) -> Result<BTreeMap<ConversationKey, i64>, ChatError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        last_seq: i64,
    }
    let sql = "SELECT c.id, c.last_seq FROM membership m \
         JOIN conversation c ON c.id = m.conversation_id \
         WHERE m.account_id = $1 AND m.state = 'active'";
    let values = [Value::from(caller.user_id.0)];
    let query = Statement::from_sql_and_values(services.store.backend(), sql, values);
    let found = Row::find_by_statement(query).all(&services.store.read).await?;
    let place = |row: Row| (super::key_of(ConversationId(row.id)), row.last_seq);
    Ok(found.into_iter().map(place).collect())
}
