//! Work that must not be lost, done by whichever worker comes first.
//!
//! A job is a row, written in the transaction that causes it. A worker leases it, does it, and
//! deletes it in the same transaction as its effect; a worker that dies loses its lease, and the
//! next one takes over. After [`ATTEMPTS`] failures a job is kept as `dead`, to be looked at.

use std::sync::Arc;
use std::time::Duration;

use entity::{job, one_time_token, refresh_token, session};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ColumnTrait, Condition, EntityTrait, FromQueryResult, QueryFilter, Set, Statement};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use crate::accounts::{MAIL_RESET, REMOVE_ACCOUNT, mail_reset, remove_account};
use crate::media::{REMOVE_FILES, SWEEP_MEDIA, remove_files, sweep_media};
use crate::notifications::{
    MAIL_DIGEST, PLAN_DIGESTS, PUSH, SWEEP_NEWS, carry_push, mail_digest, plan_digests, sweep_news,
};
use crate::posts::{PUBLISH_POST, SCORE_POSTS, SWEEP_POSTS, publish_due, score_posts, sweep_posts};
use crate::profiles::start_checking;
use crate::uploads::{REMOVE_PARTS, remove_parts};
use crate::{Services, StoreError, clock, tx::Tx};

const LEASE_MS: i64 = 60_000;
pub(crate) const ATTEMPTS: i32 = 8;
/// Pushes that are on their way at the same time: each waits for a push service that somebody else has chosen.
const PUSHES_AT_ONCE: usize = 8;
/// How often an idle worker looks for due work.
const LOOK_EVERY: Duration = Duration::from_secs(20);
const SWEEP_EVERY_MS: i64 = 3_600_000;
const SWEEP: &str = "sweep_sessions";

/// Which jobs a worker takes. Pushes have their own, so that nothing else waits for a slow push service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lane {
    All,
    Pushes,
    Others,
}

impl Lane {
    fn kinds(self) -> String {
        match self {
            Self::All => "TRUE".to_owned(),
            Self::Pushes => format!("kind = '{PUSH}'"),
            Self::Others => format!("kind <> '{PUSH}'"),
        }
    }

    fn woken(self, services: &Services) -> &Notify {
        if self == Self::Pushes { &services.store.pushes } else { &services.due }
    }
}

/// Starts the workers of this node; they end with it.
pub fn start(services: &Arc<Services>) {
    start_checking(services);
    tokio::spawn(carry_pushes(services.clone()));
    let services = services.clone();
    tokio::spawn(async move {
        if let Err(error) = plan(&services, clock::now().0).await {
            tracing::warn!(%error, "planning what is done again and again");
        }
        while !services.has_ended() {
            match work_in(&services, Lane::Others).await {
                Ok(true) => {}
                Ok(false) => rest(&services, Lane::Others).await,
                Err(error) => {
                    tracing::warn!(%error, "the job worker");
                    rest(&services, Lane::Others).await;
                }
            }
        }
    });
}

/// Several at once, since each waits for somebody else.
async fn carry_pushes(services: Arc<Services>) {
    let free = Arc::new(Semaphore::new(PUSHES_AT_ONCE));
    while let Ok(place) = free.clone().acquire_owned().await {
        if services.has_ended() {
            return;
        }
        match lease(&services, Lane::Pushes).await {
            Ok(Some(leased)) => drop(tokio::spawn(carry_one(services.clone(), leased, place))),
            Ok(None) => rest(&services, Lane::Pushes).await,
            Err(error) => {
                tracing::warn!(%error, "the worker of pushes");
                rest(&services, Lane::Pushes).await;
            }
        }
    }
}

async fn carry_one(services: Arc<Services>, leased: Leased, _place: OwnedSemaphorePermit) {
    if let Err(error) = finish(&services, &leased).await {
        tracing::warn!(%error, "the worker of pushes");
    }
}

/// Until a job of this node is due, or one of another's could be.
async fn rest(services: &Services, lane: Lane) {
    let next = next_due(services, lane).await.unwrap_or(None);
    let until = |at: i64| u64::try_from(at - clock::now().0).unwrap_or(0) + 1;
    let patience = next.map_or(LOOK_EVERY, |at| Duration::from_millis(until(at)).min(LOOK_EVERY));
    // Nobody woke it: time to look anyway.
    let _looks_anyway = tokio::time::timeout(patience, lane.woken(services).notified()).await;
}

