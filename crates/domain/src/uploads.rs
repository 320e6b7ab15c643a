//! Files that arrive in pieces, and go on where they were cut off.
//!
//! A piece is a file of its own, named in a row that is written together with the new end of the whole: two
//! pieces for the same place are never both kept, on any node. When the last one is there, the whole becomes a
//! picture, and the pieces go.

mod abandon;
mod append;
mod begin;
mod finish;
mod rows;
mod sweep;

pub use abandon::abandon;
pub use append::append;
pub use begin::begin;
pub use rows::{Upload, upload};
pub(crate) use sweep::{REMOVE_PARTS, remove_parts, sweep_uploads};

use wire::{ErrorCode, Problem};

use crate::StoreError;
use crate::limits::Wait;
use crate::media::MediaError;

/// Why an upload did not begin or go on.
#[derive(Debug, Clone, thiserror::Error)]
pub enum UploadError {
    /// Not there, not the caller's, or too old.
    #[error("not found")]
    NotFound,
    /// A piece for another place than the end of what is there, in bytes.
    #[error("the upload goes on at {0}")]
    Elsewhere(u64),
    /// Longer than a picture may be, or than was said.
    #[error("too long")]
    TooLong,
    /// Nothing is to come.
    #[error("empty")]
    Empty,
    /// Others are to be ended first.
    #[error("too many at once")]
    TooMany,
    /// What arrived is not taken as a picture.
    #[error("{0}")]
    Picture(MediaError),
    #[error("too often")]
    TooOften { retry_after_ms: u64 },
    #[error("{0}")]
    Store(Problem),
}

impl From<Wait> for UploadError {
    fn from(Wait(retry_after_ms): Wait) -> Self {
        Self::TooOften { retry_after_ms }
    }
}

impl From<StoreError> for UploadError {
    fn from(error: StoreError) -> Self {
        Self::Store(error.into())
    }
}

impl From<sea_orm::DbErr> for UploadError {
    fn from(error: sea_orm::DbErr) -> Self {
        StoreError::from(error).into()
    }
}

/// What files say; what is wrong with a picture is told by [`UploadError::Picture`].
impl From<blob_store::BlobError> for UploadError {
    fn from(error: blob_store::BlobError) -> Self {
        Self::Picture(error.into())
    }
}

impl From<UploadError> for Problem {
    fn from(error: UploadError) -> Self {
        match error {
            UploadError::NotFound => Self::new(ErrorCode::NotFound, "No such upload."),
            UploadError::Elsewhere(at) => {
                Self::new(ErrorCode::UploadConflict, format!("The upload goes on at byte {at}."))
            }
            UploadError::TooLong => Self::new(
                ErrorCode::TooLarge,
                "A picture has at most 10 MB, and no more bytes come than were announced.",
            ),
            UploadError::Empty => Self::new(ErrorCode::BadRequest, "A file has some bytes."),
            UploadError::TooMany => Self::new(
                ErrorCode::RateLimited,
                "Too many uploads are under way. End one of them first.",
            )
            .retry_after(60_000),
            UploadError::Picture(error) => error.into(),
            UploadError::TooOften { retry_after_ms } => {
                Self::new(ErrorCode::RateLimited, "That is too often. Wait a moment.")
                    .retry_after(retry_after_ms)
            }
            UploadError::Store(problem) => problem,
        }
    }
}
