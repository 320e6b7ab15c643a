//! The rules: who may do what, in which transaction, and who is told.

use wire::{SessionId, UserId};

/// Everything a rule needs; one for each running server, shared behind an `Arc`.
#[derive(Debug)]
pub struct Services {}

/// Who asks, as the door that let them in has established it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub user_id: UserId,
    pub username: String,
    pub is_staff: bool,
    pub session_id: SessionId,
}
