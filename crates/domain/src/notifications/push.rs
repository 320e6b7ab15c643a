//! One event, or one message, to one browser, away from whoever caused it.
//!
//! A push is a job, written in the transaction of its event. It is marked before it is sent: a worker that dies
//! over it leaves it unsent at worst, since once more could be twice.

use std::time::Duration;

use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;
use web_push::{Push, PushError, PushService, Subscription};

use super::list::{Row, has_not_accepted, seen};
use super::push_message::{MessagePlace, said_of_message};
use super::tell::Event;
use crate::jobs::{ATTEMPTS, enqueue};
use crate::{Services, StoreError, clock, tx::Tx};

pub(crate) const PUSH: &str = "push";

/// While something of one kind about one topic, or of one conversation, waits unread, the next is not pushed for
/// so long, in milliseconds.
pub(crate) const QUIET_MS: i64 = 600_000;
/// How long a push service may keep it for a browser that is switched off.
const LIFETIME: Duration = Duration::from_secs(24 * 3600);

/// What a push is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Subject {
    Trial,
    News(Uuid),
    Message(MessagePlace),
}

/// What a browser shows.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) title: String,
    /// Where a click leads.
    pub(super) url: String,
    /// What is shown in one place: the newest takes that of the one before.
    pub(super) tag: String,
}

/// What the worker is told.
#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    device: Uuid,
    /// The event. For a trial there is neither this nor a message.
    news: Option<Uuid>,
    #[serde(default)]
    message: Option<MessagePlace>,
    /// A worker has begun to send it.
    begun: bool,
}

impl Payload {
    fn subject(&self) -> Subject {
        match (self.news, self.message) {
            (Some(news), _) => Subject::News(news),
            (None, Some(place)) => Subject::Message(place),
            (None, None) => Subject::Trial,
        }
    }
}

#[derive(FromQueryResult)]
struct Device {
    account_id: Uuid,
    endpoint: String,
    public_key: String,
    auth_secret: String,
    language: String,
}

/// Plans the pushes of an event that was just written: to each browser of whom it concerns, where the kind is
/// wanted there. Of a crowd that does the same only the first is pushed, and of somebody whose request waits or
/// was declined nothing is.
pub(super) async fn plan(tx: &mut Tx<'_>, news: Uuid, event: &Event) -> Result<(), StoreError> {
    #[derive(FromQueryResult)]
    struct Found {
        id: Uuid,
    }
    // What one has done oneself needs no telling from outside.
    if event.to == event.by {
        return Ok(());
    }
    let has_not_accepted = has_not_accepted("$1", "$6");
    let sql = format!(
        "SELECT d.id FROM push_device d WHERE d.account_id = $1 \
         AND NOT EXISTS (SELECT 1 FROM notification_choice c WHERE c.account_id = $1 \
         AND c.kind = $2 AND NOT c.by_push) \
         AND NOT EXISTS (SELECT 1 FROM notification n WHERE n.account_id = $1 AND n.kind = $2 \
         AND n.topic = $3 AND n.read_at IS NULL AND n.id <> $4 AND n.created_at > $5) \
         AND NOT {has_not_accepted}"
    );
    let values: [Value; 6] = [
        event.to.0.into(),
        event.kind.as_str().into(),
        event.topic.into(),
        news.into(),
        (clock::now().0 - QUIET_MS).into(),
        event.by.0.into(),
    ];
    let query = Statement::from_sql_and_values(tx.rows().get_database_backend(), sql, values);
    for Found { id } in Found::find_by_statement(query).all(tx.rows()).await? {
        enqueue_push(tx, id, Subject::News(news)).await?;
    }
    Ok(())
}

pub(super) async fn enqueue_push(
    tx: &mut Tx<'_>,
    device: Uuid,
    subject: Subject,
) -> Result<(), StoreError> {
    let (news, message) = match subject {
        Subject::Trial => (None, None),
        Subject::News(news) => (Some(news), None),
        Subject::Message(place) => (None, Some(place)),
    };
    enqueue(tx, PUSH, text(&Payload { device, news, message, begun: false })).await?;
    tx.wake_pushes();
    Ok(())
}

fn text(payload: &Payload) -> String {
    serde_json::to_string(payload).unwrap_or_default()
}

/// The job. After its last attempt it is given up: what waits on the page says more than an old push.
pub(crate) async fn carry_push(
    services: &Services,
    job: Uuid,
    payload: &str,
    attempts: i32,
) -> Result<(), String> {
    let words = |error: StoreError| error.to_string();
    let mut payload: Payload = serde_json::from_str(payload).map_err(|error| error.to_string())?;
    let Some(pushes) = services.settings.pushes.clone().filter(|_| !payload.begun) else {
        return Ok(());
    };
    let Some((to, push)) = compose(services, &payload).await.map_err(words)? else { return Ok(()) };
    payload.begun = true;
    note(services, job, &payload).await.map_err(words)?;
    match send(services, &*pushes, &to, &push, payload.device).await.map_err(words)? {
        Some(why) if attempts < ATTEMPTS => {
            payload.begun = false;
            note(services, job, &payload).await.map_err(words)?;
            Err(why)
        }
        _ => Ok(()),
    }
}

