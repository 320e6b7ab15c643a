//! The server's side of one connection: it greets, catches up, tells, and closes as the server does.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::time::timeout;

use super::cable::{Cable, close_frame};
use super::world::{ROOM, Series, World, cast_of};
use crate::{Frame, GONE, Hub, Kept, Listener, News, Outbox, Recalled, Topic};

/// More than this, in one conversation, is a gap.
const RESUME_LIMIT: i64 = 200;
/// The code for a slow reader.
pub(super) const SLOW: u16 = 4008;
/// The code for one who has to come again, because the database does not answer.
const LATER: u16 = 1013;
/// A client that takes nothing for this long is gone.
const WRITE_PATIENCE: Duration = Duration::from_secs(30);

pub(super) type Cursors = BTreeMap<u128, i64>;

/// The last number of the room when the client left it.
pub(super) type Left = Arc<Mutex<Option<i64>>>;

pub(super) struct Socket {
    pub(super) world: Arc<World>,
    pub(super) node: usize,
    pub(super) owner: u128,
    pub(super) cable: Cable,
    pub(super) left: Left,
}

/// How a conversation stands in the database.
struct Standing {
    series: u128,
    last: i64,
    version: i64,
    revisions: Vec<u32>,
}

impl Socket {
    pub(super) async fn serve(self, hub: Arc<Hub>, cursors: Cursors) {
        let outbox = Arc::new(Outbox::new(self.cable.clone(), SLOW).until_greeted());
        let mut listener = hub.listener(self.owner, None, outbox.clone());
        listener.subscribe(Topic::Conversation(ROOM));
        listener.subscribe(Topic::Person(self.owner));
        outbox.say(said("h"));
        let mut answer = pin!(self.catch_up(&hub, cursors));
        let mut departure = pin!(self.leave_the_room(&mut listener));
        let (mut has_answered, mut has_left) = (false, false);
        loop {
            tokio::select! {
                biased;
                news = outbox.news() => match news {
                    News::Waiting => self.flush(&outbox).await,
                    News::Closed(code) => break self.say_goodbye(&outbox, code).await,
                },
                answer = &mut answer, if !has_answered => {
                    has_answered = true;
                    self.give(&outbox, answer).await;
                }
                () = &mut departure, if !has_left => has_left = true,
            }
        }
        self.cable.cut(false);
    }

    async fn give(&self, outbox: &Outbox, answer: Option<Bytes>) {
        match answer {
            Some(answer) => {
                outbox.say(answer);
                self.flush(outbox).await;
            }
            None => outbox.close(LATER),
        }
    }

    async fn say_goodbye(&self, outbox: &Outbox, code: u16) {
        if code != GONE {
            outbox.say(Bytes::copy_from_slice(&close_frame(code)));
            let _gone = timeout(WRITE_PATIENCE, self.flush(outbox)).await;
        }
    }

    async fn flush(&self, outbox: &Outbox) {
        while !outbox.flush() {
            self.cable.has_room().await;
        }
    }

    /// Some leave the room while they are connected, and all of it soon after.
    async fn leave_the_room(&self, listener: &mut Listener) {
        let leaves = self.world.state().chance.one_in(5);
        if !leaves {
            return;
        }
        self.world.dawdle(4_000).await;
        if self.world.state().healed {
            return;
        }
        listener.unsubscribe(Topic::Conversation(ROOM));
        let last = {
            let mut state = self.world.state();
            state.counts.departures += 1;
            state.last(ROOM)
        };
        *self.left.lock().unwrap() = Some(last);
        self.world.dawdle(2_000).await;
        self.cable.cut(false);
    }

    /// The rules of `domain::chat::catch_up`. `None` where the database does not answer.
    async fn catch_up(&self, hub: &Hub, cursors: Cursors) -> Option<Bytes> {
        let standings = self.ask(|world| standings(world, &cursors)).await?;
        let mut answer = BytesMut::new();
        let mut reached = String::from("d");
        for standing in standings {
            let (series, after) = (standing.series, cursors[&standing.series]);
            let mut last = standing.last.max(after);
            if last - after > RESUME_LIMIT {
                answer.extend(said(&format!("g {series} {} {last}", after + 1)));
            } else if last > after {
                let frames;
                (frames, last) = match self.recall(hub, &standing, after) {
                    Some(known) => known,
                    None => (self.read(hub, &standing, after).await?, last),
                };
                frames.iter().for_each(|text| answer.extend(said(&format!("r {text}"))));
            }
            reached += &format!(" {series} {last}");
        }
        answer.extend(said(&reached));
        Some(answer.freeze())
    }

    fn recall(&self, hub: &Hub, standing: &Standing, after: i64) -> Option<(Vec<String>, i64)> {
        let recalled = hub.recall(standing.series, after, standing.version)?;
        let Recalled::Whole { kept, last } = recalled else { return None };
        if last < standing.last {
            return None;
        }
        self.world.state().counts.recalled += 1;
        let text = |one: &Arc<dyn Kept>| Some(one.frame_for(self.owner)?.text().to_owned());
        let texts: Vec<_> = kept.iter().filter_map(text).collect();
        self.is_not_stale(standing, &texts);
        Some((texts, last))
    }

    async fn read(&self, hub: &Hub, standing: &Standing, after: i64) -> Option<Vec<String>> {
        let Standing { series, last, version, .. } = *standing;
        let reading = hub.begin_reading(series);
        let casts = self.ask(|world| casts(&world.state().log[&series], series, after, last));
        let casts = casts.await?;
        self.world.state().counts.read += 1;
        let frame = |cast| Kept::frame_for(cast, self.owner);
        let frames = casts.iter().filter_map(frame).map(|frame| frame.text().to_owned()).collect();
        let kept = casts.into_iter().map(|cast| Arc::new(cast) as Arc<dyn Kept>).collect();
        hub.remember(series, reading, (version, last), kept);
        Some(frames)
    }

    /// Memory may know more than the database said, never less.
    fn is_not_stale(&self, standing: &Standing, texts: &[String]) {
        for text in texts {
            let words: Vec<i64> = text.split(' ').filter_map(|word| word.parse().ok()).collect();
            let [_, number, revision] = words[..] else { continue };
            let known = standing.revisions.get(number as usize - 1);
            if known.is_some_and(|known| revision < i64::from(*known)) {
                self.world.went_wrong(format!("memory gave an old form: {text}"));
            }
        }
    }

    async fn ask<T>(&self, of: impl FnOnce(&World) -> T) -> Option<T> {
        self.world.dawdle(8).await;
        if !self.world.state().can_read(self.node) {
            return None;
        }
        let answer = of(&self.world);
        self.world.dawdle(8).await;
        Some(answer)
    }
}

fn standings(world: &World, cursors: &Cursors) -> Vec<Standing> {
    let state = world.state();
    let standing = |series: &u128| {
        let entries = &state.log[series];
        let (last, version) = (entries.last(), entries.version);
        Standing { series: *series, last, version, revisions: entries.revisions() }
    };
    cursors.keys().map(standing).collect()
}

fn casts(entries: &Series, series: u128, after: i64, last: i64) -> Vec<crate::Cast> {
    (after + 1..=last).map(|number| cast_of(series, number, entries.entry(number))).collect()
}

fn said(text: &str) -> Bytes {
    Frame::durable(text).wire().clone()
}
