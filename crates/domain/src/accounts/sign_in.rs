//! Proving who one is.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use entity::account;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use wire::UserId;
use wire::accounts::{EMAIL_MAX, SignInForm, username_key};

use super::AccountError;
use super::open_session::{Chain, Origin, SignedIn, open_session};
use super::sign_up::refuse;
use crate::limits::{Limit, network};
use crate::{Services, tx::Tx};

/// Opens a session for somebody who knows the password.
///
/// `known_device` is what [`known_device_token`] gave this browser earlier: its owner is not locked
/// out by strangers who guess at the account.
///
/// # Errors
/// One answer for an unknown name, a wrong password and a disabled account.
pub async fn sign_in(
    services: &Services,
    form: &SignInForm,
    origin: &Origin,
    known_device: Option<&str>,
    chains: &[Chain],
) -> Result<SignedIn, AccountError> {
    services.limits.check(Limit::SignIns, network(origin.address)).await?;
    refuse(form.issues())?;
    // Longer than any name or address: nobody's, and not worth remembering.
    if form.username.trim().chars().count() > EMAIL_MAX {
        return Err(AccountError::WrongCredentials);
    }
    let account = find(services, form.username.trim()).await?;
    let name = failure_key(services, form, account.as_ref(), known_device);
    let stored = account.as_ref().map(|account| account.password_hash.clone());
    let usable = account.filter(|account| account.is_active);
    let fits = judge(services, &name, form.password.clone(), stored, usable.is_some()).await?;
    let account = usable.filter(|_| fits).ok_or(AccountError::WrongCredentials)?;
    let tx = Tx::begin(&services.store, &services.hub).await?;
    let signed_in = open_session(services, &tx, &account, origin, chains).await?;
    tx.commit().await?;
    Ok(signed_in)
}

/// Whether the password is the stored one, of an account that may be used. The try takes its place among
/// ten an hour before it is judged; only a success gives it back, or that nobody could judge it.
pub(super) async fn judge(
    services: &Services,
    name: &str,
    password: String,
    stored: Option<String>,
    is_usable: bool,
) -> Result<bool, AccountError> {
    let one = services.limits.begin_try(name).await?;
    let judged = services.passwords.verify(password, stored).await;
    if !matches!(judged, Ok(false)) && (is_usable || judged.is_err()) {
        services.limits.succeeded(one).await;
    }
    judged
}

/// What a browser keeps after a sign-in, to be recognised by the next one.
#[must_use]
pub fn known_device_token(services: &Services, user: UserId) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(services.keys.device_mac(user.0.as_bytes()))
}

/// Whether `token` was given to a browser that `user` signed in with.
#[must_use]
pub fn is_known_device(services: &Services, user: UserId, token: &str) -> bool {
    BASE64_URL_SAFE_NO_PAD
        .decode(token)
        .is_ok_and(|tag| services.keys.device_mac_fits(user.0.as_bytes(), &tag))
}

async fn find(services: &Services, name: &str) -> Result<Option<account::Model>, AccountError> {
    // Postgres refuses to be asked for a text that no column can hold; nobody has such a name.
    if name.contains('\0') {
        return Ok(None);
    }
    let named = Condition::any()
        .add(account::Column::UsernameKey.eq(username_key(name)))
        .add(account::Column::EmailKey.eq(name.to_lowercase()));
    Ok(account::Entity::find().filter(named).one(&services.store.read).await?)
}

/// What failures are counted under: the account, apart for its own devices and for strangers.
fn failure_key(
    services: &Services,
    form: &SignInForm,
    account: Option<&account::Model>,
    known_device: Option<&str>,
) -> String {
    let Some(account) = account else { return username_key(form.username.trim()) };
    let known =
        known_device.is_some_and(|token| is_known_device(services, UserId(account.id), token));
    format!("{}{}", account.id, if known { " known" } else { "" })
}
