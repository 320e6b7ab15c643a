//! Keys for each purpose, derived from the one secret of the installation.
//!
//! HMAC-SHA256 of a purpose under the secret gives an independent key, so that a token made for
//! one purpose never verifies for another.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use jsonwebtoken::{DecodingKey, EncodingKey};
use sha2::Sha256;
use uuid::Uuid;
use web_push::VapidKey;

/// Shortest secret that is taken, in bytes.
pub const SECRET_MIN_BYTES: usize = 32;

/// The keys of this installation.
pub struct Keys {
    pub(crate) sign_access: EncodingKey,
    pub(crate) check_access: DecodingKey,
    refresh: [u8; 32],
    device: [u8; 32],
    limits: [u8; 32],
    readers: [u8; 32],
    unsubscribe: [u8; 32],
    /// Draws of a number that may be the key of pushes.
    pushes: [u8; 32],
}

/// Makes the names under which something is counted: nobody who sees them learns an address or an
/// account from them.
#[derive(Clone)]
pub(crate) struct LimitNames([u8; 32]);

impl std::fmt::Debug for LimitNames {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LimitNames(…)")
    }
}

impl LimitNames {
    pub(crate) fn name(&self, of: &str) -> String {
        name(&self.0, of)
    }
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

impl Keys {
    #[must_use]
    pub fn derive(secret: &[u8]) -> Self {
        let access = mac(secret, b"access-token");
        Self {
            sign_access: EncodingKey::from_secret(&access),
            check_access: DecodingKey::from_secret(&access),
            refresh: mac(secret, b"refresh-token"),
            device: mac(secret, b"known-device"),
            limits: mac(secret, b"limits"),
            readers: mac(secret, b"readers"),
            unsubscribe: mac(secret, b"unsubscribe"),
            pushes: mac(secret, b"web-push"),
        }
    }

    /// The key that browsers subscribe to: the same on every node, as long as the secret is the same.
    #[must_use]
    pub fn vapid(&self) -> Option<VapidKey> {
        (0..=u8::MAX).find_map(|draw| VapidKey::from_bytes(&mac(&self.pushes, &[draw])))
    }

    /// What ends the digest of an account without signing in: its id, and a proof that we wrote it.
    pub(crate) fn unsubscribe_token(&self, account: Uuid) -> String {
        let proof = mac(&self.unsubscribe, account.as_bytes());
        BASE64_URL_SAFE_NO_PAD.encode([account.as_bytes().as_slice(), &proof].concat())
    }

    /// Whose token it is, in constant time; nobody's where we did not write it.
    pub(crate) fn unsubscribes(&self, token: &str) -> Option<Uuid> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
        let (account, proof) = bytes.split_at_checked(16)?;
        fits(&self.unsubscribe, account, proof).then(|| Uuid::from_slice(account).ok())?
    }

    pub(crate) fn limit_names(&self) -> LimitNames {
        LimitNames(self.limits)
    }

    /// Who has read something, without a word of who that is: 32 characters.
    pub(crate) fn reader_name(&self, of: &str) -> String {
        name(&self.readers, of)
    }

    pub(crate) fn refresh_mac(&self, id: &[u8]) -> [u8; 32] {
        mac(&self.refresh, id)
    }

    /// In constant time.
    pub(crate) fn refresh_mac_fits(&self, id: &[u8], tag: &[u8]) -> bool {
        fits(&self.refresh, id, tag)
    }

    pub(crate) fn device_mac(&self, account: &[u8]) -> [u8; 32] {
        mac(&self.device, account)
    }

    pub(crate) fn device_mac_fits(&self, account: &[u8], tag: &[u8]) -> bool {
        fits(&self.device, account, tag)
    }
}

/// 128 bits of it, in hex.
fn name(key: &[u8], of: &str) -> String {
    mac(key, of.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// HMAC takes keys of any length, so `new_from_slice` cannot fail; an all-zero tag would still be
/// refused by every check.
fn mac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let Ok(mut hmac) = Hmac::<Sha256>::new_from_slice(key) else {
        return [0; 32];
    };
    hmac.update(message);
    hmac.finalize().into_bytes().into()
}

fn fits(key: &[u8], message: &[u8], tag: &[u8]) -> bool {
    let Ok(mut hmac) = Hmac::<Sha256>::new_from_slice(key) else {
        return false;
    };
    hmac.update(message);
    hmac.verify_slice(tag).is_ok()
}
