//! Going, and being made to go.

use wire::conversations::{MemberChange, Role};
use wire::{ConversationId, UserId};

use super::ChatError;
use super::conversation_broadcasts::{tell_member_changed, tell_removed};
use super::group_rules::{end_place, group_for, set_role, without};
use super::talks::Talk;
use super::watchers::{parted, whom_one_knows};
use crate::limits::Limit;
use crate::{Caller, Services, tx::Tx};

/// The caller leaves, and hears nothing of the group any more. An owner hands over to the oldest admin,
/// or to the oldest member; the last one leaves it empty.
///
/// # Errors
/// [`ChatError::NotFound`] for somebody else's group, [`ChatError::Forbidden`] for a direct
/// conversation, which can be hidden.
pub async fn leave_group(
    services: &Services,
    caller: &Caller,
    id: ConversationId,
) -> Result<(), ChatError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    leave_for_good(services, caller, id).await
}

/// As [`leave_group`], however often: for somebody who leaves everything.
pub(crate) async fn leave_for_good(
    services: &Services,
    caller: &Caller,
    id: ConversationId,
) -> Result<(), ChatError> {
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let (group, role) = group_for(&tx, caller, id, Role::Member).await?;
    let me = caller.user_id;
    let knew = whom_one_knows(&tx, me).await?;
    let rest = go(&mut tx, &group, me, MemberChange::Left, me).await?;
    if role == Role::Owner {
        hand_over(&mut tx, &rest, me).await?;
    }
    tx.commit().await?;
    parted(services, me, knew);
    Ok(())
}

/// Takes a member out. Admins can take out members, the owner anybody else.
///
/// # Errors
/// [`ChatError::NotFound`] for somebody else's group or somebody who is not in it,
/// [`ChatError::Forbidden`] without the role for it.
pub async fn remove_member(
    services: &Services,
    caller: &Caller,
    id: ConversationId,
    member: UserId,
) -> Result<(), ChatError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let (group, role) = group_for(&tx, caller, id, Role::Admin).await?;
    if group.member(member)?.role >= role {
        return Err(ChatError::Forbidden);
    }
    let knew = whom_one_knows(&tx, member).await?;
    go(&mut tx, &group, member, MemberChange::Removed, caller.user_id).await?;
    tx.commit().await?;
    parted(services, member, knew);
    Ok(())
}

/// The group without them.
pub(super) async fn go(
    tx: &mut Tx<'_>,
    group: &Talk,
    who: UserId,
    change: MemberChange,
    by: UserId,
) -> Result<Talk, ChatError> {
    let (rest, gone) = without(group, who)?;
    end_place(tx, group.id, who.0).await?;
    tell_removed(tx, group.id, who);
    tell_member_changed(tx, &rest, change, (&gone, Role::Member), by);
    Ok(rest)
}

async fn hand_over(tx: &mut Tx<'_>, rest: &Talk, by: UserId) -> Result<(), ChatError> {
    let admin = rest.active().find(|place| place.role == Role::Admin);
    let Some(heir) = admin.or_else(|| rest.active().next()) else { return Ok(()) };
    set_role(tx, rest.id, heir.account, Role::Owner).await?;
    tell_member_changed(tx, rest, MemberChange::Role, (heir, Role::Owner), by);
    Ok(())
}
