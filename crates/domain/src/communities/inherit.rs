//! What becomes of a community whose owner is gone for good.

use sea_orm::FromQueryResult;
use uuid::Uuid;
use wire::communities::{CommunityRole, Deed};
use wire::{CommunityId, UserId};

use super::CommunityError;
use super::acts::note;
use super::delete::{Acquaintances, end, part};
use super::rows::{Held, Which, all, hold, one, set_role};
use crate::{Caller, Services, tx::Tx};

/// Every community of the leaver's gets another owner: the admin who has been there longest, else such a
/// moderator, else such a member. One without any of them ends.
///
/// # Errors
/// Where the database does not answer. Begun again, it goes on with what is left.
pub(crate) async fn leave_to_heirs(
    services: &Services,
    leaver: &Caller,
) -> Result<(), CommunityError> {
    #[derive(FromQueryResult)]
    struct Row {
        community_id: Uuid,
    }
    let sql = "SELECT community_id FROM community_member WHERE account_id = $1 \
         AND state = 'active' AND role = 'owner' ORDER BY community_id";
    let owned: Vec<Row> = all(&services.store.read, sql, [leaver.user_id.0.into()]).await?;
    for Row { community_id } in owned {
        let mut tx = Tx::begin(&services.store, &services.hub).await?;
        let held = match hold(&tx, Which::Id(CommunityId(community_id)), leaver).await {
            Err(CommunityError::NotFound) => continue,
            held => held?,
        };
        let knew = pass_on(&mut tx, &held, leaver).await?;
        tx.commit().await?;
        part(services, knew);
    }
    Ok(())
}

async fn pass_on(
    tx: &mut Tx<'_>,
    held: &Held,
    leaver: &Caller,
) -> Result<Acquaintances, CommunityError> {
    if held.standing.role() != Some(CommunityRole::Owner) {
        return Ok(Acquaintances::new());
    }
    let Some(heir) = heir(tx, held.id).await? else { return end(tx, held).await };
    // In this order: there is one owner at most, at every moment.
    set_role(tx, held.id, leaver.user_id, CommunityRole::Member).await?;
    set_role(tx, held.id, heir, CommunityRole::Owner).await?;
    note(tx, held.id, leaver, Deed::HandedOver, Some(heir), "").await?;
    Ok(Acquaintances::new())
}

/// Nobody who is about to leave too.
async fn heir(tx: &Tx<'_>, community: CommunityId) -> Result<Option<UserId>, CommunityError> {
    #[derive(FromQueryResult)]
    struct Row {
        account_id: Uuid,
    }
    let sql = "SELECT m.account_id FROM community_member m JOIN account a ON a.id = m.account_id \
         WHERE m.community_id = $1 AND m.state = 'active' AND m.role <> 'owner' AND a.is_active \
         AND a.delete_at IS NULL ORDER BY CASE m.role WHEN 'admin' THEN 0 WHEN 'moderator' THEN 1 \
         ELSE 2 END, m.joined_at, m.account_id LIMIT 1";
    let row: Option<Row> = one(tx.rows(), sql, [community.0.into()]).await?;
    Ok(row.map(|row| UserId(row.account_id)))
}
