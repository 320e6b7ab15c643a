//! What was not seen, by mail, once a day or a week: for those who want it.
//!
//! Who is due is marked and gets a job of their own in one transaction, so that each is written to once,
//! whichever node comes first.

use mailer::{Mail, MailError};
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use wire::notifications::{Digest, News};

use super::NewsError;
use super::list::{Row, has_not_accepted, seen, together};
use super::wording::LetterWords;
use crate::jobs::{enqueue, enqueue_named, finished};
use crate::limits::Limit;
use crate::{Caller, Services, StoreError, clock, tx::Tx};

pub(crate) const PLAN_DIGESTS: &str = "plan_digests";
pub(crate) const MAIL_DIGEST: &str = "mail_digest";

const DAY_MS: i64 = 86_400_000;
const PLAN_EVERY_MS: i64 = 900_000;
/// People whom one step plans.
const STEP: i64 = 100;
/// Events that one letter looks at, and entries that it has.
const LOOKED_AT: i64 = 500;
const LINES: usize = 30;

/// What the worker is told.
#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    account: Uuid,
    /// Only what happened since is told: the rest was in the letter before.
    since: i64,
}

/// How often the caller is written to.
///
/// # Errors
/// Where the database does not answer.
pub async fn digest(services: &Services, caller: &Caller) -> Result<Digest, NewsError> {
    #[derive(FromQueryResult)]
    struct Found {
        every: String,
    }
    let sql = "SELECT every FROM digest WHERE account_id = $1";
    let query =
        Statement::from_sql_and_values(services.store.backend(), sql, [caller.user_id.0.into()]);
    let found = Found::find_by_statement(query).one(&services.store.read).await?;
    Ok(found.and_then(|found| Digest::from_word(&found.every)).unwrap_or_default())
}

/// Writes to the caller this often from now on, in the language with this code. The first letter comes after a
/// whole day or week.
///
/// # Errors
/// Too many at once, or a database that does not answer.
pub async fn choose_digest(
    services: &Services,
    caller: &Caller,
    every: Digest,
    language: &str,
) -> Result<(), NewsError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    if every == Digest::Off {
        return Ok(end(services, caller.user_id.0).await?);
    }
    let sql = "INSERT INTO digest (account_id, sent_at, every, language) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (account_id) DO UPDATE SET every = excluded.every, language = excluded.language";
    let values: [Value; 4] =
        [caller.user_id.0.into(), clock::now().0.into(), every.as_str().into(), language.into()];
    Ok(run(services, sql, values.into()).await?)
}

/// Whether a token ends a digest.
#[must_use]
pub fn is_unsubscribe_token(services: &Services, token: &str) -> bool {
    services.keys.unsubscribes(token).is_some()
}

/// Ends the digest that a token of one of its letters names; again it changes nothing.
///
/// # Errors
/// [`NewsError::NotFound`] for a token that is none.
pub async fn unsubscribe(services: &Services, token: &str) -> Result<(), NewsError> {
    let account = services.keys.unsubscribes(token).ok_or(NewsError::NotFound)?;
    Ok(end(services, account).await?)
}

async fn end(services: &Services, account: Uuid) -> Result<(), StoreError> {
    run(services, "DELETE FROM digest WHERE account_id = $1", vec![account.into()]).await
}

async fn run(services: &Services, sql: &str, values: Vec<Value>) -> Result<(), StoreError> {
    let tx = Tx::begin(&services.store, &services.hub).await?;
    let statement = Statement::from_sql_and_values(services.store.backend(), sql, values);
    tx.rows().execute_raw(statement).await?;
    tx.commit().await
}

#[derive(FromQueryResult)]
struct Due {
    account_id: Uuid,
    sent_at: i64,
}

