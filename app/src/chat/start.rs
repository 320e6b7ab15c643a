//! What a conversation's page starts its life from.

use serde::Serialize;
use wire::ConversationKey;
use wire::chat::Room;
use wire::conversations::{ConversationKind, Quote, SeenBy};
use wire::from_json;

/// A conversation as the server rendered it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RoomStart {
    pub key: ConversationKey,
    pub room: Room,
    /// `None` for the global room.
    pub talk: Option<TalkStart>,
    /// What the next message answers, where the address says so.
    pub replying: Option<Quote>,
}

from_json!(RoomStart { key, room, talk, replying });

/// What only a conversation between known people has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TalkStart {
    pub kind: ConversationKind,
    /// The other person's name or the group's.
    pub name: String,
    /// Members without the reader.
    pub others: usize,
    pub receipts: Vec<SeenBy>,
    pub draft: String,
    /// Whether the reader may write here at all.
    pub is_open: bool,
    /// Whether the reader has accepted it; what is not accepted is never marked as read.
    pub is_accepted: bool,
}

from_json!(TalkStart { kind, name, others, receipts, draft, is_open, is_accepted });
