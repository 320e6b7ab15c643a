//! Hashing with argon2id, off the async threads and never more at once than there are cores:
//! each hash takes 19 MiB and some fifty milliseconds.
//!
//! m=19456 KiB, t=2, p=1 is the OWASP password storage cheat sheet's first choice and the crate's
//! default.

use std::sync::{Arc, OnceLock};

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::Semaphore;

use super::AccountError;

/// A password is common when a guesser who follows zxcvbn's dictionaries and patterns reaches it
/// within this many tries.
const COMMON_WITHIN_GUESSES: u64 = 10_000;

#[derive(Debug)]
pub(crate) struct Passwords {
    permits: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { permits: Arc::new(Semaphore::new(cores)) }
    }
}

impl Passwords {
    /// The PHC string to store.
    pub(crate) async fn hash(&self, password: String) -> Result<String, AccountError> {
        self.off_thread(move || hash(&password)).await?
    }

    /// Whether `password` belongs to `stored`. `None` is an account that does not exist: the same
    /// work is done, so that the time taken tells nothing.
    pub(crate) async fn verify(
        &self,
        password: String,
        stored: Option<String>,
    ) -> Result<bool, AccountError> {
        self.off_thread(move || {
            let is_known = stored.is_some();
            let hash = stored.unwrap_or_else(|| decoy().to_owned());
            fits(&password, &hash) && is_known
        })
        .await
    }

    async fn off_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AccountError> {
        let permit = self.permits.clone().acquire_owned().await;
        let permit = permit.map_err(|error| AccountError::Failed(error.to_string()))?;
        let task = tokio::task::spawn_blocking(move || {
            let _held = permit;
            work()
        });
        task.await.map_err(|error| AccountError::Failed(error.to_string()))
    }
}

fn hash(password: &str) -> Result<String, AccountError> {
    let hashed = Argon2::default().hash_password(password.as_bytes());
    hashed.map(|phc| phc.to_string()).map_err(|error| AccountError::Failed(error.to_string()))
}

fn fits(password: &str, stored: &str) -> bool {
    PasswordHash::new(stored)
        .is_ok_and(|phc| Argon2::default().verify_password(password.as_bytes(), &phc).is_ok())
}

/// A real hash of nobody's password.
fn decoy() -> &'static str {
    static DECOY: OnceLock<String> = OnceLock::new();
    DECOY.get_or_init(|| hash("nobody's password").unwrap_or_default())
}

/// Whether a list or a pattern gives `password` away quickly. Long ones are judged by their
/// beginning: the estimate takes quadratic time.
pub(crate) fn is_common(password: &str) -> bool {
    let beginning: String = password.chars().take(64).collect();
    zxcvbn::zxcvbn(&beginning, &[]).guesses() < COMMON_WITHIN_GUESSES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let passwords = Passwords::default();
        let stored = passwords.hash("correct horse".into()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(passwords.verify("correct horse".into(), Some(stored.clone())).await.unwrap());
        assert!(!passwords.verify("wrong horse".into(), Some(stored)).await.unwrap());
        assert!(!passwords.verify("nobody's password".into(), None).await.unwrap());
    }

    #[tokio::test]
    async fn l_15_an_unknown_account_costs_as_much_as_a_known_one() {
        let work = |phc: &str| phc.rsplitn(3, '$').last().map(str::to_owned);
        let stored = hash("correct horse").unwrap();
        assert_eq!(work(decoy()), work(&stored), "algorithm, memory and rounds");
        assert!(fits("nobody's password", decoy()), "it is looked at to its end");
        assert!(!Passwords::default().verify("nobody's password".into(), None).await.unwrap());
    }

    #[test]
    fn common_passwords() {
        for common in ["password", "12345678", "qwertyuiop", "iloveyou", "aaaaaaaa"] {
            assert!(is_common(common), "{common}");
        }
        for fine in ["correct horse", "zebra-lamp-91", "пароль моей бабушки"] {
            assert!(!is_common(fine), "{fine}");
        }
    }
}
