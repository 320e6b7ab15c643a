//! What somebody can do with a request: accept it, ignore it, or keep its sender away.

use std::collections::BTreeSet;

use entity::membership;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use wire::people::{ReportKind, ReportReason, report_note};
use wire::{ConversationId, UserId};

use super::ChatError;
use super::conversation_broadcasts::{tell_accepted, tell_removed};
use super::talks::{Blocks, Place, Talk, blocks_of, locked_talk};
use super::watchers::{met, parted, whom_one_knows};
use super::write_rules::{activate_places, may_reach};
use crate::limits::Limit;
use crate::people::{file_report, write_block};
use crate::{Caller, Services, tx::Tx};

/// Makes the request a conversation. Only the one it waits for can; accepting again changes nothing.
///
/// # Errors
/// [`ChatError::NotFound`] for a conversation that the caller does not belong to,
/// [`ChatError::Forbidden`] for the sender's own request, [`ChatError::CannotMessage`] across a block.
pub async fn accept_request(
    services: &Services,
    caller: &Caller,
    id: ConversationId,
) -> Result<(), ChatError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let mut talk = locked_talk(tx.rows(), id).await?;
    if !waits_for(&talk, caller)? {
        return Ok(());
    }
    may_reach(&talk, caller.user_id, &blocks_of(tx.rows(), caller.user_id).await?)?;
    activate_places(&tx, &BTreeSet::from([(id, caller.user_id.0)])).await?;
    for place in &mut talk.places {
        place.state = "active".into();
    }
    tell_accepted(&mut tx, &talk, &Blocks::default(), caller.user_id);
    tx.commit().await?;
    let both = talk.accounts().into_iter().map(UserId);
    met(services, [caller.user_id], both);
    Ok(())
}

/// Puts the request out of sight. Its sender never learns of it, and what they still write does not
/// come through.
///
/// # Errors
/// As [`accept_request`].
pub async fn ignore_request(
    services: &Services,
    caller: &Caller,
    id: ConversationId,
) -> Result<(), ChatError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let talk = locked_talk(tx.rows(), id).await?;
    if !waits_for(&talk, caller)? {
        return Err(ChatError::Forbidden);
    }
    decline(&mut tx, id, caller.user_id).await?;
    Ok(tx.commit().await?)
}

/// Ignores the request, blocks its sender, and reports them where a reason is given; all or nothing.
///
/// # Errors
/// As [`accept_request`].
pub async fn block_request(
    services: &Services,
    caller: &Caller,
    id: ConversationId,
    report: Option<(ReportReason, &str)>,
) -> Result<(), ChatError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let talk = locked_talk(tx.rows(), id).await?;
    let sender = sender_of(&talk, caller)?.account;
    let knew = whom_one_knows(&tx, caller.user_id).await?;
    decline(&mut tx, id, caller.user_id).await?;
    write_block(&tx, caller.user_id, UserId(sender)).await?;
    if let Some((reason, note)) = report {
        let note = report_note(note)
            .map_err(|_| ChatError::Invalid { field: "note", why: "This note cannot be kept." })?;
        file_report(&tx, caller.user_id, (ReportKind::Conversation, id.0), reason, note).await?;
    }
    tx.commit().await?;
    parted(services, caller.user_id, knew);
    Ok(())
}

/// Whether the conversation waits for the caller's answer; `false` for one that both have accepted.
fn waits_for(talk: &Talk, caller: &Caller) -> Result<bool, ChatError> {
    let place = talk.reader(caller.user_id)?;
    if !talk.is_direct() || (place.is_active() && talk.is_pending()) {
        return Err(ChatError::Forbidden);
    }
    Ok(!place.is_active())
}

fn sender_of<'t>(talk: &'t Talk, caller: &Caller) -> Result<&'t Place, ChatError> {
    if !waits_for(talk, caller)? {
        return Err(ChatError::Forbidden);
    }
    talk.other(caller.user_id).ok_or(ChatError::NotFound)
}

async fn decline(tx: &mut Tx<'_>, id: ConversationId, who: UserId) -> Result<(), ChatError> {
    membership::Entity::update_many()
        .col_expr(membership::Column::State, Expr::value("declined"))
        .filter(membership::Column::ConversationId.eq(id.0))
        .filter(membership::Column::AccountId.eq(who.0))
        .exec(tx.rows())
        .await?;
    tell_removed(tx, id, who);
    Ok(())
}
