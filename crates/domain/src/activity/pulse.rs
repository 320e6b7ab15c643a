//! How much is going on everywhere.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sea_orm::{DbBackend, FromQueryResult, Statement, Value};
use tokio::time::Instant;
use wire::activity::Pulse;

use crate::people::PeopleError;
use crate::posts::{nobody, visible};
use crate::{Services, clock};

const HOUR_MS: i64 = 3_600_000;
const ACTIVE_MS: i64 = 5 * 60_000;
/// How long a pulse is good for everybody who asks.
const GOOD_FOR: Duration = Duration::from_secs(10);

/// The pulse as it was counted last.
#[derive(Debug, Default)]
pub(crate) struct LastPulse(Mutex<Option<(Instant, Pulse)>>);

impl LastPulse {
    fn known(&self) -> Option<Pulse> {
        let last = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.filter(|(at, _)| at.elapsed() < GOOD_FOR).map(|(_, pulse)| pulse)
    }

    fn note(&self, pulse: Pulse) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), pulse));
    }
}

/// Posts and comments of the last hour that everybody may see, and people whose devices were in use in the
/// last five minutes; at most ten seconds old.
///
/// # Errors
/// Where the database does not answer.
pub async fn pulse(services: &Services) -> Result<Pulse, PeopleError> {
    if let Some(pulse) = services.last_pulse.known() {
        return Ok(pulse);
    }
    #[derive(FromQueryResult)]
    struct Row {
        posts: i64,
        comments: i64,
        people: i64,
    }
    let query = pulse_query(services.store.backend(), clock::now().0);
    let row = Row::find_by_statement(query).one(&services.store.read).await?;
    let pulse =
        row.map_or_else(Pulse::default, |row| Pulse::new(row.posts, row.comments, row.people));
    services.last_pulse.note(pulse);
    Ok(pulse)
}

/// Each number is a walk on an index over just what it counts.
pub(super) fn pulse_query(backend: DbBackend, now: i64) -> Statement {
    let visible = visible("$1");
    let sql = format!(
        "SELECT (SELECT COUNT(*) FROM post p WHERE p.published_at > $2 AND {visible}) AS posts, \
         (SELECT COUNT(*) FROM comment c JOIN post p ON p.id = c.post_id \
         WHERE c.created_at > $2 AND c.deleted_at IS NULL AND {visible}) AS comments, \
         (SELECT COUNT(DISTINCT s.account_id) FROM session s \
         WHERE s.last_seen BETWEEN $3 AND $4 AND s.revoked_at IS NULL) AS people"
    );
    // With both ends SQLite takes it for the few that they are.
    let values: [Value; 4] =
        [nobody().into(), (now - HOUR_MS).into(), (now - ACTIVE_MS).into(), i64::MAX.into()];
    Statement::from_sql_and_values(backend, sql, values)
}
