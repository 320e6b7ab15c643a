//! A node as `domain` makes it: a hub, a way to the others, a truth to ask, a look every second, and a
//! writer that publishes what it has committed.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::cable::Cable;
use super::world::{Entry, SERIES, Series, World, events_of, events_of_change};
use crate::{Answer, Bus, Event, Hub, NodeId, Place, Truth, Unavailable};

/// As in `domain`: what is younger than this may not have been told yet.
const RECENT_MS: i64 = 5_000;

#[derive(Debug)]
pub(super) struct Node {
    /// By how many milliseconds its clock is wrong.
    pub(super) skew: i64,
    pub(super) database_is_away: bool,
    running: Option<Running>,
    /// Tells one run of the node from the next.
    run: u64,
}

#[derive(Debug)]
struct Running {
    hub: Arc<Hub>,
    arrivals: mpsc::Sender<Vec<u8>>,
    sockets: Vec<(Cable, JoinHandle<()>)>,
}

impl Node {
    pub(super) fn with_clock(skew: i64) -> Self {
        Self { skew, database_is_away: false, running: None, run: 0 }
    }

    pub(super) fn is_running(&self) -> bool {
        self.running.is_some()
    }

    pub(super) fn hub(&self) -> Option<Arc<Hub>> {
        self.running.as_ref().map(|running| running.hub.clone())
    }

    /// A socket that breaks when the node does.
    pub(super) fn holds(&mut self, cable: Cable, task: JoinHandle<()>) {
        if let Some(running) = &mut self.running {
            running.sockets.retain(|(_, task)| !task.is_finished());
            running.sockets.push((cable, task));
        }
    }
}

pub(super) fn start(world: &Arc<World>, node: usize) {
    let since = world.clock(node);
    let (shards, room) = {
        let mut state = world.state();
        (1 + state.chance.below(3), if state.chance.one_in(2) { 8 } else { 4096 })
    };
    let hub = Arc::new(Hub::with_shards(shards));
    let (arrivals, arriving) = mpsc::channel(room);
    let bus = LossyBus { world: Arc::downgrade(world), node };
    let swept = Arc::new(AtomicI64::new(since));
    let truth = Database { world: Arc::downgrade(world), node, swept: swept.clone() };
    hub.join(Arc::new(bus), arriving, Arc::new(truth));
    let (hint, run) = (Arc::downgrade(&hub), {
        let mut state = world.state();
        let here = &mut state.nodes[node];
        here.run += 1;
        here.running = Some(Running { hub, arrivals, sockets: Vec::new() });
        here.run
    });
    tokio::spawn(sweep(world.clone(), node, hint, swept));
    tokio::spawn(write(world.clone(), node, run));
}

/// In good order, or as if somebody had pulled the plug.
pub(super) fn stop(world: &Arc<World>, node: usize, in_order: bool) {
    let running = world.state().nodes[node].running.take();
    let Some(Running { hub, sockets, .. }) = running else { return };
    world.state().counts.stops += 1;
    if in_order {
        hub.close_all(1012);
        return;
    }
    for (cable, task) in sockets {
        cable.cut(true);
        task.abort();
    }
}

/// Loses, delays, reorders and repeats.
#[derive(Debug)]
struct LossyBus {
    world: Weak<World>,
    node: usize,
}

impl Bus for LossyBus {
    fn send(&self, parcel: Vec<u8>) {
        let Some(world) = self.world.upgrade() else { return };
        let nodes = world.state().nodes.len();
        for to in (0..nodes).filter(|to| *to != self.node) {
            let (copies, is_slow) = {
                let mut state = world.state();
                let loses_one_in = state.loses_one_in;
                let is_lost = state.bus_is_silent || state.chance.one_in(loses_one_in);
                let copies = if is_lost { 0 } else { 1 + usize::from(state.chance.one_in(12)) };
                state.counts.lost_parcels += u64::from(is_lost);
                state.counts.repeated_parcels += u64::from(copies > 1);
                (copies, state.chance.one_in(10))
            };
            for _ in 0..copies {
                let delay = if is_slow { 1_500 } else { 15 };
                tokio::spawn(carry(world.clone(), to, parcel.clone(), delay));
            }
        }
    }
}

async fn carry(world: Arc<World>, to: usize, parcel: Vec<u8>, delay: usize) {
    world.dawdle(delay).await;
    let arrivals = world.state().nodes[to].running.as_ref().map(|node| node.arrivals.clone());
    // A full queue loses it, as a bus does.
    let _lost = arrivals.map(|arrivals| arrivals.try_send(parcel));
}

