//! The frames of `/ws/chat/`: one JSON object per text frame, told apart by `type`.
//!
//! Unknown fields are ignored on both sides, so either may be newer than the other.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::chat::Message;
use crate::conversations::{Conversation, MemberChange, OwnState, Role, UpTo};
use crate::json::{self, FromJson, Json};
use crate::people::LastSeen;
use crate::{ClientId, ConversationId, ConversationKey, ErrorCode, MessageId, UserId, from_word};

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
    Typing(Typing),
    MarkRead(MarkRead),
    Resume(Resume),
    Subscribe(Subscribe),
    Unsubscribe(Subscribe),
    Ping,
}

/// The words of `type` that [`ClientFrame`] knows.
pub const CLIENT_FRAME_TYPES: [&str; 7] =
    ["chat_message", "typing", "mark_read", "resume", "subscribe", "unsubscribe", "ping"];

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatMessage {
    pub conversation_id: ConversationKey,
    pub content: String,
    /// Absent from clients of the old contract; the server then makes one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<ClientId>,
    /// The message of the same conversation that this one answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<MessageId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typing {
    pub conversation_id: ConversationKey,
    #[serde(default)]
    pub is_typing: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkRead {
    pub conversation_id: ConversationKey,
    /// Absent means all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to: Option<UpTo>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resume {
    pub cursors: Cursors,
}

/// Every accepted conversation is subscribed from the start. The global room can be unsubscribed; others
/// stay, as the answer says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscribe {
    pub conversations: Vec<ConversationKey>,
}

