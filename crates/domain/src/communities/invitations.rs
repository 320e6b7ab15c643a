//! Links that let people in. A link holds 256 bits that only whoever has it knows; the row has their
//! digest.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use wire::communities::{
    Community, CommunityRight, Deed, INVITATION_DAYS_MAX, INVITATION_USES_MAX, Invitation, Joined,
    Standing,
};
use wire::{CommunityId, UnixMillis};

use super::CommunityError;
use super::acts::note;
use super::join::take_in;
use super::lists::seen;
use super::rows::{Which, all, execute, hold, number};
use crate::limits::Limit;
use crate::{Caller, Services, clock, tx::Tx};

const DAY: i64 = 24 * 3600 * 1000;
/// In SQL, what a link is good for: the one of a digest (`$1`) into a community (`$2`) at a time (`$3`),
/// while its maker has an account. With their role it is deleted.
const GOOD: &str = "digest = $1 AND community_id = $2 AND expires_at > $3 AND uses_left > 0 \
    AND EXISTS (SELECT 1 FROM account a WHERE a.id = created_by AND a.is_active)";

/// A new invitation, with what its link ends in. It is told this once.
#[derive(Debug, Clone)]
pub struct Invited {
    pub token: String,
    pub expires_at: UnixMillis,
}

/// Makes a link that lets `uses` people in within `days` days.
///
/// # Errors
/// [`CommunityError::NotFound`], [`CommunityError::Forbidden`] for those who do not look after the
/// community, [`CommunityError::Invalid`] with the field.
pub async fn invite(
    services: &Services,
    caller: &Caller,
    slug: &str,
    days: i64,
    uses: i32,
) -> Result<Invited, CommunityError> {
    if !(1..=INVITATION_DAYS_MAX).contains(&days) {
        let why = "An invitation is good for 1 to 30 days.";
        return Err(CommunityError::Invalid { field: "days", why });
    }
    if !(1..=INVITATION_USES_MAX).contains(&uses) {
        let why = "An invitation lets 1 to 1000 people in.";
        return Err(CommunityError::Invalid { field: "uses", why });
    }
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let tx = Tx::begin(&services.store, &services.hub).await?;
    let held = hold(&tx, Which::Slug(slug), caller).await?;
    held.permit(CommunityRight::Invite)?;
    let expires_at = clock::now().0 + days * DAY;
    let token = issue(&tx, held.id, caller, expires_at, uses).await?;
    note(&tx, held.id, caller, Deed::Invited, None, &uses.to_string()).await?;
    tx.commit().await?;
    Ok(Invited { token, expires_at: UnixMillis(expires_at) })
}

/// Writes a new one down and forgets those of the community that are over.
async fn issue(
    tx: &Tx<'_>,
    community: CommunityId,
    caller: &Caller,
    expires_at: i64,
    uses: i32,
) -> Result<String, CommunityError> {
    let now = clock::now().0;
    let over = "DELETE FROM community_invite WHERE community_id = $1 \
         AND (expires_at <= $2 OR uses_left = 0)";
    execute(tx.rows(), over, [community.0.into(), now.into()]).await?;
    let token = BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
    let sql = "INSERT INTO community_invite (digest, id, community_id, created_by, created_at, \
         expires_at, uses_left) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let values: [Value; 7] = [
        digest(&token).into(),
        Uuid::now_v7().into(),
        community.0.into(),
        caller.user_id.0.into(),
        now.into(),
        expires_at.into(),
        uses.into(),
    ];
    execute(tx.rows(), sql, values).await?;
    Ok(token)
}

