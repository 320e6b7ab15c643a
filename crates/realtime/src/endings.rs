//! Which topics were closed of late, for whoever subscribes just then.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::{Cast, Event, Topic};

/// Most endings that are remembered.
const KEPT: usize = 1024;

#[derive(Debug)]
pub(crate) struct Endings(Mutex<State>);

#[derive(Debug)]
struct State {
    ended: VecDeque<(Instant, Topic)>,
    /// Of what was before, not everything is remembered.
    known_since: Instant,
}

impl Default for Endings {
    fn default() -> Self {
        Self(Mutex::new(State { ended: VecDeque::new(), known_since: Instant::now() }))
    }
}

impl Endings {
    pub(crate) fn hear(&self, events: &[Event]) {
        let closed = events.iter().filter(|event| matches!(event.cast, Cast::Close(_)));
        for event in closed {
            let mut state = self.lock();
            state.ended.push_back((Instant::now(), event.topic));
            if state.ended.len() > KEPT
                && let Some((at, _)) = state.ended.pop_front()
            {
                state.known_since = at;
            }
        }
    }

    /// Whether the topic was closed at `since` or after it; `None` where that is no longer known.
    pub(crate) fn was_closed(&self, topic: Topic, since: Instant) -> Option<bool> {
        let state = self.lock();
        let of_late = state.ended.iter().rev().take_while(|(at, _)| *at >= since);
        let was_closed = of_late.map(|(_, ended)| ended).any(|ended| *ended == topic);
        (was_closed || since > state.known_since).then_some(was_closed)
    }

    /// A panic cannot have left a half-made state: every change is one step.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(device: u128) -> Event {
        Event::new(Topic::Device(device), Cast::Close(4001))
    }

    #[test]
    fn an_ending_is_remembered_until_too_many_came_after_it() {
        let endings = Endings::default();
        let [ada, bob] = [1, 2].map(Topic::Device);
        let before = Instant::now();
        endings.hear(&[close(1)]);
        assert_eq!(endings.was_closed(ada, before), Some(true));
        assert_eq!(endings.was_closed(bob, before), Some(false));
        let after = Instant::now();
        assert_eq!(endings.was_closed(ada, after), Some(false));
        for other in 0..KEPT as u128 {
            endings.hear(&[close(10 + other)]);
        }
        assert_eq!(endings.was_closed(ada, before), None, "forgotten");
        assert_eq!(endings.was_closed(ada, Instant::now()), Some(false));
    }
}
