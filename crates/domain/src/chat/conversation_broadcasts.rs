//! Who of a direct conversation or a group is told what. Frames go to the topic of each person, taken
//! from the memberships that the transaction itself has read: who has left or was blocked hears
//! nothing from its commit on. A group has at most a hundred members.

use realtime::{Cast, Frame, Topic};
use serde::Serialize;
use uuid::Uuid;
use wire::live::ServerFrame;
use wire::{ConversationId, UserId};

use super::talks::{Blocks, Talk};
use super::{GLOBAL_ROOM, topic};
use crate::tx::{Tx, announce};

/// Where everything addressed to one person goes, on each of their devices.
pub(crate) fn person(account: Uuid) -> Topic {
    Topic::Person(account.as_u128())
}

/// The same frame to each of `people`; encoded once.
pub(crate) fn tell_each(
    tx: &mut Tx<'_>,
    people: impl IntoIterator<Item = Uuid>,
    frame: &ServerFrame,
) {
    let Some(frame) = durable(frame) else { return };
    for account in people {
        tx.tell(person(account), Cast::All(frame.clone()));
    }
}

/// To everybody in the global room.
pub(crate) fn tell_room(tx: &mut Tx<'_>, frame: &ServerFrame) {
    if let Some(frame) = durable(frame) {
        tx.tell(topic(GLOBAL_ROOM), Cast::All(frame));
    }
}

/// That somebody writes: to the other members who have accepted, and not across a block. May be lost.
pub(crate) fn announce_typing(
    hub: &realtime::Hub,
    talk: &Talk,
    blocks: &Blocks,
    writer: &crate::Caller,
    is_typing: bool,
) {
    let frame = typing_frame(talk.id, writer, is_typing);
    let Some(text) = encode(&frame) else { return };
    let cast = Cast::All(Frame::droppable(text));
    let me = writer.user_id.0;
    let others = talk.active().filter(|place| place.account != me);
    for other in others.filter(|place| !blocks.between(me, place.account)) {
        announce(hub, person(other.account), &cast);
    }
}

fn typing_frame(id: ConversationId, writer: &crate::Caller, is_typing: bool) -> ServerFrame {
    ServerFrame::Typing {
        conversation_id: super::key_of(id),
        user_id: UserId(writer.user_id.0),
        username: writer.username.clone(),
        is_typing,
    }
}

fn durable(frame: &impl Serialize) -> Option<Frame> {
    encode(frame).map(Frame::durable)
}

/// Our own shapes always encode; one that did not would be a fault to hear of, not to crash on.
fn encode(frame: &impl Serialize) -> Option<String> {
    serde_json::to_string(frame)
        .inspect_err(|error| tracing::error!(%error, "encoding a frame"))
        .ok()
}
