//! The database: SQLite on a small machine, Postgres when it grows, behind one pair of handles.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use migration::{Migrator, MigratorTrait};
use sea_orm::sqlx::Connection;
use sea_orm::sqlx::PgConnection;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, RuntimeErr,
};
use tokio::sync::Notify;
use wire::{ErrorCode, Problem};

use crate::tally;

/// Readers of a SQLite database at the same time, and connections to Postgres.
const READERS: u32 = 8;
const POSTGRES_CONNECTIONS: u32 = 20;
/// The number of the lock under which Postgres is migrated.
const MIGRATING: i64 = 0x5350_4845_5245;
/// How long a statement may wait for a lock or a free connection.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long one may wait for a connection to Postgres that answers.
const POSTGRES_PATIENCE: Duration = Duration::from_secs(2);
/// A connection to Postgres that was used this recently is taken to be alive: to ask it first would be
/// one more journey before each question.
const FRESH: Duration = Duration::from_secs(1);

/// Why the database did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the disk is full")]
    Full,
    #[error("the database does not answer: {0}")]
    Unavailable(DbErr),
    #[error(
        "the database was written by a newer version (unknown step {0}); install that version or restore a backup"
    )]
    Newer(String),
    #[error("{0}")]
    Failed(DbErr),
}

/// Where reads and writes go. On SQLite there is exactly one write connection; on Postgres both
/// handles share a pool.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) read: DatabaseConnection,
    pub(crate) write: DatabaseConnection,
    /// Wakes whoever carries pushes away: some were committed.
    pub(crate) pushes: Arc<Notify>,
    written: Arc<AtomicU64>,
}

