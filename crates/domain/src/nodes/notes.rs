//! What nodes say to each other beside the events.

use serde::{Deserialize, Serialize};
use wire::chat::Person;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "note", rename_all = "snake_case")]
pub(crate) enum Note {
    /// Somebody has their first connection on the node that says this.
    Here { person: Person, shown: bool },
    /// Their last one there is gone.
    Gone { person: Person },
    /// Everybody on that node. It is a sign of life, too.
    Roster { people: Vec<(Person, bool)> },
    /// Somebody wants to be seen, or not to be.
    Shown { person: Person, shown: bool },
}

impl Note {
    pub(crate) fn encode(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    pub(crate) fn decode(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}
