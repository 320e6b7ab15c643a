//! Giving an account up, and taking it back within two weeks.

use entity::account;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use wire::UnixMillis;
use wire::accounts::{Field, FieldIssue};

use super::change_password::prove;
use super::remove_account::plan_removal;
use super::sign_up::refuse;
use super::{AccountError, Caller, sessions};
use crate::{Services, clock, tx::Tx};

/// How long an account can be taken back, in milliseconds.
const GRACE_MS: i64 = 14 * 24 * 3600 * 1000;

/// The caller's account is out of sight at once, signed out everywhere, and gone after two weeks unless
/// it is taken back; answers with when that will be.
///
/// # Errors
/// Another password, or a database that does not answer.
pub async fn give_up_account(
    services: &Services,
    caller: &Caller,
    current: &str,
) -> Result<UnixMillis, AccountError> {
    if current.is_empty() {
        refuse(vec![(Field::CurrentPassword, FieldIssue::Required)])?;
    }
    prove(services, caller, current).await?;
    let at = clock::now().0 + GRACE_MS;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    set_end(&tx, caller, Some(at)).await?;
    plan_removal(&tx, caller.user_id, at).await?;
    sessions::end_all_but(&mut tx, caller.user_id, None).await?;
    tx.commit().await?;
    Ok(UnixMillis(at))
}

/// Takes the account back: everything is as it was.
///
/// # Errors
/// Where the database does not answer.
pub async fn take_account_back(services: &Services, caller: &Caller) -> Result<(), AccountError> {
    let tx = Tx::begin(&services.store, &services.hub).await?;
    set_end(&tx, caller, None).await?;
    Ok(tx.commit().await?)
}

async fn set_end(tx: &Tx<'_>, caller: &Caller, at: Option<i64>) -> Result<(), AccountError> {
    account::Entity::update_many()
        .col_expr(account::Column::DeleteAt, Expr::value(at))
        .filter(account::Column::Id.eq(caller.user_id.0))
        .exec(tx.rows())
        .await?;
    Ok(())
}
