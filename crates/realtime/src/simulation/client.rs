//! Somebody who connects, is cut off, reads slowly, and comes back with a cursor to whatever node.
//!
//! It places messages by their number, as the web client does, and objects to whatever the promise
//! forbids: a hole that no `gap` named, a message told twice or out of its order on one connection, a
//! form that was meant for somebody else, anything from a room that it has left.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::time::{Instant, sleep, sleep_until};

use super::cable::{Cable, Frame, take_frame};
use super::chance::Chance;
use super::socket::{Cursors, Left, SLOW, Socket};
use super::world::{ROOM, SERIES, World};

pub(super) struct Client {
    world: Arc<World>,
    /// Of its own: in what order a node closes its sockets is nobody's business.
    chance: Chance,
    id: usize,
    owner: u128,
    /// A hash of everything that it heard, and when.
    trace: u64,
    records: BTreeMap<u128, Record>,
}

/// What a client has of one conversation.
#[derive(Debug, Default)]
struct Record {
    /// Everything up to here.
    whole: i64,
    /// Heard before what comes before it.
    ahead: BTreeSet<i64>,
    /// The last that was told on this connection.
    told: Option<i64>,
    /// The last that was given again on this connection.
    given: Option<i64>,
}

/// One connection, as the client sees it.
struct Visit {
    cable: Cable,
    left: Left,
    /// From now on every hole is one that nobody named.
    is_caught_up: bool,
}

impl Client {
    pub(super) fn new(world: Arc<World>, chance: Chance, id: usize, owner: u128) -> Self {
        let own = SERIES.iter().filter(|(_, members)| members.contains(&owner));
        let records = own.map(|(series, _)| (*series, Record::default())).collect();
        Self { world, chance, id, owner, trace: 0xCBF2_9CE4_8422_2325, records }
    }

    /// Until the world has been well for `calm`.
    pub(super) async fn live(mut self, calm: Instant) -> Self {
        while Instant::now() < calm {
            if let Some(mut visit) = self.connect() {
                self.listen(&mut visit, calm).await;
                visit.cable.cut(true);
            }
            let most = if self.world.state().healed { 50 } else { 1_500 };
            let time = self.chance.millis(most);
            self.world.turn_of(self.id, time).await;
        }
        self
    }

    /// What the log has and this client has not. A hash of all that it heard.
    pub(super) fn judge(&self) -> u64 {
        for (series, record) in &self.records {
            let (whole, last) = (record.whole, self.world.state().last(*series));
            if whole != last {
                self.object(&format!("has {series} up to {whole}, and it ends at {last}"));
            }
        }
        self.trace
    }

    fn connect(&mut self) -> Option<Visit> {
        let (node, hub, cable) = {
            let state = self.world.state();
            let node = self.chance.below(state.nodes.len());
            let room = if self.chance.one_in(4) { 300 } else { 8_192 };
            (node, state.nodes[node].hub()?, Cable::with_room(room))
        };
        for record in self.records.values_mut() {
            (record.told, record.given) = (None, None);
            record.ahead.clear();
        }
        let cursors: Cursors = self.records.iter().map(|(at, one)| (*at, one.whole)).collect();
        let left = Left::default();
        let (world, owner) = (self.world.clone(), self.owner);
        let socket = Socket { world, node, owner, cable: cable.clone(), left: left.clone() };
        let task = tokio::spawn(socket.serve(hub, cursors));
        self.world.state().nodes[node].holds(cable.clone(), task);
        Some(Visit { cable, left, is_caught_up: false })
    }

    async fn listen(&mut self, visit: &mut Visit, calm: Instant) {
        let until = self.patience(calm);
        let mut bytes = Vec::new();
        loop {
            self.pause().await;
            let more = tokio::select! {
                biased;
                more = visit.cable.bytes() => more,
                () = sleep_until(until) => return,
            };
            let Some(more) = more else { return };
            bytes.extend(more);
            loop {
                match take_frame(&mut bytes) {
                    Ok(Some(frame)) => self.hear(visit, &frame),
                    Ok(None) => break,
                    Err(nonsense) => return self.object(&nonsense),
                }
            }
        }
    }

    /// When the line is cut, unless somebody else does it first.
    fn patience(&mut self, calm: Instant) -> Instant {
        // The longest is longer than anything is remembered as young.
        let most = [600, 3_000, 15_000][self.chance.below(3)];
        if self.world.state().healed { calm } else { Instant::now() + self.chance.millis(most) }
    }