/// When the next job is due that nobody works on.
async fn next_due(services: &Services, lane: Lane) -> Result<Option<i64>, StoreError> {
    #[derive(FromQueryResult)]
    struct Next {
        at: Option<i64>,
    }
    let kinds = lane.kinds();
    let sql = format!(
        "SELECT MIN(run_at) AS at FROM job WHERE state = 'queued' AND leased_until IS NULL AND {kinds}"
    );
    let query = Statement::from_string(services.store.backend(), sql);
    Ok(Next::find_by_statement(query).one(&services.store.read).await?.and_then(|next| next.at))
}

#[derive(Debug, FromQueryResult)]
struct Leased {
    id: Uuid,
    kind: String,
    payload: String,
    attempts: i32,
}

/// Does one due job; false where none is due.
///
/// # Errors
/// Where the database does not answer. A job's own failure is noted on its row instead.
pub async fn work_once(services: &Services) -> Result<bool, StoreError> {
    work_in(services, Lane::All).await
}

async fn work_in(services: &Services, lane: Lane) -> Result<bool, StoreError> {
    let Some(leased) = lease(services, lane).await? else { return Ok(false) };
    finish(services, &leased).await?;
    Ok(true)
}

async fn finish(services: &Services, leased: &Leased) -> Result<(), StoreError> {
    if let Err(cause) = work(services, leased).await {
        tracing::warn!(job = %leased.id, kind = leased.kind, cause, "a job failed");
        note_failure(services, leased, cause).await?;
    }
    Ok(())
}

/// Does it and takes its row away, or says what is wrong.
async fn work(services: &Services, leased: &Leased) -> Result<(), String> {
    let Leased { id, payload, .. } = leased;
    let words = |error: &dyn std::fmt::Display| error.to_string();
    match leased.kind.as_str() {
        SWEEP => sweep_sessions(services, *id).await.map_err(|error| words(&error)),
        MAIL_RESET => outside(services, *id, mail_reset(services, payload).await).await,
        REMOVE_FILES => outside(services, *id, remove_files(services, payload).await).await,
        REMOVE_PARTS => outside(services, *id, remove_parts(services, payload).await).await,
        SWEEP_MEDIA => sweep_media(services, *id, payload).await.map_err(|error| words(&error)),
        REMOVE_ACCOUNT => outside(services, *id, remove_account(services, payload).await).await,
        PUBLISH_POST => publish_due(services, *id, payload).await.map_err(|error| words(&error)),
        SCORE_POSTS => score_posts(services, *id).await.map_err(|error| words(&error)),
        SWEEP_POSTS => sweep_posts(services, *id).await.map_err(|error| words(&error)),
        _ => work_on_news(services, leased).await,
    }
}

/// What is about notifications.
async fn work_on_news(services: &Services, leased: &Leased) -> Result<(), String> {
    let Leased { id, payload, attempts, kind } = leased;
    match kind.as_str() {
        SWEEP_NEWS => sweep_news(services, *id).await.map_err(|error| error.to_string()),
        PLAN_DIGESTS => plan_digests(services, *id).await.map_err(|error| error.to_string()),
        MAIL_DIGEST => outside(services, *id, mail_digest(services, payload).await).await,
        PUSH => outside(services, *id, carry_push(services, *id, payload, *attempts).await).await,
        unknown => Err(format!("no worker knows the kind {unknown}")),
    }
}

/// `SKIP LOCKED` lets workers of several nodes pass each other; SQLite has one writer anyway.
async fn lease(services: &Services, lane: Lane) -> Result<Option<Leased>, StoreError> {
    let now = clock::now().0;
    let kinds = lane.kinds();
    let skip = if services.store.is_sqlite() { "" } else { "FOR UPDATE SKIP LOCKED" };
    let sql = format!(
        "UPDATE job SET leased_until = $1, attempts = attempts + 1 WHERE id = (\
         SELECT id FROM job WHERE state = 'queued' AND run_at <= $2 \
         AND (leased_until IS NULL OR leased_until < $2) AND {kinds} ORDER BY run_at LIMIT 1 {skip}) \
         RETURNING id, kind, payload, attempts"
    );
    let backend = services.store.backend();
    let query = Statement::from_sql_and_values(backend, sql, [(now + LEASE_MS).into(), now.into()]);
    Ok(Leased::find_by_statement(query).one(&services.store.write).await?)
}

/// For work whose effect is outside of the database: done first, then the job goes.
async fn outside(services: &Services, id: Uuid, done: Result<(), String>) -> Result<(), String> {
    done?;
    let gone = job::Entity::delete_by_id(id).exec(&services.store.write).await;
    gone.map(drop).map_err(|error| error.to_string())
}

