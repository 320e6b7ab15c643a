//! The browsers that somebody is pushed to.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};
use uuid::Uuid;
use web_push::{Subscription, Unusable};
use wire::notifications::PushDevice;
use wire::{SessionId, UnixMillis};

use super::NewsError;
use super::push::{Subject, enqueue_push};
use crate::accounts::Origin;
use crate::limits::Limit;
use crate::{Caller, Services, StoreError, clock, tx::Tx};

/// Browsers of one account; the next one takes the place of the oldest.
const MOST: i64 = 20;

/// What a browser says of itself when it subscribes.
#[derive(Debug, Clone, Copy)]
pub struct NewDevice<'a> {
    pub endpoint: &'a str,
    pub p256dh: &'a str,
    pub auth: &'a str,
    /// The code of the language that it is to be told in.
    pub language: &'a str,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    session_id: Option<Uuid>,
    user_agent: String,
    created_at: i64,
    pushed_at: Option<i64>,
}

impl Row {
    fn view(self, caller: &Caller) -> PushDevice {
        PushDevice {
            id: self.id,
            user_agent: self.user_agent,
            created_at: UnixMillis(self.created_at),
            pushed_at: self.pushed_at.map(UnixMillis),
            is_current: self.session_id == Some(caller.session_id.0),
        }
    }
}

/// What a browser subscribes to; `None` where this installation pushes nothing.
#[must_use]
pub fn push_key(services: &Services) -> Option<String> {
    services.settings.pushes.as_ref().map(|pushes| pushes.public_key())
}

/// The caller's, the one that asks first, then the newest.
///
/// # Errors
/// Where the database does not answer.
pub async fn devices(services: &Services, caller: &Caller) -> Result<Vec<PushDevice>, NewsError> {
    let sql = "SELECT d.id, d.session_id, d.user_agent, d.created_at, d.pushed_at \
         FROM push_device d WHERE d.account_id = $1 ORDER BY d.created_at DESC, d.id DESC";
    let query =
        Statement::from_sql_and_values(services.store.backend(), sql, [caller.user_id.0.into()]);
    let rows = Row::find_by_statement(query).all(&services.store.read).await?;
    let mut views: Vec<_> = rows.into_iter().map(|row| row.view(caller)).collect();
    views.sort_by_key(|view| !view.is_current);
    Ok(views)
}

/// The caller's browser is pushed to from now on, until its session ends. The same address again is the same
/// device, whoever had it; a session has one.
///
/// # Errors
/// [`NewsError::NoSubscription`]; [`NewsError::Off`]; too many at once.
pub async fn add_device(
    services: &Services,
    caller: &Caller,
    origin: &Origin,
    new: NewDevice<'_>,
) -> Result<PushDevice, NewsError> {
    if services.settings.pushes.is_none() {
        return Err(NewsError::Off);
    }
    Subscription::parse(new.endpoint, new.p256dh, new.auth).map_err(unusable)?;
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let tx = Tx::begin(&services.store, &services.hub).await?;
    let instead = "DELETE FROM push_device WHERE session_id = $1 AND endpoint <> $2";
    let session = caller.session_id.0;
    run(&tx, instead, vec![session.into(), new.endpoint.into()]).await?;
    let row = upsert(&tx, caller, origin, new).await?;
    let oldest = "DELETE FROM push_device WHERE account_id = $1 AND id NOT IN \
         (SELECT id FROM push_device WHERE account_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2)";
    run(&tx, oldest, vec![caller.user_id.0.into(), MOST.into()]).await?;
    tx.commit().await?;
    Ok(row.view(caller))
}

fn unusable(fault: Unusable) -> NewsError {
    let field = match fault {
        Unusable::Endpoint => "endpoint",
        Unusable::PublicKey => "p256dh",
        Unusable::AuthSecret => "auth",
    };
    NewsError::NoSubscription(field, fault.to_string())
}

async fn upsert(
    tx: &Tx<'_>,
    caller: &Caller,
    origin: &Origin,
    new: NewDevice<'_>,
) -> Result<Row, NewsError> {
    let sql = "INSERT INTO push_device (id, account_id, session_id, endpoint, public_key, auth_secret, \
         user_agent, created_at, language) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
         ON CONFLICT (endpoint) DO UPDATE SET account_id = excluded.account_id, \
         session_id = excluded.session_id, public_key = excluded.public_key, \
         auth_secret = excluded.auth_secret, user_agent = excluded.user_agent, \
         language = excluded.language \
         RETURNING id, session_id, user_agent, created_at, pushed_at";
    let values: [Value; 9] = [
        Uuid::now_v7().into(),
        caller.user_id.0.into(),
        caller.session_id.0.into(),
        new.endpoint.into(),
        new.p256dh.trim_end_matches('=').into(),
        new.auth.trim_end_matches('=').into(),
        origin.user_agent.chars().take(256).collect::<String>().into(),
        clock::now().0.into(),
        new.language.into(),
    ];
    let insert = Statement::from_sql_and_values(tx.rows().get_database_backend(), sql, values);
    Row::find_by_statement(insert).one(tx.rows()).await?.ok_or(NewsError::NotFound)
}

/// One of the caller's is pushed to no more.
///
/// # Errors
/// [`NewsError::NotFound`] for one that is not the caller's.
pub async fn remove_device(
    services: &Services,
    caller: &Caller,
    id: Uuid,
) -> Result<(), NewsError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let tx = Tx::begin(&services.store, &services.hub).await?;
    let sql = "DELETE FROM push_device WHERE id = $1 AND account_id = $2";
    if run(&tx, sql, vec![id.into(), caller.user_id.0.into()]).await? == 0 {
        return Err(NewsError::NotFound);
    }
    Ok(tx.commit().await?)
}

/// Pushes a word to one of the caller's, to see whether it arrives.
///
/// # Errors
/// As [`remove_device`]; [`NewsError::Off`].
pub async fn try_device(services: &Services, caller: &Caller, id: Uuid) -> Result<(), NewsError> {
    if services.settings.pushes.is_none() {
        return Err(NewsError::Off);
    }
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    if !devices(services, caller).await?.iter().any(|device| device.id == id) {
        return Err(NewsError::NotFound);
    }
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    enqueue_push(&mut tx, id, Subject::Trial).await?;
    Ok(tx.commit().await?)
}

/// A session that has ended is pushed to no more.
pub(crate) async fn forget_device_of(tx: &Tx<'_>, session: SessionId) -> Result<(), StoreError> {
    run(tx, "DELETE FROM push_device WHERE session_id = $1", vec![session.0.into()]).await?;
    Ok(())
}

async fn run(tx: &Tx<'_>, sql: &str, values: Vec<Value>) -> Result<u64, StoreError> {
    let statement = Statement::from_sql_and_values(tx.rows().get_database_backend(), sql, values);
    Ok(tx.rows().execute_raw(statement).await?.rows_affected())
}
