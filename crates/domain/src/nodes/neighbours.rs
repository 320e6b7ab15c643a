//! Who is on the other nodes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use realtime::NodeId;
use tokio::time::{Instant, MissedTickBehavior, interval};
use wire::chat::Person;

use super::Note;
use crate::Services;
use crate::chat::presence::{arrived, departed, key, show};

/// Between two rosters of a node.
const ROSTER_EVERY: Duration = Duration::from_secs(10);
/// A node that was not heard of for so long is gone, and everybody on it with it.
const SILENCE: Duration = Duration::from_secs(30);

#[derive(Debug)]
struct Neighbour {
    heard: Instant,
    people: HashMap<u128, Person>,
}

/// The other nodes, as far as they were heard of.
#[derive(Debug, Default)]
pub(crate) struct Neighbours(Mutex<HashMap<NodeId, Neighbour>>);

impl Neighbours {
    pub(crate) fn heard(&self, services: &Services, from: NodeId, note: Note) {
        let mut nodes = self.lock();
        let is_new = !nodes.contains_key(&from);
        let node = nodes
            .entry(from)
            .or_insert_with(|| Neighbour { heard: Instant::now(), people: HashMap::new() });
        node.heard = Instant::now();
        match note {
            Note::Here { person, shown } => node.add(services, person, shown),
            Note::Gone { person } => node.remove(services, key(&person)),
            Note::Shown { person, shown } => show(services, &person, shown),
            Note::Roster { people } => node.replace(services, people),
        }
        drop(nodes);
        if is_new {
            // It does not know us either.
            say_who_is_here(services);
        }
    }

    fn forget_silent(&self, services: &Services) {
        let mut nodes = self.lock();
        nodes.retain(|_, node| {
            let is_alive = node.heard.elapsed() < SILENCE;
            if !is_alive {
                node.replace(services, Vec::new());
            }
            is_alive
        });
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<NodeId, Neighbour>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Neighbour {
    fn add(&mut self, services: &Services, person: Person, shown: bool) {
        if self.people.insert(key(&person), person.clone()).is_none() {
            arrived(services, &person, shown);
        }
    }

    fn remove(&mut self, services: &Services, who: u128) {
        if let Some(person) = self.people.remove(&who) {
            departed(services, &person);
        }
    }

    fn replace(&mut self, services: &Services, people: Vec<(Person, bool)>) {
        let stay: Vec<_> = people.iter().map(|(person, _)| key(person)).collect();
        let gone: Vec<_> = self.people.keys().filter(|who| !stay.contains(who)).copied().collect();
        for who in gone {
            self.remove(services, who);
        }
        for (person, shown) in people {
            self.add(services, person, shown);
        }
    }
}

fn say_who_is_here(services: &Services) {
    let people = services.own_people.with_hidden();
    services.hub.note(Note::Roster { people }.encode());
}

/// The last word of a node that stops.
pub(crate) fn say_goodbye(services: &Services) {
    services.hub.note(Note::Roster { people: Vec::new() }.encode());
}

/// Until the services end.
pub(super) fn keep_in_touch(services: &Arc<Services>) {
    let services = Arc::downgrade(services);
    tokio::spawn(async move {
        let mut ticks = interval(ROSTER_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let Some(services) = services.upgrade() else { return };
            say_who_is_here(&services);
            services.neighbours.forget_silent(&services);
        }
    });
}
