//! For a machine without a mail server: each mail is a file that its operator can read.

use std::path::{Path, PathBuf};

use tokio::io::AsyncWriteExt;
use uuid::Uuid;

use crate::{Mail, MailError, Mailer, Sending, compose};

/// Writes `<time-ordered id>.eml`, readable by the owner alone: a mail may hold a secret.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    from: String,
}

impl Folder {
    #[must_use]
    pub fn new(path: &Path, from: &str) -> Self {
        Self { path: path.to_owned(), from: from.to_owned() }
    }

    async fn write(&self, mail: &Mail) -> Result<(), MailError> {
        let message = compose(&self.from, mail)?;
        tokio::fs::create_dir_all(&self.path).await?;
        let path = self.path.join(format!("{}.eml", Uuid::now_v7().simple()));
        let mut options = tokio::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        options.mode(0o600);
        let mut file = options.open(&path).await?;
        file.write_all(&message.formatted()).await?;
        file.sync_all().await?;
        tracing::warn!(path = %path.display(), "SMTP_URL is not set: a mail was written to a file");
        Ok(())
    }
}

impl Mailer for Folder {
    fn send<'a>(&'a self, mail: &'a Mail) -> Sending<'a> {
        Box::pin(self.write(mail))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[tokio::test]
    async fn a_mail_is_a_file_for_its_owner_alone() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("mail");
        let folder = Folder::new(&path, "Sphere <us@sphere.example>");
        let mail = Mail {
            to: "ada@sphere.example".into(),
            subject: "Hello".into(),
            text: "Come in.\n".into(),
            ..Mail::default()
        };
        folder.send(&mail).await.unwrap();
        folder.send(&mail).await.unwrap();
        let files: Vec<_> = std::fs::read_dir(&path).unwrap().map(Result::unwrap).collect();
        assert_eq!(files.len(), 2);
        assert_eq!(files[0].metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let text = std::fs::read_to_string(files[0].path()).unwrap();
        for line in ["To: ada@sphere.example\r\n", "Subject: Hello\r\n", "\r\n\r\nCome in."] {
            assert!(text.contains(line), "{text}");
        }
    }
}
