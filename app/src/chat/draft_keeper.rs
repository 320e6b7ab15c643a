//! Keeps what is in the box on the server, so that it is there on the next device.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::ask::send_form;
use super::room_state::RoomState;

/// Kept after a pause of this long.
const PAUSE: Duration = Duration::from_millis(1_200);

#[derive(Clone, Copy)]
pub(super) struct DraftKeeper {
    state: RoomState,
    /// What is in the box, and how often it has changed.
    text: StoredValue<(u32, String)>,
}

impl DraftKeeper {
    pub(super) fn new(state: RoomState) -> Self {
        Self { state, text: StoredValue::new((0, String::new())) }
    }

    /// The text has changed; it is kept once nothing changes any more.
    pub(super) fn note(self, text: String) {
        let round = self.text.with_value(|(round, _)| round + 1);
        self.text.set_value((round, text));
        set_timeout(move || self.keep(round), PAUSE);
    }

    /// The text has been sent, and the server forgets the draft.
    pub(super) fn forget(self) {
        let round = self.text.with_value(|(round, _)| round + 1);
        self.text.set_value((round, String::new()));
        if round > 1 {
            self.keep(round);
        }
    }

    fn keep(self, round: u32) {
        let Some((current, text)) = self.text.try_get_value() else { return };
        if current != round || self.state.is_global() {
            return;
        }
        let path = format!("{}/draft", self.state.path());
        // A draft that could not be kept stays in the box; the next pause tries again.
        spawn_local(async move {
            let _kept_in_the_box = send_form(&path, &[("content", &text)]).await;
        });
    }
}
