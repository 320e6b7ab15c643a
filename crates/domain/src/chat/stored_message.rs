//! A message that is there already, about to be changed, with everybody who may hear of it.

use entity::{membership, message};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Statement, Value,
};
use wire::chat::Message;
use wire::live::ServerFrame;
use wire::{ConversationId, MessageId, UserId};

use super::conversation_broadcasts::{Hearers, tell_card};
use super::message_rows::{COLUMNS, messages};
use super::talks::{Blocks, Talk, blocks_of, locked_talk};
use super::write_rules::may_reach;
use super::{ChatError, GLOBAL_ROOM};
use crate::{Caller, tx::Tx};

pub(super) struct StoredMessage {
    pub(super) row: message::Model,
    /// `None` for the global room.
    talk: Option<(Talk, Blocks)>,
    caller: UserId,
}

impl StoredMessage {
    /// The message, held until the end of the transaction.
    ///
    /// # Errors
    /// [`ChatError::NotFound`] for one that the caller cannot read, [`ChatError::Forbidden`] for
    /// somebody who is banned from its room.
    pub(super) async fn find(
        tx: &Tx<'_>,
        caller: &Caller,
        id: MessageId,
    ) -> Result<Self, ChatError> {
        let row = message::Entity::find_by_id(id.0).lock_exclusive().one(tx.rows()).await?;
        let row = row.ok_or(ChatError::NotFound)?;
        let talk = match ConversationId(row.conversation_id) {
            GLOBAL_ROOM => {
                refuse_banned(tx, caller).await?;
                None
            }
            id => Some(talk_of(tx, caller, id).await?),
        };
        Ok(Self { row, talk, caller: caller.user_id })
    }

    /// Its conversation with everybody in it; `None` for the global room.
    pub(super) fn talk(&self) -> Option<&Talk> {
        self.talk.as_ref().map(|(talk, _)| talk)
    }

    pub(super) fn id(&self) -> MessageId {
        MessageId(self.row.id)
    }

    /// # Errors
    /// [`ChatError::Forbidden`] for somebody else's message.
    pub(super) fn is_own(&self) -> Result<(), ChatError> {
        let own = self.row.sender_id == self.caller.0;
        if own { Ok(()) } else { Err(ChatError::Forbidden) }
    }

    /// Whether the caller may say something new here.
    ///
    /// # Errors
    /// [`ChatError::CannotMessage`] across a block, [`ChatError::Forbidden`] for whom a request waits
    /// for, [`ChatError::Unsent`] where there is nothing any more to speak about.
    pub(super) fn may_touch(&self) -> Result<(), ChatError> {
        if let Some((talk, blocks)) = &self.talk {
            talk.member(self.caller).map_err(|_| ChatError::Forbidden)?;
            if talk.is_direct() {
                may_reach(talk, self.caller, blocks)?;
            }
        }
        if self.row.unsent_at.is_some() { Err(ChatError::Unsent) } else { Ok(()) }
    }

    /// Counts a change in its conversation: what was remembered of it before is out of date.
    pub(super) async fn count_change(&self, tx: &Tx<'_>) -> Result<(), ChatError> {
        let sql = "UPDATE conversation SET change_seq = change_seq + 1 WHERE id = $1";
        let backend = tx.rows().get_database_backend();
        let values = [Value::from(self.row.conversation_id)];
        tx.rows().execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
        Ok(())
    }

    /// The message as it is now, without its reactions.
    pub(super) async fn read_again(&self, tx: &Tx<'_>) -> Result<Message, ChatError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM message m JOIN account a ON a.id = m.sender_id WHERE m.id = $1"
        );
        let backend = tx.rows().get_database_backend();
        let query = Statement::from_sql_and_values(backend, sql, [Value::from(self.row.id)]);
        let found = messages(tx.rows(), query, None).await?.pop().ok_or(ChatError::NotFound)?;
        Ok(Message { reactions: Vec::new(), ..found })
    }

    /// Tells everybody who has accepted.
    pub(super) fn tell(&self, tx: &mut Tx<'_>, frame: &ServerFrame) {
        match &self.talk {
            None => Hearers::Room.tell(tx, frame),
            Some((talk, blocks)) => Hearers::Talk { talk, blocks, by: self.caller }.tell(tx, frame),
        }
    }

    /// As [`Self::tell`], of another text. Whom a request waits for sees the card of it as it is now.
    pub(super) fn tell_changed(&self, tx: &mut Tx<'_>, frame: &ServerFrame, now: &Message) {
        self.tell(tx, frame);
        let Some((talk, blocks)) = &self.talk else { return };
        let is_last = now.seq == talk.last_seq;
        let apart =
            talk.other(self.caller).is_some_and(|o| blocks.between(o.account, self.caller.0));
        if is_last && !apart {
            tell_card(tx, talk, blocks, now);
        }
    }
}

async fn talk_of(
    tx: &Tx<'_>,
    caller: &Caller,
    id: ConversationId,
) -> Result<(Talk, Blocks), ChatError> {
    let talk = locked_talk(tx.rows(), id).await?;
    talk.reader(caller.user_id)?;
    let blocks = blocks_of(tx.rows(), caller.user_id).await?;
    Ok((talk, blocks))
}

async fn refuse_banned(tx: &Tx<'_>, caller: &Caller) -> Result<(), ChatError> {
    let banned = membership::Entity::find_by_id((GLOBAL_ROOM.0, caller.user_id.0))
        .filter(membership::Column::State.ne("active"))
        .one(tx.rows())
        .await?;
    if banned.is_some() { Err(ChatError::Forbidden) } else { Ok(()) }
}