/// The job that finds who is due, and plans itself again.
pub(crate) async fn plan_digests(services: &Services, job: Uuid) -> Result<(), StoreError> {
    let now = clock::now().0;
    let tx = Tx::begin(&services.store, &services.hub).await?;
    let backend = services.store.backend();
    let sql = "SELECT account_id, sent_at FROM digest WHERE (every = 'daily' AND sent_at <= $1) \
         OR (every = 'weekly' AND sent_at <= $2) ORDER BY sent_at LIMIT $3";
    let values: [Value; 3] = [(now - DAY_MS).into(), (now - 7 * DAY_MS).into(), STEP.into()];
    let query = Statement::from_sql_and_values(backend, sql, values);
    let due = Due::find_by_statement(query).all(tx.rows()).await?;
    for Due { account_id: account, sent_at: since } in &due {
        let sql = "UPDATE digest SET sent_at = $2 WHERE account_id = $1";
        let values: [Value; 2] = [(*account).into(), now.into()];
        tx.rows().execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
        let payload = Payload { account: *account, since: *since };
        enqueue(&tx, MAIL_DIGEST, serde_json::to_string(&payload).unwrap_or_default()).await?;
    }
    finished(&tx, job).await?;
    let is_full = i64::try_from(due.len()).is_ok_and(|found| found == STEP);
    enqueue_named(&tx, PLAN_DIGESTS, now + if is_full { 0 } else { PLAN_EVERY_MS }).await?;
    tx.commit().await
}

#[derive(FromQueryResult)]
struct Reader {
    username: String,
    email: String,
    every: String,
    language: String,
}

/// The job that writes one letter. Where nothing waits, or there is no address, none is sent.
pub(crate) async fn mail_digest(services: &Services, payload: &str) -> Result<(), String> {
    let payload: Payload = serde_json::from_str(payload).map_err(|error| error.to_string())?;
    let mail = compose(services, &payload).await.map_err(|error| error.to_string())?;
    let Some(mail) = mail else { return Ok(()) };
    match services.settings.mailer.send(&mail).await {
        Err(MailError::Address) => {
            tracing::warn!("an account's address cannot be mailed to");
            Ok(())
        }
        sent => sent.map_err(|error| error.to_string()),
    }
}

async fn compose(services: &Services, payload: &Payload) -> Result<Option<Mail>, StoreError> {
    let Some(reader) = find_reader(services, payload.account).await? else { return Ok(None) };
    let mut news = unseen(services, payload).await?;
    news.truncate(LINES);
    if news.is_empty() {
        return Ok(None);
    }
    let site = &services.settings.public_url;
    let unsubscribe =
        format!("{site}/unsubscribe/{}", services.keys.unsubscribe_token(payload.account));
    let letter = services.settings.wording.digest(
        &reader.language,
        LetterWords {
            username: &reader.username,
            site,
            every: Digest::from_word(&reader.every).unwrap_or_default(),
            news: &news,
            unsubscribe: &unsubscribe,
        },
    );
    let (to, unsubscribe) = (reader.email, Some(unsubscribe));
    Ok(Some(Mail { to, subject: letter.subject, text: letter.text, unsubscribe }))
}

async fn find_reader(services: &Services, account: Uuid) -> Result<Option<Reader>, StoreError> {
    let sql = "SELECT a.username, a.email, g.every, g.language FROM digest g \
         JOIN account a ON a.id = g.account_id \
         WHERE g.account_id = $1 AND a.is_active AND a.delete_at IS NULL AND a.email IS NOT NULL";
    let query = Statement::from_sql_and_values(services.store.backend(), sql, [account.into()]);
    Ok(Reader::find_by_statement(query).one(&services.store.read).await?)
}

/// What waits, of the kinds that are wanted by mail, without those whose request waits or was declined.
async fn unseen(services: &Services, payload: &Payload) -> Result<Vec<News>, StoreError> {
    let has_not_accepted = has_not_accepted("$1", "a.id");
    let sql = seen(&format!(
        "n.read_at IS NULL AND n.created_at > $2 AND NOT {has_not_accepted} \
         AND NOT EXISTS (SELECT 1 FROM notification_choice k \
         WHERE k.account_id = $1 AND k.kind = n.kind AND NOT k.by_mail)"
    ));
    let sql = format!("{sql} ORDER BY n.created_at DESC, n.id DESC LIMIT $3");
    let values: [Value; 3] = [payload.account.into(), payload.since.into(), LOOKED_AT.into()];
    let query = Statement::from_sql_and_values(services.store.backend(), sql, values);
    Ok(together(Row::find_by_statement(query).all(&services.store.read).await?))
}
