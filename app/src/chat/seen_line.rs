//! Who has read down to the newest message, below it; in groups, where the message is one's own.

use leptos::either::Either;
use leptos::prelude::*;
use wire::conversations::ConversationKind;

use super::room_state::RoomState;
use super::timeline::Timeline;
use crate::text::texts;

#[component]
pub(super) fn SeenLine(state: RoomState) -> impl IntoView {
    if state.kind != Some(ConversationKind::Group) {
        return Either::Left(());
    }
    Either::Right(view! { <p class="seen-line">{move || seen_by(state)}</p> })
}

fn seen_by(state: RoomState) -> Option<String> {
    let me = state.my_id();
    let newest = state.timeline.with(|timeline: &Timeline| {
        let newest = timeline.stored().next_back()?;
        (Some(newest.sender.id) == me && !newest.is_unsent).then_some(newest.seq)
    })?;
    let names: Vec<String> = state.receipts.with(|receipts| {
        let readers = receipts.iter().filter(|receipt| receipt.last_read_seq >= newest);
        readers.map(|receipt| receipt.user.username.clone()).collect()
    });
    match names.len() {
        0 => None,
        all if all == state.others && all > 1 => Some(texts().chat_seen_by_all().to_owned()),
        1..=3 => Some(texts().chat_seen_by(names.join(", "))),
        many => Some(texts().chat_seen_by_count(many)),
    }
}
