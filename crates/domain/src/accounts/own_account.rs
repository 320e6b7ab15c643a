//! Somebody's own account, as they see and change it.

use entity::account;
use sea_orm::{ActiveModelTrait, EntityTrait, Set};
use wire::accounts::{Field, FieldIssue, OwnAccount, OwnChanges};
use wire::{MediaId, UnixMillis, UserId};

use super::change_password::prove;
use super::one_time_tokens::{Purpose, forget};
use super::sign_up::{refuse, unless_taken};
use super::{AccountError, Caller};
use crate::limits::Limit;
use crate::search::index_person;
use crate::{Services, tx::Tx};

/// What the caller sees of their own account.
///
/// # Errors
/// Where the database does not answer.
pub async fn own_account(services: &Services, caller: &Caller) -> Result<OwnAccount, AccountError> {
    let row = account::Entity::find_by_id(caller.user_id.0).one(&services.store.read).await?;
    row.map(view).ok_or(AccountError::NotFound)
}

/// Changes what is given and answers with the whole.
///
/// Whoever has the address has the account, by way of a reset: changing it takes the password.
///
/// # Errors
/// Mistakes beside their fields, an address that is somebody else's, or another password.
pub async fn change_own_account(
    services: &Services,
    caller: &Caller,
    changes: &OwnChanges,
) -> Result<OwnAccount, AccountError> {
    refuse(changes.issues())?;
    let own = own_account(services, caller).await?;
    if *changes == OwnChanges::default() {
        return Ok(own);
    }
    let new_address = changes.email.as_deref().map(str::trim);
    if new_address.is_some_and(|new| new != own.email) {
        prove_for_address(services, caller, changes.current_password.as_deref()).await?;
    }
    services.limits.check(Limit::Acts, caller.user_id.0).await?;
    let tx = Tx::begin(&services.store, &services.hub).await?;
    let row = changed(caller, changes).update(tx.rows()).await.map_err(unless_taken)?;
    if changes.email.is_some() {
        // A link that went to the old address is nobody's any more.
        forget(&tx, Purpose::PasswordReset, row.id).await?;
    }
    index_person(&tx, row.id).await?;
    tx.commit().await?;
    Ok(view(row))
}

async fn prove_for_address(
    services: &Services,
    caller: &Caller,
    current: Option<&str>,
) -> Result<(), AccountError> {
    match current.filter(|current| !current.is_empty()) {
        Some(current) => prove(services, caller, current).await,
        None => refuse(vec![(Field::CurrentPassword, FieldIssue::Required)]),
    }
}

fn changed(caller: &Caller, changes: &OwnChanges) -> account::ActiveModel {
    let mut row = account::ActiveModel { id: Set(caller.user_id.0), ..Default::default() };
    if let Some(email) = &changes.email {
        let email = Some(email.trim()).filter(|email| !email.is_empty());
        row.email = Set(email.map(str::to_owned));
        row.email_key = Set(email.map(str::to_lowercase));
    }
    let texts = [
        (&changes.first_name, &mut row.first_name),
        (&changes.last_name, &mut row.last_name),
        (&changes.bio, &mut row.bio),
    ];
    for (text, column) in texts {
        if let Some(text) = text {
            *column = Set(text.trim().to_owned());
        }
    }
    row
}

fn view(row: account::Model) -> OwnAccount {
    OwnAccount {
        id: UserId(row.id),
        username: row.username,
        email: row.email.unwrap_or_default(),
        first_name: row.first_name,
        last_name: row.last_name,
        bio: row.bio,
        avatar: row.avatar_id.map(MediaId),
        banner: row.banner_id.map(MediaId),
        delete_at: row.delete_at.map(UnixMillis),
        created_at: UnixMillis(row.created_at),
    }
}
