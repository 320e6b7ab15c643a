//! Which frame goes to which topic. A frame is serialised once, however many hear it.

use realtime::{Cast, Event, Frame, Topic};
use serde::Serialize;
use wire::chat::{Message, Person};
use wire::live::{Presence, ServerFrame};
use wire::people::LastSeen;
use wire::{ConversationKey, UserId};

use super::retell::place_of;
use super::{GLOBAL_ROOM, conversation_of, topic};
use crate::tx::{Tx, announce_here};

/// `message_sent` to every socket of the sender, `new_message` to everybody else.
pub(crate) fn tell_new_message(tx: &mut Tx<'_>, message: &Message) {
    if let Some(cast) = cast_of(message) {
        tx.tell(topic(conversation_of(message.conversation_id)), cast);
    }
}

/// The same, standing at its place of the conversation.
pub(super) fn event_of(message: &Message) -> Option<Event> {
    let topic = topic(conversation_of(message.conversation_id));
    Some(Event { place: Some(place_of(message)), ..Event::new(topic, cast_of(message)?) })
}

/// A message as it is first told.
pub(super) fn cast_of(message: &Message) -> Option<Cast> {
    let body = encode(message)?;
    Some(Cast::Split {
        owner: message.sender.id.0.as_u128(),
        own: Some(Frame::durable(about_message("message_sent", &body))),
        others: Some(Frame::durable(about_message("new_message", &body))),
    })
}

/// The two frames differ in their type alone: the message in them is encoded once.
pub(super) fn about_message(kind: &str, body: &str) -> String {
    format!(r#"{{"type":"{kind}","message":{body}}}"#)
}

/// To the reader's own devices only: the global room does not tell who has read what.
pub(crate) fn tell_read(
    tx: &mut Tx<'_>,
    key: ConversationKey,
    reader: UserId,
    up_to: i64,
    count: i64,
) {
    let frame = ServerFrame::MessagesRead { conversation_id: key, reader_id: reader, up_to, count };
    let topic = Topic::Person(reader.0.as_u128());
    if let Some(text) = encode(&frame) {
        tx.tell(topic, Cast::All(Frame::durable(text)));
    }
}

/// To everybody in the global room but the person themselves. Each node tells its own.
pub(crate) fn tell_presence(hub: &realtime::Hub, person: &Person, status: Presence) {
    let (owner, others) = (person.id.0.as_u128(), presence_frame(person, status));
    let cast = Cast::Split { owner, own: None, others };
    announce_here(hub, vec![Event::new(topic(GLOBAL_ROOM), cast)]);
}

/// That somebody came or went. It may be lost under pressure.
pub(super) fn presence_frame(person: &Person, status: Presence) -> Option<Frame> {
    let last_seen = (status == Presence::Offline).then_some(LastSeen::Recently);
    let (user_id, username) = (person.id, person.username.clone());
    let frame = ServerFrame::UserPresence { user_id, username, status, last_seen };
    encode(&frame).map(Frame::droppable)
}

/// Our own shapes always encode; one that did not would be a fault to hear of, not to crash on.
pub(super) fn encode(frame: &impl Serialize) -> Option<String> {
    serde_json::to_string(frame)
        .inspect_err(|error| tracing::error!(%error, "encoding a frame"))
        .ok()
}

#[cfg(test)]
mod tests {
    use wire::chat::Author;
    use wire::{ClientId, MessageId, UnixMillis};

    use super::*;

    #[test]
    fn frames_about_a_message_are_those_of_the_protocol() {
        let message = Message {
            id: MessageId::new(),
            conversation_id: ConversationKey::Global,
            seq: 7,
            client_id: ClientId::new(),
            sender: Author::new(UserId::new(), "ada".into()),
            content: "\"quoted\" \u{2028} {braces}".into(),
            message_type: "text".into(),
            created_at: UnixMillis(1),
            is_unsent: false,
            edited_at: None,
            reply_to: None,
            reactions: Vec::new(),
        };
        let body = encode(&message).unwrap();
        for (kind, frame) in [
            ("message_sent", ServerFrame::MessageSent { message: message.clone() }),
            ("new_message", ServerFrame::NewMessage { message: message.clone() }),
        ] {
            assert_eq!(Some(about_message(kind, &body)), encode(&frame));
        }
    }
}
