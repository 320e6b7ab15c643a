//! An emoji instead of words.

use entity::reaction;
use sea_orm::sea_query::OnConflict;
use sea_orm::{EntityTrait, Set};
use wire::conversations::{REACTIONS_PER_MESSAGE, Reaction, is_reaction};
use wire::live::ServerFrame;
use wire::{ConversationId, MessageId};

use super::message_rows::reactions;
use super::stored_message::StoredMessage;
use super::{ChatError, key_of};
use crate::limits::Limit;
use crate::{Caller, Services, clock, tx::Tx};

/// Adds the caller's reaction, or takes it back; either may be repeated. Answers with the reactions
/// that the message has now, as the caller sees them.
///
/// # Errors
/// [`ChatError::Invalid`] for what is not one emoji, [`ChatError::NotFound`] for a message the caller
/// cannot read, [`ChatError::Unsent`], [`ChatError::TooManyReactions`] for one kind too many; to add:
/// [`ChatError::CannotMessage`] across a block and [`ChatError::Forbidden`] before a request is
/// accepted.
pub async fn react(
    services: &Services,
    caller: &Caller,
    id: MessageId,
    emoji: &str,
    is_added: bool,
) -> Result<Vec<Reaction>, ChatError> {
    if !is_reaction(emoji) {
        return Err(ChatError::Invalid { field: "emoji", why: "A reaction is one emoji." });
    }
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let stored = StoredMessage::find(&tx, caller, id).await?;
    if is_added {
        stored.may_touch()?;
    }
    let before = reactions_now(&tx, &stored, caller).await?;
    if before.iter().any(|kind| kind.emoji == emoji && kind.mine) == is_added {
        return Ok(before);
    }
    if is_added {
        add(&tx, &before, id, caller, emoji).await?;
    } else {
        let place = (id.0, emoji.to_owned(), caller.user_id.0);
        reaction::Entity::delete_by_id(place).exec(tx.rows()).await?;
    }
    stored.count_change(&tx).await?;
    let now = reactions_now(&tx, &stored, caller).await?;
    tell(&mut tx, &stored, caller, emoji, &now, is_added);
    tx.commit_or_find_out(services).await?;
    Ok(now)
}

async fn reactions_now(
    tx: &Tx<'_>,
    stored: &StoredMessage,
    caller: &Caller,
) -> Result<Vec<Reaction>, ChatError> {
    let id = stored.row.id;
    let mut found = reactions(tx.rows(), std::iter::once(id), Some(caller.user_id)).await?;
    Ok(found.remove(&id).unwrap_or_default())
}

async fn add(
    tx: &Tx<'_>,
    before: &[Reaction],
    id: MessageId,
    caller: &Caller,
    emoji: &str,
) -> Result<(), ChatError> {
    let is_new = !before.iter().any(|kind| kind.emoji == emoji);
    if is_new && before.len() >= REACTIONS_PER_MESSAGE {
        return Err(ChatError::TooManyReactions);
    }
    let row = reaction::ActiveModel {
        message_id: Set(id.0),
        emoji: Set(emoji.to_owned()),
        account_id: Set(caller.user_id.0),
        created_at: Set(clock::now().0),
    };
    let once = OnConflict::new().do_nothing().to_owned();
    reaction::Entity::insert(row).on_conflict(once).exec_without_returning(tx.rows()).await?;
    Ok(())
}

fn tell(
    tx: &mut Tx<'_>,
    stored: &StoredMessage,
    caller: &Caller,
    emoji: &str,
    now: &[Reaction],
    is_added: bool,
) {
    let frame = ServerFrame::Reaction {
        conversation_id: key_of(ConversationId(stored.row.conversation_id)),
        message_id: stored.id(),
        seq: stored.row.seq,
        user_id: caller.user_id,
        username: caller.username.clone(),
        emoji: emoji.to_owned(),
        is_added,
        count: now.iter().find(|kind| kind.emoji == emoji).map_or(0, |kind| kind.count),
    };
    stored.tell(tx, &frame);
}
