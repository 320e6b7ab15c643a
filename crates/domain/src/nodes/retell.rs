//! What would have been told of messages that another node has written.

use entity::message;
use realtime::{Event, Place};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;
use wire::ConversationId;

use crate::chat::{ChatError, messages_after, tell_stored_messages};
use crate::{Services, tx::Tx};

/// What is younger than this, in milliseconds, before everything had been told here last, may not have
/// been told yet. It has to cover a clock that differs from ours, and the time that a commit takes.
pub(super) const RECENT_MS: i64 = 5_000;
/// Messages told at once.
const STEP: u64 = 200;

/// The last message of a series before `place` that is older than anything this node still has to tell.
/// `swept` is when it had told everything last, or began.
pub(super) async fn last_before(
    services: &Services,
    place: Place,
    swept: i64,
) -> Result<i64, ChatError> {
    let old = older_than(place, swept - RECENT_MS).into_tuple().one(&services.store.read).await?;
    Ok(old.unwrap_or(0))
}

/// Goes back from `place`, so it reads as many messages as are young.
pub(crate) fn older_than(place: Place, horizon: i64) -> Select<message::Entity> {
    message::Entity::find()
        .select_only()
        .column(message::Column::Seq)
        .filter(message::Column::ConversationId.eq(Uuid::from_u128(place.series)))
        .filter(message::Column::Seq.lt(place.number))
        .filter(message::Column::CreatedAt.lt(horizon))
        .order_by_desc(message::Column::Seq)
        .limit(1)
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
