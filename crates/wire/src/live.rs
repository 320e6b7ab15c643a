//! The frames of `/ws/chat/`: one JSON object per text frame, told apart by `type`.
//!
//! Unknown fields are ignored on both sides, so either may be newer than the other.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

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
#[serde(tag = "type", rename_all = "snake_case")]
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
    /// A kind of a newer server.
    #[serde(other)]
    Unknown,
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
    fn a_frame_of_a_newer_server_is_unknown_not_an_error() {
        let frame: ServerFrame =
            serde_json::from_str(r#"{"type":"reaction","emoji":"x"}"#).unwrap();
        assert_eq!(frame, ServerFrame::Unknown);
    }
}
