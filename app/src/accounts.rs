//! Accounts in the browser: the forms and the list of signed-in devices.

pub mod api;
pub(crate) mod device;
mod form;
mod reset;
mod sessions;
mod sign_in;
mod sign_up;

pub use reset::{AskResetPage, ResetPage};
pub use sessions::SessionsPage;
pub use sign_in::SignInPage;
pub use sign_up::SignUpPage;
