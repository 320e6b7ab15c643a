//! One node among several: what the others are told, and what is made up for when they are not heard.

mod neighbours;
mod notes;
mod retell;
mod sweep;

pub(crate) use neighbours::{Neighbours, say_goodbye};
pub(crate) use notes::Note;
#[cfg(test)]
pub(crate) use retell::older_than;
#[cfg(test)]
pub(crate) use sweep::{ended_since, spoken_since};

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Weak};

use realtime::{Answer, Arrivals, Bus, Event, Ledger, NodeId, Place, Truth, Unavailable};

use crate::Services;
use crate::chat::ChatError;

/// Becomes one of several nodes over `bus`, until the services end. What they limit they count in
/// `ledger`.
pub fn join(
    services: &Arc<Services>,
    bus: Arc<dyn Bus>,
    arrivals: Arrivals,
    ledger: Arc<dyn Ledger>,
) {
    services.limits.share(ledger);
    let swept = Arc::new(AtomicI64::new(crate::clock::now().0));
    let truth = Database { services: Arc::downgrade(services), swept: swept.clone() };
    services.hub.join(bus, arrivals, Arc::new(truth));
    neighbours::keep_in_touch(services);
    sweep::start(services, swept);
}

/// What was published can be read again from the database.
#[derive(Debug)]
struct Database {
    /// The hub belongs to the services, so this must not keep them.
    services: Weak<Services>,
    /// When this node had told everything last, or began, in unix milliseconds.
    swept: Arc<AtomicI64>,
}

#[allow(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn unavailable(error: ChatError) -> Unavailable {
    tracing::warn!(%error, "reading what another node has written");
    Unavailable
}

impl Truth for Database {
    fn before(&self, place: Place) -> Answer<'_, i64> {
        let (services, swept) = (self.services.upgrade(), self.swept.load(Ordering::Relaxed));
        Box::pin(async move {
            let services = services.ok_or(Unavailable)?;
            retell::last_before(&services, place, swept).await.map_err(unavailable)
        })
    }

    fn between(&self, after: i64, up_to: Place) -> Answer<'_, Vec<Event>> {
        let services = self.services.upgrade();
        Box::pin(async move {
            let services = services.ok_or(Unavailable)?;
            retell::between(&services, after, up_to).await.map_err(unavailable)
        })
    }

    fn heard(&self, from: NodeId, note: &str) {
        match (self.services.upgrade(), Note::decode(note)) {
            (Some(services), Some(note)) => services.neighbours.heard(&services, from, note),
            (_, None) => tracing::debug!("a node of another version says something new"),
            (None, _) => {}
        }
    }
}
