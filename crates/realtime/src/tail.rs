//! The last that was told of a series, kept for those who come back.
//!
//! A tail begins with what somebody has read from the truth, and grows with what is told after it. It
//! has no holes: where one would come to be, or where something in it may have changed, it is forgotten
//! and has to be read again.

use std::collections::{HashMap, VecDeque};
use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::{Cast, Event, Frame, Topic};

/// Most events of one series.
const LENGTH: usize = 200;
/// Most bytes of one series.
const TAIL_BYTES: usize = 1024 * 1024;
/// Most bytes of all; beyond it whatever was not asked for the longest is forgotten.
const ALL_BYTES: usize = 32 * 1024 * 1024;
/// Most series; as with bytes.
const SERIES: usize = 4096;

/// One event of a series, for anybody who may hear it.
pub trait Kept: Debug + Send + Sync {
    /// As it is told to the sockets of `listener`.
    fn frame_for(&self, listener: u128) -> Option<Frame>;

    fn bytes(&self) -> usize;
}

/// What a tail has behind a number.
#[derive(Debug, Clone)]
pub enum Recalled {
    /// Everything, in order, up to `last`.
    Whole { kept: Vec<Arc<dyn Kept>>, last: i64 },
    /// More than a tail ever has.
    TooMuch { last: i64 },
}

/// Somebody is about to read a tail: void as soon as anything in the series has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading(u64);

#[derive(Debug, Default)]
pub(crate) struct Tails(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    tails: HashMap<u128, Tail>,
    bytes: usize,
    /// Counts whatever is asked and forgotten.
    clock: u64,
}

#[derive(Debug, Default)]
struct Tail {
    reading: u64,
    asked: u64,
    /// `None` until it was read.
    known: Option<Known>,
    /// Told while somebody reads.
    early: Vec<(i64, Arc<dyn Kept>)>,
}

#[derive(Debug)]
struct Known {
    version: i64,
    last: i64,
    kept: VecDeque<Arc<dyn Kept>>,
    bytes: usize,
}

impl Kept for Cast {
    fn frame_for(&self, listener: u128) -> Option<Frame> {
        Self::frame_for(self, Some(listener)).cloned()
    }

    fn bytes(&self) -> usize {
        match self {
            Self::All(frame) => frame.wire().len(),
            Self::Split { own, others, .. } => {
                own.iter().chain(others).map(|frame| frame.wire().len()).sum()
            }
            Self::Close(_) => 0,
        }
    }
}

impl Tails {
    /// Takes note of what is about to be told.
    pub(crate) fn hear(&self, events: &[Event]) {
        let mut state = None;
        for event in events {
            if let Topic::Conversation(series) = event.topic {
                state.get_or_insert_with(|| self.lock()).hear(series, event);
            }
        }
    }

    pub(crate) fn behind(&self, series: u128, after: i64, version: i64) -> Option<Recalled> {
        let mut state = self.lock();
        let now = state.tick();
        let tail = state.tails.get_mut(&series)?;
        tail.asked = now;
        tail.known.as_ref().filter(|known| known.version == version)?.behind(after)
    }

    pub(crate) fn begin(&self, series: u128) -> Reading {
        let mut state = self.lock();
        let now = state.tick();
        let tail = state.tails.entry(series).or_default();
        if tail.reading == 0 {
            tail.reading = now;
        }
        tail.asked = now;
        let reading = Reading(tail.reading);
        state.make_room();
        reading
    }

