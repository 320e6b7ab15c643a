//! The end of the global room, from memory: however many come back to it at once, the database is asked
//! a few times a second.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use realtime::{Cast, Frame, Kept};
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement, Value};
use tokio::sync::Mutex;
use uuid::Uuid;
use wire::chat::{HISTORY_LIMIT, Message, Span};
use wire::live::RESUME_LIMIT;

use super::broadcasts::{about_message, cast_of, encode};
use super::catch_up::{CaughtUp, Missed, frames, told};
use super::history::stretch_of;
use super::message_rows::messages;
use super::talks::placeholders;
use super::{ChatError, GLOBAL_ROOM};
use crate::{Caller, Services};

/// As old as what is known of the room may be. Changes on this node count at once.
const FRESH: Duration = Duration::from_secs(1);
/// Reactions to the last messages that are kept; where there are more, nothing is.
const REACTIONS: usize = 5_000;

/// What this node knows of the room.
#[derive(Debug, Default)]
pub(crate) struct RoomTail {
    state: Mutex<Option<(Instant, Arc<State>)>>,
    /// One reads for all.
    reading: Mutex<()>,
}

#[derive(Debug)]
struct State {
    change_seq: i64,
    kept_out: HashSet<Uuid>,
}

/// What the caller has missed in the room.
///
/// # Errors
/// [`ChatError::NotFound`] for somebody who may not be there.
pub(super) async fn catch_up(
    services: &Services,
    caller: &Caller,
    after: i64,
) -> Result<CaughtUp, ChatError> {
    let state = state(services).await?;
    if state.kept_out.contains(&caller.user_id.0) {
        return Err(ChatError::NotFound);
    }
    let recall = || {
        let recalled = services.hub.recall(series(), after, state.change_seq)?;
        told(recalled, caller, after)
    };
    if let Some(known) = recall() {
        return Ok(known);
    }
    let turn = services.room_tail.reading.lock().await;
    if let Some(known) = recall() {
        return Ok(known);
    }
    read(services, state.change_seq).await?;
    drop(turn);
    match recall() {
        Some(known) => Ok(known),
        None => read_for(services, caller, after).await,
    }
}

fn series() -> u128 {
    GLOBAL_ROOM.0.as_u128()
}

async fn state(services: &Services) -> Result<Arc<State>, ChatError> {
    let mut known = services.room_tail.state.lock().await;
    if let Some((at, state)) = &*known
        && at.elapsed() < FRESH
    {
        return Ok(state.clone());
    }
    let asked_at = Instant::now();
    let state = Arc::new(read_state(services).await?);
    *known = Some((asked_at, state.clone()));
    Ok(state)
}

async fn read_state(services: &Services) -> Result<State, ChatError> {
    #[derive(FromQueryResult)]
    struct Row {
        change_seq: i64,
        kept_out: Option<Uuid>,
    }
    let query = state_query(services.store.backend());
    let rows = Row::find_by_statement(query).all(&services.store.read).await?;
    let change_seq = rows.first().ok_or(ChatError::NotFound)?.change_seq;
    Ok(State { change_seq, kept_out: rows.into_iter().filter_map(|row| row.kept_out).collect() })
}

pub(super) fn state_query(backend: DbBackend) -> Statement {
    let sql = "SELECT c.change_seq, m.account_id AS kept_out FROM conversation c \
         LEFT JOIN membership m ON m.conversation_id = c.id AND m.state <> 'active' \
         WHERE c.id = $1";
    Statement::from_sql_and_values(backend, sql, [GLOBAL_ROOM.0.into()])
}

