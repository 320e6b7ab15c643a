//! RFC 8292: who sends, signed with the installation's key.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::json;

/// How long a signature is good for, in seconds; a day is the most that is allowed.
const LIFETIME: u64 = 12 * 3600;

/// The key that browsers have subscribed to. Another one ends every subscription.
#[derive(Clone)]
pub struct VapidKey(SigningKey);

impl std::fmt::Debug for VapidKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("VapidKey(…)")
    }
}

impl PartialEq for VapidKey {
    fn eq(&self, other: &Self) -> bool {
        self.public() == other.public()
    }
}

impl VapidKey {
    /// `None` where these bytes are no number of the curve; of all there are, one in four thousand million.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Option<Self> {
        SigningKey::from_slice(bytes).ok().map(Self)
    }

    /// The 32 bytes in base64url, padded or not, as other programs print a private key.
    #[must_use]
    pub fn from_base64(text: &str) -> Option<Self> {
        let bytes = BASE64.decode(text.trim_end_matches('=')).ok()?;
        Self::from_bytes(&bytes.try_into().ok()?)
    }

    /// What browsers are given.
    #[must_use]
    pub fn public(&self) -> String {
        BASE64.encode(self.0.verifying_key().to_encoded_point(false).as_bytes())
    }

    /// The value of `Authorization` for the push service at `origin`; `subject` says where its people can
    /// ask (`mailto:` or `https:`), `now` is in seconds since 1970.
    pub(crate) fn authorization(&self, origin: &str, subject: &str, now: u64) -> String {
        let header = json!({"typ": "JWT", "alg": "ES256"});
        let claims = json!({"aud": origin, "exp": now + LIFETIME, "sub": subject});
        let encoded = |part: &serde_json::Value| BASE64.encode(part.to_string());
        let signed = format!("{}.{}", encoded(&header), encoded(&claims));
        let signature: Signature = self.0.sign(signed.as_bytes());
        format!("vapid t={signed}.{}, k={}", BASE64.encode(signature.to_bytes()), self.public())
    }
}

#[cfg(test)]
mod tests {
    use p256::ecdsa::VerifyingKey;
    use p256::ecdsa::signature::Verifier;

    use super::*;

    #[test]
    fn whoever_holds_the_public_key_can_check_who_sends() {
        let key = VapidKey::from_bytes(&[7; 32]).unwrap();
        let value = key.authorization("https://push.example", "mailto:us@sphere.example", 1000);
        let (token, public) = value.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let public = VerifyingKey::from_sec1_bytes(&BASE64.decode(public).unwrap()).unwrap();
        let signature = Signature::from_slice(&BASE64.decode(signature).unwrap()).unwrap();
        public.verify(signed.as_bytes(), &signature).unwrap();
        assert!(public.verify(b"something else", &signature).is_err());
        let claims = BASE64.decode(signed.split_once('.').unwrap().1).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        let expected = json!({"aud": "https://push.example", "exp": 44_200, "sub": "mailto:us@sphere.example"});
        assert_eq!(claims, expected);
    }

    #[test]
    fn a_key_comes_back_from_its_text_and_never_shows_itself() {
        let key = VapidKey::from_bytes(&[7; 32]).unwrap();
        let text = BASE64.encode([7; 32]);
        assert_eq!(VapidKey::from_base64(&text), Some(key.clone()));
        for wrong in ["", "?", "BwcH", BASE64.encode([0; 32]).as_str()] {
            assert_eq!(VapidKey::from_base64(wrong), None, "{wrong}");
        }
        assert_eq!(format!("{key:?}"), "VapidKey(…)");
    }
}
