//! `spherespace createsuperuser`: asks, or takes flags and `SUPERUSER_PASSWORD`.

use anyhow::{Result, bail};
use domain::accounts::{self, AccountError};
use wire::accounts::SignUpForm;

use super::ask::{ask, ask_secretly};
use crate::boot;
use crate::config::Config;

/// What was given on the command line and in the environment.
#[derive(Debug, Default)]
pub struct NewSuperuser {
    pub username: Option<String>,
    pub email: Option<String>,
    pub password: Option<String>,
}

/// Makes an administrator. There is no default password: without one it asks.
///
/// # Errors
/// Every mistake, by its field.
#[allow(clippy::print_stdout, reason = "the answer of a command goes to standard output")]
pub async fn createsuperuser(config: &Config, given: NewSuperuser) -> Result<()> {
    let form = SignUpForm {
        username: given.username.map_or_else(|| ask("Username"), Ok)?,
        email: given.email.unwrap_or_default(),
        password: given.password.map_or_else(|| ask_secretly("Password"), Ok)?,
        ..SignUpForm::default()
    };
    let services = boot::services(config).await?;
    let made = accounts::create_superuser(&services, &form).await;
    services.shut_down().await;
    match made {
        Ok(()) => {
            println!("{} may now administer.", form.username);
            Ok(())
        }
        Err(AccountError::Invalid(issues)) => {
            let lines = issues
                .iter()
                .map(|(field, issue)| format!("{}: {}", field.as_str(), issue.sentence()));
            bail!("{}", lines.collect::<Vec<_>>().join("\n"))
        }
        Err(error) => Err(error.into()),
    }
}
