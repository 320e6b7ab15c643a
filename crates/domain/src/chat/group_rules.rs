//! What the verbs of groups have in common: who may do what, and whom one may bring in.

use std::collections::{BTreeMap, BTreeSet};

use entity::{account, conversation, follow, membership};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, Set};
use uuid::Uuid;
use wire::accounts::username_key;
use wire::conversations::{GROUP_LIMIT, Role, Target, group_title};
use wire::{ConversationId, UserId};

use super::ChatError;
use super::start_direct::{direct_key, new_place};
use super::talks::{Blocks, Place, Talk, blocks_among, locked_talk, talks};
use crate::{Caller, tx::Tx};

pub(super) fn title_of(text: &str) -> Result<&str, ChatError> {
    let why = "A group's name has 1 to 100 characters.";
    group_title(text).map_err(|_| ChatError::Invalid { field: "title", why })
}

/// A group, locked, that the caller is a member of with at least this role.
pub(super) async fn group_for(
    tx: &Tx<'_>,
    caller: &Caller,
    id: ConversationId,
    least: Role,
) -> Result<(Talk, Role), ChatError> {
    let talk = locked_talk(tx.rows(), id).await?;
    let role = talk.member(caller.user_id)?.role;
    if talk.is_direct() || role < least {
        return Err(ChatError::Forbidden);
    }
    Ok((talk, role))
}

/// The accounts of `targets`, who all have to exist and to want to hear from the caller. Three
/// queries, however many.
pub(super) async fn people_to_add(
    tx: &Tx<'_>,
    caller: &Caller,
    targets: &[Target],
) -> Result<Vec<account::Model>, ChatError> {
    if targets.len() > GROUP_LIMIT {
        return Err(ChatError::GroupFull);
    }
    let found = accounts_of(tx, targets).await?;
    let others: BTreeMap<Uuid, account::Model> = found
        .into_iter()
        .filter(|person| person.id != caller.user_id.0)
        .map(|person| (person.id, person))
        .collect();
    let me = caller.user_id;
    let blocks = blocks_among(tx.rows(), others.keys().copied().chain([me.0]).collect()).await?;
    let followers = followers_among(tx, me, &others.keys().copied().collect()).await?;
    let refuses = |person: &account::Model| {
        let wanted = match person.who_can_message.as_str() {
            "nobody" => false,
            "following" => followers.contains(&person.id),
            _ => true,
        };
        !wanted || blocks.between(person.id, me.0)
    };
    if others.values().any(refuses) {
        return Err(ChatError::CannotMessage);
    }
    Ok(others.into_values().collect())
}

/// # Errors
/// [`ChatError::NotFound`] where one of them does not exist.
async fn accounts_of(tx: &Tx<'_>, targets: &[Target]) -> Result<Vec<account::Model>, ChatError> {
    let mut ids = BTreeSet::new();
    let mut names = BTreeSet::new();
    for target in targets {
        match target {
            Target::Id(id) => drop(ids.insert(id.0)),
            Target::Username(name) => drop(names.insert(username_key(name.trim()))),
        }
    }
    let these = Condition::any()
        .add(account::Column::Id.is_in(ids.iter().copied()))
        .add(account::Column::UsernameKey.is_in(names.iter().cloned()));
    let found = account::Entity::find()
        .filter(these)
        .filter(account::Column::IsActive.eq(true))
        .all(tx.rows())
        .await?;
    let has_id = |id: &Uuid| found.iter().any(|person| person.id == *id);
    let has_name = |name: &String| found.iter().any(|person| person.username_key == *name);
    if !ids.iter().all(has_id) || !names.iter().all(has_name) {
        return Err(ChatError::NotFound);
    }
    Ok(found)
}

/// Those of `people` who follow `followee`.
async fn followers_among(
    tx: &Tx<'_>,
    followee: UserId,
    people: &BTreeSet<Uuid>,
) -> Result<BTreeSet<Uuid>, ChatError> {
    let rows = follow::Entity::find()
        .filter(follow::Column::FolloweeId.eq(followee.0))
        .filter(follow::Column::FollowerId.is_in(people.iter().copied()))
        .all(tx.rows())
        .await?;
    Ok(rows.into_iter().map(|row| row.follower_id).collect())
}

