//! Pictures that people send: looked at by their content, made anew in a few sizes, and kept as files.
//!
//! Nothing of what was sent is kept but what can be seen: no name, no type, no place where it was taken.

mod develop;
mod open_picture;
mod remove;
mod store_picture;
mod sweep;

use wire::{ErrorCode, Problem};

pub use develop::Crop;
pub(crate) use develop::Darkroom;
pub use open_picture::open_picture;
pub(crate) use remove::{REMOVE_FILES, forget_picture, forget_pictures_of, remove_files};
pub use store_picture::{Picture, store_picture};
pub(crate) use sweep::{SWEEP_MEDIA, sweep_media};

use crate::StoreError;
use crate::limits::Wait;

/// Why a picture was not taken.
#[derive(Debug, Clone, thiserror::Error)]
pub enum MediaError {
    /// Neither JPEG, PNG, WebP nor GIF, whatever it calls itself, or a broken one.
    #[error("not a picture")]
    NotAPicture,
    /// Too many bytes or pixels.
    #[error("too large")]
    TooLarge,
    /// The part to cut out lies outside of the picture.
    #[error("the cut is outside of the picture")]
    Crop,
    #[error("too often")]
    TooOften { retry_after_ms: u64 },
    #[error("{0}")]
    Store(Problem),
}

impl MediaError {
    /// For programs and their authors; `None` where it is not the picture's fault.
    #[must_use]
    pub fn sentence(&self) -> Option<&'static str> {
        match self {
            Self::NotAPicture => Some("This is not a JPEG, PNG, WebP or GIF picture."),
            Self::TooLarge => Some(
                "A picture has at most 10 MB, 40 million pixels and 12000 of them on each side.",
            ),
            Self::Crop => Some("The part to cut out lies outside of the picture."),
            Self::TooOften { .. } | Self::Store(_) => None,
        }
    }
}

impl From<Wait> for MediaError {
    fn from(Wait(retry_after_ms): Wait) -> Self {
        Self::TooOften { retry_after_ms }
    }
}

impl From<StoreError> for MediaError {
    fn from(error: StoreError) -> Self {
        Self::Store(error.into())
    }
}

impl From<sea_orm::DbErr> for MediaError {
    fn from(error: sea_orm::DbErr) -> Self {
        StoreError::from(error).into()
    }
}

impl From<blob_store::BlobError> for MediaError {
    fn from(error: blob_store::BlobError) -> Self {
        match error {
            blob_store::BlobError::Full => StoreError::Full.into(),
            blob_store::BlobError::Failed(cause) => {
                tracing::error!(%cause, "media");
                let sentence = "Files cannot be kept at the moment.";
                Self::Store(Problem::new(ErrorCode::Unavailable, sentence).retry_after(5_000))
            }
        }
    }
}

impl From<MediaError> for Problem {
    fn from(error: MediaError) -> Self {
        match (error.sentence(), error) {
            (Some(sentence), _) => Self::field("image", sentence),
            (None, MediaError::TooOften { retry_after_ms }) => {
                Self::new(ErrorCode::RateLimited, "That is too often. Wait a moment.")
                    .retry_after(retry_after_ms)
            }
            (None, MediaError::Store(problem)) => problem,
            (None, _) => Self::new(ErrorCode::Internal, "Something went wrong on the server."),
        }
    }
}
