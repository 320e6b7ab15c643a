//! Coming into a community.

use sea_orm::FromQueryResult;
use uuid::Uuid;
use wire::activity::Measure;
use wire::communities::{CommunityRole, Joined, Standing};
use wire::notifications::NewsKind;
use wire::{CommunityId, UserId};

use super::CommunityError;
use super::rows::{Held, Which, all, count_members, hold, seat};
use crate::activity::earn;
use crate::limits::Limit;
use crate::notifications::{Event, tell};
use crate::{Caller, Services, tx::Tx};

/// People who are told of one request.
const ASKED: i64 = 20;

/// The caller joins a public community at once, and asks a private one to be let in. Whoever is in it or
/// has asked stays as they are.
///
/// # Errors
/// [`CommunityError::NotFound`], [`CommunityError::Forbidden`] for those who are banned.
pub async fn join(
    services: &Services,
    caller: &Caller,
    slug: &str,
) -> Result<Joined, CommunityError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let held = hold(&tx, Which::Slug(slug), caller).await?;
    let joined = match held.standing {
        Standing::Banned => return Err(CommunityError::Forbidden),
        Standing::Member(role) => return Ok(Joined::Member(role)),
        Standing::Requested if held.is_private => return Ok(Joined::Requested),
        Standing::Requested | Standing::Stranger if held.is_private => {
            ask(&mut tx, &held, caller).await?
        }
        Standing::Requested | Standing::Stranger => take_in(&mut tx, &held, caller).await?,
    };
    tx.commit().await?;
    Ok(joined)
}

async fn ask(tx: &mut Tx<'_>, held: &Held, caller: &Caller) -> Result<Joined, CommunityError> {
    seat(tx, held.id, caller.user_id, "requested", CommunityRole::Member).await?;
    for moderator in moderators(tx, held.id).await? {
        let event = Event {
            to: UserId(moderator),
            kind: NewsKind::CommunityRequest,
            by: caller.user_id,
            topic: held.id.0,
            subject: held.id.0,
        };
        tell(tx, event).await?;
    }
    Ok(Joined::Requested)
}

/// Those who may answer, at most [`ASKED`], those who have been here longest first.
async fn moderators(tx: &Tx<'_>, community: CommunityId) -> Result<Vec<Uuid>, CommunityError> {
    #[derive(FromQueryResult)]
    struct Row {
        account_id: Uuid,
    }
    let sql = "SELECT account_id FROM community_member WHERE community_id = $1 AND state = 'active' \
         AND role <> 'member' ORDER BY joined_at LIMIT $2";
    let found: Vec<Row> = all(tx.rows(), sql, [community.0.into(), ASKED.into()]).await?;
    Ok(found.into_iter().map(|row| row.account_id).collect())
}

/// Makes the caller a member, who is none.
pub(super) async fn take_in(
    tx: &mut Tx<'_>,
    held: &Held,
    caller: &Caller,
) -> Result<Joined, CommunityError> {
    seat(tx, held.id, caller.user_id, "active", CommunityRole::Member).await?;
    count_members(tx, held.id, 1).await?;
    earn(tx, caller.user_id, Measure::Communities).await?;
    Ok(Joined::Member(CommunityRole::Member))
}
