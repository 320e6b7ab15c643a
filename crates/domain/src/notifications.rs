//! What happened that concerns somebody: one row for each event, written in the transaction that it
//! happened in, so that neither is there without the other.

mod choices;
mod list;
mod mark_read;
mod tell;
#[cfg(test)]
mod tests;
mod unread;

pub use choices::{choices, choose};
pub use list::news;
pub use mark_read::{mark_all_read, mark_topic_read};
pub(crate) use tell::{Event, tell};
pub use unread::unread;

use wire::Problem;

use crate::StoreError;
use crate::limits::Wait;

/// Why a verb about notifications refused.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NewsError {
    #[error("too often")]
    TooOften { retry_after_ms: u64 },
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
            NewsError::Store(problem) => problem,
        }
    }
}
