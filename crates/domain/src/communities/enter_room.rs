//! The way into a community's room.

use wire::ConversationId;

use super::CommunityError;
use super::rows::{Which, execute, hold};
use crate::chat;
use crate::limits::Limit;
use crate::{Caller, Services, tx::Tx};

/// Gives the caller, who is a member, a place in the room, which the first one opens. Members are not in
/// it by themselves: every one of those who are is told every message, so that places are given to those
/// who come, up to [`ROOM_LIMIT`](wire::communities::ROOM_LIMIT).
///
/// # Errors
/// [`CommunityError::NotFound`], [`CommunityError::Forbidden`] for everybody but members,
/// [`CommunityError::RoomFull`].
pub async fn enter_room(
    services: &Services,
    caller: &Caller,
    slug: &str,
) -> Result<ConversationId, CommunityError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let held = hold(&tx, Which::Slug(slug), caller).await?;
    held.standing.role().ok_or(CommunityError::Forbidden)?;
    let room = match held.room {
        Some(room) => room,
        None => {
            let room = chat::open_room(&tx, &held.name).await?;
            let sql = "UPDATE community SET conversation_id = $2 WHERE id = $1";
            execute(tx.rows(), sql, [held.id.0.into(), room.0.into()]).await?;
            room
        }
    };
    let there = chat::enter_room(&mut tx, caller, room).await?;
    tx.commit().await?;
    chat::met(services, [caller.user_id], there);
    Ok(room)
}
