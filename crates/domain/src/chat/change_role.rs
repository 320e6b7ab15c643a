//! Who may do what in a group.

use wire::conversations::{MemberChange, Role};
use wire::{ConversationId, UserId};

use super::ChatError;
use super::conversation_broadcasts::tell_member_changed;
use super::group_rules::{group_for, set_role};
use crate::limits::Limit;
use crate::{Caller, Services, tx::Tx};

/// Gives a member another role; the owner alone can. Who makes another the owner becomes an admin.
///
/// # Errors
/// [`ChatError::NotFound`] for somebody else's group or somebody who is not in it,
/// [`ChatError::Forbidden`] for everybody but the owner, and for the owner's own role.
pub async fn change_role(
    services: &Services,
    caller: &Caller,
    id: ConversationId,
    member: UserId,
    role: Role,
) -> Result<(), ChatError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let (group, _) = group_for(&tx, caller, id, Role::Owner).await?;
    let place = group.member(member)?;
    if member == caller.user_id {
        return Err(ChatError::Forbidden);
    }
    if place.role == role {
        return Ok(());
    }
    let me = caller.user_id;
    if role == Role::Owner {
        set_role(&tx, id, me.0, Role::Admin).await?;
        let own = group.member(me)?;
        tell_member_changed(&mut tx, &group, MemberChange::Role, (own, Role::Admin), me);
    }
    set_role(&tx, id, member.0, role).await?;
    tell_member_changed(&mut tx, &group, MemberChange::Role, (place, role), me);
    Ok(tx.commit().await?)
}
