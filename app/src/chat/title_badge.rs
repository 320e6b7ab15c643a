//! How many messages wait unread, before the tab's title: "(3) Global room". Those of the global room
//! count only while the tab is out of sight.

use leptos::ev;
use leptos::leptos_dom::helpers::window_event_listener;
use leptos::prelude::*;

use super::room_state::RoomState;
use super::timeline::Timeline;
use crate::ui::whenever;

/// Runs for as long as the page stands; in the browser only, like every effect.
pub(super) fn start(state: RoomState) {
    whenever(move || {
        note_sight(state);
        let listener = window_event_listener(ev::visibilitychange, move |_| note_sight(state));
        on_cleanup(move || listener.remove());
    });
    let mut title: Option<String> = None;
    whenever(move || {
        let plain = title.get_or_insert_with(|| without_badge(&document().title()).to_owned());
        let away = state.out_of_sight_since.get();
        // Only the global room is not among the conversations that the list counts.
        let here = away.filter(|_| state.is_global()).map_or(0, |seq| state.others_after(seq));
        let unseen = here + state.unread_elsewhere.get();
        document().set_title(&with_badge(unseen, plain));
    });
}

fn note_sight(state: RoomState) {
    let newest = || state.timeline.with_untracked(Timeline::newest_seq);
    state.out_of_sight_since.set(document().hidden().then(newest));
}

fn with_badge(unseen: usize, title: &str) -> String {
    if unseen == 0 { title.to_owned() } else { format!("({unseen}) {title}") }
}

/// The title as the server wrote it, which may count already.
fn without_badge(title: &str) -> &str {
    match title.strip_prefix('(').and_then(|rest| rest.split_once(") ")) {
        Some((count, plain)) if count.parse::<usize>().is_ok() => plain,
        _ => title,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_new_leaves_the_title_alone() {
        assert_eq!(with_badge(0, "Global room"), "Global room");
        assert_eq!(with_badge(3, "Global room"), "(3) Global room");
        assert_eq!(without_badge("(3) Global room"), "Global room");
        assert_eq!(without_badge("(band) Global"), "(band) Global");
    }
}
