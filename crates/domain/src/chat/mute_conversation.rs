//! Quiet.

use entity::membership;
use wire::{ConversationKey, UnixMillis};

use super::ChatError;
use super::own_place::OwnPlace;
use crate::limits::Limit;
use crate::{Caller, Services, tx::Tx};

/// Keeps the conversation out of the caller's counts until `until`; `None` lets it in again. Their
/// other devices are told.
///
/// # Errors
/// [`ChatError::NotFound`] for a conversation that the caller does not belong to.
pub async fn mute_conversation(
    services: &Services,
    caller: &Caller,
    key: ConversationKey,
    until: Option<UnixMillis>,
) -> Result<(), ChatError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let mut place = OwnPlace::of(tx.rows(), caller, key).await?;
    place.row.muted_until = until.map(|until| until.0);
    place.set(&tx, membership::Column::MutedUntil, place.row.muted_until).await?;
    place.tell_state(&mut tx, caller);
    Ok(tx.commit().await?)
}
