//! A new group.

use entity::conversation;
use sea_orm::{ActiveModelTrait, EntityTrait, Set};
use wire::conversations::{Conversation, GROUP_LIMIT, Role, Target};
use wire::{ConversationId, UserId};

use super::ChatError;
use super::conversation_broadcasts::tell_added;
use super::conversations::conversation;
use super::group_rules::{blocks_in, give_places, people_to_add, set_role, title_of};
use super::start_direct::new_place;
use super::talks::talk;
use super::watchers::met;
use crate::limits::Limit;
use crate::{Caller, Services, clock, tx::Tx};

/// Makes a group of the caller, who owns it, and `members`. Everybody's devices hear of it.
///
/// # Errors
/// A name that is none, [`ChatError::NotFound`] for a member who does not exist,
/// [`ChatError::CannotMessage`] for one who does not want it, [`ChatError::GroupFull`] for too many.
pub async fn create_group(
    services: &Services,
    caller: &Caller,
    title: &str,
    members: &[Target],
) -> Result<Conversation, ChatError> {
    let title = title_of(title)?;
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    services.limits.check(Limit::Beginnings, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let people = people_to_add(&tx, caller, members).await?;
    if people.len() >= GROUP_LIMIT {
        return Err(ChatError::GroupFull);
    }
    let id = insert(&tx, caller, title).await?;
    if !people.is_empty() {
        give_places(&tx, id, &people, 0).await?;
    }
    let group = talk(tx.rows(), id).await?;
    let blocks = blocks_in(&tx, &group).await?;
    for place in &group.places {
        tell_added(&mut tx, &group, &blocks, UserId(place.account), None);
    }
    tx.commit().await?;
    let all: Vec<_> = group.accounts().into_iter().map(UserId).collect();
    met(services, all.clone(), all);
    conversation(services, caller, id).await
}

async fn insert(tx: &Tx<'_>, caller: &Caller, title: &str) -> Result<ConversationId, ChatError> {
    let (id, now) = (ConversationId::new(), clock::now().0);
    let row = conversation::ActiveModel {
        id: Set(id.0),
        kind: Set("group".into()),
        title: Set(Some(title.to_owned())),
        direct_key: Set(None),
        last_seq: Set(0),
        created_at: Set(now),
        updated_at: Set(now),
        created_by: Set(Some(caller.user_id.0)),
    };
    conversation::Entity::insert(row).exec_without_returning(tx.rows()).await?;
    new_place(id, caller.user_id.0, "active", None).insert(tx.rows()).await?;
    set_role(tx, id, caller.user_id.0, Role::Owner).await?;
    Ok(id)
}
