//! What verbs cost, for tests: services whose statements are counted, and the database's own words on how
//! it would answer.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sea_orm::{ConnectionTrait, Statement};
use test_support::{Backend, Database, SECRET, sign_up_form};

use crate::accounts::{Origin, sign_up};
use crate::{Caller, Keys, Services, Settings, Store};

pub(crate) struct Counted {
    pub(crate) services: Arc<Services>,
    statements: Arc<AtomicUsize>,
    _database: Database,
}

impl Counted {
    pub(crate) async fn on(backend: Backend) -> Self {
        let database = Database::migrated(backend).await;
        let mut store = Store::connect(&database.url).await.unwrap();
        let statements = Arc::new(AtomicUsize::new(0));
        for connection in [&mut store.read, &mut store.write] {
            let counter = statements.clone();
            connection.set_metric_callback(move |_| {
                counter.fetch_add(1, Ordering::Relaxed);
            });
        }
        let settings = Settings {
            message_rate_limit: 0,
            sign_ups_per_minute: 0,
            acts_per_minute: 0,
            beginnings_per_hour: 0,
            posts_per_hour: 0,
            comments_per_hour: 0,
            searches_per_minute: 0,
            ..Settings::default()
        };
        let services = Services::start(store, Keys::derive(SECRET), settings);
        Self { services, statements, _database: database }
    }

    pub(crate) async fn person(&self, name: &str) -> Caller {
        let origin = Origin { address: Ipv4Addr::LOCALHOST.into(), user_agent: String::new() };
        sign_up(&self.services, &sign_up_form(name), &origin, &[]).await.unwrap().caller
    }

    /// Statements of a verb, which has to succeed.
    pub(crate) async fn cost<T, E: std::fmt::Debug>(
        &self,
        verb: impl Future<Output = Result<T, E>>,
    ) -> usize {
        self.cost_of(async { verb.await.unwrap() }).await
    }

    /// Statements of anything.
    pub(crate) async fn cost_of(&self, deed: impl Future) -> usize {
        // What is told in the background asks, too.
        self.services.watchers.settled().await;
        let before = self.statements.load(Ordering::Relaxed);
        deed.await;
        self.statements.load(Ordering::Relaxed) - before
    }
}

/// How the database would answer, line by line.
pub(crate) async fn plan(
    rows: &impl ConnectionTrait,
    backend: Backend,
    mut query: Statement,
) -> String {
    let (explain, column) = match backend {
        Backend::Sqlite => ("EXPLAIN QUERY PLAN", "detail"),
        Backend::Postgres => ("EXPLAIN", "QUERY PLAN"),
    };
    query.sql = format!("{explain} {}", query.sql);
    let lines = rows.query_all_raw(query).await.unwrap();
    let lines = lines.iter().map(|line| line.try_get::<String>("", column).unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

/// An id, and the beginning of a statement with the `numbers` from 1 to `$1` as `n`.
pub(crate) fn series(backend: Backend) -> (&'static str, &'static str) {
    match backend {
        Backend::Sqlite => (
            "randomblob(16)",
            "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < $1)",
        ),
        Backend::Postgres => {
            ("gen_random_uuid()", "WITH numbers AS (SELECT n FROM generate_series(1, $1) AS n)")
        }
    }
}