    /// Most read at once, some now and then not at all.
    async fn pause(&mut self) {
        let most = match (self.world.state().healed, self.chance.below(60)) {
            (true, _) | (false, 8..) => return,
            (false, 0) => 4_000,
            (false, _) => 40,
        };
        sleep(self.chance.millis(most)).await;
    }

    fn hear(&mut self, visit: &mut Visit, frame: &Frame) {
        let text = match frame {
            Frame::Close(code) => {
                self.saw(&code.to_string());
                self.world.state().counts.overflows += u64::from(*code == SLOW);
                return;
            }
            Frame::Text(text) => text,
        };
        self.saw(text);
        self.world.state().counts.heard += 1;
        let words: Vec<&str> = text.split(' ').collect();
        match words[..] {
            ["h" | "c", ..] => {}
            ["m", ref message @ ..] => self.told(visit, message),
            ["r", "m", ref message @ ..] => self.given(message),
            ["g", ref gap @ ..] => self.refetch(gap),
            ["d", ref reached @ ..] => self.caught_up(visit, reached),
            _ => self.object(&format!("does not know {text:?}")),
        }
    }

    fn told(&mut self, visit: &Visit, message: &[&str]) {
        let (series, number) = self.looked_at(message);
        let left = *visit.left.lock().unwrap();
        if series == ROOM && left.is_some_and(|left| number > left) {
            self.object(&format!("left at {left:?} and was told {number}"));
        }
        let Some(record) = self.records.get_mut(&series) else {
            return self.object(&format!("is a stranger and was told of {series}"));
        };
        let before = record.told.replace(number);
        record.add(number);
        if before.is_some_and(|before| number != before + 1) {
            self.object(&format!("was told {number} of {series} after {before:?}"));
        }
        self.has_no_hole(visit, series);
    }

    fn given(&mut self, message: &[&str]) {
        let (series, number) = self.looked_at(message);
        let Some(record) = self.records.get_mut(&series) else {
            return self.object(&format!("is a stranger and was given {series}"));
        };
        let before = record.given.replace(number);
        record.add(number);
        if before.is_some_and(|before| number != before + 1) {
            self.object(&format!("was given {number} of {series} after {before:?}"));
        }
    }

    /// A hole with a name is filled by asking for the history.
    fn refetch(&mut self, gap: &[&str]) {
        let (series, _) = (number_of(gap, 0) as u128, self.world.state().counts.gaps += 1);
        let (from, to) = (number_of(gap, 1), number_of(gap, 2));
        let record = self.records.entry(series).or_default();
        record.given = Some(to);
        (from..=to).for_each(|number| record.add(number));
    }

    fn caught_up(&mut self, visit: &mut Visit, reached: &[&str]) {
        visit.is_caught_up = true;
        for pair in reached.chunks(2) {
            let (series, last) = (number_of(pair, 0) as u128, number_of(pair, 1));
            let record = self.records.entry(series).or_default();
            if record.whole < last {
                let whole = record.whole;
                self.object(&format!("came back to {series}, has {whole}, should have {last}"));
            }
            self.has_no_hole(visit, series);
        }
    }

    fn has_no_hole(&self, visit: &Visit, series: u128) {
        let Record { whole, ahead, .. } = &self.records[&series];
        if let Some(next) = ahead.first().filter(|_| visit.is_caught_up) {
            self.object(&format!("has {series} up to {whole}, and then {next}"));
        }
    }

    /// Number and conversation of a message that says what the log says, in the right form.
    fn looked_at(&self, message: &[&str]) -> (u128, i64) {
        let (series, number) = (number_of(message, 0) as u128, number_of(message, 1));
        let entry = self.world.state().log[&series].entry(number);
        let form = if entry.author == self.owner { "own" } else { "others" };
        if message.get(3) != Some(&form) {
            self.object(&format!("heard {message:?}"));
        }
        (series, number)
    }

    /// Something that a run with the same seed has to bring again, at the same moment.
    fn saw(&mut self, what: &str) {
        let bytes = self.world.millis().to_le_bytes().into_iter().chain(what.bytes());
        self.trace = bytes
            .fold(self.trace, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3));
    }

    fn object(&self, what: &str) {
        self.world.went_wrong(format!("client {} {what}", self.id));
    }
}

impl Record {
    fn add(&mut self, number: i64) {
        if number > self.whole {
            self.ahead.insert(number);
        }
        while self.ahead.remove(&(self.whole + 1)) {
            self.whole += 1;
        }
    }
}

fn number_of(words: &[&str], at: usize) -> i64 {
    words.get(at).and_then(|word| word.parse().ok()).unwrap_or_default()
}
