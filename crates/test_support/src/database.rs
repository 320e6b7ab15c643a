//! An empty or migrated database that is nobody else's.

use sea_orm::{ConnectionTrait, DatabaseConnection};
use tempfile::TempDir;

use crate::postgres;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// Its address, and what keeps it: a SQLite file goes with its folder, a Postgres database with
/// the server that this process started.
#[derive(Debug)]
pub struct Database {
    pub url: String,
    _folder: Option<TempDir>,
}

impl Database {
    /// Without any table.
    pub async fn empty(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => Self::sqlite(),
            Backend::Postgres => Self::on_postgres("template1").await,
        }
    }

    /// With today's tables.
    pub async fn migrated(backend: Backend) -> Self {
        if backend == Backend::Postgres {
            return Self::on_postgres(postgres::migrated_template().await).await;
        }
        let database = Self::sqlite();
        migrate(&database.url).await;
        database
    }

    fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the database");
        let url = format!("sqlite://{}", folder.path().join("test.db").display());
        Self { url, _folder: Some(folder) }
    }

    async fn on_postgres(template: &str) -> Self {
        Self::at(postgres::create_database(template).await)
    }

    /// One that somebody else keeps.
    pub(crate) fn at(url: String) -> Self {
        Self { url, _folder: None }
    }

    /// The same database, for one more server on it.
    ///
    /// # Panics
    /// On SQLite, which belongs to one.
    #[must_use]
    pub fn shared(&self) -> Self {
        assert!(self._folder.is_none(), "SQLite belongs to one server");
        Self::at(self.url.clone())
    }

    /// Its address, for looking at it from beside the server that it belongs to.
    #[must_use]
    pub fn beside(&self) -> Self {
        Self::at(self.url.clone())
    }

    /// A connection of the test's own, for looking at rows and for changing them behind the
    /// program's back.
    pub async fn connect(&self) -> DatabaseConnection {
        let mut options = sea_orm::ConnectOptions::new(&self.url);
        options.max_connections(1).sqlx_logging(false);
        options.map_sqlx_sqlite_opts(|sqlite| sqlite.create_if_missing(true));
        sea_orm::Database::connect(options).await.expect("a connection of the test's own")
    }
}

pub(crate) async fn migrate(url: &str) {
    let store = domain::Store::connect(url).await.expect("the database opens");
    store.migrate_up().await.expect("the database is migrated");
    store.close().await;
}

pub(crate) async fn execute(rows: &DatabaseConnection, sql: &str) {
    rows.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}
