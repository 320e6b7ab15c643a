//! People and their signed-in devices.

mod authenticate;
mod change_password;
mod give_up;
mod one_time_tokens;
mod open_session;
mod own_account;
mod passwords;
mod refresh;
mod remove_account;
mod reset_password;
mod session_reader;
mod sessions;
mod sign_in;
mod sign_up;
mod socket_tickets;
mod superuser;

pub use authenticate::{TokenFault, authenticate, is_live, is_still_live};
pub use change_password::change_password;
pub use give_up::{give_up_account, take_account_back};
pub use open_session::{Chain, Origin, SignedIn, TokenPair};
pub use own_account::{change_own_account, own_account};
pub(crate) use passwords::Passwords;
pub use refresh::refresh;
pub(crate) use remove_account::{REMOVE_ACCOUNT, remove_account};
pub(crate) use reset_password::{MAIL_RESET, mail_reset};
pub use reset_password::{ResetWords, is_reset_token, request_password_reset, reset_password};
pub(crate) use session_reader::SessionReader;
pub use sessions::{list_sessions, revoke_other_sessions, revoke_session, sign_out};
pub use sign_in::{is_known_device, known_device_token, sign_in};
pub use sign_up::sign_up;
pub use socket_tickets::{TICKET_SECONDS, issue_ticket, redeem_ticket};
pub use superuser::create_superuser;

use wire::accounts::{Field, FieldIssue, Issues, Viewer};
use wire::chat::Author;
use wire::{ErrorCode, MediaId, Problem, SessionId, UserId};

use crate::StoreError;
use crate::limits::Wait;

/// Who asks, as the door that let them in has established it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub user_id: UserId,
    pub username: String,
    pub is_staff: bool,
    pub session_id: SessionId,
    /// The picture that they show of themselves.
    pub avatar: Option<MediaId>,
}

impl Caller {
    #[must_use]
    pub fn viewer(&self) -> Viewer {
        Viewer { id: self.user_id, username: self.username.clone(), is_staff: self.is_staff }
    }

    #[must_use]
    pub fn author(&self) -> Author {
        Author::new(self.user_id, self.username.clone()).with_avatar(self.avatar)
    }
}

/// Why an account verb refused.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Something in the form is wrong; each entry belongs beside its field.
    #[error("the form has mistakes")]
    Invalid(Issues),
    /// No such account, wrong password or a disabled account: which one is never told.
    #[error("wrong username or password")]
    WrongCredentials,
    #[error("too many tries")]
    TooManyTries { retry_after_ms: u64 },
    /// Not there, or not the caller's.
    #[error("not found")]
    NotFound,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}")]
    Failed(String),
}

impl From<Wait> for AccountError {
    fn from(Wait(retry_after_ms): Wait) -> Self {
        Self::TooManyTries { retry_after_ms }
    }
}

impl From<sea_orm::DbErr> for AccountError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Store(error.into())
    }
}

impl AccountError {
    /// The mistakes beside their fields, as a form shows them.
    #[must_use]
    pub fn issues(&self) -> Issues {
        match self {
            Self::Invalid(issues) => issues.clone(),
            Self::WrongCredentials => vec![(Field::Password, FieldIssue::CredentialsWrong)],
            Self::TooManyTries { .. } => vec![(Field::Password, FieldIssue::TryLater)],
            _ => Issues::new(),
        }
    }
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Invalid(issues) => invalid(&issues),
            AccountError::WrongCredentials => {
                Self::new(ErrorCode::InvalidCredentials, "Wrong username or password.")
            }
            AccountError::TooManyTries { retry_after_ms } => {
                Self::new(ErrorCode::RateLimited, "Too many tries. Wait a moment.")
                    .retry_after(retry_after_ms)
            }
            AccountError::NotFound => Self::new(ErrorCode::NotFound, "Not found."),
            AccountError::Store(error) => error.into(),
            AccountError::Failed(cause) => {
                tracing::error!(cause, "account");
                Self::new(ErrorCode::Internal, "Something went wrong on the server.")
            }
        }
    }
}

fn invalid(issues: &Issues) -> Problem {
    let mut problem = Problem::new(ErrorCode::InvalidField, "Some fields need another look.");
    for (field, issue) in issues {
        let sentences = problem.fields.entry(field.as_str().to_owned()).or_default();
        sentences.push(issue.sentence());
    }
    problem
}
