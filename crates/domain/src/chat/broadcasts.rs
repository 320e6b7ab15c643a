//! Which frame goes to which topic. A frame is serialised once, however many hear it.

use realtime::{Cast, Frame};
use wire::chat::Message;
use wire::live::{Presence, ServerFrame};
use wire::{ConversationKey, UserId};

use super::{GLOBAL_ROOM, conversation_of, topic};
use crate::tx::{Tx, announce};

/// `message_sent` to every socket of the sender, `new_message` to everybody else.
pub(crate) fn tell_new_message(tx: &mut Tx<'_>, message: &Message) {
    let own = ServerFrame::MessageSent { message: message.clone() };
    let others = ServerFrame::NewMessage { message: message.clone() };
    let cast = Cast::Split {
        owner: message.sender.id.0.as_u128(),
        own: encode(&own).map(Frame::durable),
        others: encode(&others).map(Frame::durable),
    };
    tx.tell(topic(conversation_of(message.conversation_id)), cast);
}

/// To the reader's own devices only: the global room does not tell who has read what.
pub(crate) fn tell_read(tx: &mut Tx<'_>, key: ConversationKey, reader: UserId, up_to: i64) {
    let frame = ServerFrame::MessagesRead { conversation_id: key, reader_id: reader, up_to };
    let topic = realtime::Topic::Person(reader.0.as_u128());
    if let Some(text) = encode(&frame) {
        tx.tell(topic, Cast::All(Frame::durable(text)));
    }
}

/// To everybody in the global room but the person themselves.
pub(crate) fn tell_presence(hub: &realtime::Hub, user: UserId, username: &str, status: Presence) {
    let frame = ServerFrame::UserPresence { user_id: user, username: username.to_owned(), status };
    let cast = Cast::Split {
        owner: user.0.as_u128(),
        own: None,
        others: encode(&frame).map(Frame::droppable),
    };
    announce(hub, topic(GLOBAL_ROOM), &cast);
}

/// Our own shapes always encode; one that did not would be a fault to hear of, not to crash on.
fn encode(frame: &ServerFrame) -> Option<String> {
    serde_json::to_string(frame)
        .inspect_err(|error| tracing::error!(%error, "encoding a frame"))
        .ok()
}
