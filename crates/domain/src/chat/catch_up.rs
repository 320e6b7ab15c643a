//! What somebody has missed who comes back.
//!
//! The global room is answered from memory: after a cut or a restart everybody comes back to it at once.
//! Of all other conversations one question tells which the caller may read and how they stand, and one
//! more gives what memory does not have.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use realtime::{Cast, Frame, Kept, Recalled};
use sea_orm::{DbBackend, FromQueryResult, Statement, Value};
use uuid::Uuid;
use wire::chat::Message;
use wire::live::{Cursors, RESUME_LIMIT};
use wire::{ConversationId, ConversationKey};

use super::broadcasts::cast_of;
use super::message_rows::{COLUMNS, messages};
use super::talks::placeholders;
use super::{ChatError, room_tail};
use crate::{Caller, Services};

/// Conversations whose messages one question reads; what was said in others is a gap.
const CONVERSATIONS: usize = 100;
/// Messages that one question reads, in all conversations together.
const MESSAGES: i64 = 2_000;
/// More than this, in one conversation, is a gap.
const LIMIT: i64 = RESUME_LIMIT as i64;

/// How a conversation goes on behind a cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaughtUp {
    pub missed: Missed,
    /// Where the caller stands afterwards.
    pub last: i64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missed {
    /// In order, as they were first sent, and as they are now.
    Frames(Vec<Frame>),
    /// Too much to be given here.
    Gap,
}

/// For each conversation that the caller names what was said behind their cursor, or
/// [`ChatError::NotFound`] for one that they may not read. Who listens already misses nothing; what is
/// told meanwhile may come twice.
///
/// # Errors
/// Where the database does not answer.
pub async fn catch_up(
    services: &Services,
    caller: &Caller,
    mut cursors: Cursors,
) -> Result<BTreeMap<ConversationKey, Result<CaughtUp, ChatError>>, ChatError> {
    let mut all = BTreeMap::new();
    if let Some(seq) = cursors.remove(&ConversationKey::Global) {
        let room = match room_tail::catch_up(services, caller, seq.max(0)).await {
            Err(ChatError::Store(problem)) => return Err(ChatError::Store(problem)),
            answer => answer,
        };
        all.insert(ConversationKey::Global, room);
    }
    let cursors: BTreeMap<_, _> = cursors.into_iter().filter_map(private).collect();
    let places = places(services, caller, &cursors).await?;
    let (mut read, mut wanted) = (Vec::new(), 0);
    for (id, seq) in cursors {
        let answer = match places.get(&id) {
            None => Err(ChatError::NotFound),
            Some(place) => match known(services, caller, place, seq) {
                Some(caught_up) => Ok(caught_up),
                None if read.len() < CONVERSATIONS && wanted < MESSAGES => {
                    wanted += place.last_seq - seq;
                    read.push(Stretch { place, after: seq });
                    continue;
                }
                None => Ok(CaughtUp { missed: Missed::Gap, last: place.last_seq }),
            },
        };
        all.insert(ConversationKey::Id(ConversationId(id)), answer);
    }
    for (id, caught_up) in self::read(services, caller, &read).await? {
        all.insert(ConversationKey::Id(ConversationId(id)), Ok(caught_up));
    }
    Ok(all)
}

fn private((key, seq): (ConversationKey, i64)) -> Option<(Uuid, i64)> {
    match key {
        ConversationKey::Global => None,
        ConversationKey::Id(id) => Some((id.0, seq.max(0))),
    }
}

/// A conversation that the caller may read.
#[derive(Debug, FromQueryResult)]
struct Place {
    id: Uuid,
    last_seq: i64,
    change_seq: i64,
}

struct Stretch<'a> {
    place: &'a Place,
    after: i64,
}

async fn places(
    services: &Services,
    caller: &Caller,
    cursors: &BTreeMap<Uuid, i64>,
) -> Result<HashMap<Uuid, Place>, ChatError> {
    if cursors.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<_> = cursors.keys().copied().collect();
    let query = places_query(services.store.backend(), caller.user_id.0, &ids);
    let found = Place::find_by_statement(query).all(&services.store.read).await?;
    Ok(found.into_iter().map(|place| (place.id, place)).collect())
}

pub(super) fn places_query(backend: DbBackend, caller: Uuid, ids: &[Uuid]) -> Statement {
    let sql = format!(
        "SELECT c.id, c.last_seq, c.change_seq \
         FROM membership m JOIN conversation c ON c.id = m.conversation_id \
         WHERE m.account_id = $1 AND m.conversation_id IN ({}) \
         AND (m.state = 'active' OR (m.state = 'requested' AND c.kind = 'direct'))",
        placeholders(2, ids.len())
    );
    let values = std::iter::once(caller).chain(ids.iter().copied()).map(Value::from);
    Statement::from_sql_and_values(backend, sql, values)
}