    /// `kept` are the events up to and with `last`, without a hole.
    pub(crate) fn remember(
        &self,
        series: u128,
        Reading(reading): Reading,
        (version, last): (i64, i64),
        kept: Vec<Arc<dyn Kept>>,
    ) {
        let mut state = self.lock();
        let Some(tail) = state.tails.get_mut(&series).filter(|tail| tail.reading == reading) else {
            return;
        };
        let bytes = kept.iter().map(|one| one.bytes()).sum();
        let was = tail.bytes();
        tail.learn(Known { version, last, kept: kept.into(), bytes });
        let is = tail.bytes();
        state.bytes = state.bytes + is - was;
        state.make_room();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn hear(&mut self, series: u128, event: &Event) {
        let now = self.tick();
        let Some(tail) = self.tails.get_mut(&series) else { return };
        let was = tail.bytes();
        match event.place {
            Some(place) if place.series == series => tail.grow(place.number, &event.cast, now),
            Some(_) => {}
            None if may_change_something(&event.cast) => tail.forget(now),
            None => {}
        }
        self.bytes = self.bytes + tail.bytes() - was;
    }

    fn tick(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }

    /// A quarter at once, so that it is not done for each.
    fn make_room(&mut self) {
        if self.bytes <= ALL_BYTES && self.tails.len() <= SERIES {
            return;
        }
        let mut by_use: Vec<_> =
            self.tails.iter().map(|(series, tail)| (tail.asked, *series)).collect();
        by_use.sort_unstable();
        for (_, series) in by_use.into_iter().take(self.tails.len().div_ceil(4)) {
            let gone = self.tails.remove(&series);
            self.bytes -= gone.map_or(0, |tail| tail.bytes());
        }
    }
}

/// What has no number and has to arrive is about something that was told before.
fn may_change_something(cast: &Cast) -> bool {
    let is_durable = |frame: &Frame| !frame.is_droppable();
    match cast {
        Cast::All(frame) => is_durable(frame),
        Cast::Split { own, others, .. } => own.iter().chain(others).any(is_durable),
        Cast::Close(_) => false,
    }
}

impl Tail {
    fn bytes(&self) -> usize {
        self.known.as_ref().map_or(0, |known| known.bytes)
    }

    fn grow(&mut self, number: i64, cast: &Cast, now: u64) {
        let kept = || Arc::new(cast.clone());
        let Some(known) = &mut self.known else {
            // Whoever reads now may not have seen this one yet.
            self.early.push((number, kept()));
            if self.early.len() > LENGTH {
                self.forget(now);
            }
            return;
        };
        if number == known.last + 1 {
            known.push(kept());
            known.shorten();
        } else if number > known.last {
            self.forget(now);
        }
    }

    fn forget(&mut self, now: u64) {
        self.known = None;
        self.early.clear();
        self.reading = now;
    }

    /// Goes on with what was told meanwhile; where that leaves a hole, nothing is learnt.
    fn learn(&mut self, mut read: Known) {
        let told = match &self.known {
            None => self.early.clone(),
            Some(known) => known.numbered(),
        };
        for (number, one) in told {
            if number > read.last + 1 {
                return;
            }
            if number == read.last + 1 {
                read.push(one);
            }
        }
        read.shorten();
        self.early.clear();
        self.known = Some(read);
    }
}

impl Known {
    fn behind(&self, after: i64) -> Option<Recalled> {
        let last = self.last;
        let wanted = usize::try_from(last.saturating_sub(after)).unwrap_or(0);
        if wanted > LENGTH {
            return Some(Recalled::TooMuch { last });
        }
        let known = self.kept.len().checked_sub(wanted)?;
        Some(Recalled::Whole { kept: self.kept.range(known..).cloned().collect(), last })
    }

    fn push(&mut self, one: Arc<dyn Kept>) {
        self.bytes += one.bytes();
        self.last += 1;
        self.kept.push_back(one);
    }

    fn numbered(&self) -> Vec<(i64, Arc<dyn Kept>)> {
        let first = self.last + 1 - self.kept.len() as i64;
        (first..).zip(self.kept.iter().cloned()).collect()
    }

