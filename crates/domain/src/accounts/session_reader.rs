//! Sessions, read for everybody who asks at the same moment in one query, and noted as seen alike.

use std::collections::HashMap;
use std::time::Duration;

use entity::session;
use sea_orm::error::ConnAcquireErr;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, Statement,
};
use tokio::time::timeout;
use uuid::Uuid;
use wire::SessionId;

use crate::chat::among;
use crate::together::Together;
use crate::{Store, clock};

/// A database that says nothing for so long holds nobody up any longer: the next query takes another
/// connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// A session and the account it is of.
#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct SessionRow {
    pub(super) id: Uuid,
    pub(super) account_id: Uuid,
    pub(super) username: String,
    pub(super) avatar_id: Option<Uuid>,
    pub(super) is_staff: bool,
    pub(super) is_active: bool,
    pub(crate) show_presence: bool,
    pub(super) last_seen: i64,
    pub(super) revoked_at: Option<i64>,
}

type Answer = Result<Option<SessionRow>, DbErr>;

/// The doors to what is known of sessions.
#[derive(Debug)]
pub(crate) struct SessionReader {
    rows: Together<Uuid, Answer>,
    seen: Together<Uuid, ()>,
}

impl SessionReader {
    pub(crate) fn start(store: Store) -> Self {
        let (read, write) = (store.clone(), store);
        Self {
            rows: Together::start(move |ids| read_each(read.clone(), ids)),
            seen: Together::start(move |ids| note_seen(write.clone(), ids)),
        }
    }

    /// The session as it is at some moment after the call; `None` where there is none.
    ///
    /// # Errors
    /// Where the database does not answer.
    pub(crate) async fn read(&self, id: SessionId) -> Answer {
        let ended = |_| DbErr::Custom("the reader of sessions has ended".into());
        self.rows.ask(id.0).await.map_err(ended)?
    }

    /// Notes that the device is in use. A database that cannot be written is no reason to turn a reader
    /// away.
    pub(crate) async fn note_seen(&self, id: SessionId) {
        let _ended = self.seen.ask(id.0).await;
    }
}

async fn read_each(store: Store, ids: Vec<Uuid>) -> Vec<Answer> {
    let found = timeout(PATIENCE, read_all(&store.read, &ids)).await;
    let found = found.unwrap_or(Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)));
    let row = |id| found.as_ref().map(|rows| rows.get(&id).cloned()).map_err(Clone::clone);
    ids.into_iter().map(row).collect()
}

async fn note_seen(store: Store, ids: Vec<Uuid>) -> Vec<()> {
    let answers = vec![(); ids.len()];
    let note = session::Entity::update_many()
        .col_expr(session::Column::LastSeen, Expr::value(clock::now().0))
        .filter(session::Column::Id.is_in(ids));
    match timeout(PATIENCE, note.exec(&store.write)).await {
        Ok(Err(error)) => tracing::warn!(%error, "noting that devices were seen"),
        Err(_) => tracing::warn!("noting that devices were seen takes too long"),
        Ok(Ok(_)) => {}
    }
    answers
}

/// Those of `ids` that exist; an id may stand there more than once.
pub(super) async fn read_all(
    rows: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, SessionRow>, DbErr> {
    let backend = rows.get_database_backend();
    let (are_these, values) = among(backend, 1, ids.iter().copied());
    let sql = format!(
        "SELECT s.id, s.account_id, a.username, a.avatar_id, a.is_staff, a.is_active, a.show_presence, \
         s.last_seen, s.revoked_at \
         FROM session s JOIN account a ON a.id = s.account_id WHERE s.id {are_these}"
    );
    let query = Statement::from_sql_and_values(backend, sql, values);
    let found = SessionRow::find_by_statement(query).all(rows).await?;
    Ok(found.into_iter().map(|row| (row.id, row)).collect())
}
