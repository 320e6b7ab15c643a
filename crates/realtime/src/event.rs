//! What is published: to whom, what, and at which place of its series.

use serde::{Deserialize, Serialize};

use crate::Frame;

/// What can be listened to. The meaning of the number is the caller's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Topic {
    Conversation(u128),
    /// Everything addressed to one person, on every device.
    Person(u128),
    /// One signed-in device: revocation reaches its sockets here.
    Device(u128),
    /// Who comes and goes of those whom one person knows.
    Presence(u128),
    /// What somebody has not accepted yet, for clients that know no requests.
    Unscreened(u128),
}

/// What is told to the subscribers of a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cast {
    /// The same frame for everybody.
    All(Frame),
    /// One frame for the sockets of `owner`, another for everybody else; `None` tells that side
    /// nothing.
    Split { owner: u128, own: Option<Frame>, others: Option<Frame> },
    /// Every subscriber is closed with this code.
    Close(u16),
}

/// One of a series of events that are numbered without holes: whoever hears 7 after 5 knows that
/// something is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    pub series: u128,
    pub number: i64,
}

/// A publication. Several may share a place: the forms of one thing for several topics.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub topic: Topic,
    pub cast: Cast,
    /// `None` for what may be lost between nodes.
    pub place: Option<Place>,
}

impl Event {
    #[must_use]
    pub fn new(topic: Topic, cast: Cast) -> Self {
        Self { topic, cast, place: None }
    }

    #[must_use]
    pub fn at(place: Place, topic: Topic, cast: Cast) -> Self {
        Self { topic, cast, place: Some(place) }
    }
}

impl Cast {
    /// Whose sockets hear something of their own.
    pub(crate) fn owner(&self) -> Option<u128> {
        match self {
            Self::Split { owner, .. } => Some(*owner),
            Self::All(_) | Self::Close(_) => None,
        }
    }

    pub(crate) fn frame_for(&self, listener: Option<u128>) -> Option<&Frame> {
        match self {
            Self::All(frame) => Some(frame),
            Self::Split { owner, own, .. } if listener == Some(*owner) => own.as_ref(),
            Self::Split { others, .. } => others.as_ref(),
            Self::Close(_) => None,
        }
    }
}
