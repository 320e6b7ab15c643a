//! What the verbs have in common: SQL in one line, a community that is held, and places in it.

use entity::account;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, QueryFilter,
    Statement, Value,
};
use uuid::Uuid;
use wire::accounts::username_key;
use wire::communities::{CommunityRight, CommunityRole, Standing};
use wire::{CommunityId, ConversationId, UserId};

use super::CommunityError;
use crate::{Caller, clock, tx::Tx};

/// How many rows a statement changed.
pub(super) async fn execute(
    rows: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<u64, DbErr> {
    let statement = Statement::from_sql_and_values(rows.get_database_backend(), sql, values);
    Ok(rows.execute_raw(statement).await?.rows_affected())
}

/// Every row that a query finds.
pub(super) async fn all<T: FromQueryResult>(
    rows: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<T>, DbErr> {
    let query = Statement::from_sql_and_values(rows.get_database_backend(), sql, values);
    T::find_by_statement(query).all(rows).await
}

/// The first row that a query finds.
pub(super) async fn one<T: FromQueryResult>(
    rows: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Option<T>, DbErr> {
    let query = Statement::from_sql_and_values(rows.get_database_backend(), sql, values);
    T::find_by_statement(query).one(rows).await
}

/// The one number that a query asks for as `n`.
pub(super) async fn number(
    rows: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<i64, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        n: i64,
    }
    Ok(one::<Row>(rows, sql, values).await?.map_or(0, |row| row.n))
}

/// A community whose row nobody else changes until the transaction ends.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) id: CommunityId,
    pub(super) name: String,
    pub(super) is_private: bool,
    pub(super) slow_mode_seconds: i32,
    pub(super) room: Option<ConversationId>,
    /// The caller's.
    pub(super) standing: Standing,
}

#[derive(FromQueryResult)]
struct HeldRow {
    id: Uuid,
    name: String,
    is_private: bool,
    slow_mode_seconds: i32,
    conversation_id: Option<Uuid>,
}

impl Held {
    /// The caller's role, where it allows this.
    pub(super) fn permit(&self, right: CommunityRight) -> Result<CommunityRole, CommunityError> {
        let role = self.standing.role().filter(|role| role.may(right));
        role.ok_or(CommunityError::Forbidden)
    }
}

/// Which community.
pub(super) enum Which<'a> {
    Slug(&'a str),
    Id(CommunityId),
}

/// Holds the community, and reads it and the caller's place afterwards: what was read before the wait for
/// the row could be old.
///
/// # Errors
/// [`CommunityError::NotFound`] where there is none.
pub(super) async fn hold(
    tx: &Tx<'_>,
    which: Which<'_>,
    caller: &Caller,
) -> Result<Held, CommunityError> {
    let (column, value): (_, Value) = match which {
        // No database has such a text.
        Which::Slug(slug) if slug.contains('\0') => return Err(CommunityError::NotFound),
        Which::Slug(slug) => ("slug", slug.into()),
        Which::Id(id) => ("id", id.0.into()),
    };
    if tx.rows().get_database_backend() == DbBackend::Postgres {
        let sql = format!("SELECT 1 FROM community WHERE {column} = $1 FOR UPDATE");
        execute(tx.rows(), &sql, [value.clone()]).await?;
    }
    let sql = format!(
        "SELECT id, name, is_private, slow_mode_seconds, conversation_id FROM community \
         WHERE {column} = $1"
    );
    let row: Option<HeldRow> = one(tx.rows(), &sql, [value]).await?;
    let row = row.ok_or(CommunityError::NotFound)?;
    let id = CommunityId(row.id);
    Ok(Held {
        id,
        name: row.name,
        is_private: row.is_private,
        slow_mode_seconds: row.slow_mode_seconds,
        room: row.conversation_id.map(ConversationId),
        standing: standing(tx.rows(), id, caller.user_id).await?,
    })
}

/// What `state` and `role` say together.
pub(super) fn standing_of(state: Option<&str>, role: Option<&str>) -> Standing {
    match state {
        Some("active") => {
            let role = role.and_then(CommunityRole::from_word);
            Standing::Member(role.unwrap_or(CommunityRole::Member))
        }
        Some("requested") => Standing::Requested,
        Some(_) => Standing::Banned,
        None => Standing::Stranger,
    }
}

pub(super) async fn standing(
    rows: &impl ConnectionTrait,
    community: CommunityId,
    who: UserId,
) -> Result<Standing, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        state: String,
        role: String,
    }
    let sql =
        "SELECT state, role FROM community_member WHERE community_id = $1 AND account_id = $2";
    let row: Option<Row> = one(rows, sql, [community.0.into(), who.0.into()]).await?;
    Ok(row.map_or(Standing::Stranger, |row| standing_of(Some(&row.state), Some(&row.role))))
}

