//! What would have been told of messages that another node has written.

use entity::message;
use realtime::{Event, Place};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;
use wire::ConversationId;

use crate::chat::{ChatError, messages_after, tell_stored_messages};
use crate::{Services, clock, tx::Tx};

/// What is younger than this, in milliseconds, may not have been told here yet. It has to cover a
/// clock that differs from ours, and the time between two sweeps.
pub(super) const RECENT_MS: i64 = 5_000;
/// Messages looked at, or told, at once.
const STEP: u64 = 200;

/// The last message of a series before `place` that is older than anything this node, which began at
/// `since`, still has to tell.
pub(super) async fn last_before(
    services: &Services,
    place: Place,
    since: i64,
) -> Result<i64, ChatError> {
    let horizon = since.max(clock::now().0 - RECENT_MS);
    let recent: Vec<(i64, i64)> = message::Entity::find()
        .select_only()
        .columns([message::Column::Seq, message::Column::CreatedAt])
        .filter(message::Column::ConversationId.eq(Uuid::from_u128(place.series)))
        .filter(message::Column::Seq.lt(place.number))
        .order_by_desc(message::Column::Seq)
        .limit(STEP)
        .into_tuple()
        .all(&services.store.read)
        .await?;
    let old = recent.iter().find(|(_, created_at)| *created_at < horizon);
    let first = recent.last().map_or(place.number, |(seq, _)| *seq);
    Ok(old.map_or(first - 1, |(seq, _)| *seq))
}

/// The events of the messages behind `after`, up to and with `up_to`.
pub(super) async fn between(
    services: &Services,
    after: i64,
    up_to: Place,
) -> Result<Vec<Event>, ChatError> {
    let conversation = ConversationId(Uuid::from_u128(up_to.series));
    let mut events = Vec::new();
    let mut reached = after;
    while reached < up_to.number {
        let left = u64::try_from(up_to.number - reached).unwrap_or(STEP).min(STEP);
        let messages = messages_after(services, conversation, reached, left).await?;
        let Some(last) = messages.last() else { break };
        reached = last.seq;
        let mut tx = Tx::begin(&services.store, &services.hub).await?;
        tell_stored_messages(&mut tx, conversation, &messages).await?;
        events.extend(tx.into_events());
    }
    Ok(events)
}
