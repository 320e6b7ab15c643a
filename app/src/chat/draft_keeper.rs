//! Keeps what is in the box on the server, so that it is there on the next device.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::ask::send_last;
use super::room_state::RoomState;
use crate::ui::whenever;

/// Kept after a pause of this long.
const PAUSE: Duration = Duration::from_millis(1_200);

#[derive(Clone, Copy)]
pub(super) struct DraftKeeper {
    state: RoomState,
    /// What is in the box, and how often it has changed.
    text: StoredValue<(u32, String)>,
    /// What the server has.
    kept: StoredValue<String>,
    /// One request at a time: two could arrive the other way round.
    saving: StoredValue<bool>,
}

impl DraftKeeper {
    pub(super) fn new(state: RoomState) -> Self {
        let draft = state.draft.get_value();
        Self {
            state,
            text: StoredValue::new((0, draft.clone())),
            kept: StoredValue::new(draft),
            saving: StoredValue::new(false),
        }
    }

    /// Whoever leaves the page within the pause loses nothing: a page that is left goes out of sight.
    pub(super) fn keep_at_the_end(self) {
        let state = self.state;
        whenever(move || {
            if state.out_of_sight_since.get().is_some() {
                self.save();
            }
        });
    }

    /// The text has changed; it is kept once nothing changes any more.
    pub(super) fn note(self, text: String) {
        let round = self.change(text);
        set_timeout(
            move || {
                if self.text.try_with_value(|(now, _)| *now) == Some(round) {
                    self.save();
                }
            },
            PAUSE,
        );
    }

    /// The text has been sent, and the server forgets the draft.
    pub(super) fn forget(self) {
        self.change(String::new());
        self.save();
    }

    fn change(self, text: String) -> u32 {
        let round = self.text.with_value(|(round, _)| round + 1);
        self.text.set_value((round, text));
        round
    }

    fn save(self) {
        if self.state.is_global() || self.saving.try_get_value() != Some(false) {
            return;
        }
        self.saving.set_value(true);
        spawn_local(async move {
            while let Some(text) = self.unkept() {
                let path = format!("{}/draft", self.state.path());
                // A draft that could not be kept stays in the box; the next pause tries again.
                if send_last(&path, &[("content", &text)]).await.is_err() {
                    break;
                }
                let _gone = self.kept.try_set_value(text);
            }
            let _gone = self.saving.try_set_value(false);
        });
    }

    /// What is in the box and not on the server.
    fn unkept(self) -> Option<String> {
        let (_, text) = self.text.try_get_value()?;
        (self.kept.try_get_value()? != text).then_some(text)
    }
}
