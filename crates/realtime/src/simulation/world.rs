//! What all nodes and clients share: the log, the faults, and the notes of what was seen.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::time::Instant;

use super::chance::Chance;
use super::node::Node;
use crate::{Cast, Event, Frame, Place, Topic};

/// A conversation that everybody hears by its own name; all others are heard by the members'.
pub(super) const ROOM: u128 = 1;
/// The conversations, and who is in them.
pub(super) const SERIES: [(u128, &[u128]); 3] = [(ROOM, &[1, 2, 3]), (2, &[1, 2]), (3, &[1, 2, 3])];
/// Milliseconds in which each client has one.
const TURNS: u64 = 8;
/// Milliseconds at which a world begins.
const BEGINNING: i64 = 1_000_000;

#[derive(Debug)]
pub(super) struct World {
    begun: Instant,
    state: Mutex<State>,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) chance: Chance,
    pub(super) log: BTreeMap<u128, Series>,
    pub(super) nodes: Vec<Node>,
    /// Milliseconds between two batches of one writer, at most.
    pub(super) talks_every: usize,
    /// Of how many parcels the bus loses one.
    pub(super) loses_one_in: usize,
    pub(super) bus_is_silent: bool,
    /// Nothing goes wrong any more but on the bus.
    pub(super) healed: bool,
    /// Nobody says anything any more.
    pub(super) is_quiet: bool,
    pub(super) counts: Counts,
    pub(super) wrong: Vec<String>,
}

/// What a run went through. One that nothing happened in proves nothing.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) messages: u64,
    pub(super) heard: u64,
    pub(super) lost_parcels: u64,
    pub(super) repeated_parcels: u64,
    pub(super) repairs: u64,
    pub(super) recalled: u64,
    pub(super) read: u64,
    pub(super) gaps: u64,
    pub(super) overflows: u64,
    pub(super) stops: u64,
    pub(super) departures: u64,
}

impl Counts {
    pub(super) fn add(&mut self, other: Self) {
        for (all, some) in self.each().into_iter().zip({ other }.each()) {
            *all += *some;
        }
    }

    /// Whether everything that can happen has happened.
    pub(super) fn is_thorough(mut self) -> bool {
        self.each().iter().all(|count| **count > 0)
    }

    fn each(&mut self) -> [&mut u64; 11] {
        let Self { messages, heard, lost_parcels, repeated_parcels, repairs, recalled, .. } = self;
        let Self { read, gaps, overflows, stops, departures, .. } = self;
        [
            messages,
            heard,
            lost_parcels,
            repeated_parcels,
            repairs,
            recalled,
            read,
            gaps,
            overflows,
            stops,
            departures,
        ]
    }
}

/// The database's part of one conversation.
#[derive(Debug, Default)]
pub(super) struct Series {
    entries: Vec<Entry>,
    /// Changes with every change to an entry.
    pub(super) version: i64,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) author: u128,
    pub(super) revision: u32,
    /// By the clock of the node that wrote it, and before it could be read.
    pub(super) created_at: i64,
}

impl World {
    pub(super) fn new(seed: u64, nodes: usize) -> Arc<Self> {
        let mut chance = Chance::new(seed);
        let loses_one_in = 2 + chance.below(20);
        let talks_every = [250, 250, 2_000, 8_000][chance.below(4)];
        let skew = |chance: &mut Chance| chance.below(4_000) as i64 - 2_000;
        let nodes = (0..nodes).map(|_| Node::with_clock(skew(&mut chance))).collect();
        let state = State {
            chance,
            log: SERIES.map(|(series, _)| (series, Series::default())).into(),
            nodes,
            talks_every,
            loses_one_in,
            bus_is_silent: false,
            healed: false,
            is_quiet: false,
            counts: Counts::default(),
            wrong: Vec::new(),
        };
        Arc::new(Self { begun: Instant::now(), state: Mutex::new(state) })
    }

    /// Never held over an await.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// What the clock of a node shows.
    pub(super) fn clock(&self, node: usize) -> i64 {
        BEGINNING + self.begun.elapsed().as_millis() as i64 + self.state().nodes[node].skew
    }

    /// Waits for up to so many milliseconds.
    pub(super) async fn dawdle(&self, most: usize) {
        let time = self.state().chance.millis(most);
        if time > Duration::ZERO {
            tokio::time::sleep(time).await;
        }
    }

    /// Since it began.
    pub(super) fn millis(&self) -> u64 {
        self.begun.elapsed().as_millis() as u64
    }

    /// Waits for about so long: until a millisecond that belongs to this client alone. Those whom a node
    /// closed together are woken in any order, and must not meet again.
    pub(super) async fn turn_of(&self, client: usize, time: Duration) {
        let rest = self.begun.elapsed() + time;
        let turn = rest.as_millis() as u64 / TURNS * TURNS + TURNS + client as u64;
        tokio::time::sleep_until(self.begun + Duration::from_millis(turn)).await;
    }

    pub(super) fn went_wrong(&self, what: String) {
        let at = self.begun.elapsed();
        self.state().wrong.push(format!("{at:?}: {what}"));
    }
}

impl State {
    pub(super) fn last(&self, series: u128) -> i64 {
        self.log[&series].last()
    }

    /// Whether a node can ask the database now.
    pub(super) fn can_read(&self, node: usize) -> bool {
        !self.nodes[node].database_is_away
    }
}

impl Series {
    pub(super) fn last(&self) -> i64 {
        self.entries.len() as i64
    }

    pub(super) fn append(&mut self, entry: Entry) -> i64 {
        self.entries.push(entry);
        self.last()
    }

    pub(super) fn entry(&self, number: i64) -> Entry {
        self.entries[number as usize - 1]
    }

    pub(super) fn change(&mut self, number: i64) {
        self.version += 1;
        self.entries[number as usize - 1].revision += 1;
    }

    pub(super) fn revisions(&self) -> Vec<u32> {
        self.entries.iter().map(|entry| entry.revision).collect()
    }

    /// The last number of those that were created at that time or later.
    pub(super) fn last_since(&self, since: i64) -> Option<i64> {
        let at = self.entries.iter().rposition(|entry| entry.created_at >= since)?;
        Some(at as i64 + 1)
    }
}

/// How an entry is told to everybody who may hear it.
pub(super) fn cast_of(series: u128, number: i64, entry: Entry) -> Cast {
    let text = |form| format!("m {series} {number} {} {form}", entry.revision);
    let frame = |form| Some(Frame::durable(text(form)));
    Cast::Split { owner: entry.author, own: frame("own"), others: frame("others") }
}

pub(super) fn events_of(series: u128, number: i64, entry: Entry) -> Vec<Event> {
    let place = Place { series, number };
    let cast = cast_of(series, number, entry);
    topics_of(series).into_iter().map(|topic| Event::at(place, topic, cast.clone())).collect()
}

/// That an entry has changed. Such a thing has no number, and may be lost between nodes.
pub(super) fn events_of_change(series: u128, number: i64) -> Vec<Event> {
    let cast = Cast::All(Frame::durable(format!("c {series} {number}")));
    topics_of(series).into_iter().map(|topic| Event::new(topic, cast.clone())).collect()
}

fn topics_of(series: u128) -> Vec<Topic> {
    let members = SERIES.iter().find(|(each, _)| *each == series && *each != ROOM);
    let people = members.into_iter().flat_map(|(_, members)| members.iter().copied());
    std::iter::once(Topic::Conversation(series)).chain(people.map(Topic::Person)).collect()
}