    fn shorten(&mut self) {
        while self.kept.len() > LENGTH || self.bytes > TAIL_BYTES {
            let Some(oldest) = self.kept.pop_front() else { return };
            self.bytes -= oldest.bytes();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Place;

    const SERIES: u128 = 7;

    fn cast(number: i64) -> Cast {
        Cast::All(Frame::durable(number.to_string()))
    }

    fn told(number: i64) -> Event {
        Event::at(Place { series: SERIES, number }, Topic::Conversation(SERIES), cast(number))
    }

    fn read(numbers: std::ops::RangeInclusive<i64>) -> Vec<Arc<dyn Kept>> {
        numbers.map(|number| Arc::new(cast(number)) as Arc<dyn Kept>).collect()
    }

    /// A tail that was read when its last number was `last`.
    fn tails(last: i64) -> Tails {
        let tails = Tails::default();
        let reading = tails.begin(SERIES);
        tails.remember(SERIES, reading, (0, last), read((last - 9).max(1)..=last));
        tails
    }

    fn behind(tails: &Tails, after: i64) -> Option<Vec<String>> {
        match tails.behind(SERIES, after, 0)? {
            Recalled::TooMuch { last } => Some(vec![format!("too much before {last}")]),
            Recalled::Whole { kept, .. } => {
                Some(kept.iter().map(|one| one.frame_for(1).unwrap().text().to_owned()).collect())
            }
        }
    }

    #[test]
    fn what_was_read_and_what_was_told_since_is_there_in_order() {
        let tails = tails(20);
        tails.hear(&[told(20), told(21)]);
        tails.hear(&[told(22)]);
        assert_eq!(behind(&tails, 19).unwrap(), ["20", "21", "22"]);
        assert!(behind(&tails, 22).unwrap().is_empty());
        assert!(behind(&tails, 30).unwrap().is_empty(), "somebody has heard more elsewhere");
        assert_eq!(behind(&tails, 10).unwrap().len(), 12);
        assert_eq!(behind(&tails, 9), None, "older than what was read");
        assert!(tails.behind(SERIES, 19, 1).is_none(), "another version");
        assert!(tails.behind(8, 19, 0).is_none());
    }

    #[test]
    fn more_than_it_ever_has_is_too_much() {
        let tails = tails(20);
        tails.hear(&(21..=300).map(told).collect::<Vec<_>>());
        assert_eq!(behind(&tails, 100).unwrap().len(), LENGTH);
        assert_eq!(behind(&tails, 99).unwrap(), ["too much before 300"]);
    }

    #[test]
    fn what_is_told_while_somebody_reads_is_not_missed() {
        for (reader_saw, is_known) in [(19, false), (20, true), (21, true), (22, true)] {
            let tails = Tails::default();
            let reading = tails.begin(SERIES);
            tails.hear(&[told(21), told(22)]);
            tails.remember(SERIES, reading, (0, reader_saw), read(11..=reader_saw));
            let expected = is_known.then(|| ["20", "21", "22"].map(str::to_owned).to_vec());
            assert_eq!(behind(&tails, 19), expected, "{reader_saw}");
        }
    }

    #[test]
    fn a_slower_reader_takes_nothing_away() {
        let tails = tails(20);
        let reading = tails.begin(SERIES);
        tails.hear(&[told(21)]);
        tails.remember(SERIES, reading, (0, 15), read(1..=15));
        assert_eq!(behind(&tails, 0).unwrap().len(), 21);
    }

    #[test]
    fn a_hole_or_a_change_forgets_it_and_voids_readings() {
        let change = Event::new(Topic::Conversation(SERIES), cast(0));
        for event in [told(22), change] {
            let tails = tails(20);
            let reading = tails.begin(SERIES);
            tails.hear(std::slice::from_ref(&event));
            assert_eq!(behind(&tails, 20), None);
            tails.remember(SERIES, reading, (0, 20), read(11..=20));
            assert_eq!(behind(&tails, 20), None, "read before the change");
            let reading = tails.begin(SERIES);
            tails.remember(SERIES, reading, (0, 22), read(11..=22));
            assert_eq!(behind(&tails, 20).unwrap(), ["21", "22"]);
        }
    }

    #[test]
    fn that_somebody_came_changes_nothing() {
        let tails = tails(20);
        let presence = Cast::All(Frame::droppable("online"));
        tails.hear(&[Event::new(Topic::Conversation(SERIES), presence)]);
        assert_eq!(behind(&tails, 19).unwrap(), ["20"]);
    }

    #[test]
    fn it_is_bounded_in_bytes_and_in_series() {
        let large =
            || Arc::new(Cast::All(Frame::durable("x".repeat(TAIL_BYTES / 4)))) as Arc<dyn Kept>;
        let tails = Tails::default();
        for series in 0..200 {
            let reading = tails.begin(series);
            tails.remember(series, reading, (0, 5), (0..5).map(|_| large()).collect());
        }
        assert!(tails.lock().bytes <= ALL_BYTES);
        let Some(Recalled::Whole { kept, .. }) = tails.behind(199, 2, 0) else {
            panic!("the newest")
        };
        assert_eq!(kept.len(), 3);
        assert!(tails.behind(199, 1, 0).is_none(), "the fourth was too much");
        assert!(tails.behind(0, 4, 0).is_none(), "the oldest is forgotten");
        let kept: usize = tails.lock().tails.values().map(Tail::bytes).sum();
        assert_eq!(kept, tails.lock().bytes);
        for series in 0..=super::SERIES as u128 {
            tails.begin(series);
        }
        assert!(tails.lock().tails.len() <= super::SERIES);
    }
}
