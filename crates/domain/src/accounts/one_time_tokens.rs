//! Tokens that work once: 256 bits that only their receiver holds; the row has their digest.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use entity::one_time_token;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, Set, Statement,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{StoreError, clock, tx::Tx};

/// What a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    PasswordReset,
    SocketTicket,
}

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::PasswordReset => "password_reset",
            Self::SocketTicket => "ws_ticket",
        }
    }
}

/// Whose a token is.
#[derive(Debug, Clone, FromQueryResult)]
pub(super) struct Holder {
    pub(super) account_id: Uuid,
    pub(super) session_id: Option<Uuid>,
    expires_at: i64,
}

impl Holder {
    fn in_time(self) -> Option<Self> {
        (self.expires_at > clock::now().0).then_some(self)
    }
}

/// Makes a token and forgets those of the account that have expired.
pub(super) async fn issue(
    tx: &Tx<'_>,
    purpose: Purpose,
    account_id: Uuid,
    session_id: Option<Uuid>,
    lifetime_ms: i64,
) -> Result<String, StoreError> {
    let now = clock::now().0;
    one_time_token::Entity::delete_many()
        .filter(one_time_token::Column::AccountId.eq(account_id))
        .filter(one_time_token::Column::ExpiresAt.lte(now))
        .exec(tx.rows())
        .await?;
    let text = BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>());
    let row = one_time_token::ActiveModel {
        digest: Set(digest(&text)),
        kind: Set(purpose.as_str().to_owned()),
        account_id: Set(account_id),
        session_id: Set(session_id),
        expires_at: Set(now + lifetime_ms),
    };
    one_time_token::Entity::insert(row).exec_without_returning(tx.rows()).await?;
    Ok(text)
}

/// Whose a token is, which stays good.
pub(super) async fn look_up(
    rows: &impl ConnectionTrait,
    purpose: Purpose,
    text: &str,
) -> Result<Option<Holder>, StoreError> {
    let row = one_time_token::Entity::find_by_id(digest(text))
        .filter(one_time_token::Column::Kind.eq(purpose.as_str()))
        .into_model::<Holder>()
        .one(rows)
        .await?;
    Ok(row.and_then(Holder::in_time))
}

/// Spends a token. Of two who come with the same one at once the database lets one through.
pub(super) async fn spend(
    rows: &impl ConnectionTrait,
    purpose: Purpose,
    text: &str,
) -> Result<Option<Holder>, StoreError> {
    let sql = "DELETE FROM one_time_token WHERE digest = $1 AND kind = $2 \
               RETURNING account_id, session_id, expires_at";
    let values = [digest(text).into(), purpose.as_str().into()];
    let query = Statement::from_sql_and_values(rows.get_database_backend(), sql, values);
    let row = Holder::find_by_statement(query).one(rows).await?;
    Ok(row.and_then(Holder::in_time))
}

/// Makes every token of this kind worthless that the account has.
pub(super) async fn forget(
    tx: &Tx<'_>,
    purpose: Purpose,
    account_id: Uuid,
) -> Result<(), StoreError> {
    one_time_token::Entity::delete_many()
        .filter(one_time_token::Column::AccountId.eq(account_id))
        .filter(one_time_token::Column::Kind.eq(purpose.as_str()))
        .exec(tx.rows())
        .await?;
    Ok(())
}

fn digest(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
