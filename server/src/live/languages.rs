//! The languages of the three socket addresses.
//!
//! Inside there is one language, that of `/ws/chat/`. The two of LiquidChat's clients are thin
//! translations of it: a command is rewritten before it is read, and a frame is put into other words
//! once, however many hear it.

mod ours;
mod private;
mod room;

use domain::Caller;
use domain::chat::{GLOBAL_ROOM, topic};
use realtime::{Dialect, Frame, Topic};
use serde_json::Value;

use super::commands::Said;

pub(super) use ours::OURS;
pub(super) use private::PRIVATE;
pub(super) use room::ROOM;

/// How the clients of one address speak, and what they hear of.
pub(super) struct Language {
    /// Puts a command into our words; `None` for a type that this language does not have.
    pub(super) rewrite: fn(kind: &str, command: Value) -> Option<Value>,
    /// `None` for our own.
    pub(super) dialect: Option<&'static Dialect>,
    /// Whether everybody's words in the global room are heard, and who comes and goes.
    pub(super) hears_room: bool,
    /// Whether what is addressed to the person is heard.
    pub(super) hears_person: bool,
    /// Whether messages of people whom one has not accepted are heard like any other.
    pub(super) hears_unscreened: bool,
}

impl Language {
    /// What a socket of `caller` listens to from its first moment on. Every socket hears that its session has ended.
    pub(super) fn topics(&self, caller: &Caller) -> Vec<Topic> {
        let person = caller.user_id.0.as_u128();
        let mut topics = vec![Topic::Device(caller.session_id.0.as_u128())];
        topics.extend(self.hears_room.then(|| topic(GLOBAL_ROOM)));
        topics.extend(self.hears_person.then_some(Topic::Person(person)));
        topics.extend(self.hears_unscreened.then_some(Topic::Unscreened(person)));
        // In the room everybody comes and goes.
        topics.extend((!self.hears_room).then_some(Topic::Presence(person)));
        topics
    }

    /// What we say in the words of this language, if it has any.
    pub(super) fn frame(&self, said: Said) -> Option<Frame> {
        let frame = match said {
            Said::New(frame) => Frame::durable(serde_json::to_string(&*frame).ok()?),
            Said::Ready(frame) => frame,
        };
        match self.dialect {
            None => Some(frame),
            Some(dialect) => Some(Frame::durable((dialect.translate)(frame.text())?)),
        }
    }
}

/// The command with another type and one more field.
fn renamed(mut command: Value, kind: &str, field: &str, value: Value) -> Option<Value> {
    let fields = command.as_object_mut()?;
    fields.insert("type".into(), kind.into());
    fields.insert(field.into(), value);
    Some(command)
}
