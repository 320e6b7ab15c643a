//! RFC 8291: what only the browser can read, as one record of RFC 8188's `aes128gcm`.

use hmac::{Hmac, Mac};
use p256::SecretKey;
use p256::ecdh::diffie_hellman;
use p256::elliptic_curve::sec1::ToEncodedPoint;
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use sha2::Sha256;

use crate::Subscription;

/// The size that a record says it has at most; ours is always the only one.
const RECORD: u32 = 4096;
/// What ends the text of the last record.
const LAST: u8 = 2;
/// Draws until a number is a key; one draw in four thousand million is none.
const DRAWS: usize = 4;

/// The whole body of a push. `None` where the machine has no randomness, or the text is too long.
pub(crate) fn encrypt(to: &Subscription, text: &[u8]) -> Option<Vec<u8>> {
    let mut draws = (0..DRAWS).map(|_| SecretKey::from_slice(&rand::random::<[u8; 32]>()));
    let own = draws.find_map(Result::ok)?;
    seal(to, text, &own, &rand::random())
}

fn seal(to: &Subscription, text: &[u8], own: &SecretKey, salt: &[u8; 16]) -> Option<Vec<u8>> {
    let own_point = own.public_key().to_encoded_point(false);
    let their_point = to.public_key.to_encoded_point(false);
    let shared = diffie_hellman(own.to_nonzero_scalar(), to.public_key.as_affine());
    let both = [&b"WebPush: info\0"[..], their_point.as_bytes(), own_point.as_bytes()].concat();
    let input = hkdf(&to.auth_secret, shared.raw_secret_bytes(), &both);
    let key = hkdf(salt, &input, b"Content-Encoding: aes128gcm\0");
    let nonce = hkdf(salt, &input, b"Content-Encoding: nonce\0");

    let mut record = [text, &[LAST]].concat();
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, key.first_chunk::<16>()?).ok()?);
    let nonce = Nonce::assume_unique_for_key(*nonce.first_chunk()?);
    key.seal_in_place_append_tag(nonce, Aad::empty(), &mut record).ok()?;

    let point = own_point.as_bytes();
    let length = u8::try_from(point.len()).ok()?;
    Some([&salt[..], &RECORD.to_be_bytes(), &[length], point, &record].concat())
}

/// RFC 5869 with SHA-256, for at most 32 bytes: extract, then the first step of expand.
fn hkdf(salt: &[u8], input: &[u8], info: &[u8]) -> [u8; 32] {
    let key = mac(salt, &[input]);
    mac(&key, &[info, &[1]])
}

/// HMAC takes keys of any length, so `new_from_slice` cannot fail; nobody could read what a key of zeros
/// has encrypted.
fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let Ok(mut hmac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    parts.iter().for_each(|part| hmac.update(part));
    hmac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;

    use super::*;

    /// Appendix A of RFC 8291.
    #[test]
    fn the_example_of_the_rfc_comes_out_as_it_stands_there() {
        let to = Subscription::parse(
            "https://push.example.net/push/JzLQ3raZJfFBR0aqvOMsLrt54w4rJUsV",
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "BTBZMqHH6r4Tts7J_aSIgg",
        );
        let own = BASE64.decode("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw").unwrap();
        let own = SecretKey::from_slice(&own).unwrap();
        let salt = BASE64.decode("DGv6ra1nlYgDCS1FRnbzlw").unwrap().try_into().unwrap();
        let text = b"When I grow up, I want to be a watermelon";
        let body = seal(&to.unwrap(), text, &own, &salt).unwrap();
        let expected = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml\
                        mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT\
                        pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        assert_eq!(BASE64.encode(body), expected);
    }
}
