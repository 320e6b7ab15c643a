//! A new password, by somebody who is signed in and knows the old one.

use entity::account;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;
use wire::accounts::{Field, FieldIssue, Issues, password_issue};

use super::one_time_tokens::{Purpose, forget};
use super::sign_in::judge;
use super::sign_up::refuse;
use super::{AccountError, Caller, passwords, sessions};
use crate::{Services, tx::Tx};

/// Replaces the caller's password and ends every other device of theirs.
///
/// # Errors
/// The old password is another one, or the new one cannot be one.
pub async fn change_password(
    services: &Services,
    caller: &Caller,
    current: &str,
    new: &str,
) -> Result<(), AccountError> {
    let mut issues = new_password_issues(new, &caller.username);
    if current.is_empty() {
        issues.insert(0, (Field::CurrentPassword, FieldIssue::Required));
    }
    refuse(issues)?;
    prove(services, caller, current).await?;
    let password_hash = services.passwords.hash(new.to_owned()).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    store_password(&tx, caller.user_id.0, password_hash).await?;
    sessions::end_all_but(&mut tx, caller.user_id, Some(caller.session_id)).await?;
    Ok(tx.commit().await?)
}

/// Guessing here is counted like guessing at the door.
pub(super) async fn prove(
    services: &Services,
    caller: &Caller,
    current: &str,
) -> Result<(), AccountError> {
    let key = format!("{} inside", caller.user_id.0);
    let account = account::Entity::find_by_id(caller.user_id.0).one(&services.store.read).await?;
    let stored = account.map(|account| account.password_hash);
    if judge(services, &key, current.to_owned(), stored, true).await? {
        return Ok(());
    }
    refuse(vec![(Field::CurrentPassword, FieldIssue::PasswordWrong)])
}

/// What is wrong with a password that is to replace another.
pub(super) fn new_password_issues(new: &str, username: &str) -> Issues {
    let common = || passwords::is_common(new).then_some(FieldIssue::PasswordTooCommon);
    let issue = password_issue(new, username).or_else(common);
    issue.map(|issue| (Field::NewPassword, issue)).into_iter().collect()
}

/// Links that were mailed before work no more.
pub(super) async fn store_password(
    tx: &Tx<'_>,
    account_id: Uuid,
    password_hash: String,
) -> Result<(), AccountError> {
    account::Entity::update_many()
        .col_expr(account::Column::PasswordHash, Expr::value(password_hash))
        .filter(account::Column::Id.eq(account_id))
        .exec(tx.rows())
        .await?;
    Ok(forget(tx, Purpose::PasswordReset, account_id).await?)
}
