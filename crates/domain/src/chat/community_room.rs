//! The room of a community: a group whose people come and go with the community.
//!
//! Everybody in it has the role of a member, so that nobody can bring in or throw out anybody by the
//! group's own verbs: that is the community's to decide.

use std::collections::{BTreeMap, BTreeSet};

use entity::{account, conversation, membership};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set};
use wire::communities::ROOM_LIMIT;
use wire::conversations::{MemberChange, Role};
use wire::{ConversationId, UserId};

use super::ChatError;
use super::conversation_broadcasts::{tell_added, tell_member_changed, tell_removed, tell_renamed};
use super::group_rules::{blocks_in, give_places};
use super::leave_group::go;
use super::talks::{lock, talk, talks};
use super::watchers::whom_one_knows;
use crate::people::acquaintances;
use crate::{Caller, clock, tx::Tx};

/// A room with nobody in it.
pub(crate) async fn open_room(tx: &Tx<'_>, title: &str) -> Result<ConversationId, ChatError> {
    let (id, now) = (ConversationId::new(), clock::now().0);
    let row = conversation::ActiveModel {
        id: Set(id.0),
        kind: Set("group".into()),
        title: Set(Some(title.to_owned())),
        direct_key: Set(None),
        last_seq: Set(0),
        created_at: Set(now),
        updated_at: Set(now),
        created_by: Set(None),
    };
    conversation::Entity::insert(row).exec_without_returning(tx.rows()).await?;
    Ok(id)
}

/// Gives the caller a place, unless they have one; answers with everybody who is there then, whom they
/// may know from now on.
///
/// # Errors
/// [`ChatError::GroupFull`] where [`ROOM_LIMIT`] people are in it.
pub(crate) async fn enter_room(
    tx: &mut Tx<'_>,
    caller: &Caller,
    id: ConversationId,
) -> Result<BTreeSet<UserId>, ChatError> {
    let me = caller.user_id;
    let these = BTreeSet::from([id]);
    lock(tx.rows(), &these).await?;
    let before = talks(tx.rows(), &these).await?.remove(&id);
    let is_in = before.as_ref().is_some_and(|room| room.place(me).is_some());
    if is_in {
        return Ok(BTreeSet::new());
    }
    if before.is_some_and(|room| room.places.len() >= ROOM_LIMIT) {
        return Err(ChatError::GroupFull);
    }
    let room = conversation::Entity::find_by_id(id.0).one(tx.rows()).await?;
    let own = account::Entity::find_by_id(me.0).one(tx.rows()).await?;
    let (Some(room), Some(own)) = (room, own) else { return Err(ChatError::NotFound) };
    give_places(tx, id, &[own], room.last_seq).await?;
    tell_entered(tx, id, me).await
}

async fn tell_entered(
    tx: &mut Tx<'_>,
    id: ConversationId,
    me: UserId,
) -> Result<BTreeSet<UserId>, ChatError> {
    let room = talk(tx.rows(), id).await?;
    let blocks = blocks_in(tx, &room).await?;
    tell_added(tx, &room, &blocks, me, None);
    let who = (room.member(me)?, Role::Member);
    tell_member_changed(tx, &room, MemberChange::Added, who, me);
    Ok(room.accounts().into_iter().map(UserId).collect())
}

/// Takes somebody's place away, if they have one; answers with those whom they knew before.
pub(crate) async fn leave_room(
    tx: &mut Tx<'_>,
    id: ConversationId,
    who: UserId,
    by: UserId,
) -> Result<BTreeSet<UserId>, ChatError> {
    let these = BTreeSet::from([id]);
    lock(tx.rows(), &these).await?;
    let room = talks(tx.rows(), &these).await?.remove(&id);
    let Some(room) = room.filter(|room| room.place(who).is_some()) else {
        return Ok(BTreeSet::new());
    };
    let knew = whom_one_knows(tx, who).await?;
    let change = if who == by { MemberChange::Left } else { MemberChange::Removed };
    go(tx, &room, who, change, by).await?;
    Ok(knew)
}

/// Takes everybody's place away; answers with those whom each of them knew before.
pub(crate) async fn close_room(
    tx: &mut Tx<'_>,
    id: ConversationId,
) -> Result<BTreeMap<UserId, BTreeSet<UserId>>, ChatError> {
    let these = BTreeSet::from([id]);
    lock(tx.rows(), &these).await?;
    let Some(room) = talks(tx.rows(), &these).await?.remove(&id) else {
        return Ok(BTreeMap::new());
    };
    let everybody: BTreeSet<_> = room.accounts().into_iter().map(UserId).collect();
    let knew = acquaintances(tx.rows(), &everybody).await?;
    membership::Entity::update_many()
        .col_expr(membership::Column::State, Expr::value("left"))
        .filter(membership::Column::ConversationId.eq(id.0))
        .exec(tx.rows())
        .await?;
    for one in everybody {
        tell_removed(tx, id, one);
    }
    Ok(knew)
}

/// The room is called what its community is called.
pub(crate) async fn rename_room(
    tx: &mut Tx<'_>,
    id: ConversationId,
    title: &str,
    by: UserId,
) -> Result<(), ChatError> {
    conversation::Entity::update_many()
        .col_expr(conversation::Column::Title, Expr::value(title))
        .filter(conversation::Column::Id.eq(id.0))
        .exec(tx.rows())
        .await?;
    let these = BTreeSet::from([id]);
    if let Some(room) = talks(tx.rows(), &these).await?.remove(&id) {
        tell_renamed(tx, &room, title, by);
    }
    Ok(())
}