/// Gives somebody this place, whatever they had before.
pub(super) async fn seat(
    tx: &Tx<'_>,
    community: CommunityId,
    who: UserId,
    state: &str,
    role: CommunityRole,
) -> Result<(), DbErr> {
    let sql = "INSERT INTO community_member (community_id, account_id, role, state, joined_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (community_id, account_id) \
         DO UPDATE SET role = excluded.role, state = excluded.state, joined_at = excluded.joined_at";
    let now = clock::now().0;
    if state == "banned" {
        end_invitations(tx, community, who).await?;
    }
    let values: [Value; 5] =
        [community.0.into(), who.0.into(), role.as_str().into(), state.into(), now.into()];
    execute(tx.rows(), sql, values).await.map(drop)
}

/// Gives a member another role. One that may invite nobody ends what they have sent out.
pub(super) async fn set_role(
    tx: &Tx<'_>,
    community: CommunityId,
    who: UserId,
    role: CommunityRole,
) -> Result<(), DbErr> {
    let sql = "UPDATE community_member SET role = $3 WHERE community_id = $1 AND account_id = $2";
    let values: [Value; 3] = [community.0.into(), who.0.into(), role.as_str().into()];
    execute(tx.rows(), sql, values).await?;
    if role.may(CommunityRight::Invite) {
        return Ok(());
    }
    end_invitations(tx, community, who).await
}

/// The links that somebody has made let nobody in any more, whatever they become later.
async fn end_invitations(tx: &Tx<'_>, community: CommunityId, who: UserId) -> Result<(), DbErr> {
    let sql = "DELETE FROM community_invite WHERE community_id = $1 AND created_by = $2";
    execute(tx.rows(), sql, [community.0.into(), who.0.into()]).await.map(drop)
}

/// Takes somebody's place away, and the invitations that they have sent out.
pub(super) async fn unseat(tx: &Tx<'_>, community: CommunityId, who: UserId) -> Result<(), DbErr> {
    end_invitations(tx, community, who).await?;
    let sql = "DELETE FROM community_member WHERE community_id = $1 AND account_id = $2";
    execute(tx.rows(), sql, [community.0.into(), who.0.into()]).await.map(drop)
}

/// One more member, or one less.
pub(super) async fn count_members(
    tx: &Tx<'_>,
    community: CommunityId,
    change: i64,
) -> Result<(), DbErr> {
    let sql = "UPDATE community SET members_count = members_count + $2 WHERE id = $1";
    execute(tx.rows(), sql, [community.0.into(), change.into()]).await.map(drop)
}

/// Somebody by their name.
pub(super) async fn person(
    rows: &impl ConnectionTrait,
    username: &str,
) -> Result<UserId, CommunityError> {
    let found = account::Entity::find()
        .filter(account::Column::UsernameKey.eq(username_key(username.trim())))
        .filter(account::Column::IsActive.eq(true))
        .one(rows)
        .await?;
    found.map(|row| UserId(row.id)).ok_or(CommunityError::NotFound)
}