/// What the server says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerFrame {
    ConnectionEstablished {
        message: String,
        user_id: UserId,
        /// Others who are online in the global room. The first [`ONLINE_SHOWN`](crate::chat::ONLINE_SHOWN) of
        /// them are named next.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        online_count: Option<usize>,
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
        /// How many messages this took from unread to read.
        count: i64,
    },
    /// Never about oneself.
    UserPresence {
        user_id: UserId,
        username: String,
        status: Presence,
        /// With `offline`, where it is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last_seen: Option<LastSeen>,
    },
    /// Somebody else writes, or has stopped. Without news for a few seconds they have stopped too.
    Typing {
        conversation_id: ConversationKey,
        user_id: UserId,
        username: String,
        is_typing: bool,
    },
    /// Its author changed the text: the message as it is now, without its reactions.
    MessageEdited {
        message: Message,
    },
    /// Its author took it back; its content and reactions are gone, in quotes of it too.
    MessageUnsent {
        conversation_id: ConversationKey,
        message_id: MessageId,
        seq: i64,
    },
    /// Somebody, perhaps oneself on another device, added or took back a reaction.
    Reaction {
        conversation_id: ConversationKey,
        message_id: MessageId,
        seq: i64,
        user_id: UserId,
        username: String,
        emoji: String,
        is_added: bool,
        /// How many have this reaction now.
        count: i64,
    },
    /// Somebody who has not been accepted wrote; `last_message` is what they wrote.
    MessageRequest {
        conversation: Box<Conversation>,
    },
    /// The other person accepted: the conversation is no request any more.
    RequestAccepted {
        conversation_id: ConversationId,
        user_id: UserId,
    },
    /// A conversation that was not in the list is there now.
    ConversationAdded {
        conversation: Box<Conversation>,
    },
    /// A group has another name.
    ConversationRenamed {
        conversation_id: ConversationId,
        title: String,
        user_id: UserId,
    },
    /// Hidden, declined or left: no more news of it.
    ConversationRemoved {
        conversation_id: ConversationId,
    },
    /// Somebody came, went or has another role.
    MemberChanged {
        conversation_id: ConversationId,
        change: MemberChange,
        user_id: UserId,
        username: String,
        role: Role,
        /// Who did it.
        by: UserId,
        members_count: i64,
    },
    /// For one's own devices: read, marked unread, muted, or a draft was kept.
    ConversationState {
        conversation_id: ConversationKey,
        state: OwnState,
    },
    /// Something happened that concerns oneself, or was marked as read: how much is new now.
    Notification {
        unread: i64,
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
    /// Those of the named conversations that this socket hears of.
    Subscribed {
        conversations: Vec<ConversationKey>,
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

/// Reads a frame of the server by its `type`; a variant that is left out does not compile.
macro_rules! server_frames {
    ($($word:literal => $variant:ident { $($field:ident),+ $(,)? },)+) => {
        impl FromJson for ServerFrame {
            fn from_json<J: Json>(json: &J) -> Option<Self> {
                Some(match json.field("type")?.text()?.as_str() {
                    $($word => Self::$variant { $($field: json::field(json, stringify!($field))?),+ },)+
                    "pong" => Self::Pong,
                    _ => Self::Unknown,
                })
            }
        }

        const _: fn(&ServerFrame) = |frame| match frame {
            $(ServerFrame::$variant { .. } => {})+
            ServerFrame::Pong | ServerFrame::Unknown => {}
        };
    };
}

server_frames! {
    "connection_established" => ConnectionEstablished { message, user_id, online_count },
    "new_message" => NewMessage { message },
    "message_sent" => MessageSent { message },
    "messages_read" => MessagesRead { conversation_id, reader_id, up_to, count },
    "user_presence" => UserPresence { user_id, username, status, last_seen },
    "typing" => Typing { conversation_id, user_id, username, is_typing },
    "message_edited" => MessageEdited { message },
    "message_unsent" => MessageUnsent { conversation_id, message_id, seq },
    "reaction" => Reaction {
        conversation_id, message_id, seq, user_id, username, emoji, is_added, count,
    },
    "message_request" => MessageRequest { conversation },
    "request_accepted" => RequestAccepted { conversation_id, user_id },
    "conversation_added" => ConversationAdded { conversation },
    "conversation_renamed" => ConversationRenamed { conversation_id, title, user_id },
    "conversation_removed" => ConversationRemoved { conversation_id },
    "member_changed" => MemberChanged {
        conversation_id, change, user_id, username, role, by, members_count,
    },
    "conversation_state" => ConversationState { conversation_id, state },
    "notification" => Notification { unread },
    "gap" => Gap { conversation_id, from_seq, to_seq },
    "resumed" => Resumed { cursors },
    "subscribed" => Subscribed { conversations },
    "error" => Error { code, message, client_id, retry_after_ms },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    Online,
    Offline,
}

from_word!(Presence { "online" => Online, "offline" => Offline });

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversations::{ConversationKind, Quote, Reaction, RequestState};

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
            r#""conversation_id":"global","is_typing":true"#,
            r#""conversation_id":"global","up_to":3"#,
            r#""cursors":{"global":4}"#,
            r#""conversations":["global"]"#,
            r#""conversations":[]"#,
            r#""x":0"#,
        ];
        assert_eq!(bodies.len(), CLIENT_FRAME_TYPES.len());
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
            ServerFrame::ConnectionEstablished {
                message: "hello".into(),
                user_id,
                online_count: Some(3),
            },
            ServerFrame::NewMessage { message: message() },
            ServerFrame::MessageSent { message: message() },
            ServerFrame::MessagesRead {
                conversation_id: key,
                reader_id: user_id,
                up_to: 3,
                count: 2,
            },
            ServerFrame::UserPresence {
                user_id,
                username: "ada".into(),
                status: Presence::Offline,
                last_seen: Some(LastSeen::Today),
            },
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
            reads_back(&frame);
        }
    }

    fn reads_back(frame: &ServerFrame) {
        let json = serde_json::to_string(frame).unwrap();
        assert_eq!(serde_json::from_str::<ServerFrame>(&json).unwrap(), *frame, "{json}");
        let value: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(ServerFrame::from_json(&value).as_ref(), Some(frame), "{json}");
    }

    #[test]
    fn every_frame_about_a_conversation_reads_back_as_it_was_written() {
        let user_id = UserId::new();
        let key = ConversationKey::Id(ConversationId::new());
        let frames = [
            ServerFrame::Typing {
                conversation_id: key,
                user_id,
                username: "ada".into(),
                is_typing: true,
            },
            ServerFrame::MessageEdited { message: answered() },
            ServerFrame::MessageUnsent {
                conversation_id: key,
                message_id: MessageId::new(),
                seq: 4,
            },
            ServerFrame::Reaction {
                conversation_id: key,
                message_id: MessageId::new(),
                seq: 4,
                user_id,
                username: "ada".into(),
                emoji: "👍".into(),
                is_added: true,
                count: 1,
            },
            ServerFrame::MessageRequest { conversation: Box::new(conversation()) },
            ServerFrame::ConversationAdded { conversation: Box::new(conversation()) },
            ServerFrame::RequestAccepted { conversation_id: ConversationId::new(), user_id },
            ServerFrame::ConversationRenamed {
                conversation_id: ConversationId::new(),
                title: "Band".into(),
                user_id,
            },
            ServerFrame::ConversationRemoved { conversation_id: ConversationId::new() },
            ServerFrame::MemberChanged {
                conversation_id: ConversationId::new(),
                change: MemberChange::Added,
                user_id,
                username: "ada".into(),
                role: Role::Admin,
                by: UserId::new(),
                members_count: 3,
            },
            ServerFrame::ConversationState {
                conversation_id: key,
                state: OwnState {
                    last_read_seq: 3,
                    unread_count: 1,
                    muted_until: None,
                    draft: Some("later".into()),
                },
            },
        ];
        for frame in frames {
            reads_back(&frame);
        }
    }

    fn message() -> Message {
        Message {
            id: MessageId::new(),
            conversation_id: ConversationKey::Global,
            seq: 1,
            client_id: ClientId::new(),
            sender: crate::chat::Author::new(UserId::new(), "ada".into()),
            content: "hi".into(),
            message_type: "text".into(),
            created_at: crate::UnixMillis(5),
            is_unsent: false,
            edited_at: None,
            reply_to: None,
            reactions: Vec::new(),
        }
    }

    fn answered() -> Message {
        let quote = Quote {
            id: MessageId::new(),
            seq: 3,
            sender: crate::chat::Author::new(UserId::new(), "bob".into()),
            content: "what?".into(),
            is_unsent: false,
        };
        let thumb = Reaction { emoji: "👍".into(), count: 2, mine: true };
        Message {
            edited_at: Some(crate::UnixMillis(9)),
            reply_to: Some(Box::new(quote)),
            reactions: vec![thumb],
            ..message()
        }
    }

    fn conversation() -> Conversation {
        Conversation {
            id: ConversationId::new(),
            kind: ConversationKind::Direct,
            title: None,
            people: Vec::new(),
            members_count: 2,
            role: Role::Member,
            request: RequestState::Received,
            is_blocked: false,
            last_seq: 1,
            last_read_seq: 0,
            unread_count: 1,
            last_message: Some(message()),
            created_at: crate::UnixMillis(1),
            updated_at: crate::UnixMillis(2),
            muted_until: None,
            draft: None,
        }
    }

    #[test]
    fn a_frame_of_a_newer_server_is_unknown_not_an_error() {
        let text = r#"{"type":"tomorrow","emoji":"x"}"#;
        assert_eq!(serde_json::from_str::<ServerFrame>(text).unwrap(), ServerFrame::Unknown);
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(ServerFrame::from_json(&value), Some(ServerFrame::Unknown));
    }
}
