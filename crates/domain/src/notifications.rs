//! What happened that concerns somebody: one row for each event, written in the transaction that it
//! happened in, so that neither is there without the other.

mod choices;
mod devices;
mod digest;
mod events;
mod list;
mod mark_read;
mod push;
mod push_message;
mod sweep;
mod tell;
#[cfg(test)]
mod tests;
mod unread;
mod wording;

pub use choices::{choices, choose};
pub(crate) use devices::forget_device_of;
pub use devices::{NewDevice, add_device, devices, push_key, remove_device, try_device};
pub(crate) use digest::{MAIL_DIGEST, PLAN_DIGESTS, mail_digest, plan_digests};
pub use digest::{choose_digest, digest, is_unsubscribe_token, unsubscribe};
pub use events::events;
pub use list::news;
pub(crate) use mark_read::hush;
pub use mark_read::{mark_all_read, mark_read, mark_topic_read};
pub(crate) use push::{PUSH, QUIET_MS, carry_push};
pub(crate) use push_message::{Waiting, plan_message_pushes};
pub(crate) use sweep::{SWEEP_NEWS, sweep_news};
pub(crate) use tell::{Event, tell};
pub(crate) use unread::tell_unread;
pub use unread::unread;
pub use wording::{Letter, LetterWords, PlainWords, Wording};

use wire::Problem;

use crate::StoreError;
use crate::limits::Wait;

/// Why a verb about notifications refused.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NewsError {
    #[error("too often")]
    TooOften { retry_after_ms: u64 },
    #[error("there is no such thing")]
    NotFound,
    /// What a browser sent is no subscription: the field, and why.
    #[error("{0}: {1}")]
    NoSubscription(&'static str, String),
    /// This installation pushes nothing.
    #[error("pushes are off")]
    Off,
    #[error("{0}")]
    Store(Problem),
}

impl From<Wait> for NewsError {
    fn from(Wait(retry_after_ms): Wait) -> Self {
        Self::TooOften { retry_after_ms }
    }
}

impl From<StoreError> for NewsError {
    fn from(error: StoreError) -> Self {
        Self::Store(error.into())
    }
}

impl From<sea_orm::DbErr> for NewsError {
    fn from(error: sea_orm::DbErr) -> Self {
        StoreError::from(error).into()
    }
}

impl From<NewsError> for Problem {
    fn from(error: NewsError) -> Self {
        match error {
            NewsError::TooOften { retry_after_ms } => {
                let sentence = "That is too often. Wait a moment.";
                Self::new(wire::ErrorCode::RateLimited, sentence).retry_after(retry_after_ms)
            }
            NewsError::NotFound => Self::new(wire::ErrorCode::NotFound, "Not found."),
            NewsError::NoSubscription(field, why) => {
                let sentence = "This is no subscription of a browser.";
                let mut problem = Self::new(wire::ErrorCode::InvalidField, sentence);
                problem.fields.insert(field.to_owned(), vec![why]);
                problem
            }
            NewsError::Off => Self::new(wire::ErrorCode::NotFound, "Pushes are off here."),
            NewsError::Store(problem) => problem,
        }
    }
}