impl Store {
    /// Grows with everything that this node commits, but for what no page has to show at once: whoever
    /// finds the number they found before may show again what they read then.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.written.load(Ordering::Acquire)
    }

    pub(crate) fn note_write(&self) {
        self.written.fetch_add(1, Ordering::Release);
    }

    /// Connects to `sqlite://path` (the file and its folder are made) or `postgres://…`.
    ///
    /// # Errors
    /// An address of another kind, a folder that cannot be made, or a database that does not answer.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        match url.split_once("://") {
            Some(("sqlite", path)) => {
                Self::open_sqlite(path.split('?').next().unwrap_or(path)).await
            }
            Some(("postgres" | "postgresql", _)) => Self::connect_postgres(url).await,
            _ => Err(StoreError::Failed(DbErr::Custom(
                "the address must begin with sqlite:// or postgres://".into(),
            ))),
        }
    }

    /// Whether connecting would make a new database: the file is not there, and nothing that is
    /// no folder stands in its way.
    #[must_use]
    pub fn would_be_made(url: &str) -> bool {
        let Some(path) = url.strip_prefix("sqlite://") else { return false };
        let path = Path::new(path.split('?').next().unwrap_or(path));
        let is_folder = |path: &&Path| path.as_os_str().is_empty() || path.is_dir();
        let nearest = path.ancestors().find(|path| path.exists() || path.as_os_str().is_empty());
        nearest.filter(|nearest| *nearest != path).as_ref().is_some_and(is_folder)
    }

    /// Every step of the schema that this program knows, the oldest first.
    #[must_use]
    pub fn steps() -> Vec<String> {
        Migrator::migrations().into_iter().map(|step| step.name().to_owned()).collect()
    }

    async fn open_sqlite(path: &str) -> Result<Self, StoreError> {
        if let Some(folder) = Path::new(path).parent() {
            std::fs::create_dir_all(folder).map_err(|error| {
                StoreError::Unavailable(DbErr::Custom(format!("{}: {error}", folder.display())))
            })?;
        }
        let url = format!("sqlite://{path}?mode=rwc");
        let mut write = Database::connect(sqlite_options(&url, 1)).await?;
        let mut read = Database::connect(sqlite_options(&url, READERS)).await?;
        tally::watch(&mut write);
        tally::watch(&mut read);
        Ok(Self { read, write, pushes: Arc::default(), written: Arc::default() })
    }

    async fn connect_postgres(url: &str) -> Result<Self, StoreError> {
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(POSTGRES_CONNECTIONS)
            .connect_timeout(POSTGRES_PATIENCE)
            .acquire_timeout(POSTGRES_PATIENCE)
            .test_before_acquire_if_idle_for(FRESH)
            .sqlx_logging(false);
        let mut pool = Database::connect(options).await?;
        tally::watch(&mut pool);
        Ok(Self {
            read: pool.clone(),
            write: pool,
            pushes: Arc::default(),
            written: Arc::default(),
        })
    }

    /// Whether this is SQLite.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        self.backend() == DbBackend::Sqlite
    }

    /// Applies the steps that are missing.
    ///
    /// # Errors
    /// [`StoreError::Newer`] where the database has steps that this program does not know.
    pub async fn migrate_up(&self) -> Result<(), StoreError> {
        let _alone = self.migrate_alone().await?;
        self.refuse_newer().await?;
        Ok(Migrator::up(&self.write, None).await?)
    }

    /// Undoes the last step.
    ///
    /// # Errors
    /// As [`Store::migrate_up`].
    pub async fn migrate_down(&self) -> Result<(), StoreError> {
        let _alone = self.migrate_alone().await?;
        self.refuse_newer().await?;
        Ok(Migrator::down(&self.write, Some(1)).await?)
    }

    /// Each known step and whether it has been applied.
    ///
    /// # Errors
    /// As [`Store::migrate_up`].
    pub async fn migration_status(&self) -> Result<Vec<(String, bool)>, StoreError> {
        self.refuse_newer().await?;
        let pending = Migrator::get_pending_migrations(&self.write).await?;
        let pending: Vec<_> = pending.iter().map(|step| step.name().to_owned()).collect();
        let known = Migrator::migrations().into_iter().map(|step| step.name().to_owned());
        Ok(known.map(|name| (name.clone(), !pending.contains(&name))).collect())
    }

    /// Nodes that start at once migrate one after the other. Postgres forgets the lock with the
    /// connection that asked for it, however that ends.
    async fn migrate_alone(&self) -> Result<Option<PgConnection>, StoreError> {
        if self.is_sqlite() {
            return Ok(None);
        }
        let failed = |error: sea_orm::sqlx::Error| StoreError::from(sqlx_error(error));
        let pool = self.write.get_postgres_connection_pool();
        let mut connection = pool.acquire().await.map_err(failed)?.detach();
        let lock = sea_orm::sqlx::query("SELECT pg_advisory_lock($1)").bind(MIGRATING);
        lock.execute(&mut connection).await.map_err(failed)?;
        Ok(Some(connection))
    }

    async fn refuse_newer(&self) -> Result<(), StoreError> {
        let known: Vec<_> =
            Migrator::migrations().iter().map(|step| step.name().to_owned()).collect();
        Migrator::install(&self.write).await?;
        let applied = Migrator::get_migration_models(&self.write).await?;
        match applied.into_iter().find(|step| !known.contains(&step.version)) {
            Some(step) => Err(StoreError::Newer(step.version)),
            None => Ok(()),
        }
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] and its like.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.read.ping().await?)
    }

    /// What the database itself finds wrong with its contents; empty is well. Postgres has no such
    /// question to ask.
    ///
    /// # Errors
    /// Where the database does not answer.
    pub async fn integrity_faults(&self) -> Result<Vec<String>, StoreError> {
        if !self.is_sqlite() {
            return Ok(Vec::new());
        }
        let rows = self.read.query_all_raw(self.statement("PRAGMA integrity_check")).await?;
        let lines = rows.iter().map(|row| row.try_get_by_index::<String>(0));
        let lines = lines.collect::<Result<Vec<_>, _>>()?;
        Ok(lines.into_iter().filter(|line| line != "ok").collect())
    }

    /// Folds the write-ahead log into the database file; a no-op elsewhere.
    ///
    /// # Errors
    /// Where the database does not answer.
    pub async fn checkpoint(&self) -> Result<(), StoreError> {
        if self.is_sqlite() {
            let statement = self.statement("PRAGMA wal_checkpoint(TRUNCATE)");
            self.write.query_all_raw(statement).await?;
        }
        Ok(())
    }

    /// Closes every connection, and waits for those that are in use. SQLite then folds its log in and
    /// removes it; a process that merely ends may leave it behind.
    pub async fn close(&self) {
        for connection in [&self.read, &self.write] {
            if let Err(error) = connection.close_by_ref().await {
                tracing::debug!(%error, "closing the database");
            }
        }
    }

    pub(crate) fn backend(&self) -> DbBackend {
        self.write.get_database_backend()
    }

    fn statement(&self, sql: &str) -> sea_orm::Statement {
        sea_orm::Statement::from_string(self.backend(), sql)
    }
}

