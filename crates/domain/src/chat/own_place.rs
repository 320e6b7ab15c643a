//! The caller's own place in a conversation, and what they change in it for themselves.

use entity::{conversation, membership};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, UpdateMany};
use wire::conversations::OwnState;
use wire::{ConversationKey, UnixMillis};

use super::conversation_broadcasts::tell_state;
use super::{ChatError, conversation_of};
use crate::{Caller, clock, tx::Tx};

/// In SQL, whether `$1` may read what stands in the conversation `t`: as their list of conversations has it,
/// and the global room unless they were sent out of it.
pub(crate) const READABLE: &str = "((t.kind = 'global' AND NOT EXISTS (SELECT 1 FROM membership mo \
    WHERE mo.conversation_id = t.id AND mo.account_id = $1 AND mo.state <> 'active')) \
    OR EXISTS (SELECT 1 FROM membership mi WHERE mi.conversation_id = t.id AND mi.account_id = $1 \
    AND mi.state = 'active' AND (mi.hidden_seq IS NULL OR t.last_seq > mi.hidden_seq)))";

pub(super) struct OwnPlace {
    pub(super) key: ConversationKey,
    pub(super) row: membership::Model,
    /// The newest number of the conversation.
    pub(super) last_seq: i64,
}

impl OwnPlace {
    /// # Errors
    /// [`ChatError::NotFound`] for a conversation that the caller may not read.
    pub(super) async fn of(
        rows: &impl ConnectionTrait,
        caller: &Caller,
        key: ConversationKey,
    ) -> Result<Self, ChatError> {
        let id = conversation_of(key).0;
        let row = membership::Entity::find_by_id((id, caller.user_id.0)).one(rows).await?;
        let row = row.ok_or(ChatError::NotFound)?;
        if !may_read(rows, &row).await? {
            return Err(ChatError::NotFound);
        }
        let conversation = conversation::Entity::find_by_id(id).one(rows).await?;
        let last_seq = conversation.ok_or(ChatError::NotFound)?.last_seq;
        Ok(Self { key, row, last_seq })
    }

    /// An update of this place alone.
    pub(super) fn update(&self) -> UpdateMany<membership::Entity> {
        membership::Entity::update_many()
            .filter(membership::Column::ConversationId.eq(self.row.conversation_id))
            .filter(membership::Column::AccountId.eq(self.row.account_id))
    }

    pub(super) async fn set(
        &self,
        tx: &Tx<'_>,
        column: membership::Column,
        value: impl Into<sea_orm::Value>,
    ) -> Result<(), ChatError> {
        self.update().col_expr(column, Expr::value(value)).exec(tx.rows()).await?;
        Ok(())
    }

    pub(super) fn unread(&self) -> i64 {
        unread(self.last_seq, self.row.last_read_seq, self.row.unread_from_seq)
    }

    /// Tells the caller's own devices how the place is now.
    pub(super) fn tell_state(&self, tx: &mut Tx<'_>, caller: &Caller) {
        let muted_until = self.row.muted_until.filter(|until| *until > clock::now().0);
        let state = OwnState {
            last_read_seq: self.row.last_read_seq,
            unread_count: self.unread(),
            muted_until: muted_until.map(UnixMillis),
            draft: self.row.draft.clone(),
        };
        tell_state(tx, self.key, caller.user_id, state);
    }
}

/// A member may, and whom a request waits for, before they answer.
pub(super) async fn may_read(
    rows: &impl ConnectionTrait,
    place: &membership::Model,
) -> Result<bool, ChatError> {
    if place.state != "requested" {
        return Ok(place.state == "active");
    }
    let conversation = conversation::Entity::find_by_id(place.conversation_id).one(rows).await?;
    Ok(conversation.is_some_and(|conversation| conversation.kind == "direct"))
}

/// A subtraction; more where the member has marked more as unread.
pub(super) fn unread(last_seq: i64, last_read_seq: i64, unread_from_seq: Option<i64>) -> i64 {
    let read = unread_from_seq.map_or(last_read_seq, |from| last_read_seq.min(from - 1));
    (last_seq - read).max(0)
}
