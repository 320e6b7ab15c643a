//! Who is writing right now, and telling others that one is.

use std::time::Duration;

use leptos::prelude::*;
use wire::UserId;
use wire::live::{ClientFrame, Typing};

use super::room_state::RoomState;
use crate::text::{Texts, texts};

/// One's own typing is told this often, and ends after as long without a key.
const TELL_EVERY_MS: f64 = 3_000.0;
/// Somebody of whom nothing was heard for this long has stopped.
const BELIEVED: Duration = Duration::from_secs(6);

/// Somebody who is writing.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Typist {
    pub(super) id: UserId,
    pub(super) name: String,
    /// When it was last heard, on the browser's clock.
    heard_at: f64,
}

/// Somebody writes, or has stopped.
pub(super) fn note(state: RoomState, id: UserId, name: String, is_typing: bool) {
    let heard_at = js_sys::Date::now();
    state.typists.update(|typists| {
        typists.retain(|typist| typist.id != id);
        if is_typing {
            typists.push(Typist { id, name, heard_at });
        }
    });
    if is_typing {
        set_timeout(move || expire(state, id, heard_at), BELIEVED);
    }
}

/// What they wrote is here.
pub(super) fn forget(state: RoomState, id: UserId) {
    if state.typists.with_untracked(|typists| typists.iter().any(|typist| typist.id == id)) {
        state.typists.update(|typists| typists.retain(|typist| typist.id != id));
    }
}

fn expire(state: RoomState, id: UserId, heard_at: f64) {
    let _gone = state.typists.try_update(|typists| {
        typists.retain(|typist| typist.id != id || typist.heard_at > heard_at);
    });
}

/// The line above the composer.
#[component]
pub(super) fn TypingLine(state: RoomState) -> impl IntoView {
    let texts = texts();
    let words = move || state.typists.with(|typists| in_words(texts, typists));
    view! { <p class="typing-line" aria-live="polite">{words}</p> }
}

fn in_words(texts: Texts, typists: &[Typist]) -> String {
    match typists {
        [] => String::new(),
        [one] => texts.chat_typing_one(&one.name),
        [one, two] => texts.chat_typing_two(&one.name, &two.name),
        _ => texts.chat_typing_several().to_owned(),
    }
}

/// One's own typing, as others are told of it.
#[derive(Clone, Copy)]
pub(super) struct OwnTyping {
    state: RoomState,
    told_at: StoredValue<f64>,
    last_key_at: StoredValue<f64>,
}

impl OwnTyping {
    pub(super) fn new(state: RoomState) -> Self {
        Self { state, told_at: StoredValue::new(0.0), last_key_at: StoredValue::new(0.0) }
    }

    /// A key was pressed; `is_empty` where nothing is left in the box.
    pub(super) fn note(self, is_empty: bool) {
        if self.state.is_global() {
            return;
        }
        if is_empty {
            return self.stop();
        }
        let now = js_sys::Date::now();
        self.last_key_at.set_value(now);
        if now - self.told_at.get_value() >= TELL_EVERY_MS {
            self.told_at.set_value(now);
            self.tell(true);
        }
        let pause = Duration::from_millis(TELL_EVERY_MS as u64);
        set_timeout(move || self.stop_unless_later(now), pause);
    }

    /// Nothing more is being written.
    pub(super) fn stop(self) {
        if self.told_at.get_value() > 0.0 {
            self.told_at.set_value(0.0);
            self.tell(false);
        }
    }

    fn stop_unless_later(self, pressed_at: f64) {
        if self.last_key_at.try_get_value() == Some(pressed_at) {
            self.stop();
        }
    }

    fn tell(self, is_typing: bool) {
        let conversation_id = self.state.key;
        self.state.say(ClientFrame::Typing(Typing { conversation_id, is_typing }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Language, texts_in};

    #[test]
    fn one_two_or_several() {
        let typist = |name: &str| Typist { id: UserId::new(), name: name.into(), heard_at: 0.0 };
        let all = [typist("ada"), typist("bob"), typist("cy")];
        let words = |n: usize| in_words(texts_in(Language::En), &all[..n]);
        assert_eq!(words(0), "");
        assert_eq!(words(1), "ada is typing…");
        assert_eq!(words(2), "ada and bob are typing…");
        assert_eq!(words(3), "Several people are typing…");
    }
}
