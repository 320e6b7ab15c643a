//! Sessions, read for everybody who asks at the same moment in one query.
//!
//! A server that restarts is met by all its clients at once, and each of them has to be recognised
//! several times. Nobody waits for company: a reader who finds nothing to read asks at once for
//! whoever came first, and for all who came meanwhile when it is back.

use std::collections::HashMap;
use std::time::Duration;

use sea_orm::error::ConnAcquireErr;
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, Statement};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;
use wire::SessionId;

use crate::Store;
use crate::chat::among;

/// Most sessions of one query.
const BATCH: usize = 256;
/// Askers who come beyond this wait to be let in.
const QUEUE: usize = 4096;
/// A database that says nothing for so long holds nobody up any longer: the next query takes another
/// connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// A session and the account it is of.
#[derive(Debug, Clone, FromQueryResult)]
pub(crate) struct SessionRow {
    pub(super) id: Uuid,
    pub(super) account_id: Uuid,
    pub(super) username: String,
    pub(super) is_staff: bool,
    pub(super) is_active: bool,
    pub(crate) show_presence: bool,
    pub(super) last_seen: i64,
    pub(super) revoked_at: Option<i64>,
}

type Answer = Result<Option<SessionRow>, DbErr>;
type Asked = (Uuid, oneshot::Sender<Answer>);

/// The door to the reader's task, which ends with it.
#[derive(Debug)]
pub(crate) struct SessionReader(mpsc::Sender<Asked>);

impl SessionReader {
    pub(crate) fn start(store: Store) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(run(store, waiting));
        Self(queue)
    }

    /// The session as it is at some moment after the call; `None` where there is none.
    ///
    /// # Errors
    /// Where the database does not answer.
    pub(crate) async fn read(&self, id: SessionId) -> Answer {
        let (tell, told) = oneshot::channel();
        let closed = || DbErr::Custom("the reader of sessions has ended".into());
        self.0.send((id.0, tell)).await.map_err(|_| closed())?;
        told.await.unwrap_or_else(|_| Err(closed()))
    }
}

async fn run(store: Store, mut waiting: mpsc::Receiver<Asked>) {
    let mut asked = Vec::with_capacity(BATCH);
    while waiting.recv_many(&mut asked, BATCH).await > 0 {
        let ids: Vec<_> = asked.iter().map(|(id, _)| *id).collect();
        let found = tokio::time::timeout(PATIENCE, read_all(&store.read, &ids)).await;
        let found = found.unwrap_or(Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)));
        for (id, tell) in asked.drain(..) {
            let answer = found.as_ref().map(|rows| rows.get(&id).cloned()).map_err(Clone::clone);
            // Whoever asked may have gone away.
            let _gone = tell.send(answer);
        }
    }
}

/// Those of `ids` that exist; an id may stand there more than once.
pub(super) async fn read_all(
    rows: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, SessionRow>, DbErr> {
    let backend = rows.get_database_backend();
    let (are_these, values) = among(backend, 1, ids.iter().copied());
    let sql = format!(
        "SELECT s.id, s.account_id, a.username, a.is_staff, a.is_active, a.show_presence, \
         s.last_seen, s.revoked_at \
         FROM session s JOIN account a ON a.id = s.account_id WHERE s.id {are_these}"
    );
    let query = Statement::from_sql_and_values(backend, sql, values);
    let found = SessionRow::find_by_statement(query).all(rows).await?;
    Ok(found.into_iter().map(|row| (row.id, row)).collect())
}
