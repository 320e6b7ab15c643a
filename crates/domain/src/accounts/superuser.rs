//! The first administrator, made on the command line.

use wire::accounts::SignUpForm;

use super::AccountError;
use super::sign_up::{insert_account, issues, refuse};
use crate::chat::join_global_room;
use crate::{Services, tx::Tx};

/// Makes an account that may administer. The password has no default anywhere.
///
/// # Errors
/// The same mistakes that the sign-up form would show.
pub async fn create_superuser(services: &Services, form: &SignUpForm) -> Result<(), AccountError> {
    refuse(issues(form))?;
    let password_hash = services.passwords.hash(form.password.clone()).await?;
    let tx = Tx::begin(&services.store, &services.hub).await?;
    let account = insert_account(&tx, form, password_hash, true).await?;
    join_global_room(&tx, account.id).await?;
    Ok(tx.commit().await?)
}
