//! A new password, by somebody who forgot the old one and reads the account's mail.
//!
//! Asking is answered the same whoever asks: the address goes into a job, and only the worker looks
//! whether it is anybody's. The token is made when its mail is, so no row ever holds it.

use entity::account;
use mailer::{Mail, MailError};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use wire::accounts::{Field, FieldIssue, email_issue};

use super::change_password::{new_password_issues, store_password};
use super::one_time_tokens::{Holder, Purpose, forget, issue, look_up, spend};
use super::sign_up::refuse;
use super::{AccountError, Origin, sessions};
use crate::limits::{Limit, network};
use crate::{Services, StoreError, jobs, tx::Tx};

pub(crate) const MAIL_RESET: &str = "mail_password_reset";
const LIFETIME_MS: i64 = 3_600_000;

/// What the worker is told.
#[derive(Debug, Serialize, Deserialize)]
struct Asked {
    email_key: String,
    words: ResetWords,
}

/// The mail in the language of whoever asks, with `{username}`, `{site}` and `{link}` where those
/// are to stand.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ResetWords {
    pub subject: String,
    pub text: String,
}

/// Sends whoever owns `email` a link, if that is anybody. Over its limit an address gets no more
/// mail, and whoever asks is not told.
///
/// # Errors
/// What is no address, or too many questions from one place.
pub async fn request_password_reset(
    services: &Services,
    email: &str,
    words: ResetWords,
    origin: &Origin,
) -> Result<(), AccountError> {
    services.limits.check(Limit::SignIns, network(origin.address)).await?;
    let email = email.trim();
    let missing = email.is_empty().then_some(FieldIssue::Required);
    refuse(
        missing
            .or_else(|| email_issue(email))
            .map(|issue| (Field::Email, issue))
            .into_iter()
            .collect(),
    )?;
    let asked = Asked { email_key: email.to_lowercase(), words };
    if services.limits.check(Limit::Resets, &asked.email_key).await.is_err() {
        tracing::info!("an address was asked about too often: no mail is sent");
        return Ok(());
    }
    let payload = serde_json::to_string(&asked);
    let payload = payload.map_err(|error| AccountError::Failed(error.to_string()))?;
    let tx = Tx::begin(&services.store, &services.hub).await?;
    jobs::enqueue(&tx, MAIL_RESET, payload).await?;
    tx.commit().await?;
    services.due.notify_one();
    Ok(())
}

/// The worker's part. Earlier links stop working when a newer one is made.
pub(crate) async fn mail_reset(services: &Services, payload: &str) -> Result<(), String> {
    let asked: Asked = serde_json::from_str(payload).map_err(|error| error.to_string())?;
    let Some(mail) = compose(services, &asked).await.map_err(|error| error.to_string())? else {
        return Ok(());
    };
    match services.settings.mailer.send(&mail).await {
        Err(MailError::Address) => {
            tracing::warn!("an account's address cannot be mailed to");
            Ok(())
        }
        sent => sent.map_err(|error| error.to_string()),
    }
}

async fn compose(services: &Services, asked: &Asked) -> Result<Option<Mail>, StoreError> {
    let owner = account::Entity::find()
        .filter(account::Column::EmailKey.eq(asked.email_key.as_str()))
        .filter(account::Column::IsActive.eq(true))
        .one(&services.store.read)
        .await?;
    let Some(owner) = owner else { return Ok(None) };
    let tx = Tx::begin(&services.store, &services.hub).await?;
    forget(&tx, Purpose::PasswordReset, owner.id).await?;
    let token = issue(&tx, Purpose::PasswordReset, owner.id, None, LIFETIME_MS).await?;
    tx.commit().await?;
    let site = &services.settings.public_url;
    let link = format!("{site}/password/reset/{token}");
    // No username has braces, so none is taken for a place.
    let text = asked.words.text.replace("{username}", &owner.username);
    let text = text.replace("{site}", site).replace("{link}", &link);
    let to = owner.email.unwrap_or_default();
    Ok(Some(Mail { to, subject: asked.words.subject.clone(), text, unsubscribe: None }))
}

/// Whether a link would still work.
///
/// # Errors
/// Where the database does not answer.
pub async fn is_reset_token(services: &Services, token: &str) -> Result<bool, StoreError> {
    let holder = look_up(&services.store.read, Purpose::PasswordReset, token).await?;
    Ok(holder.is_some())
}

/// Sets a new password with the token of a mail. Every device of the account is signed out.
///
/// # Errors
/// A token that works no more, or a password that cannot be one; the token stays good then.
pub async fn reset_password(
    services: &Services,
    token: &str,
    new: &str,
) -> Result<(), AccountError> {
    let holder = look_up(&services.store.read, Purpose::PasswordReset, token).await?;
    let owner = owner(services, holder).await?;
    refuse(new_password_issues(new, &owner.username))?;
    let password_hash = services.passwords.hash(new.to_owned()).await?;
    let mut tx = Tx::begin(&services.store, &services.hub).await?;
    if spend(tx.rows(), Purpose::PasswordReset, token).await?.is_none() {
        return Err(spent());
    }
    store_password(&tx, owner.id, password_hash).await?;
    sessions::end_all_but(&mut tx, wire::UserId(owner.id), None).await?;
    Ok(tx.commit().await?)
}

async fn owner(
    services: &Services,
    holder: Option<Holder>,
) -> Result<account::Model, AccountError> {
    let holder = holder.ok_or_else(spent)?;
    let owner = account::Entity::find_by_id(holder.account_id).one(&services.store.read).await?;
    owner.filter(|owner| owner.is_active).ok_or_else(spent)
}

fn spent() -> AccountError {
    AccountError::Invalid(vec![(Field::Token, FieldIssue::TokenSpent)])
}
