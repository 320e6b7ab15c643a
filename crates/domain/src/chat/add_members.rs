//! More people in a group.

use std::collections::BTreeSet;

use uuid::Uuid;
use wire::conversations::{GROUP_LIMIT, MemberChange, Role, Target};
use wire::{ConversationId, UserId};

use super::ChatError;
use super::conversation_broadcasts::{tell_added, tell_member_changed};
use super::group_rules::{blocks_in, give_places, group_for, may_come_back, people_to_add};
use super::talks::talk;
use super::watchers::met;
use crate::limits::Limit;
use crate::{Caller, Services, tx::Tx};

/// Adds `targets`; those who are members already stay as they are. The new ones hear of the group, the
/// others of the new ones. All or nobody.
///
/// # Errors
/// [`ChatError::NotFound`] for somebody else's group or somebody who does not exist,
/// [`ChatError::Forbidden`] without the role of an admin, [`ChatError::CannotMessage`] for somebody who
/// does not want it or who went and does not know the caller, [`ChatError::GroupFull`] for too many.
pub async fn add_members(
    services: &Services,
    caller: &Caller,
    id: ConversationId,
    targets: &[Target],
) -> Result<(), ChatError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    services.limits.check(Limit::Beginnings, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let (before, _) = group_for(&tx, caller, id, Role::Admin).await?;
    let mut people = people_to_add(&tx, caller, targets).await?;
    people.retain(|person| before.place(UserId(person.id)).is_none());
    if people.is_empty() {
        return Ok(());
    }
    if before.places.len() + people.len() > GROUP_LIMIT {
        return Err(ChatError::GroupFull);
    }
    may_come_back(&tx, caller, id, &people).await?;
    give_places(&tx, id, &people, before.last_seq).await?;
    let new: BTreeSet<_> = people.into_iter().map(|person| person.id).collect();
    tell(&mut tx, caller, id, &new).await?;
    tx.commit().await?;
    let all = before.accounts().into_iter().chain(new.clone());
    met(services, new.into_iter().map(UserId), all.map(UserId));
    Ok(())
}

async fn tell(
    tx: &mut Tx<'_>,
    caller: &Caller,
    id: ConversationId,
    new: &BTreeSet<Uuid>,
) -> Result<(), ChatError> {
    let group = talk(tx.rows(), id).await?;
    let blocks = blocks_in(tx, &group).await?;
    for place in group.places.iter().filter(|place| new.contains(&place.account)) {
        tell_added(tx, &group, &blocks, UserId(place.account), None);
        let who = (place, Role::Member);
        tell_member_changed(tx, &group, MemberChange::Added, who, caller.user_id);
    }
    Ok(())
}
