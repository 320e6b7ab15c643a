//! Those who have asked to be let in get an answer.

use wire::UserId;
use wire::activity::Measure;
use wire::communities::{CommunityRight, CommunityRole, Deed, Standing};
use wire::notifications::NewsKind;

use super::CommunityError;
use super::acts::note;
use super::rows::{Held, Which, count_members, hold, person, seat, standing, unseat};
use crate::activity::earn;
use crate::limits::Limit;
use crate::notifications::{Event, tell};
use crate::{Caller, Services, tx::Tx};

/// Lets somebody in who has asked.
///
/// # Errors
/// [`CommunityError::NotFound`] where nobody of that name waits, [`CommunityError::Forbidden`] for those
/// who do not look after the community.
pub async fn accept(
    services: &Services,
    caller: &Caller,
    slug: &str,
    username: &str,
) -> Result<(), CommunityError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let (held, who) = waiting(&tx, caller, slug, username).await?;
    seat(&tx, held.id, who, "active", CommunityRole::Member).await?;
    count_members(&tx, held.id, 1).await?;
    note(&tx, held.id, caller, Deed::Accepted, Some(who), "").await?;
    let event = Event {
        to: who,
        kind: NewsKind::CommunityAccepted,
        by: caller.user_id,
        topic: held.id.0,
        subject: held.id.0,
    };
    tell(&mut tx, event).await?;
    earn(&mut tx, who, Measure::Communities).await?;
    Ok(tx.commit().await?)
}

/// Sends somebody away who has asked; they may ask again.
///
/// # Errors
/// As [`accept`].
pub async fn decline(
    services: &Services,
    caller: &Caller,
    slug: &str,
    username: &str,
) -> Result<(), CommunityError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let tx = Tx::begin(&services.store, &services.hub).await?;
    let (held, who) = waiting(&tx, caller, slug, username).await?;
    unseat(&tx, held.id, who).await?;
    note(&tx, held.id, caller, Deed::Declined, Some(who), "").await?;
    Ok(tx.commit().await?)
}

async fn waiting(
    tx: &Tx<'_>,
    caller: &Caller,
    slug: &str,
    username: &str,
) -> Result<(Held, UserId), CommunityError> {
    let held = hold(tx, Which::Slug(slug), caller).await?;
    held.permit(CommunityRight::AnswerRequests)?;
    let who = person(tx.rows(), username).await?;
    match standing(tx.rows(), held.id, who).await? {
        Standing::Requested => Ok((held, who)),
        _ => Err(CommunityError::NotFound),
    }
}
