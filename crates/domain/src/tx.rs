//! The only door to a write transaction and to the hub.
//!
//! What is to be told waits on the transaction and leaves after the commit: nobody hears of a
//! message that a crash could still take back.

mod doubt;

use realtime::{Cast, Event, Hub, Place, Topic};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, QueryResult, SqliteTransactionMode, Statement,
    TransactionOptions, TransactionTrait,
};

use crate::Services;
use crate::store::{Store, StoreError};

/// A write transaction and what to tell when it is durable.
#[derive(Debug)]
pub(crate) struct Tx<'a> {
    rows: DatabaseTransaction,
    store: &'a Store,
    hub: &'a Hub,
    events: Vec<Event>,
    place: Option<Place>,
    has_pushes: bool,
}

impl<'a> Tx<'a> {
    /// `IMMEDIATE` on SQLite: a transaction that starts as a reader cannot wait for the write lock.
    #[allow(clippy::disallowed_methods, reason = "this is the door that the lint guards")]
    pub(crate) async fn begin(store: &'a Store, hub: &'a Hub) -> Result<Self, StoreError> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let rows = store.write.begin_with_options(options).await?;
        Ok(Self { rows, store, hub, events: Vec::new(), place: None, has_pushes: false })
    }

    pub(crate) fn rows(&self) -> &DatabaseTransaction {
        &self.rows
    }

    /// Whether nobody else can write meanwhile, so that no row has to be held.
    pub(crate) fn is_sqlite(&self) -> bool {
        self.rows.get_database_backend() == DbBackend::Sqlite
    }

    /// Tells `topic` after the commit.
    pub(crate) fn tell(&mut self, topic: Topic, cast: Cast) {
        self.events.push(Event { topic, cast, place: self.place });
    }

    /// After the commit, whoever carries pushes away is woken.
    pub(crate) fn wake_pushes(&mut self) {
        self.has_pushes = true;
    }

    /// What is told until the next call stands at this place of its series, so that no node can miss
    /// it or tell it twice.
    pub(crate) fn stand_at(&mut self, place: Option<Place>) {
        self.place = place;
    }

    /// Forgets the transaction, for whoever only wants to know what it would have told.
    pub(crate) fn into_events(self) -> Vec<Event> {
        self.events
    }

    /// As [`Tx::commit`]; where the answer of Postgres is lost, it is asked later what became of the commit,
    /// and whoever should hear of it does. (The writer of messages has its own way: their order matters.)
    #[allow(clippy::disallowed_methods, reason = "this is the door that the lint guards")]
    pub(crate) async fn commit_or_find_out(self, services: &Services) -> Result<(), StoreError> {
        if self.events.is_empty() {
            return self.commit().await;
        }
        let number = doubt::number_of(&self.rows).await?;
        let committed = self.rows.commit().await.map_err(StoreError::from);
        // Also where nobody knows.
        after_commit(self.store, self.has_pushes);
        match (committed, number) {
            (Ok(()), _) => self.hub.publish(self.events),
            (Err(error @ StoreError::Unavailable(_)), Some(number)) => {
                doubt::find_out(services.store.clone(), &services.hub, number, self.events);
                return Err(error);
            }
            (Err(error), _) => return Err(error),
        }
        Ok(())
    }

    /// Makes it durable, then tells. Without a commit everything is forgotten.
    #[allow(clippy::disallowed_methods, reason = "this is the door that the lint guards")]
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        let committed = self.rows.commit().await;
        after_commit(self.store, self.has_pushes);
        committed?;
        if !self.events.is_empty() {
            self.hub.publish(self.events);
        }
        Ok(())
    }

    /// As [`Tx::commit`], for numbers that a page may show a little later than they are true.
    #[allow(clippy::disallowed_methods, reason = "this is the door that the lint guards")]
    pub(crate) async fn commit_unnoticed(self) -> Result<(), StoreError> {
        Ok(self.rows.commit().await?)
    }
}

fn after_commit(store: &Store, has_pushes: bool) {
    store.note_write();
    if has_pushes {
        store.pushes.notify_one();
    }
}

/// One statement that is a transaction of its own: Postgres begins and commits around it, which spares
/// two of three journeys. What it has stored is durable when its rows are here; what was to be told is told
/// with [`tell_committed`].
pub(crate) async fn alone(
    store: &Store,
    statement: Statement,
) -> Result<Vec<QueryResult>, StoreError> {
    let rows = store.write.query_all_raw(statement).await;
    store.note_write();
    Ok(rows?)
}

/// Tells what was committed without a [`Tx`], or some time ago.
#[allow(clippy::disallowed_methods, reason = "this is the door that the lint guards")]
pub(crate) fn tell_committed(hub: &Hub, events: Vec<Event>) {
    hub.publish(events);
}

/// Tells what is nowhere stored: that somebody writes, and its like.
#[allow(clippy::disallowed_methods, reason = "this is the door that the lint guards")]
pub(crate) fn announce(hub: &Hub, topic: Topic, cast: Cast) {
    hub.publish(vec![Event::new(topic, cast)]);
}

/// Tells this node's sockets what every node finds out for itself.
#[allow(clippy::disallowed_methods, reason = "this is the door that the lint guards")]
pub(crate) fn announce_here(hub: &Hub, events: Vec<Event>) {
    hub.publish_here(events);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use entity::conversation;
    use realtime::Frame;
    use sea_orm::sea_query::Expr;
    use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
    use test_support::{Backend, Database, Listener};

    use super::*;

    const ROOM: Topic = Topic::Conversation(1);

    async fn rename(tx: &mut Tx<'_>) {
        let update = conversation::Entity::update_many()
            .col_expr(conversation::Column::Title, Expr::value("renamed"))
            .filter(conversation::Column::Kind.eq("global"));
        update.exec(tx.rows()).await.unwrap();
        tx.tell(ROOM, Cast::All(Frame::durable("renamed")));
    }

    async fn title(store: &Store) -> Option<String> {
        let room = conversation::Entity::find().one(&store.read).await.unwrap();
        room.unwrap().title
    }

    async fn only_a_commit_stores_and_tells(backend: Backend) {
        let database = Database::migrated(backend).await;
        let store = Store::connect(&database.url).await.unwrap();
        let hub = Arc::new(Hub::default());
        let room = Listener::at(&hub, ROOM, 1);
        let mut dropped = Tx::begin(&store, &hub).await.unwrap();
        rename(&mut dropped).await;
        drop(dropped);
        let mut tx = Tx::begin(&store, &hub).await.unwrap();
        assert_eq!((title(&store).await, room.unheard().await), (None, 0), "dropped");
        rename(&mut tx).await;
        assert_eq!((title(&store).await, room.unheard().await), (None, 0), "not committed yet");
        tx.commit().await.unwrap();
        assert_eq!((title(&store).await, room.unheard().await), (Some("renamed".into()), 1));
    }

    #[tokio::test]
    async fn only_a_commit_stores_and_tells_on_sqlite() {
        only_a_commit_stores_and_tells(Backend::Sqlite).await;
    }

    #[tokio::test]
    async fn only_a_commit_stores_and_tells_on_postgres() {
        only_a_commit_stores_and_tells(Backend::Postgres).await;
    }
}
