//! A conversation out of one's own sight.

use entity::membership;
use wire::{ConversationId, ConversationKey};

use super::ChatError;
use super::conversation_broadcasts::tell_removed;
use super::own_place::OwnPlace;
use crate::limits::Limit;
use crate::{Caller, Services, tx::Tx};

/// Takes the conversation out of the caller's list until somebody writes in it again. For everybody
/// else nothing changes.
///
/// # Errors
/// [`ChatError::NotFound`] for a conversation that the caller does not belong to.
pub async fn hide_conversation(
    services: &Services,
    caller: &Caller,
    id: ConversationId,
) -> Result<(), ChatError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let place = OwnPlace::of(tx.rows(), caller, ConversationKey::Id(id)).await?;
    place.set(&tx, membership::Column::HiddenSeq, place.last_seq).await?;
    tell_removed(&mut tx, id, caller.user_id);
    Ok(tx.commit().await?)
}
