//! For tests: nothing outlives the process.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures_util::stream;

use crate::{Blob, BlobStore, Key, Working};

#[derive(Debug, Default)]
pub struct Memory(Mutex<BTreeMap<Key, Bytes>>);

impl Memory {
    /// What is there, in order.
    #[must_use]
    pub fn keys(&self) -> Vec<Key> {
        self.lock().keys().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Key, Bytes>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BlobStore for Memory {
    fn put<'a>(&'a self, key: &'a Key, bytes: Bytes) -> Working<'a, ()> {
        self.lock().insert(key.clone(), bytes);
        Box::pin(async { Ok(()) })
    }

    fn get<'a>(&'a self, key: &'a Key) -> Working<'a, Option<Blob>> {
        let found = self.lock().get(key).cloned();
        let blob = found.map(|bytes| Blob {
            length: bytes.len() as u64,
            content: Box::pin(stream::iter([Ok(bytes)])),
        });
        Box::pin(async { Ok(blob) })
    }

    fn delete<'a>(&'a self, key: &'a Key) -> Working<'a, ()> {
        self.lock().remove(key);
        Box::pin(async { Ok(()) })
    }
}
