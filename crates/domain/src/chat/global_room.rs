//! The room that everybody may read and join.

use entity::membership;
use sea_orm::sea_query::OnConflict;
use sea_orm::{EntityTrait, Set};
use uuid::Uuid;
use wire::{ConversationId, ConversationKey};

use super::ChatError;
use crate::{StoreError, clock, tx::Tx};

/// The same on every server; the migration that made the table put it there.
pub const GLOBAL_ROOM: ConversationId =
    ConversationId(Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0001));

/// The conversation that a client names.
#[must_use]
pub fn conversation_of(key: ConversationKey) -> ConversationId {
    match key {
        ConversationKey::Global => GLOBAL_ROOM,
        ConversationKey::Id(id) => id,
    }
}

/// How clients name a conversation.
#[must_use]
pub fn key_of(id: ConversationId) -> ConversationKey {
    if id == GLOBAL_ROOM { ConversationKey::Global } else { ConversationKey::Id(id) }
}

/// Gives a new account its place in the room; what was said before counts as read.
pub(crate) async fn join_global_room(tx: &Tx<'_>, account: Uuid) -> Result<(), StoreError> {
    let room = entity::conversation::Entity::find_by_id(GLOBAL_ROOM.0).one(tx.rows()).await?;
    let last_seq = room.map_or(0, |room| room.last_seq);
    let row = membership::ActiveModel {
        conversation_id: Set(GLOBAL_ROOM.0),
        account_id: Set(account),
        last_read_seq: Set(last_seq),
        last_delivered_seq: Set(last_seq),
        state: Set("active".into()),
        role: Set("member".into()),
        muted_until: Set(None),
        joined_at: Set(clock::now().0),
        hidden_seq: Set(None),
        unread_from_seq: Set(None),
        draft: Set(None),
        draft_saved_at: Set(None),
    };
    let once =
        OnConflict::columns([membership::Column::ConversationId, membership::Column::AccountId])
            .do_nothing()
            .to_owned();
    membership::Entity::insert(row).on_conflict(once).exec_without_returning(tx.rows()).await?;
    Ok(())
}

/// Only the global room may be read without an account, and nothing else exists for a stranger.
pub(crate) fn readable_signed_out(key: ConversationKey) -> Result<(), ChatError> {
    match key {
        ConversationKey::Global => Ok(()),
        ConversationKey::Id(_) => Err(ChatError::NotFound),
    }
}