/// The settings stand in the options and not in a statement afterwards, because each connection of
/// a pool needs them. `FULL` syncs at every commit: an acknowledged message survives a power cut.
fn sqlite_options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .acquire_timeout(PATIENCE)
        // It is in this process, and cannot be gone.
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_pool_opts(|pool| {
            // Where a full disk fails a COMMIT, SQLite has rolled back already, sqlx's own ROLLBACK
            // fails for that, and it counts the transaction as open for ever: from the second one on,
            // what we were told is committed would be a savepoint inside of it. Such a connection is
            // thrown away. (The ping after its last use has waited for any ROLLBACK under way.)
            pool.before_acquire(|connection, _| {
                let is_clean = !connection.is_in_transaction();
                Box::pin(async move { Ok(is_clean) })
            })
        })
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .busy_timeout(PATIENCE)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .pragma("trusted_schema", "OFF")
                .pragma("cell_size_check", "ON")
                // A multi-row insert keeps its undo in memory, not in a file for each batch.
                .pragma("temp_store", "MEMORY")
                .pragma("cache_size", "-8000")
                // What a long reader made grow is given back once everything in it is in its place.
                .pragma("journal_size_limit", "67108864")
        });
    options
}

impl StoreError {
    /// Whether a statement of Postgres divided by zero, which is how one calls itself off.
    pub(crate) fn is_called_off(&self) -> bool {
        use sea_orm::sqlx::Error;
        let Self::Failed(
            DbErr::Exec(RuntimeErr::SqlxError(inner)) | DbErr::Query(RuntimeErr::SqlxError(inner)),
        ) = self
        else {
            return false;
        };
        matches!(&**inner, Error::Database(refusal) if refusal.code().as_deref() == Some("22012"))
    }
}

fn sqlx_error(error: sea_orm::sqlx::Error) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(error.into()))
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match &error {
            DbErr::Conn(_) | DbErr::ConnectionAcquire(_) => Self::Unavailable(error),
            DbErr::Exec(RuntimeErr::SqlxError(inner))
            | DbErr::Query(RuntimeErr::SqlxError(inner)) => classify(inner, error.clone()),
            _ => Self::Failed(error),
        }
    }
}

/// 13 is SQLite's `SQLITE_FULL`; class 53 and 57 of Postgres are "insufficient resources" and "operator
/// intervention", 40001 and 40P01 those of two who waited for each other whose turn comes later.
fn classify(inner: &sea_orm::sqlx::Error, error: DbErr) -> StoreError {
    use sea_orm::sqlx::Error;
    match inner {
        Error::Database(refusal) => match refusal.code().as_deref() {
            Some("13" | "53100") => StoreError::Full,
            Some(code) if code.starts_with("53") || code.starts_with("57P") => {
                StoreError::Unavailable(error)
            }
            Some("5" | "6" | "261" | "517" | "40001" | "40P01") => StoreError::Unavailable(error),
            _ => StoreError::Failed(error),
        },
        Error::Io(_) | Error::PoolTimedOut | Error::PoolClosed | Error::Tls(_) => {
            StoreError::Unavailable(error)
        }
        _ => StoreError::Failed(error),
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full => Self::new(
                ErrorCode::StorageFull,
                "The server's disk is full. Nothing was saved; try again later.",
            )
            .retry_after(5_000),
            StoreError::Unavailable(error) => {
                tracing::warn!(%error, "the database does not answer");
                Self::new(
                    ErrorCode::Unavailable,
                    "The server cannot reach its database. Try again in a moment.",
                )
                .retry_after(1_000)
            }
            error => {
                tracing::error!(%error, "the database refused");
                Self::new(ErrorCode::Internal, "Something went wrong on the server.")
            }
        }
    }
}
