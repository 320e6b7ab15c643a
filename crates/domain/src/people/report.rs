//! Something wrong, for the moderators to look at.

use entity::{account, membership, message, report};
use sea_orm::sea_query::OnConflict;
use sea_orm::{EntityTrait, Set};
use uuid::Uuid;
use wire::UserId;
use wire::people::{Report, ReportKind, ReportReason, report_note};

use super::PeopleError;
use crate::chat::GLOBAL_ROOM;
use crate::limits::Limit;
use crate::{Caller, Services, StoreError, clock, tx::Tx};

/// Files a report. A second one by the same person about the same thing changes nothing.
///
/// # Errors
/// [`PeopleError::NotFound`] for what the caller cannot see, [`PeopleError::Invalid`] for a note that is
/// too long and for oneself.
pub async fn report(
    services: &Services,
    caller: &Caller,
    report: &Report,
) -> Result<(), PeopleError> {
    let note = report_note(report.note.as_deref().unwrap_or_default()).map_err(|_| {
        PeopleError::Invalid { field: "note", why: "A note has at most 1000 characters." }
    })?;
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let tx = Tx::begin(&services.store, &services.hub).await?;
    if !can_see(&tx, caller, report).await? {
        return Err(PeopleError::NotFound);
    }
    file_report(&tx, caller.user_id, (report.kind, report.id), report.reason, note).await?;
    Ok(tx.commit().await?)
}

async fn can_see(tx: &Tx<'_>, caller: &Caller, report: &Report) -> Result<bool, PeopleError> {
    match report.kind {
        ReportKind::User if report.id == caller.user_id.0 => {
            Err(PeopleError::Invalid { field: "id", why: "This is yourself." })
        }
        ReportKind::User => {
            Ok(account::Entity::find_by_id(report.id).one(tx.rows()).await?.is_some())
        }
        ReportKind::Conversation => is_in(tx, caller, report.id).await,
        ReportKind::Message => match message::Entity::find_by_id(report.id).one(tx.rows()).await? {
            Some(row) => is_in(tx, caller, row.conversation_id).await,
            None => Ok(false),
        },
    }
}

async fn is_in(tx: &Tx<'_>, caller: &Caller, conversation: Uuid) -> Result<bool, PeopleError> {
    let place = (conversation, caller.user_id.0);
    let row = membership::Entity::find_by_id(place).one(tx.rows()).await?;
    let is_readable = conversation == GLOBAL_ROOM.0;
    Ok(is_readable || row.is_some_and(|row| matches!(row.state.as_str(), "active" | "requested")))
}

/// `note` has passed [`report_note`].
pub(crate) async fn file_report(
    tx: &Tx<'_>,
    reporter: UserId,
    (kind, target): (ReportKind, Uuid),
    reason: ReportReason,
    note: &str,
) -> Result<(), StoreError> {
    let row = report::ActiveModel {
        id: Set(Uuid::now_v7()),
        reporter_id: Set(reporter.0),
        kind: Set(kind.as_str().into()),
        target_id: Set(target),
        reason: Set(reason.as_str().into()),
        note: Set(note.into()),
        state: Set("open".into()),
        created_at: Set(clock::now().0),
    };
    let once = OnConflict::new().do_nothing().to_owned();
    report::Entity::insert(row).on_conflict(once).exec_without_returning(tx.rows()).await?;
    Ok(())
}
