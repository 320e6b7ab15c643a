//! Where the list stands, and keeping it there.
//!
//! The container runs from its end (`flex-direction: column-reverse`): without script it opens at
//! the newest message, older rows above move nothing, and `scrollTop` is 0 at the end and negative
//! above it. Only rows that are added below a reader need a correction.

use leptos::html::Div;
use leptos::prelude::*;

use super::room_state::RoomState;
use super::timeline::Timeline;

/// This close to the end counts as at the end, in pixels.
const NEAR_END: i32 = 50;
/// Older messages are fetched when the reader comes this close to the top, in pixels.
const NEAR_TOP: i32 = 400;

/// What the reader is about to reach.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Nothing,
    Older,
    /// What comes after a stretch out of the middle.
    Newer,
}

/// The scrolling of one list.
#[derive(Clone, Copy)]
pub(super) struct Scroll {
    pub(super) list: NodeRef<Div>,
    /// Distance from the end to what is in view, before a change.
    newest: StoredValue<i64>,
    height: StoredValue<i32>,
}

impl Scroll {
    pub(super) fn new() -> Self {
        Self { list: NodeRef::new(), newest: StoredValue::new(0), height: StoredValue::new(0) }
    }

    /// Notes where the reader is. The end of a window is not the end.
    pub(super) fn note(self, state: RoomState) -> Wanted {
        let Some(list) = self.list.get_untracked() else { return Wanted::Nothing };
        let from_end = -list.scroll_top();
        let is_window = state.timeline.with_untracked(Timeline::is_window);
        let at_end = from_end < NEAR_END && !is_window;
        if state.at_end.get_untracked() != at_end {
            state.at_end.set(at_end);
        }
        if at_end && state.below.get_untracked() > 0 {
            state.below.set(0);
        }
        self.height.set_value(list.scroll_height());
        if list.scroll_height() - list.client_height() - from_end < NEAR_TOP {
            Wanted::Older
        } else if is_window && from_end < NEAR_TOP {
            Wanted::Newer
        } else {
            Wanted::Nothing
        }
    }

    /// After the rows have changed: rows that were added below leave the reader where they are.
    pub(super) fn settle(self, state: RoomState) {
        let Some(list) = self.list.get_untracked() else { return };
        let newest = state.timeline.with_untracked(Timeline::newest_seq);
        let grown = list.scroll_height() - self.height.get_value();
        let added_below = newest != self.newest.get_value();
        if state.at_end.get_untracked() {
            list.set_scroll_top(0);
        } else if added_below {
            list.set_scroll_top(list.scroll_top() - grown);
        }
        self.newest.set_value(newest);
        self.height.set_value(list.scroll_height());
    }

    /// Down to the newest message, which a window does not have yet.
    pub(super) fn to_end(self, state: RoomState) {
        state.leave_window();
        state.at_end.set(true);
        state.below.set(0);
        if let Some(list) = self.list.get_untracked() {
            list.set_scroll_top(0);
        }
    }

    /// To the first message that was not read before this visit, if it is above the view.
    pub(super) fn to_unread(self) {
        let Some(list) = self.list.get_untracked() else { return };
        let Ok(Some(line)) = list.query_selector(".unread-line") else { return };
        let above = list.get_bounding_client_rect().top() - line.get_bounding_client_rect().top();
        if above > 0.0 {
            list.set_scroll_top(list.scroll_top() - above as i32 - NEAR_END);
        }
    }
}