/// Whoever was in this group before is brought back only by somebody they know: they follow the caller,
/// or both have accepted a direct conversation. Otherwise leaving a group would not be for good.
///
/// # Errors
/// [`ChatError::CannotMessage`].
pub(super) async fn may_come_back(
    tx: &Tx<'_>,
    caller: &Caller,
    id: ConversationId,
    people: &[account::Model],
) -> Result<(), ChatError> {
    let rows = membership::Entity::find()
        .filter(membership::Column::ConversationId.eq(id.0))
        .filter(membership::Column::AccountId.is_in(people.iter().map(|person| person.id)))
        .all(tx.rows())
        .await?;
    let mut former: BTreeSet<Uuid> = rows.into_iter().map(|row| row.account_id).collect();
    for follower in followers_among(tx, caller.user_id, &former).await? {
        former.remove(&follower);
    }
    for friend in friends_among(tx, caller.user_id, &former).await? {
        former.remove(&friend);
    }
    if former.is_empty() { Ok(()) } else { Err(ChatError::CannotMessage) }
}

/// Those of `people` who have accepted a direct conversation with `one`, as `one` has.
async fn friends_among(
    tx: &Tx<'_>,
    one: UserId,
    people: &BTreeSet<Uuid>,
) -> Result<Vec<Uuid>, ChatError> {
    let keys = people.iter().map(|other| direct_key(one.0, *other));
    let found = conversation::Entity::find()
        .filter(conversation::Column::DirectKey.is_in(keys))
        .all(tx.rows())
        .await?;
    let ids = found.into_iter().map(|row| ConversationId(row.id)).collect();
    let talks = talks(tx.rows(), &ids).await?;
    let accepted = talks.values().filter(|talk| !talk.is_pending());
    Ok(accepted.filter_map(|talk| talk.other(one)).map(|other| other.account).collect())
}

/// Gives each of them a place where what was said before counts as read.
pub(super) async fn give_places(
    tx: &Tx<'_>,
    id: ConversationId,
    people: &[account::Model],
    last_seq: i64,
) -> Result<(), ChatError> {
    use membership::Column;
    let places = people.iter().map(|person| membership::ActiveModel {
        last_read_seq: Set(last_seq),
        last_delivered_seq: Set(last_seq),
        ..new_place(id, person.id, "active", None)
    });
    // Somebody who comes back finds nothing of the place they had.
    let again = OnConflict::columns([Column::ConversationId, Column::AccountId])
        .update_columns([
            Column::State,
            Column::Role,
            Column::LastReadSeq,
            Column::LastDeliveredSeq,
            Column::MutedUntil,
            Column::JoinedAt,
            Column::HiddenSeq,
            Column::UnreadFromSeq,
            Column::Draft,
            Column::DraftSavedAt,
        ])
        .to_owned();
    membership::Entity::insert_many(places)
        .on_conflict(again)
        .exec_without_returning(tx.rows())
        .await?;
    Ok(())
}

pub(super) async fn set_role(
    tx: &Tx<'_>,
    id: ConversationId,
    account: Uuid,
    role: Role,
) -> Result<(), ChatError> {
    set(tx, id, account, membership::Column::Role, role.as_str()).await
}

/// Takes the place away; a draft goes with it.
pub(super) async fn end_place(
    tx: &Tx<'_>,
    id: ConversationId,
    account: Uuid,
) -> Result<(), ChatError> {
    set_role(tx, id, account, Role::Member).await?;
    set(tx, id, account, membership::Column::State, "left").await
}

async fn set(
    tx: &Tx<'_>,
    id: ConversationId,
    account: Uuid,
    column: membership::Column,
    word: &str,
) -> Result<(), ChatError> {
    membership::Entity::update_many()
        .col_expr(column, Expr::value(word))
        .filter(membership::Column::ConversationId.eq(id.0))
        .filter(membership::Column::AccountId.eq(account))
        .exec(tx.rows())
        .await?;
    Ok(())
}

/// Who has blocked whom in this group.
pub(super) async fn blocks_in(tx: &Tx<'_>, talk: &Talk) -> Result<Blocks, ChatError> {
    Ok(blocks_among(tx.rows(), talk.accounts()).await?)
}

/// The talk without somebody, and the place they had.
pub(super) fn without(talk: &Talk, account: UserId) -> Result<(Talk, Place), ChatError> {
    let gone = talk.member(account)?.clone();
    let mut rest = talk.clone();
    rest.places.retain(|place| place.account != account.0);
    Ok((rest, gone))
}
