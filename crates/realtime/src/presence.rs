//! Who is here: a count of connections for each person.
//!
//! Somebody is online while any of their devices is. Going offline is not told at once: a reload
//! closes one socket and opens the next, and nobody should see a flicker. [`Presence::left`] gives
//! a ticket; the caller waits a grace period and then redeems it with [`Presence::expire`].
//!
//! Others are told while the list is locked, so that they hear of changes in the order in which
//! these happened.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The last connection of somebody is gone: to be redeemed after the grace period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket(u64);

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
    /// One more connection of `who`; `tell` runs if it is the first.
    pub fn joined(&self, who: u128, card: T, tell: impl FnOnce()) {
        let mut people = self.lock();
        if let Some(person) = people.get_mut(&who) {
            person.connections += 1;
            person.ticket += 1;
            return;
        }
        people.insert(who, Person { connections: 1, ticket: 0, card });
        tell();
    }

    /// One connection of `who` less; a ticket if it was the last.
    pub fn left(&self, who: u128) -> Option<Ticket> {
        let mut people = self.lock();
        let person = people.get_mut(&who)?;
        person.connections = person.connections.saturating_sub(1);
        person.ticket += 1;
        (person.connections == 0).then_some(Ticket(person.ticket))
    }

    /// `tell` runs if `who` is really gone: no connection has come back since the ticket was given.
    pub fn expire(&self, who: u128, ticket: Ticket, tell: impl FnOnce()) {
        let mut people = self.lock();
        let gone = people
            .get(&who)
            .is_some_and(|person| person.connections == 0 && person.ticket == ticket.0);
        if gone {
            people.remove(&who);
            tell();
        }
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

    /// Whether the call told anybody.
    fn joins(here: &Presence<&'static str>, who: u128) -> bool {
        let mut told = false;
        here.joined(who, "ada", || told = true);
        told
    }

    fn expires(here: &Presence<&'static str>, who: u128, ticket: Ticket) -> bool {
        let mut told = false;
        here.expire(who, ticket, || told = true);
        told
    }

    #[test]
    fn online_with_the_first_device_and_offline_after_the_last() {
        let here = Presence::default();
        assert!(joins(&here, 1));
        assert!(!joins(&here, 1));
        assert_eq!(here.left(1), None);
        let ticket = here.left(1).unwrap();
        assert_eq!(here.everybody(), ["ada"], "still here during the grace period");
        assert!(expires(&here, 1, ticket));
        assert!(here.everybody().is_empty());
        assert!(joins(&here, 1));
    }

    #[test]
    fn a_reload_is_not_a_departure() {
        let here = Presence::default();
        joins(&here, 1);
        let ticket = here.left(1).unwrap();
        assert!(!joins(&here, 1), "nobody was told that she left");
        assert!(!expires(&here, 1, ticket));
    }

    #[test]
    fn only_the_newest_ticket_counts() {
        let here = Presence::default();
        joins(&here, 1);
        let first = here.left(1).unwrap();
        joins(&here, 1);
        let second = here.left(1).unwrap();
        assert!(!expires(&here, 1, first));
        assert!(expires(&here, 1, second));
    }
}
