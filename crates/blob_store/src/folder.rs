//! A folder of this machine.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use bytes::{Bytes, BytesMut};
use futures_util::stream;
use tokio::fs::{self, File};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use uuid::Uuid;

use crate::{Blob, BlobError, BlobStore, Content, Key, Working};

/// Read at once, in bytes.
const PIECE: usize = 64 * 1024;

/// Each file is written under another name first: whoever reads finds it whole or not at all, also
/// after a crash.
#[derive(Debug)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The folder is made with the first file.
    #[must_use]
    pub fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    fn path(&self, key: &Key) -> PathBuf {
        self.root.join(key.shelf()).join(key.file_name())
    }

    async fn write(&self, key: &Key, bytes: Bytes) -> Result<(), BlobError> {
        let path = self.path(key);
        let shelf = self.root.join(key.shelf());
        fs::create_dir_all(&shelf).await?;
        let draft = shelf.join(format!(".{}", Uuid::now_v7().simple()));
        let written = match write_whole(&draft, &bytes).await {
            Ok(()) => fs::rename(&draft, &path).await,
            failed => failed,
        };
        if written.is_err() {
            // Half a file is of no use; the disk may be full of them.
            let _left_over = fs::remove_file(&draft).await;
        }
        written?;
        Ok(File::open(&shelf).await?.sync_all().await?)
    }

    async fn open(&self, key: &Key) -> Result<Option<Blob>, BlobError> {
        let file = match File::open(self.path(key)).await {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let length = file.metadata().await?.len();
        Ok(Some(Blob { length, content: pieces(file) }))
    }

    async fn remove(&self, key: &Key) -> Result<(), BlobError> {
        match fs::remove_file(self.path(key)).await {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }
}

async fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(path).await?;
    file.write_all(bytes).await?;
    file.sync_all().await
}

fn pieces(file: File) -> Content {
    Box::pin(stream::try_unfold(file, |mut file| async move {
        let mut piece = BytesMut::with_capacity(PIECE);
        let read = file.read_buf(&mut piece).await?;
        Ok((read > 0).then(|| (piece.freeze(), file)))
    }))
}

impl BlobStore for Folder {
    fn put<'a>(&'a self, key: &'a Key, bytes: Bytes) -> Working<'a, ()> {
        Box::pin(self.write(key, bytes))
    }

    fn get<'a>(&'a self, key: &'a Key) -> Working<'a, Option<Blob>> {
        Box::pin(self.open(key))
    }

    fn delete<'a>(&'a self, key: &'a Key) -> Working<'a, ()> {
        Box::pin(self.remove(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(folder: &Path) -> Vec<String> {
        let mut names = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            match entry.path().is_dir() {
                true => names.extend(files(&entry.path())),
                false => names.push(entry.file_name().into_string().unwrap()),
            }
        }
        names
    }

    #[tokio::test]
    async fn a_file_is_there_whole_until_it_is_taken_away() {
        let home = tempfile::tempdir().unwrap();
        let folder = Folder::new(&home.path().join("media"));
        let key = Key::new(Uuid::now_v7(), "64.webp").unwrap();
        assert!(folder.get(&key).await.unwrap().is_none());
        let long: Vec<u8> = (0..200_000_u32).map(|n| n as u8).collect();
        for content in [b"short".to_vec(), long] {
            folder.put(&key, content.clone().into()).await.unwrap();
            let found = folder.get(&key).await.unwrap().unwrap();
            assert_eq!(found.length, content.len() as u64);
            assert_eq!(found.whole().await.unwrap(), content);
        }
        assert_eq!(files(home.path()), [key.file_name()], "no drafts are left");
        for _ in 0..2 {
            folder.delete(&key).await.unwrap();
        }
        assert!(folder.get(&key).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn what_cannot_be_written_leaves_nothing() {
        let home = tempfile::tempdir().unwrap();
        let folder = Folder::new(home.path());
        let key = Key::new(Uuid::nil(), "64.webp").unwrap();
        // Where the file should stand, there is a folder with something in it.
        std::fs::create_dir_all(folder.path(&key).join("in-the-way")).unwrap();
        assert!(folder.put(&key, Bytes::from_static(b"x")).await.is_err());
        assert_eq!(files(home.path()), Vec::<String>::new());
    }
}
