//! The frames of `/ws/chat/`: one JSON object per text frame, told apart by `type`.
//!
//! Unknown fields are ignored on both sides, so either may be newer than the other.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::chat::Message;
use crate::{ClientId, ConversationKey, ErrorCode, UserId};

/// Largest frame a client may send, in bytes; longer ones close the socket with 1009.
pub const FRAME_LIMIT: usize = 64 * 1024;
/// Messages one `resume` gives back for a conversation; a longer absence is answered by a `gap`.
pub const RESUME_LIMIT: u64 = 200;

/// Why the server ended a socket.
pub mod close {
    /// No, forged, wrong-kind or foreign-origin credentials.
    pub const UNAUTHENTICATED: u16 = 4001;
    /// Credentials that were good once.
    pub const EXPIRED: u16 = 4003;
    /// The client reads slower than its conversations speak: come back and resume.
    pub const SLOW_READER: u16 = 4008;
    /// Signed out, here or elsewhere.
    pub const SIGNED_OUT: u16 = 4009;
    /// The server restarts: come back after the delay that the reason names.
    pub const RESTARTING: u16 = 1012;
    /// A frame over [`super::FRAME_LIMIT`].
    pub const TOO_LARGE: u16 = 1009;
    /// Frames that RFC 6455 does not allow.
    pub const PROTOCOL_ERROR: u16 = 1002;
    /// A text frame that is not text.
    pub const NOT_UTF8: u16 = 1007;
}

/// How far a client has seen each conversation.
pub type Cursors = BTreeMap<ConversationKey, i64>;

/// What a client may say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientFrame {
    ChatMessage(ChatMessage),
    MarkRead(MarkRead),
    Resume(Resume),
    Ping,
}

/// The words of `type` that [`ClientFrame`] knows.
pub const CLIENT_FRAME_TYPES: [&str; 4] = ["chat_message", "mark_read", "resume", "ping"];

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatMessage {
    pub conversation_id: ConversationKey,
    pub content: String,
    /// Absent from clients of the old contract; the server then makes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<ClientId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkRead {
    pub conversation_id: ConversationKey,
    /// Absent means all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resume {
    pub cursors: Cursors,
}

/// What the server says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", from = "AnyFrame")]
pub enum ServerFrame {
    ConnectionEstablished {
        message: String,
        user_id: UserId,
    },
    /// Somebody else's message.
    NewMessage {
        message: Message,
    },
    /// One's own message, on every socket of its sender: the confirmation.
    MessageSent {
        message: Message,
    },
    MessagesRead {
        conversation_id: ConversationKey,
        reader_id: UserId,
        up_to: i64,
    },
    /// Never about oneself.
    UserPresence {
        user_id: UserId,
        username: String,
        status: Presence,
    },
    /// The missed messages from `from_seq` to `to_seq`, both included, cannot be given here: refetch.
    Gap {
        conversation_id: ConversationKey,
        from_seq: i64,
        to_seq: i64,
    },
    /// Everything up to these cursors has been sent or announced as a gap.
    Resumed {
        cursors: Cursors,
    },
    Pong,
    Error {
        code: ErrorCode,
        message: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        client_id: Option<ClientId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after_ms: Option<u64>,
    },
    /// A kind of a newer server, or one that lacks a field.
    Unknown,
}

/// Every field that a frame of the server may have. Reading this one struct and then looking at
/// `type` takes the browser a tenth of the code that a tagged enum would.
#[derive(Deserialize)]
struct AnyFrame {
    r#type: String,
    #[serde(default)]
    message: Option<Value>,
    #[serde(default)]
    user_id: Option<UserId>,
    #[serde(default)]
    username: Option<String>,
    #[serde(default)]
    status: Option<Presence>,
    #[serde(default)]
    conversation_id: Option<ConversationKey>,
    #[serde(default)]
    reader_id: Option<UserId>,
    #[serde(default)]
    up_to: Option<i64>,
    #[serde(default)]
    from_seq: Option<i64>,
    #[serde(default)]
    to_seq: Option<i64>,
    #[serde(default)]
    cursors: Option<Cursors>,
    #[serde(default)]
    code: Option<ErrorCode>,
    #[serde(default)]
    client_id: Option<ClientId>,
    #[serde(default)]
    retry_after_ms: Option<u64>,
}

