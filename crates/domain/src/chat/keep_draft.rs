//! What somebody has begun to write.

use entity::membership;
use wire::ConversationKey;
use wire::chat::ContentIssue;

use super::ChatError;
use super::own_place::OwnPlace;
use crate::limits::Limit;
use crate::{Caller, Services, clock, tx::Tx};

/// Keeps the unfinished text of the caller in this conversation, for all of their devices. A text of
/// nothing but white space takes the draft away.
///
/// # Errors
/// [`ChatError::NotFound`] for a conversation that the caller does not belong to,
/// [`ChatError::Content`] for a text that no message can hold.
pub async fn keep_draft(
    services: &Services,
    caller: &Caller,
    key: ConversationKey,
    text: &str,
) -> Result<(), ChatError> {
    let draft = draft_of(text, services.settings.message_max_length)?;
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let mut place = OwnPlace::of(tx.rows(), caller, key).await?;
    if place.row.draft == draft {
        return Ok(());
    }
    let saved_at = draft.is_some().then(|| clock::now().0);
    place.row.draft = draft;
    place.set(&tx, membership::Column::Draft, place.row.draft.clone()).await?;
    place.set(&tx, membership::Column::DraftSavedAt, saved_at).await?;
    place.tell_state(&mut tx, caller);
    Ok(tx.commit().await?)
}

fn draft_of(text: &str, limit: usize) -> Result<Option<String>, ChatError> {
    let length = text.chars().count();
    if text.contains('\0') {
        return Err(ChatError::Content(ContentIssue::Nul));
    }
    if length > limit {
        return Err(ChatError::Content(ContentIssue::TooLong { length, limit }));
    }
    Ok(Some(text).filter(|text| !text.trim().is_empty()).map(str::to_owned))
}
