//! A message to one browser. Messages are no notifications: their conversation keeps them, and whether one was
//! read stands there.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use wire::{ConversationId, UserId};

use super::list::has_not_accepted;
use super::push::{Said, Subject, enqueue_push};
use crate::chat::{among, key_of};
use crate::{Services, StoreError, clock, tx::Tx};

/// A message that waits for somebody.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waiting {
    pub(crate) to: UserId,
    pub(crate) conversation: ConversationId,
    pub(crate) seq: i64,
}

/// Where a message stands.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct MessagePlace {
    conversation: Uuid,
    seq: i64,
}

/// Plans a push to each browser of whom a message waits for, unless they want none of messages.
pub(crate) async fn plan_message_pushes(
    tx: &mut Tx<'_>,
    waiting: &[Waiting],
) -> Result<(), StoreError> {
    #[derive(FromQueryResult)]
    struct Found {
        id: Uuid,
        account_id: Uuid,
    }
    if waiting.is_empty() {
        return Ok(());
    }
    let backend = tx.rows().get_database_backend();
    let people = waiting.iter().map(|one| one.to.0).collect::<BTreeSet<_>>();
    let (are_these, values) = among(backend, 1, people);
    let sql = format!(
        "SELECT d.id, d.account_id FROM push_device d WHERE d.account_id {are_these} \
         AND NOT EXISTS (SELECT 1 FROM notification_choice c WHERE c.account_id = d.account_id \
         AND c.kind = 'message' AND NOT c.by_push)"
    );
    let query = Statement::from_sql_and_values(backend, sql, values);
    let mut devices = BTreeMap::<Uuid, Vec<Uuid>>::new();
    for Found { id, account_id } in Found::find_by_statement(query).all(tx.rows()).await? {
        devices.entry(account_id).or_default().push(id);
    }
    for one in waiting {
        let place = MessagePlace { conversation: one.conversation.0, seq: one.seq };
        for device in devices.get(&one.to.0).into_iter().flatten() {
            enqueue_push(tx, *device, Subject::Message(place)).await?;
        }
    }
    Ok(())
}

/// What is said of a message to `account`. Nothing where it was read or taken back, where its conversation is not
/// theirs or not to be heard any more, across a block, or of somebody whose request waits or was declined.
pub(super) async fn said_of_message(
    services: &Services,
    (account, language): (Uuid, &str),
    place: MessagePlace,
) -> Result<Option<Said>, StoreError> {
    #[derive(FromQueryResult)]
    struct Row {
        username: String,
        kind: String,
    }
    let has_not_accepted = has_not_accepted("$1", "a.id");
    let sql = format!(
        "SELECT a.username, t.kind FROM message g \
         JOIN conversation t ON t.id = g.conversation_id \
         JOIN membership m ON m.conversation_id = t.id AND m.account_id = $1 AND m.state = 'active' \
         JOIN account a ON a.id = g.sender_id AND a.is_active AND a.delete_at IS NULL \
         WHERE g.conversation_id = $2 AND g.seq = $3 AND g.unsent_at IS NULL AND m.last_read_seq < g.seq \
         AND (m.muted_until IS NULL OR m.muted_until <= $4) \
         AND NOT EXISTS (SELECT 1 FROM block b WHERE (b.blocker_id = $1 AND b.blocked_id = a.id) \
         OR (b.blocker_id = a.id AND b.blocked_id = $1)) \
         AND NOT EXISTS (SELECT 1 FROM mute u WHERE u.muter_id = $1 AND u.muted_id = a.id) \
         AND NOT {has_not_accepted}"
    );
    let values: [Value; 4] =
        [account.into(), place.conversation.into(), place.seq.into(), clock::now().0.into()];
    let query = Statement::from_sql_and_values(services.store.backend(), sql, values);
    let row = Row::find_by_statement(query).one(&services.store.read).await?;
    Ok(row.map(|Row { username, kind }| Said {
        title: services.settings.wording.message(language, &username, kind != "direct"),
        url: format!("/chat/{}", key_of(ConversationId(place.conversation))),
        tag: format!("message-{}", place.conversation),
    }))
}
