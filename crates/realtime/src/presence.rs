//! Who is here: a count of connections for each person.
//!
//! Somebody is online while any of their devices is. Going offline is not told at once: a reload
//! closes one socket and opens the next, and nobody should see a flicker. [`Presence::left`] gives
//! a ticket; the caller waits a grace period and then asks [`Presence::expire`] whether it still
//! holds.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What the arrival or departure of one connection changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// First connection: tell others.
    Online,
    /// Last connection gone: after the grace period, ask with this ticket.
    Leaving { ticket: u64 },
    /// Nothing that anybody could see.
    None,
}

#[derive(Debug)]
struct Person<T> {
    connections: usize,
    /// Changes with every arrival and departure, so that an old ticket is void.
    ticket: u64,
    card: T,
}

/// The people who are here, ordered by their key, each with a card `T` to show.
#[derive(Debug)]
pub struct Presence<T> {
    people: Mutex<BTreeMap<u128, Person<T>>>,
}

impl<T> Default for Presence<T> {
    fn default() -> Self {
        Self { people: Mutex::default() }
    }
}

impl<T: Clone> Presence<T> {
    /// One more connection of `who`.
    pub fn joined(&self, who: u128, card: T) -> Change {
        let mut people = self.lock();
        if let Some(person) = people.get_mut(&who) {
            person.connections += 1;
            person.ticket += 1;
            return Change::None;
        }
        people.insert(who, Person { connections: 1, ticket: 0, card });
        Change::Online
    }

    /// One connection of `who` less.
    pub fn left(&self, who: u128) -> Change {
        let mut people = self.lock();
        let Some(person) = people.get_mut(&who) else { return Change::None };
        person.connections = person.connections.saturating_sub(1);
        person.ticket += 1;
        if person.connections > 0 {
            return Change::None;
        }
        Change::Leaving { ticket: person.ticket }
    }

    /// Whether `who` is really gone: no connection came back since `ticket` was given.
    pub fn expire(&self, who: u128, ticket: u64) -> bool {
        let mut people = self.lock();
        let gone = people
            .get(&who)
            .is_some_and(|person| person.connections == 0 && person.ticket == ticket);
        if gone {
            people.remove(&who);
        }
        gone
    }

    /// Everybody who is here, those in their grace period included.
    #[must_use]
    pub fn everybody(&self) -> Vec<T> {
        self.lock().values().map(|person| person.card.clone()).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u128, Person<T>>> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn online_with_the_first_device_and_offline_after_the_last() {
        let here = Presence::default();
        assert_eq!(here.joined(1, "ada"), Change::Online);
        assert_eq!(here.joined(1, "ada"), Change::None);
        assert_eq!(here.left(1), Change::None);
        let Change::Leaving { ticket } = here.left(1) else { panic!("the last one left") };
        assert_eq!(here.everybody(), ["ada"], "still here during the grace period");
        assert!(here.expire(1, ticket));
        assert!(here.everybody().is_empty());
        assert_eq!(here.joined(1, "ada"), Change::Online);
    }

    #[test]
    fn a_reload_is_not_a_departure() {
        let here = Presence::default();
        here.joined(1, "ada");
        let Change::Leaving { ticket } = here.left(1) else { panic!("the last one left") };
        assert_eq!(here.joined(1, "ada"), Change::None, "nobody was told that she left");
        assert!(!here.expire(1, ticket));
    }

    #[test]
    fn only_the_newest_ticket_counts() {
        let here = Presence::default();
        here.joined(1, "ada");
        let Change::Leaving { ticket: first } = here.left(1) else { panic!() };
        here.joined(1, "ada");
        let Change::Leaving { ticket: second } = here.left(1) else { panic!() };
        assert!(!here.expire(1, first));
        assert!(here.expire(1, second));
    }
}
