//! A new account, signed in.

use entity::account;
use sea_orm::{ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, QueryFilter, Set, SqlErr};
use uuid::Uuid;
use wire::accounts::{Field, FieldIssue, Issues, SignUpForm, username_key};

use super::open_session::{Chain, Origin, SignedIn, open_session};
use super::{AccountError, passwords};
use crate::chat::join_global_room;
use crate::limits::{Limit, network};
use crate::search::index_person;
use crate::{Services, clock, tx::Tx};

/// Makes the account, a place in the global room and a session, all or nothing.
///
/// # Errors
/// Mistakes in the form, a name that is taken, or too many sign-ups from one address.
pub async fn sign_up(
    services: &Services,
    form: &SignUpForm,
    origin: &Origin,
    chains: &[Chain],
) -> Result<SignedIn, AccountError> {
    services.limits.check(Limit::SignUps, network(origin.address)).await?;
    refuse(issues(form))?;
    // Before the costly hash, so that a taken name is told at once; the database decides again below.
    refuse(taken(&services.store.read, form).await?)?;
    let password_hash = services.passwords.hash(form.password.clone()).await?;
    let tx = Tx::begin(&services.store, &services.hub).await?;
    let account = insert_account(&tx, form, password_hash, false).await?;
    join_global_room(&tx, account.id).await?;
    let signed_in = open_session(services, &tx, &account, origin, chains).await?;
    tx.commit().await?;
    services.headcount.one_more();
    Ok(signed_in)
}

/// What the form tells by itself, the list of common passwords included.
pub(crate) fn issues(form: &SignUpForm) -> Issues {
    let mut issues = form.issues();
    let password_is_fine = !issues.iter().any(|(field, _)| *field == Field::Password);
    if password_is_fine && passwords::is_common(&form.password) {
        issues.push((Field::Password, FieldIssue::PasswordTooCommon));
    }
    issues
}

pub(crate) fn refuse(issues: Issues) -> Result<(), AccountError> {
    if issues.is_empty() { Ok(()) } else { Err(AccountError::Invalid(issues)) }
}

pub(crate) async fn insert_account(
    tx: &Tx<'_>,
    form: &SignUpForm,
    password_hash: String,
    is_superuser: bool,
) -> Result<account::Model, AccountError> {
    let row = account::ActiveModel {
        id: Set(Uuid::now_v7()),
        username: Set(form.username.clone()),
        username_key: Set(username_key(&form.username)),
        email: Set(email(form)),
        email_key: Set(email(form).map(|email| email.to_lowercase())),
        password_hash: Set(password_hash),
        is_active: Set(true),
        is_staff: Set(is_superuser),
        is_superuser: Set(is_superuser),
        created_at: Set(clock::now().0),
        last_seen: Set(None),
        show_presence: Set(true),
        show_read_receipts: Set(true),
        who_can_message: Set("everyone".into()),
        ..Default::default()
    };
    let account = row.insert(tx.rows()).await.map_err(unless_taken)?;
    index_person(tx, account.id).await?;
    Ok(account)
}

/// A name or an address that is somebody else's belongs beside its field.
pub(super) fn unless_taken(error: DbErr) -> AccountError {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(which)) => {
            AccountError::Invalid(vec![lost_race(&which)])
        }
        _ => error.into(),
    }
}

/// Somebody else took the name between the look and the insert.
fn lost_race(constraint: &str) -> (Field, FieldIssue) {
    if constraint.contains("email") {
        (Field::Email, FieldIssue::EmailTaken)
    } else {
        (Field::Username, FieldIssue::UsernameTaken)
    }
}

async fn taken(
    rows: &sea_orm::DatabaseConnection,
    form: &SignUpForm,
) -> Result<Issues, AccountError> {
    let mut issues = Issues::new();
    let by_name = account::Column::UsernameKey.eq(username_key(&form.username));
    if account::Entity::find().filter(by_name).one(rows).await?.is_some() {
        issues.push((Field::Username, FieldIssue::UsernameTaken));
    }
    let Some(email) = email(form) else { return Ok(issues) };
    let by_email = account::Column::EmailKey.eq(email.to_lowercase());
    if account::Entity::find().filter(by_email).one(rows).await?.is_some() {
        issues.push((Field::Email, FieldIssue::EmailTaken));
    }
    Ok(issues)
}

fn email(form: &SignUpForm) -> Option<String> {
    let email = form.email.trim();
    (!email.is_empty()).then(|| email.to_owned())
}
