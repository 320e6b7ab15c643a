//! Other people: finding them, keeping them away, reporting them, and what one shows of oneself.

mod block;
mod everybody;
mod interest;
mod last_seen;
mod mute;
mod privacy;
mod report;
mod search;
mod views;

pub(crate) use block::write_block;
pub use block::{block, blocked_people, unblock};
pub(crate) use everybody::Headcount;
#[cfg(test)]
pub(crate) use everybody::page_query;
pub(crate) use interest::acquaintances;
pub use interest::{who_may_see, whom_to_see};
pub(crate) use last_seen::departures;
pub use last_seen::{last_seen_of, touch_last_seen};
pub use mute::{mute, muted_people, unmute};
pub use privacy::{change_privacy, privacy};
pub(crate) use report::file_report;
pub use report::report;
#[cfg(test)]
pub(crate) use search::search_query;
pub use search::{page_of_people, search_people};
#[cfg(test)]
pub(crate) use views::people_query;
pub use views::{people_by_id, person};

use entity::account;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use wire::accounts::username_key;
use wire::conversations::Target;
use wire::{ErrorCode, Problem, UserId};

use crate::limits::Wait;
use crate::{Caller, Services, StoreError};

/// Why a verb about people refused.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PeopleError {
    /// Not there, or not the caller's to see.
    #[error("not found")]
    NotFound,
    /// Something in a field; the sentence belongs beside it.
    #[error("{field}: {why}")]
    Invalid { field: &'static str, why: &'static str },
    #[error("too often")]
    TooOften { retry_after_ms: u64 },
    #[error("{0}")]
    Store(Problem),
}

impl From<Wait> for PeopleError {
    fn from(Wait(retry_after_ms): Wait) -> Self {
        Self::TooOften { retry_after_ms }
    }
}

impl From<StoreError> for PeopleError {
    fn from(error: StoreError) -> Self {
        Self::Store(error.into())
    }
}

impl From<sea_orm::DbErr> for PeopleError {
    fn from(error: sea_orm::DbErr) -> Self {
        StoreError::from(error).into()
    }
}

impl From<PeopleError> for Problem {
    fn from(error: PeopleError) -> Self {
        match error {
            PeopleError::NotFound => Self::new(ErrorCode::NotFound, "Not found."),
            PeopleError::Invalid { field, why } => Self::field(field, why),
            PeopleError::TooOften { retry_after_ms } => {
                Self::new(ErrorCode::RateLimited, "That is too often. Wait a moment.")
                    .retry_after(retry_after_ms)
            }
            PeopleError::Store(problem) => problem,
        }
    }
}

/// The id of an account that nobody has given up, and its username as its owner writes it.
///
/// # Errors
/// Where the database does not answer.
pub async fn id_of(
    services: &Services,
    username: &str,
) -> Result<Option<(UserId, String)>, PeopleError> {
    if username.contains('\0') {
        return Ok(None);
    }
    let found = account::Entity::find()
        .filter(account::Column::UsernameKey.eq(username_key(username.trim())))
        .filter(account::Column::IsActive.eq(true))
        .filter(account::Column::DeleteAt.is_null())
        .one(&services.store.read)
        .await?;
    Ok(found.map(|found| (UserId(found.id), found.username)))
}

/// Somebody other than the caller.
async fn other(
    rows: &impl ConnectionTrait,
    caller: &Caller,
    target: &Target,
) -> Result<account::Model, PeopleError> {
    let (who, field) = match target {
        Target::Id(id) => (account::Column::Id.eq(id.0), "user_id"),
        Target::Username(name) => {
            (account::Column::UsernameKey.eq(username_key(name.trim())), "username")
        }
    };
    let found = account::Entity::find().filter(who).one(rows).await?;
    let found = found.ok_or(PeopleError::NotFound)?;
    if found.id == caller.user_id.0 {
        return Err(PeopleError::Invalid { field, why: "This is yourself." });
    }
    Ok(found)
}
