//! Who is here: a count of connections for each person.
//!
//! Somebody is online while any of their devices is. Going offline is not told at once: a reload
//! closes one socket and opens the next, and nobody should see a flicker. [`Presence::left`] gives
//! a ticket; the caller waits a grace period and then redeems it with [`Presence::expire`].
//!
//! Others are told while the list is locked, so that they hear of changes in the order in which
//! these happened.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
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
    /// Whether others may know.
    shown: bool,
}

/// The people who are here, ordered by their key, each with a card `T` to show.
#[derive(Debug)]
pub struct Presence<T> {
    people: Mutex<BTreeMap<u128, Person<T>>>,
    /// How many they are, for those who ask while the list is locked.
    count: AtomicUsize,
}

impl<T> Default for Presence<T> {
    fn default() -> Self {
        Self { people: Mutex::default(), count: AtomicUsize::new(0) }
    }
}

impl<T: Clone> Presence<T> {
    /// One more connection of `who`; `tell` runs if it is the first of somebody who is shown.
    pub fn joined(&self, who: u128, card: T, shown: bool, tell: impl FnOnce()) {
        let mut people = self.lock();
        if let Some(person) = people.get_mut(&who) {
            person.connections += 1;
            person.ticket += 1;
            return;
        }
        people.insert(who, Person { connections: 1, ticket: 0, card, shown });
        self.count.store(people.len(), Ordering::Relaxed);
        if shown {
            tell();
        }
    }

    /// Shows or hides somebody who is here; `tell` runs if that changed.
    pub fn show(&self, who: u128, shown: bool, tell: impl FnOnce()) {
        let mut people = self.lock();
        if let Some(person) = people.get_mut(&who).filter(|person| person.shown != shown) {
            person.shown = shown;
            tell();
        }
    }

    /// Whether `who`, if they are here, is shown.
    #[must_use]
    pub fn shown(&self, who: u128) -> Option<bool> {
        self.lock().get(&who).map(|person| person.shown)
    }

    /// One connection of `who` less; a ticket if it was the last.
    pub fn left(&self, who: u128) -> Option<Ticket> {
        let mut people = self.lock();
        let person = people.get_mut(&who)?;
        person.connections = person.connections.saturating_sub(1);
        person.ticket += 1;
        (person.connections == 0).then_some(Ticket(person.ticket))
    }

    /// `tell` runs if `who` is really gone, and was shown: no connection has come back since the
    /// ticket was given.
    pub fn expire(&self, who: u128, ticket: Ticket, tell: impl FnOnce()) {
        let mut people = self.lock();
        let gone = people
            .get(&who)
            .is_some_and(|person| person.connections == 0 && person.ticket == ticket.0);
        let removed = if gone { people.remove(&who) } else { None };
        self.count.store(people.len(), Ordering::Relaxed);
        if removed.is_some_and(|person| person.shown) {
            tell();
        }
    }

    /// How many are here, shown or not. Whoever is told of a change may ask.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// At most `most` of those who are shown and have a `class`, the lowest class first and by card within
    /// it; and how many there are of them. Only those who are chosen are copied.
    #[must_use]
    pub fn choose(&self, most: usize, class: impl Fn(u128, &T) -> Option<u8>) -> (Vec<T>, usize)
    where
        T: Ord,
    {
        let people = self.lock();
        let shown = people.iter().filter(|(_, person)| person.shown);
        let classed = |(who, person): (&u128, &'_ Person<T>)| class(*who, &person.card);
        let mut found: Vec<_> =
            shown.filter_map(|each| Some((classed(each)?, &each.1.card))).collect();
        let count = found.len();
        if most < count {
            found.select_nth_unstable(most);
            found.truncate(most);
        }
        found.sort_unstable();
        (found.into_iter().map(|(_, card)| card.clone()).collect(), count)
    }

    /// Everybody who is here, those in their grace period included, with whether each may be shown.
    #[must_use]
    pub fn with_hidden(&self) -> Vec<(T, bool)> {
        self.lock().values().map(|person| (person.card.clone(), person.shown)).collect()
    }

    /// Nobody is here any more, whatever their connections and tickets say; those who were.
    pub fn clear(&self) -> Vec<T> {
        let mut people = self.lock();
        self.count.store(0, Ordering::Relaxed);
        std::mem::take(&mut *people).into_values().map(|person| person.card).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u128, Person<T>>> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Those who are shown.
    fn everybody(here: &Presence<&'static str>) -> Vec<&'static str> {
        here.choose(usize::MAX, |_, _| Some(0)).0
    }

    /// Whether the call told anybody.
    fn joins(here: &Presence<&'static str>, who: u128) -> bool {
        let mut told = false;
        here.joined(who, "ada", true, || told = true);
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
        assert_eq!(everybody(&here), ["ada"], "still here during the grace period");
        assert!(expires(&here, 1, ticket));
        assert!(everybody(&here).is_empty());
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
    fn who_hides_is_not_told_of() {
        let here = Presence::default();
        here.joined(1, "ada", false, || panic!("hidden"));
        assert!(everybody(&here).is_empty());
        assert_eq!((here.shown(1), here.shown(2)), (Some(false), None));
        let mut told = 0;
        here.show(1, true, || told += 1);
        here.show(1, true, || told += 1);
        assert_eq!((told, everybody(&here)), (1, vec!["ada"]));
        here.show(1, false, || told += 1);
        assert_eq!((told, everybody(&here)), (2, vec![]));
        let ticket = here.left(1).unwrap();
        here.expire(1, ticket, || panic!("hidden"));
        assert!(here.with_hidden().is_empty());
    }

    #[test]
    fn all_can_leave_at_once() {
        let here = Presence::default();
        joins(&here, 1);
        let ticket = here.left(1).unwrap();
        here.joined(2, "bob", false, || {});
        assert_eq!(here.clear(), ["ada", "bob"]);
        assert!(here.clear().is_empty());
        assert!(!expires(&here, 1, ticket));
        assert_eq!(here.left(2), None);
    }

    #[test]
    fn the_first_are_chosen_and_all_are_counted() {
        let here = Presence::default();
        for (who, name) in [(1, "zoe"), (2, "bob"), (3, "ada"), (4, "eve")] {
            here.joined(who, name, true, || {});
        }
        here.joined(5, "abe", false, || panic!("hidden"));
        let known_first = |who, _: &&str| Some(u8::from(who != 1));
        assert_eq!(here.choose(2, known_first), (vec!["zoe", "ada"], 4));
        assert_eq!(here.choose(9, known_first), (vec!["zoe", "ada", "bob", "eve"], 4));
        assert_eq!(here.choose(0, known_first), (vec![], 4));
        let named = |_, name: &&str| name.contains('e').then_some(0);
        assert_eq!(here.choose(1, named), (vec!["eve"], 2));
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
