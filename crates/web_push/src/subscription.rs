//! Where one browser is reached, and the keys that only it can read with.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use http::Uri;
use p256::PublicKey;

/// Longest address of a subscription, in bytes.
pub const ENDPOINT_MAX: usize = 1000;
const AUTH_SECRET: usize = 16;

/// Why a subscription is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    #[error("not an https address of at most {ENDPOINT_MAX} characters")]
    Endpoint,
    #[error("not a public key on P-256 in base64url")]
    PublicKey,
    #[error("not 16 bytes in base64url")]
    AuthSecret,
}

/// One browser's.
#[derive(Clone, PartialEq, Eq)]
pub struct Subscription {
    pub endpoint: String,
    pub(crate) public_key: PublicKey,
    pub(crate) auth_secret: [u8; AUTH_SECRET],
}

/// Whoever has the address can disturb its owner.
impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Subscription(…)")
    }
}

impl Subscription {
    /// As a browser gives it: `p256dh` and `auth` in base64url, padded or not. Whether the address leads
    /// anywhere is seen when something is sent there.
    ///
    /// # Errors
    /// The first of the three that cannot be used.
    pub fn parse(endpoint: &str, p256dh: &str, auth: &str) -> Result<Self, Unusable> {
        if !is_address(endpoint) {
            return Err(Unusable::Endpoint);
        }
        let point = decoded(p256dh).ok_or(Unusable::PublicKey)?;
        let public_key = PublicKey::from_sec1_bytes(&point).map_err(|_| Unusable::PublicKey)?;
        let secret = decoded(auth).ok_or(Unusable::AuthSecret)?;
        let auth_secret = secret.try_into().map_err(|_| Unusable::AuthSecret)?;
        Ok(Self { endpoint: endpoint.to_owned(), public_key, auth_secret })
    }
}

/// `http` is let through here, so that a push service on the same machine can be tried out; nothing is
/// sent to one otherwise ([`crate::Reach`]).
fn is_address(endpoint: &str) -> bool {
    let uri: Option<Uri> = endpoint.parse().ok().filter(|_| endpoint.len() <= ENDPOINT_MAX);
    uri.is_some_and(|uri| {
        let known = ["https", "http"].contains(&uri.scheme_str().unwrap_or_default());
        let plain = uri.authority().is_some_and(|authority| !authority.as_str().contains('@'));
        known && plain && uri.host().is_some_and(|host| !host.is_empty())
    })
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str =
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

    #[test]
    fn each_part_is_looked_at() {
        let parse = |endpoint: &str, key: &str, auth: &str| {
            Subscription::parse(endpoint, key, auth).map(drop)
        };
        let home = "https://push.example/send/abc";
        assert_eq!(parse(home, KEY, AUTH), Ok(()));
        assert_eq!(parse(home, &format!("{KEY}="), &format!("{AUTH}==")), Ok(()), "padded");
        let long = format!("https://push.example/{}", "x".repeat(ENDPOINT_MAX));
        let addresses =
            ["", "push.example", "ftp://push.example/", "https://a:b@push.example/", "https://"];
        for endpoint in addresses.into_iter().chain([long.as_str()]) {
            assert_eq!(parse(endpoint, KEY, AUTH), Err(Unusable::Endpoint), "{endpoint}");
        }
        let off_the_curve = BASE64_URL_SAFE_NO_PAD.encode([4_u8; 65]);
        for key in ["", "?", AUTH, off_the_curve.as_str()] {
            assert_eq!(parse(home, key, AUTH), Err(Unusable::PublicKey), "{key}");
        }
        for auth in ["", "?", KEY] {
            assert_eq!(parse(home, KEY, auth), Err(Unusable::AuthSecret), "{auth}");
        }
    }
}