/// Later each time, then never again.
async fn note_failure(
    services: &Services,
    leased: &Leased,
    cause: String,
) -> Result<(), StoreError> {
    let state = if leased.attempts >= ATTEMPTS { "dead" } else { "queued" };
    let delay = 1000_i64 << leased.attempts.clamp(0, 16);
    job::Entity::update_many()
        .col_expr(job::Column::State, Expr::value(state))
        .col_expr(job::Column::LastError, Expr::value(cause))
        .col_expr(job::Column::LeasedUntil, Expr::value(Option::<i64>::None))
        .col_expr(job::Column::RunAt, Expr::value(clock::now().0 + delay))
        .filter(job::Column::Id.eq(leased.id))
        .exec(&services.store.write)
        .await?;
    Ok(())
}

/// What plans itself once it runs.
async fn plan(services: &Services, at: i64) -> Result<(), StoreError> {
    let tx = Tx::begin(&services.store, &services.hub).await?;
    for kind in [SWEEP, SCORE_POSTS, SWEEP_POSTS, SWEEP_MEDIA, SWEEP_NEWS, PLAN_DIGESTS] {
        enqueue_named(&tx, kind, at).await?;
    }
    tx.commit().await
}

/// Work that is due as soon as `tx` has been committed.
pub(crate) async fn enqueue(tx: &Tx<'_>, kind: &str, payload: String) -> Result<(), StoreError> {
    enqueue_at(tx, kind, payload, clock::now().0).await
}

/// Work that is due at a time, in milliseconds since 1970.
pub(crate) async fn enqueue_at(
    tx: &Tx<'_>,
    kind: &str,
    payload: String,
    at: i64,
) -> Result<(), StoreError> {
    let row = job::ActiveModel { payload: Set(payload), ..queued(kind, at) };
    job::Entity::insert(row).exec_without_returning(tx.rows()).await?;
    Ok(())
}

/// For work whose effect is in this transaction: it is done when that is.
pub(crate) async fn finished(tx: &Tx<'_>, id: Uuid) -> Result<(), StoreError> {
    job::Entity::delete_by_id(id).exec(tx.rows()).await?;
    Ok(())
}

fn queued(kind: &str, at: i64) -> job::ActiveModel {
    job::ActiveModel {
        id: Set(Uuid::now_v7()),
        kind: Set(kind.to_owned()),
        name: Set(None),
        payload: Set("{}".into()),
        state: Set("queued".into()),
        attempts: Set(0),
        run_at: Set(at),
        leased_until: Set(None),
        last_error: Set(None),
        created_at: Set(clock::now().0),
    }
}

/// One job of a name at a time. One that was given up takes its name no further: it starts again.
pub(crate) async fn enqueue_named(tx: &Tx<'_>, kind: &str, at: i64) -> Result<(), StoreError> {
    enqueue_named_with(tx, kind, "{}".into(), at).await
}

/// As [`enqueue_named`], with what it has to know.
pub(crate) async fn enqueue_named_with(
    tx: &Tx<'_>,
    kind: &str,
    payload: String,
    at: i64,
) -> Result<(), StoreError> {
    let (name, payload) = (Set(Some(kind.to_owned())), Set(payload));
    let row = job::ActiveModel { name, payload, ..queued(kind, at) };
    let given_up = Expr::col((job::Entity, job::Column::State)).eq("dead");
    let once = OnConflict::column(job::Column::Name)
        .update_columns([job::Column::State, job::Column::Attempts, job::Column::RunAt])
        .action_and_where(given_up)
        .to_owned();
    job::Entity::insert(row).on_conflict(once).exec_without_returning(tx.rows()).await?;
    Ok(())
}

/// Forgets tokens that have expired and sessions that ended or ran out, and plans the next sweep.
async fn sweep_sessions(services: &Services, id: Uuid) -> Result<(), StoreError> {
    let now = clock::now().0;
    let lifetime = services.settings.refresh_token_lifetime.as_millis();
    let oldest = now - i64::try_from(lifetime).unwrap_or(i64::MAX);
    let tx = Tx::begin(&services.store, &services.hub).await?;
    refresh_token::Entity::delete_many()
        .filter(refresh_token::Column::ExpiresAt.lt(now))
        .exec(tx.rows())
        .await?;
    one_time_token::Entity::delete_many()
        .filter(one_time_token::Column::ExpiresAt.lt(now))
        .exec(tx.rows())
        .await?;
    let over = Condition::any()
        .add(session::Column::RevokedAt.lt(oldest))
        .add(session::Column::LastSeen.lt(oldest));
    session::Entity::delete_many().filter(over).exec(tx.rows()).await?;
    finished(&tx, id).await?;
    enqueue_named(&tx, SWEEP, now + SWEEP_EVERY_MS).await?;
    tx.commit().await
}