/// Sends it, and acts on the answer: why it should be tried again, if it should.
async fn send(
    services: &Services,
    pushes: &dyn PushService,
    to: &Subscription,
    push: &Push,
    device: Uuid,
) -> Result<Option<String>, StoreError> {
    let sent = pushes.push(to, push).await;
    let now = clock::now().0;
    match sent {
        Ok(()) => {
            let sql = "UPDATE push_device SET pushed_at = $2 WHERE id = $1";
            run(services, sql, vec![device.into(), now.into()]).await?;
        }
        Err(PushError::Gone) => {
            run(services, "DELETE FROM push_device WHERE id = $1", vec![device.into()]).await?;
        }
        Err(PushError::Later(why)) => return Ok(Some(why)),
        Err(error) => tracing::warn!(%error, "a push"),
    }
    Ok(None)
}

async fn note(services: &Services, job: Uuid, payload: &Payload) -> Result<(), StoreError> {
    let sql = "UPDATE job SET payload = $2 WHERE id = $1";
    run(services, sql, vec![job.into(), text(payload).into()]).await
}

async fn run(services: &Services, sql: &str, values: Vec<Value>) -> Result<(), StoreError> {
    let tx = Tx::begin(&services.store, &services.hub).await?;
    let statement = Statement::from_sql_and_values(services.store.backend(), sql, values);
    tx.rows().execute_raw(statement).await?;
    tx.commit().await
}

/// To whom, and what. Nothing where the device is gone, the event was seen or is not to be told any more, or
/// somebody is looking: their open page has heard of it.
async fn compose(
    services: &Services,
    payload: &Payload,
) -> Result<Option<(Subscription, Push)>, StoreError> {
    let Some(device) = find_device(services, payload.device).await? else { return Ok(None) };
    let Ok(to) = Subscription::parse(&device.endpoint, &device.public_key, &device.auth_secret)
    else {
        return Ok(None);
    };
    let subject = payload.subject();
    if !matches!(subject, Subject::Trial) && is_looking(services, device.account_id) {
        return Ok(None);
    }
    let said = match subject {
        Subject::Trial => return Ok(Some((to, trial(services, &device.language)))),
        Subject::News(news) => said_of_event(services, &device, news).await?,
        Subject::Message(place) => {
            let reader = (device.account_id, device.language.as_str());
            said_of_message(services, reader, place).await?
        }
    };
    Ok(said.map(|said| (to, push_of(services, payload.device, said))))
}

/// Whether a socket of theirs is open on any node.
fn is_looking(services: &Services, account: Uuid) -> bool {
    services.here.shown(account.as_u128()).is_some()
}

async fn find_device(services: &Services, id: Uuid) -> Result<Option<Device>, StoreError> {
    let sql = "SELECT d.account_id, d.endpoint, d.public_key, d.auth_secret, d.language \
         FROM push_device d JOIN session s ON s.id = d.session_id AND s.revoked_at IS NULL \
         WHERE d.id = $1";
    let query = Statement::from_sql_and_values(services.store.backend(), sql, [id.into()]);
    Ok(Device::find_by_statement(query).one(&services.store.read).await?)
}

/// The event as its reader may see it now.
async fn said_of_event(
    services: &Services,
    device: &Device,
    news: Uuid,
) -> Result<Option<Said>, StoreError> {
    let sql = seen("n.id = $2 AND n.read_at IS NULL");
    let values: [Value; 2] = [device.account_id.into(), news.into()];
    let query = Statement::from_sql_and_values(services.store.backend(), sql, values);
    let row = Row::find_by_statement(query).one(&services.store.read).await?;
    let Some(event) = row.and_then(Row::event) else { return Ok(None) };
    let words = &services.settings.wording;
    Ok(Some(Said {
        title: words.push(&device.language, event.kind, &event.by.username),
        tag: format!("{}-{}", event.kind.as_str(), event.topic),
        url: event.address,
    }))
}

fn push_of(services: &Services, device: Uuid, said: Said) -> Push {
    let Said { title, url, tag } = said;
    let topic = services.keys.reader_name(&format!("push {device} {tag}"));
    let payload = json!({"title": title, "url": url, "tag": tag}).to_string();
    Push { payload: payload.into_bytes(), topic, lifetime: LIFETIME }
}

fn trial(services: &Services, language: &str) -> Push {
    let words = services.settings.wording.trial(language);
    let payload = json!({"title": words, "url": "/settings/notifications", "tag": "trial"});
    let payload = payload.to_string().into_bytes();
    Push { payload, topic: "trial".to_owned(), lifetime: Duration::from_secs(60) }
}