/// Takes the end of the room into memory, as it is under `change_seq` or later.
async fn read(services: &Services, change_seq: i64) -> Result<(), ChatError> {
    let reading = services.hub.begin_reading(series());
    let rows = &services.store.read;
    let newest = stretch_of(services.store.backend(), GLOBAL_ROOM, Span::Newest, HISTORY_LIMIT);
    let mut newest = messages(rows, newest, None).await?;
    newest.reverse();
    let last = newest.last().map_or(0, |message| message.seq);
    let Some(mut reactors) = reactors(rows, &newest).await? else { return Ok(()) };
    let keep = |message| -> Option<Arc<dyn Kept>> {
        let cast = cast_of(&message)?;
        match reactors.remove(&message.id.0) {
            Some(reactors) => Some(Arc::new(Reacted { message, cast, reactors })),
            None => Some(Arc::new(cast)),
        }
    };
    let kept: Option<Vec<_>> = newest.into_iter().map(keep).collect();
    if let Some(kept) = kept {
        services.hub.remember(series(), reading, (change_seq, last), kept);
    }
    Ok(())
}

/// Where memory cannot hold it.
async fn read_for(services: &Services, caller: &Caller, after: i64) -> Result<CaughtUp, ChatError> {
    // One more tells that there is too much.
    let behind =
        stretch_of(services.store.backend(), GLOBAL_ROOM, Span::After(after), RESUME_LIMIT + 1);
    let found = messages(&services.store.read, behind, Some(caller.user_id)).await?;
    if found.len() as u64 > RESUME_LIMIT {
        let room =
            super::history(services, Some(caller), wire::ConversationKey::Global, Span::Newest, 1);
        return Ok(CaughtUp { missed: Missed::Gap, last: room.await?.last_seq });
    }
    let last = found.last().map_or(after, |message| message.seq);
    let casts: Vec<_> = found.iter().filter_map(cast_of).collect();
    Ok(CaughtUp { missed: Missed::Frames(frames(&casts, caller)), last })
}

/// Who reacted with what.
type Reactors = HashSet<(String, Uuid)>;

/// Who reacted to which of the messages; `None` where they are too many to be kept.
async fn reactors(
    rows: &impl ConnectionTrait,
    messages: &[Message],
) -> Result<Option<HashMap<Uuid, Reactors>>, ChatError> {
    #[derive(FromQueryResult)]
    struct Row {
        message_id: Uuid,
        emoji: String,
        account_id: Uuid,
    }
    let reacted = messages.iter().filter(|message| !message.reactions.is_empty());
    let ids: Vec<Uuid> = reacted.map(|message| message.id.0).collect();
    if ids.is_empty() {
        return Ok(Some(HashMap::new()));
    }
    let sql = format!(
        "SELECT message_id, emoji, account_id FROM reaction WHERE message_id IN ({}) LIMIT {}",
        placeholders(1, ids.len()),
        REACTIONS + 1
    );
    let values = ids.into_iter().map(Value::from);
    let query = Statement::from_sql_and_values(rows.get_database_backend(), sql, values);
    let found = Row::find_by_statement(query).all(rows).await?;
    if found.len() > REACTIONS {
        return Ok(None);
    }
    let mut reactors = HashMap::<_, Reactors>::new();
    for row in found {
        reactors.entry(row.message_id).or_default().insert((row.emoji, row.account_id));
    }
    Ok(Some(reactors))
}

/// A message that looks different to those who reacted to it.
#[derive(Debug)]
struct Reacted {
    message: Message,
    /// As everybody else sees it.
    cast: Cast,
    reactors: Reactors,
}

impl Kept for Reacted {
    fn frame_for(&self, listener: u128) -> Option<Frame> {
        let who = Uuid::from_u128(listener);
        if !self.reactors.iter().any(|(_, reactor)| *reactor == who) {
            return Kept::frame_for(&self.cast, listener);
        }
        let mut message = self.message.clone();
        for reaction in &mut message.reactions {
            reaction.mine = self.reactors.contains(&(reaction.emoji.clone(), who));
        }
        let kind = if message.sender.id.0 == who { "message_sent" } else { "new_message" };
        Some(Frame::durable(about_message(kind, &encode(&message)?)))
    }

    fn bytes(&self) -> usize {
        let reactors =
            self.reactors.iter().map(|(emoji, _)| emoji.len() + size_of::<(String, Uuid)>());
        2 * Kept::bytes(&self.cast) + reactors.sum::<usize>()
    }
}
