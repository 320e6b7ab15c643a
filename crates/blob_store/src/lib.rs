//! Files that people sent, wherever they lie: a folder of this machine, or a test's memory.

mod folder;
mod key;
mod memory;

use std::fmt::Debug;
use std::io;
use std::pin::Pin;

use bytes::Bytes;
use futures_util::{Stream, TryStreamExt};

pub use folder::Folder;
pub use key::{InvalidKey, Key};
pub use memory::Memory;

/// Why a file could not be kept, read or taken away.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    #[error("the disk is full")]
    Full,
    #[error("the files cannot be reached: {0}")]
    Failed(io::Error),
}

impl From<io::Error> for BlobError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Failed(error),
        }
    }
}

/// What a file holds, piece by piece.
pub type Content = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// A file that is being read.
pub struct Blob {
    /// In bytes.
    pub length: u64,
    pub content: Content,
}

impl Debug for Blob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Blob").field("length", &self.length).finish_non_exhaustive()
    }
}

impl Blob {
    /// All of it at once, for files that are known to be small.
    ///
    /// # Errors
    /// Where reading fails on the way.
    pub async fn whole(self) -> io::Result<Vec<u8>> {
        let append = |mut whole: Vec<u8>, piece: Bytes| async move {
            whole.extend_from_slice(&piece);
            Ok(whole)
        };
        self.content.try_fold(Vec::new(), append).await
    }
}

/// What a [`BlobStore`] is still doing.
pub type Working<'a, T> = Pin<Box<dyn Future<Output = Result<T, BlobError>> + Send + 'a>>;

/// Whoever keeps files.
pub trait BlobStore: Debug + Send + Sync {
    /// Done when the whole file is durable. Until then nobody finds any of it.
    fn put<'a>(&'a self, key: &'a Key, bytes: Bytes) -> Working<'a, ()>;

    /// `None` where there is no such file.
    fn get<'a>(&'a self, key: &'a Key) -> Working<'a, Option<Blob>>;

    /// Taking away what is not there is no mistake.
    fn delete<'a>(&'a self, key: &'a Key) -> Working<'a, ()>;
}