/// `message` is a sentence in some frames and a message in others.
enum Value {
    Sentence(String),
    Message(Message),
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sentence or a message")
    }

    fn visit_str<E: de::Error>(self, sentence: &str) -> Result<Value, E> {
        Ok(Value::Sentence(sentence.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<Value, A::Error> {
        Message::deserialize(MapAccessDeserializer::new(fields)).map(Value::Message)
    }
}

impl From<AnyFrame> for ServerFrame {
    fn from(frame: AnyFrame) -> Self {
        frame.known().unwrap_or(Self::Unknown)
    }
}

impl AnyFrame {
    fn known(self) -> Option<ServerFrame> {
        let (sentence, message) = match self.message {
            Some(Value::Sentence(sentence)) => (Some(sentence), None),
            Some(Value::Message(message)) => (None, Some(message)),
            None => (None, None),
        };
        Some(match self.r#type.as_str() {
            "connection_established" => {
                ServerFrame::ConnectionEstablished { message: sentence?, user_id: self.user_id? }
            }
            "new_message" => ServerFrame::NewMessage { message: message? },
            "message_sent" => ServerFrame::MessageSent { message: message? },
            "messages_read" => ServerFrame::MessagesRead {
                conversation_id: self.conversation_id?,
                reader_id: self.reader_id?,
                up_to: self.up_to?,
            },
            "user_presence" => ServerFrame::UserPresence {
                user_id: self.user_id?,
                username: self.username?,
                status: self.status?,
            },
            "gap" => ServerFrame::Gap {
                conversation_id: self.conversation_id?,
                from_seq: self.from_seq?,
                to_seq: self.to_seq?,
            },
            "resumed" => ServerFrame::Resumed { cursors: self.cursors? },
            "pong" => ServerFrame::Pong,
            "error" => ServerFrame::Error {
                code: self.code?,
                message: sentence?,
                client_id: self.client_id,
                retry_after_ms: self.retry_after_ms,
            },
            _ => return None,
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    Online,
    Offline,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_have_the_documented_shape() {
        let frame: ClientFrame = serde_json::from_str(
            r#"{"type":"chat_message","conversation_id":"global","content":"hi","later":1}"#,
        )
        .unwrap();
        let ClientFrame::ChatMessage(message) = frame else { panic!("{frame:?}") };
        assert_eq!((message.conversation_id, message.client_id), (ConversationKey::Global, None));

        let gap =
            ServerFrame::Gap { conversation_id: ConversationKey::Global, from_seq: 3, to_seq: 9 };
        assert_eq!(
            serde_json::to_string(&gap).unwrap(),
            r#"{"type":"gap","conversation_id":"global","from_seq":3,"to_seq":9}"#
        );
    }

    #[test]
    fn every_listed_type_is_one_that_parses() {
        let bodies = [
            r#""conversation_id":"global","content":"x""#,
            r#""conversation_id":"global""#,
            r#""cursors":{"global":4}"#,
            r#""x":0"#,
        ];
        for (kind, body) in CLIENT_FRAME_TYPES.iter().zip(bodies) {
            let text = format!(r#"{{"type":"{kind}",{body}}}"#);
            assert!(serde_json::from_str::<ClientFrame>(&text).is_ok(), "{text}");
        }
    }

    #[test]
    fn every_frame_reads_back_as_it_was_written() {
        let user_id = UserId::new();
        let key = ConversationKey::Global;
        let frames = [
            ServerFrame::ConnectionEstablished { message: "hello".into(), user_id },
            ServerFrame::NewMessage { message: message() },
            ServerFrame::MessageSent { message: message() },
            ServerFrame::MessagesRead { conversation_id: key, reader_id: user_id, up_to: 3 },
            ServerFrame::UserPresence { user_id, username: "ada".into(), status: Presence::Online },
            ServerFrame::Gap { conversation_id: key, from_seq: 1, to_seq: 2 },
            ServerFrame::Resumed { cursors: Cursors::from([(key, 7)]) },
            ServerFrame::Pong,
            ServerFrame::Error {
                code: ErrorCode::RateLimited,
                message: "slower".into(),
                client_id: Some(ClientId::new()),
                retry_after_ms: Some(10),
            },
        ];
        for frame in frames {
            let json = serde_json::to_string(&frame).unwrap();
            assert_eq!(serde_json::from_str::<ServerFrame>(&json).unwrap(), frame, "{json}");
        }
    }

    fn message() -> Message {
        Message {
            id: crate::MessageId::new(),
            conversation_id: ConversationKey::Global,
            seq: 1,
            client_id: ClientId::new(),
            sender: crate::chat::Author::new(UserId::new(), "ada".into()),
            content: "hi".into(),
            message_type: "text".into(),
            created_at: crate::UnixMillis(5),
            is_unsent: false,
        }
    }

    #[test]
    fn a_frame_of_a_newer_server_is_unknown_not_an_error() {
        let frame: ServerFrame =
            serde_json::from_str(r#"{"type":"reaction","emoji":"x"}"#).unwrap();
        assert_eq!(frame, ServerFrame::Unknown);
    }
}