fn digest(token: &str) -> String {
    Sha256::digest(token.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Those that still let somebody in, the newest first, at most a hundred.
///
/// # Errors
/// [`CommunityError::NotFound`], [`CommunityError::Forbidden`] for those who do not look after the
/// community.
pub async fn invitations(
    services: &Services,
    caller: &Caller,
    slug: &str,
) -> Result<Vec<Invitation>, CommunityError> {
    #[derive(FromQueryResult)]
    struct Row {
        id: Uuid,
        username: String,
        created_at: i64,
        expires_at: i64,
        uses_left: i32,
    }
    let rows = &services.store.read;
    let seen = seen(rows, Some(caller), slug).await?;
    if !seen.standing.role().is_some_and(|role| role.may(CommunityRight::Invite)) {
        return Err(CommunityError::Forbidden);
    }
    let sql = "SELECT i.id, a.username, i.created_at, i.expires_at, i.uses_left \
         FROM community_invite i JOIN account a ON a.id = i.created_by \
         WHERE i.community_id = $1 AND i.expires_at > $2 AND i.uses_left > 0 AND a.is_active \
         ORDER BY i.created_at DESC, i.id LIMIT 100";
    let found: Vec<Row> = all(rows, sql, [seen.id.0.into(), clock::now().0.into()]).await?;
    let view = |row: Row| Invitation {
        id: row.id,
        by: row.username,
        created_at: UnixMillis(row.created_at),
        expires_at: UnixMillis(row.expires_at),
        uses_left: row.uses_left,
    };
    Ok(found.into_iter().map(view).collect())
}

/// Makes a link worthless.
///
/// # Errors
/// [`CommunityError::NotFound`] where there is no such invitation, [`CommunityError::Forbidden`] for those
/// who do not look after the community.
pub async fn take_invitation_back(
    services: &Services,
    caller: &Caller,
    slug: &str,
    id: Uuid,
) -> Result<(), CommunityError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let tx = Tx::begin(&services.store, &services.hub).await?;
    let held = hold(&tx, Which::Slug(slug), caller).await?;
    held.permit(CommunityRight::Invite)?;
    let sql = "DELETE FROM community_invite WHERE community_id = $1 AND id = $2";
    if execute(tx.rows(), sql, [held.id.0.into(), id.into()]).await? == 0 {
        return Err(CommunityError::NotFound);
    }
    note(&tx, held.id, caller, Deed::TookInvitationBack, None, "").await?;
    Ok(tx.commit().await?)
}

/// The community that a link leads into; the link is not used up by looking.
///
/// # Errors
/// [`CommunityError::NotFound`] where the link is none, is used up or too old.
pub async fn invitation(
    services: &Services,
    caller: Option<&Caller>,
    slug: &str,
    token: &str,
) -> Result<Community, CommunityError> {
    let rows = &services.store.read;
    let community = seen(rows, caller, slug).await?;
    if is_good(rows, community.id, token).await? {
        Ok(community)
    } else {
        Err(CommunityError::NotFound)
    }
}

async fn is_good(
    rows: &impl ConnectionTrait,
    community: CommunityId,
    token: &str,
) -> Result<bool, CommunityError> {
    let sql = format!("SELECT COUNT(*) AS n FROM community_invite WHERE {GOOD}");
    let values: [Value; 3] = [digest(token).into(), community.0.into(), clock::now().0.into()];
    Ok(number(rows, &sql, values).await? > 0)
}

/// The caller joins by a link, at once even where the community is private. Members do not use it up.
///
/// # Errors
/// [`CommunityError::NotFound`] where the link is none, is used up or too old,
/// [`CommunityError::Forbidden`] for those who are banned.
pub async fn accept_invitation(
    services: &Services,
    caller: &Caller,
    slug: &str,
    token: &str,
) -> Result<Joined, CommunityError> {
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    let held = hold(&tx, Which::Slug(slug), caller).await?;
    match held.standing {
        Standing::Member(role) => return Ok(Joined::Member(role)),
        Standing::Banned => return Err(CommunityError::Forbidden),
        Standing::Requested | Standing::Stranger => {}
    }
    let sql = format!("UPDATE community_invite SET uses_left = uses_left - 1 WHERE {GOOD}");
    let values: [Value; 3] = [digest(token).into(), held.id.0.into(), clock::now().0.into()];
    if execute(tx.rows(), &sql, values).await? == 0 {
        return Err(CommunityError::NotFound);
    }
    let joined = take_in(&mut tx, &held, caller).await?;
    tx.commit().await?;
    Ok(joined)
}
