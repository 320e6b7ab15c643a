//! For tests: what was sent, in order, and a way to wait for it.

use tokio::sync::{Mutex, mpsc};

use crate::{Mail, MailError, Mailer, Sending};

#[derive(Debug)]
pub struct Memory {
    keep: mpsc::UnboundedSender<Mail>,
    kept: Mutex<mpsc::UnboundedReceiver<Mail>>,
}

impl Default for Memory {
    fn default() -> Self {
        let (keep, kept) = mpsc::unbounded_channel();
        Self { keep, kept: Mutex::new(kept) }
    }
}

impl Memory {
    /// The next mail, as soon as it is sent.
    pub async fn next(&self) -> Option<Mail> {
        self.kept.lock().await.recv().await
    }

    /// The next mail, where one was sent already.
    pub async fn sent(&self) -> Option<Mail> {
        self.kept.lock().await.try_recv().ok()
    }
}

impl Mailer for Memory {
    fn send<'a>(&'a self, mail: &'a Mail) -> Sending<'a> {
        let kept = self.keep.send(mail.clone());
        Box::pin(async move { kept.map_err(|error| MailError::Server(error.to_string())) })
    }
}
