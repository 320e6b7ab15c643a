//! The only door to a write transaction and to the hub.
//!
//! What is to be told waits on the transaction and leaves after the commit: nobody hears of a
//! message that a crash could still take back.

use realtime::{Cast, Hub, Topic};
use sea_orm::{DatabaseTransaction, SqliteTransactionMode, TransactionOptions, TransactionTrait};

use crate::store::{Store, StoreError};

/// A write transaction and what to tell when it is durable.
#[derive(Debug)]
pub(crate) struct Tx<'a> {
    rows: DatabaseTransaction,
    hub: &'a Hub,
    events: Vec<(Topic, Cast)>,
}

impl<'a> Tx<'a> {
    /// `IMMEDIATE` on SQLite: a transaction that starts as a reader cannot wait for the write lock.
    #[allow(clippy::disallowed_methods, reason = "this is the door that the lint guards")]
    pub(crate) async fn begin(store: &Store, hub: &'a Hub) -> Result<Self, StoreError> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let rows = store.write.begin_with_options(options).await?;
        Ok(Self { rows, hub, events: Vec::new() })
    }

    pub(crate) fn rows(&self) -> &DatabaseTransaction {
        &self.rows
    }

    /// Tells `topic` after the commit.
    pub(crate) fn tell(&mut self, topic: Topic, cast: Cast) {
        self.events.push((topic, cast));
    }

    /// Makes it durable, then tells. Without a commit everything is forgotten.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        self.rows.commit().await?;
        for (topic, cast) in &self.events {
            announce(self.hub, *topic, cast);
        }
        Ok(())
    }
}

/// Tells what is nowhere stored: presence and its like.
#[allow(clippy::disallowed_methods, reason = "this is the door that the lint guards")]
pub(crate) fn announce(hub: &Hub, topic: Topic, cast: &Cast) {
    hub.publish(topic, cast);
}