/// What can be said without reading a message. Memory counts where it has the conversation as the
/// database has it now.
fn known(services: &Services, caller: &Caller, place: &Place, after: i64) -> Option<CaughtUp> {
    let missing = place.last_seq - after;
    if missing <= 0 {
        return Some(CaughtUp { missed: Missed::Frames(Vec::new()), last: after });
    }
    if missing > LIMIT {
        return Some(CaughtUp { missed: Missed::Gap, last: place.last_seq });
    }
    let recalled = services.hub.recall(place.id.as_u128(), after, place.change_seq)?;
    told(recalled, caller, after).filter(|caught_up| caught_up.last >= place.last_seq)
}

/// What memory has, as the caller sees it.
pub(super) fn told(recalled: Recalled, caller: &Caller, after: i64) -> Option<CaughtUp> {
    let (kept, last) = match recalled {
        Recalled::TooMuch { last } => return Some(CaughtUp { missed: Missed::Gap, last }),
        Recalled::Whole { kept, last } => (kept, last),
    };
    let listener = caller.user_id.0.as_u128();
    let frames: Option<Vec<_>> = kept.iter().map(|one| one.frame_for(listener)).collect();
    Some(CaughtUp { missed: Missed::Frames(frames?), last: last.max(after) })
}

/// The messages of all stretches in one question, and into memory what looks the same to everybody.
async fn read(
    services: &Services,
    caller: &Caller,
    stretches: &[Stretch<'_>],
) -> Result<Vec<(Uuid, CaughtUp)>, ChatError> {
    if stretches.is_empty() {
        return Ok(Vec::new());
    }
    let series = |stretch: &Stretch<'_>| stretch.place.id.as_u128();
    let readings: Vec<_> =
        stretches.iter().map(|stretch| services.hub.begin_reading(series(stretch))).collect();
    let edges: Vec<_> =
        stretches.iter().map(|one| (one.place.id, one.after, one.place.last_seq)).collect();
    let query = stretches_query(services.store.backend(), &edges);
    let found = messages(&services.store.read, query, Some(caller.user_id)).await?;
    let mut by_conversation = BTreeMap::<Uuid, Vec<Message>>::new();
    for message in found {
        let id = super::conversation_of(message.conversation_id).0;
        by_conversation.entry(id).or_default().push(message);
    }
    let mut all = Vec::with_capacity(stretches.len());
    for (stretch, reading) in stretches.iter().zip(readings) {
        let place = stretch.place;
        let messages = by_conversation.remove(&place.id).unwrap_or_default();
        let casts: Vec<_> = messages.iter().filter_map(cast_of).collect();
        if messages.iter().all(|message| message.reactions.is_empty()) {
            let kept = casts.iter().map(|cast| Arc::new(cast.clone()) as Arc<dyn Kept>).collect();
            let state = (place.change_seq, place.last_seq);
            services.hub.remember(series(stretch), reading, state, kept);
        }
        let missed = Missed::Frames(frames(&casts, caller));
        all.push((place.id, CaughtUp { missed, last: place.last_seq }));
    }
    Ok(all)
}

/// Each of the conversations behind the first of its numbers, up to and with the second.
pub(super) fn stretches_query(backend: DbBackend, edges: &[(Uuid, i64, i64)]) -> Statement {
    let each = |n: usize| {
        let first = 3 * n + 1;
        let (second, third) = (first + 1, first + 2);
        format!("(m.conversation_id = ${first} AND m.seq > ${second} AND m.seq <= ${third})")
    };
    let stretches: Vec<_> = (0..edges.len()).map(each).collect();
    let sql = format!(
        "SELECT {COLUMNS} FROM message m JOIN account a ON a.id = m.sender_id \
         WHERE {} ORDER BY m.conversation_id, m.seq",
        stretches.join(" OR ")
    );
    let values = edges
        .iter()
        .flat_map(|(id, after, last)| [Value::from(*id), Value::from(*after), Value::from(*last)]);
    Statement::from_sql_and_values(backend, sql, values)
}

/// The frames of messages that were read as the caller sees them.
pub(super) fn frames(casts: &[Cast], caller: &Caller) -> Vec<Frame> {
    let listener = caller.user_id.0.as_u128();
    casts.iter().filter_map(|cast| Kept::frame_for(cast, listener)).collect()
}
