//! What each frame of the server means to the page.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;
use wire::chat::Author;
use wire::conversations::{Conversation, ConversationKind, SeenBy};
use wire::live::{Presence, ServerFrame};
use wire::{ConversationId, ConversationKey, UserId};

use super::room_state::RoomState;
use super::timeline::Reacted;
use super::typists;

/// Applies a frame. What concerns another conversation only makes the list old.
pub(super) fn hear(state: RoomState, frame: ServerFrame) {
    match frame {
        ServerFrame::NewMessage { message } | ServerFrame::MessageSent { message } => {
            let key = message.conversation_id;
            note_if_listed(state, key);
            if key == state.key {
                typists::forget(state, message.sender.id);
                state.receive(message);
            }
        }
        ServerFrame::MessageEdited { message } => {
            note_if_listed(state, message.conversation_id);
            if message.conversation_id == state.key {
                state.timeline.update(|timeline| timeline.edit(message));
            }
        }
        ServerFrame::MessageUnsent { conversation_id, seq, .. } => {
            if conversation_id == state.key {
                state.timeline.update(|timeline| timeline.unsend(seq));
            }
            note_if_listed(state, conversation_id);
        }
        ServerFrame::Reaction { conversation_id, seq, user_id, emoji, is_added, count, .. }
            if conversation_id == state.key =>
        {
            let mine = (state.my_id() == Some(user_id)).then_some(is_added);
            let reacted = Reacted { seq, emoji, count, mine };
            state.timeline.update(|timeline| timeline.react(reacted));
        }
        ServerFrame::Typing { conversation_id, user_id, username, is_typing }
            if conversation_id == state.key =>
        {
            typists::note(state, user_id, username, is_typing);
        }
        // One's own is told to every device, whose lists count.
        ServerFrame::MessagesRead { conversation_id, reader_id, .. }
            if state.my_id() == Some(reader_id) =>
        {
            note_if_listed(state, conversation_id);
        }
        ServerFrame::MessagesRead { conversation_id, reader_id, up_to, .. }
            if conversation_id == state.key =>
        {
            read(state, reader_id, up_to);
        }
        ServerFrame::UserPresence { user_id, username, status, .. } => {
            show_presence(user_id, status);
            if state.is_global() {
                state.meet(user_id, username, status);
            }
        }
        ServerFrame::Notification { unread } => show_news(unread),
        frame => hear_of_conversations(state, frame),
    }
}

/// The number on the way to what happened.
fn show_news(unread: i64) {
    let Some(sign) = document().query_selector("[data-news]").ok().flatten() else { return };
    let words = if unread > 99 { "99+".to_owned() } else { unread.to_string() };
    sign.set_text_content(Some(&words));
    // No name that an attribute cannot have.
    let _shown = sign.toggle_attribute_with_force("hidden", unread == 0);
}

/// The list says what was last written everywhere but in the global room.
fn note_if_listed(state: RoomState, key: ConversationKey) {
    if key != ConversationKey::Global {
        state.note_news();
    }
}

/// Wherever the page says of somebody whether they are here. People come and go all the time: nothing
/// is fetched for it.
fn show_presence(who: UserId, status: Presence) {
    let Ok(signs) = document().query_selector_all(&format!("[data-user=\"{who}\"]")) else {
        return;
    };
    for at in 0..signs.length() {
        let Some(sign) = signs.get(at).and_then(|sign| sign.dyn_into::<Element>().ok()) else {
            continue;
        };
        // Refused only for a name that no attribute can have.
        let _shown = sign.toggle_attribute_with_force("data-online", status == Presence::Online);
    }
}

fn hear_of_conversations(state: RoomState, frame: ServerFrame) {
    match frame {
        ServerFrame::MessageRequest { conversation } => arrive(state, *conversation),
        ServerFrame::ConversationAdded { conversation } if is_here(state, conversation.id) => {
            // It was a request, or had been left: another page stands here now.
            if !state.is_open {
                return go(&state.path());
            }
        }
        ServerFrame::ConversationRemoved { conversation_id } if is_here(state, conversation_id) => {
            return go("/chat");
        }
        ServerFrame::ConversationAdded { .. }
        | ServerFrame::ConversationRemoved { .. }
        | ServerFrame::ConversationRenamed { .. }
        | ServerFrame::ConversationState { .. }
        | ServerFrame::RequestAccepted { .. }
        | ServerFrame::MemberChanged { .. } => {}
        _ => return,
    }
    state.note_news();
}

/// What somebody wrote who has not been accepted, or has changed or taken back since.
fn arrive(state: RoomState, conversation: Conversation) {
    if let Some(message) = conversation.last_message.filter(|_| is_here(state, conversation.id)) {
        state.timeline.update(|timeline| timeline.replace(message.clone()));
        state.receive(message);
    }
}

fn is_here(state: RoomState, id: ConversationId) -> bool {
    state.key == ConversationKey::Id(id)
}

fn go(path: &str) {
    // Refused only while the page is being left anyway.
    let _gone = window().location().set_href(path);
}

/// Somebody has read down to a number. The other of two may do so for the first time: before they
/// accepted, nothing was told of it.
fn read(state: RoomState, reader: UserId, up_to: i64) {
    state.receipts.update(|receipts: &mut Vec<SeenBy>| {
        let known = receipts.iter_mut().find(|receipt| receipt.user.id == reader);
        match known {
            Some(receipt) => receipt.last_read_seq = receipt.last_read_seq.max(up_to),
            None if state.kind == Some(ConversationKind::Direct) => {
                let user = Author::new(reader, state.name());
                receipts.push(SeenBy { user, last_read_seq: up_to });
            }
            None => {}
        }
    });
}
