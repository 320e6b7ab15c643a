//! Once a second each node looks what the others have done, so that a bus that is silent is only slow.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use entity::{message, session};
use realtime::{Cast, Event, Place, Topic};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, Select};
use tokio::time::{MissedTickBehavior, interval};
use uuid::Uuid;
use wire::live::close;

use super::retell::RECENT_MS;
use crate::tx::announce_here;
use crate::{Services, StoreError, clock};

const EVERY: Duration = Duration::from_secs(1);

/// Until the services end. `swept` is when everything had been told last: a database that was away,
/// however long and for whatever part of the work, leaves nothing behind.
pub(super) fn start(services: &Arc<Services>, swept: Arc<AtomicI64>) {
    let services = Arc::downgrade(services);
    tokio::spawn(async move {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let Some(services) = services.upgrade() else { return };
            let now = clock::now().0;
            match sweep(&services, swept.load(Ordering::Relaxed) - RECENT_MS).await {
                Ok(true) => swept.store(now, Ordering::Relaxed),
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "looking what other nodes have done"),
            }
        }
    });
}

/// Whether everything has been told.
async fn sweep(services: &Services, since: i64) -> Result<bool, StoreError> {
    let spoken = spoken_in(services, since).await?;
    announce_here(&services.hub, ended_sessions(services, since).await?);
    Ok(services.hub.reached(spoken).await)
}

async fn spoken_in(services: &Services, since: i64) -> Result<Vec<Place>, StoreError> {
    let rows: Vec<(Uuid, i64)> = spoken_since(since).into_tuple().all(&services.store.read).await?;
    let place = |(id, number): (Uuid, i64)| Place { series: id.as_u128(), number };
    Ok(rows.into_iter().map(place).collect())
}

/// The last number of each conversation in which somebody spoke. Ids of messages begin with their time
/// (RFC 9562 §5.7), so the primary key finds the new ones.
pub(crate) fn spoken_since(since: i64) -> Select<message::Entity> {
    message::Entity::find()
        .select_only()
        .column(message::Column::ConversationId)
        .column_as(message::Column::Seq.max(), "last_seq")
        // With both ends SQLite takes it for the few that they are.
        .filter(message::Column::Id.between(first_id_of(since), Uuid::max()))
        .group_by(message::Column::ConversationId)
}

/// The least id of a UUIDv7 made at `millis`.
fn first_id_of(millis: i64) -> Uuid {
    Uuid::from_u128(u128::try_from(millis).unwrap_or(0) << 80)
}

async fn ended_sessions(services: &Services, since: i64) -> Result<Vec<Event>, StoreError> {
    let rows: Vec<Uuid> = ended_since(since).into_tuple().all(&services.store.read).await?;
    let close = |id: Uuid| Event::new(Topic::Device(id.as_u128()), Cast::Close(close::SIGNED_OUT));
    Ok(rows.into_iter().map(close).collect())
}

pub(crate) fn ended_since(since: i64) -> Select<session::Entity> {
    session::Entity::find()
        .select_only()
        .column(session::Column::Id)
        .filter(session::Column::RevokedAt.gte(since))
}
