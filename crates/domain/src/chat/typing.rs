//! That somebody writes.

use wire::ConversationKey;

use super::conversation_broadcasts::announce_typing;
use super::talks::{blocks_of, talk};
use super::{ChatError, conversation_of};
use crate::{Caller, Services};

/// Tells the other members, where nothing stands between them: in a request, across a block and in
/// the global room nobody is told. Stores nothing, and may be lost.
///
/// # Errors
/// [`ChatError::NotFound`] for a conversation that the caller does not belong to.
pub async fn typing(
    services: &Services,
    caller: &Caller,
    key: ConversationKey,
    is_typing: bool,
) -> Result<(), ChatError> {
    if key == ConversationKey::Global {
        return Ok(());
    }
    let rows = &services.store.read;
    let talk = talk(rows, conversation_of(key)).await?;
    talk.reader(caller.user_id)?;
    if talk.is_pending() {
        return Ok(());
    }
    let blocks = blocks_of(rows, caller.user_id).await?;
    announce_typing(&services.hub, &talk, &blocks, caller, is_typing);
    Ok(())
}
