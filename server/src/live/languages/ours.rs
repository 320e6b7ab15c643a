//! `/ws/chat/`: the language of our own pages, and of Spherespace's old clients.

use wire::live::CLIENT_FRAME_TYPES;

use super::Language;

pub(in crate::live) static OURS: Language = Language {
    rewrite: |kind, command| CLIENT_FRAME_TYPES.contains(&kind).then_some(command),
    dialect: None,
    hears_room: true,
    hears_person: true,
    hears_unscreened: false,
};
