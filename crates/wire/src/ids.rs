//! Typed identifiers. A `UserId` cannot be passed where a `MessageId` is wanted.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

use crate::json::{self, FromJson, Json};

/// An identifier that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid id")]
pub struct InvalidId;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new, time-ordered id (UUIDv7).
            #[must_use]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Uuid::try_parse(text).map(Self).map_err(|_| InvalidId)
            }
        }

        impl FromJson for $name {
            fn from_json<J: Json>(json: &J) -> Option<Self> {
                json::parsed(json)
            }
        }
    };
}

id!(
    /// A person's account.
    UserId
);
id!(
    /// A conversation: the global room, a direct conversation or a group.
    ConversationId
);
id!(
    /// A community, whatever it is called.
    CommunityId
);
id!(
    /// A message, for ever.
    MessageId
);
id!(
    /// One signed-in device.
    SessionId
);
id!(
    /// A picture that somebody sent.
    MediaId
);
id!(
    /// A post of somebody's blog, from its first draft on.
    PostId
);
id!(
    /// A comment under a post.
    CommentId
);

/// How clients name a conversation: the global room is `"global"`, any other its UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConversationKey {
    Global,
    Id(ConversationId),
}

impl fmt::Display for ConversationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Global => f.write_str("global"),
            Self::Id(id) => id.fmt(f),
        }
    }
}

impl FromStr for ConversationKey {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        if text == "global" {
            return Ok(Self::Global);
        }
        text.parse().map(Self::Id)
    }
}

impl Serialize for ConversationKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ConversationKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl FromJson for ConversationKey {
    fn from_json<J: Json>(json: &J) -> Option<Self> {
        json::parsed(json)
    }
}

/// The name a client gives a message before its first try: 1 to 64 characters, echoed back.
/// The same sender and client id always mean the same message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ClientId(String);

impl ClientId {
    pub const MAX_CHARS: usize = 64;

    /// A new id, as browsers make them (UUIDv7).
    #[must_use]
    pub fn new() -> Self {
        Self(Uuid::now_v7().to_string())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for ClientId {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ClientId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let length = text.chars().count();
        let fits = (1..=Self::MAX_CHARS).contains(&length);
        if !fits || text.chars().any(char::is_control) {
            return Err(InvalidId);
        }
        Ok(Self(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for ClientId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl FromJson for ClientId {
    fn from_json<J: Json>(json: &J) -> Option<Self> {
        json::parsed(json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conversation_key_reads_back_as_it_was_written() {
        let id = ConversationKey::Id(ConversationId::new());
        for key in [ConversationKey::Global, id] {
            let json = serde_json::to_string(&key).unwrap();
            assert_eq!(serde_json::from_str::<ConversationKey>(&json).unwrap(), key);
        }
        assert!(serde_json::from_str::<ConversationKey>("\"lobby\"").is_err());
    }

    #[test]
    fn a_client_id_has_1_to_64_visible_characters() {
        assert!("".parse::<ClientId>().is_err());
        assert!("x".repeat(64).parse::<ClientId>().is_ok());
        assert!("x".repeat(65).parse::<ClientId>().is_err());
        assert!("a\0b".parse::<ClientId>().is_err());
    }
}
