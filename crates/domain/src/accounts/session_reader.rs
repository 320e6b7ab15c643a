//! Sessions, read for everybody who asks at the same moment in one query, and noted as seen alike.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

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
/// How long a session is known that nothing was written since: commands beside the server write too.
const FRESH: Duration = Duration::from_secs(1);
/// Most sessions that are known.
const KNOWN: usize = 4_096;

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
    store: Store,
    known: Mutex<Known>,
}

/// What was read since something was last written. Only on SQLite, where no other node writes.
#[derive(Debug, Default)]
struct Known {
    /// [`Store::written`] before the first of them was read, and when that was.
    since: Option<(u64, Instant)>,
    rows: HashMap<Uuid, SessionRow>,
}

impl Known {
    fn get(&self, id: Uuid, written: u64, now: Instant) -> Option<SessionRow> {
        let (then, since) = self.since?;
        let is_fresh = then == written && now < since + FRESH;
        self.rows.get(&id).filter(|_| is_fresh).cloned()
    }

    fn keep(&mut self, row: SessionRow, written: u64, read_at: Instant) {
        let is_old = |(then, since): (u64, Instant)| then != written || read_at >= since + FRESH;
        if self.since.is_none_or(is_old) || self.rows.len() >= KNOWN {
            self.rows.clear();
            self.since = Some((written, read_at));
        }
        self.rows.insert(row.id, row);
    }
}

impl SessionReader {
    pub(crate) fn start(store: Store) -> Self {
        let (read, write) = (store.clone(), store.clone());
        Self {
            rows: Together::start(move |ids| read_each(read.clone(), ids)),
            seen: Together::start(move |ids| note_seen(write.clone(), ids)),
            store,
            known: Mutex::default(),
        }
    }

    /// The session as it is at some moment after the call, or was when nothing has been written since;
    /// `None` where there is none.
    ///
    /// # Errors
    /// Where the database does not answer.
    pub(crate) async fn read(&self, id: SessionId) -> Answer {
        let (written, now) = (self.store.written(), Instant::now());
        if let Some(row) = self.known().get(id.0, written, now) {
            return Ok(Some(row));
        }
        let ended = |_| DbErr::Custom("the reader of sessions has ended".into());
        let answer = self.rows.ask(id.0).await.map_err(ended)?;
        if let Ok(Some(row)) = &answer
            && self.store.is_sqlite()
        {
            self.known().keep(row.clone(), written, now);
        }
        answer
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
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
        // Or whoever asks again would have it noted again.
        Ok(Ok(_)) => store.note_write(),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: Uuid) -> SessionRow {
        SessionRow {
            id,
            account_id: Uuid::nil(),
            username: "ada".into(),
            avatar_id: None,
            is_staff: false,
            is_active: true,
            show_presence: true,
            last_seen: 0,
            revoked_at: None,
        }
    }

    #[test]
    fn a_session_is_known_until_something_is_written_and_for_a_second() {
        let (mut known, now) = (Known::default(), Instant::now());
        let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert!(known.get(one, 7, now).is_none());
        known.keep(row(one), 7, now);
        let later = now + FRESH - Duration::from_millis(1);
        known.keep(row(two), 7, later);
        assert!(known.get(one, 7, later).is_some() && known.get(two, 7, later).is_some());
        assert!(known.get(one, 8, later).is_none(), "something was written");
        assert!(known.get(two, 7, now + FRESH).is_none(), "a second has passed");
        known.keep(row(two), 8, later);
        assert!(known.get(one, 8, later).is_none() && known.get(two, 8, later).is_some());
        known.keep(row(one), 7, later);
        assert!(known.get(one, 8, later).is_none(), "it was read before what was written");
    }
}