/// The rules of `domain::nodes::retell` over the log.
#[derive(Debug)]
struct Database {
    world: Weak<World>,
    node: usize,
    /// When everything that was there had been told.
    swept: Arc<AtomicI64>,
}

impl Database {
    /// One question to the database.
    async fn ask<T>(&self, of: impl FnOnce(&World) -> T) -> Result<T, Unavailable> {
        let world = self.world.upgrade().ok_or(Unavailable)?;
        world.dawdle(8).await;
        if !world.state().can_read(self.node) {
            return Err(Unavailable);
        }
        Ok(of(&world))
    }
}

impl Truth for Database {
    fn before(&self, place: Place) -> Answer<'_, i64> {
        Box::pin(self.ask(move |world| {
            let horizon = self.swept.load(Ordering::Relaxed) - RECENT_MS;
            last_before(&world.state().log[&place.series], place.number, horizon)
        }))
    }

    fn between(&self, after: i64, up_to: Place) -> Answer<'_, Vec<Event>> {
        Box::pin(self.ask(move |world| {
            let mut state = world.state();
            state.counts.repairs += 1;
            let series = &state.log[&up_to.series];
            let told = |number| events_of(up_to.series, number, series.entry(number));
            (after + 1..=up_to.number.min(series.last())).flat_map(told).collect()
        }))
    }

    fn heard(&self, _: NodeId, _: &str) {}
}

fn last_before(series: &Series, number: i64, horizon: i64) -> i64 {
    let is_old = |number: &i64| series.entry(*number).created_at < horizon;
    (1..number.min(series.last() + 1)).rev().find(is_old).unwrap_or(0)
}

/// Once a second: how far has each series come?
async fn sweep(world: Arc<World>, node: usize, hub: Weak<Hub>, swept: Arc<AtomicI64>) {
    loop {
        let now = world.clock(node);
        world.dawdle(8).await;
        let Some(hub) = hub.upgrade() else { return };
        if world.state().can_read(node) {
            let spoken = spoken_since(&world, swept.load(Ordering::Relaxed) - RECENT_MS);
            if hub.reached(spoken).await {
                swept.store(now, Ordering::Relaxed);
            }
        }
        drop(hub);
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

fn spoken_since(world: &World, since: i64) -> Vec<Place> {
    let state = world.state();
    let place = |(series, entries): (&u128, &Series)| {
        Some(Place { series: *series, number: entries.last_since(since)? })
    };
    state.log.iter().filter_map(place).collect()
}

/// One batch after the other, until this run of the node is over.
async fn write(world: Arc<World>, node: usize, run: u64) {
    loop {
        let most = world.state().talks_every;
        world.dawdle(most).await;
        let created_at = world.clock(node);
        // A commit takes its time.
        world.dawdle(20).await;
        if is_over(&world, node, run) {
            return;
        }
        if !world.state().can_read(node) {
            continue;
        }
        let events = commit(&world, created_at);
        world.dawdle(3).await;
        if is_over(&world, node, run) {
            return;
        }
        if let Some(hub) = world.state().nodes[node].hub() {
            publish(&hub, events);
        }
    }
}

fn is_over(world: &World, node: usize, run: u64) -> bool {
    let state = world.state();
    let here = &state.nodes[node];
    state.is_quiet || here.run != run || !here.is_running()
}

/// Several messages, seldom very many, or a change to one.
fn commit(world: &World, created_at: i64) -> Vec<Event> {
    let mut state = world.state();
    let (series, members) = SERIES[state.chance.below(SERIES.len())];
    let last = state.last(series);
    if last > 0 && state.chance.one_in(6) {
        let number = last - (state.chance.below(20) as i64).min(last - 1);
        state.log.get_mut(&series).unwrap().change(number);
        return events_of_change(series, number);
    }
    let many = if state.chance.one_in(40) { 400 } else { 4 };
    let count = 1 + state.chance.below(many);
    state.counts.messages += count as u64;
    let mut events = Vec::new();
    for _ in 0..count {
        let author = members[state.chance.below(members.len())];
        let entry = Entry { author, revision: 0, created_at };
        let number = state.log.get_mut(&series).unwrap().append(entry);
        events.extend(events_of(series, number, entry));
    }
    events
}

#[allow(clippy::disallowed_methods, reason = "this is the method behind the door")]
fn publish(hub: &Hub, events: Vec<Event>) {
    hub.publish(events);
}
