//! The one verb that writes a notification.

use sea_orm::{ConnectionTrait, Statement, Value};
use uuid::Uuid;
use wire::UserId;
use wire::notifications::NewsKind;

use super::push;
use super::unread::tell_unread;
use crate::{StoreError, clock, tx::Tx};

/// Something that somebody did.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Event {
    /// Whom it concerns.
    pub(crate) to: UserId,
    pub(crate) kind: NewsKind,
    /// Who did it.
    pub(crate) by: UserId,
    /// What is told together: a post for all that happens to it, a community, or for a follow whoever is
    /// followed.
    pub(crate) topic: Uuid,
    /// What it was done to or is: a post, a comment, a community, or whoever is followed. The same person
    /// does the same to it once, however often it is done and undone.
    pub(crate) subject: Uuid,
}

/// Writes it down for whom it concerns, tells their devices how much waits after the commit, and plans its pushes.
/// Nothing is written of what one does to oneself (but of what one achieves), across a block, of somebody muted, of
/// a kind that is not wanted, or a second time.
///
/// # Errors
/// Where the database does not answer.
pub(crate) async fn tell(tx: &mut Tx<'_>, event: Event) -> Result<(), StoreError> {
    let sql = "INSERT INTO notification (id, account_id, kind, actor_id, topic, subject_id, created_at) \
         SELECT $1, $2, $3, $4, $5, $6, $7 WHERE ($2 <> $4 OR $3 = 'achievement') \
         AND NOT EXISTS (SELECT 1 FROM block b WHERE (b.blocker_id = $2 AND b.blocked_id = $4) \
         OR (b.blocker_id = $4 AND b.blocked_id = $2)) \
         AND NOT EXISTS (SELECT 1 FROM mute m WHERE m.muter_id = $2 AND m.muted_id = $4) \
         AND NOT EXISTS (SELECT 1 FROM notification_choice c WHERE c.account_id = $2 \
         AND c.kind = $3 AND NOT c.on_site) \
         ON CONFLICT (account_id, kind, subject_id, actor_id) DO NOTHING";
    let id = Uuid::now_v7();
    let values: [Value; 7] = [
        id.into(),
        event.to.0.into(),
        event.kind.as_str().into(),
        event.by.0.into(),
        event.topic.into(),
        event.subject.into(),
        clock::now().0.into(),
    ];
    let insert = Statement::from_sql_and_values(tx.rows().get_database_backend(), sql, values);
    if tx.rows().execute_raw(insert).await?.rows_affected() == 1 {
        tell_unread(tx, event.to).await?;
        push::plan(tx, id, &event).await?;
    }
    Ok(())
}
