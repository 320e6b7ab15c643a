//! A push service of a test's own, with the browsers behind it: it takes what push services take, checks who
//! sends, and reads what only the browser can read.
#![allow(clippy::unwrap_used, reason = "what is no push has to fail its test")]

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, Mac};
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use p256::elliptic_curve::sec1::ToEncodedPoint;
use p256::{PublicKey, SecretKey};
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use serde_json::Value;
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::PATIENCE;

/// What a browser gives to whoever may push to it.
#[derive(Debug, Clone)]
pub struct Subscribed {
    pub endpoint: String,
    pub p256dh: String,
    pub auth: String,
}

/// What reached a browser.
#[derive(Debug)]
pub struct Arrived {
    pub endpoint: String,
    /// What it says, decrypted.
    pub payload: Value,
    /// What the signature says, checked: `aud`, `exp`, `sub`.
    pub claims: Value,
    /// The key that it is signed with.
    pub key: String,
    /// The head of the request, in lower case.
    pub head: String,
}

#[derive(Clone)]
struct Keys {
    own: SecretKey,
    auth: [u8; 16],
}

#[derive(Default)]
struct State {
    browsers: HashMap<String, Keys>,
    answers: VecDeque<u16>,
}

pub struct PushServer {
    url: String,
    state: Arc<Mutex<State>>,
    arrivals: tokio::sync::Mutex<mpsc::UnboundedReceiver<Arrived>>,
}

impl std::fmt::Debug for PushServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PushServer").field("url", &self.url).finish_non_exhaustive()
    }
}

impl PushServer {
    /// # Panics
    /// Where there is no free port.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let state = Arc::new(Mutex::new(State::default()));
        let (tell, arrivals) = mpsc::unbounded_channel();
        let (own_url, own_state) = (url.clone(), state.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (url, state, tell) = (own_url.clone(), own_state.clone(), tell.clone());
                tokio::spawn(async move { serve(stream, &url, &state, &tell).await });
            }
        });
        Self { url, state, arrivals: tokio::sync::Mutex::new(arrivals) }
    }

    /// A browser that subscribes; each name is another one.
    ///
    /// # Panics
    /// Where a number that stands for the name is no key.
    #[must_use]
    pub fn browser(&self, name: &str) -> Subscribed {
        let seed = mac(b"a browser", &[name.as_bytes()]);
        let own = SecretKey::from_slice(&seed).expect("a key");
        let auth = *seed.first_chunk::<16>().expect("16 bytes");
        let p256dh = BASE64.encode(own.public_key().to_encoded_point(false).as_bytes());
        let path = format!("/send/{name}");
        let endpoint = format!("{}{path}", self.url);
        self.lock().browsers.insert(path, Keys { own, auth });
        Subscribed { endpoint, p256dh, auth: BASE64.encode(auth) }
    }

    /// Answers the next push with this status, which nobody's browser hears of.
    pub fn answer(&self, status: u16) {
        self.lock().answers.push_back(status);
    }

    /// The next that arrives at any browser.
    ///
    /// # Panics
    /// Where none comes.
    pub async fn next(&self) -> Arrived {
        let mut arrivals = self.arrivals.lock().await;
        timeout(PATIENCE, arrivals.recv()).await.expect("a push in time").expect("a push")
    }

    /// One that has arrived already.
    pub async fn arrived(&self) -> Option<Arrived> {
        self.arrivals.lock().await.try_recv().ok()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("the state of the push service")
    }
}

async fn serve(
    mut stream: TcpStream,
    url: &str,
    state: &Mutex<State>,
    tell: &mpsc::UnboundedSender<Arrived>,
) {
    let Some((head, body)) = read(&mut stream).await else { return };
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let (keys, answer) = {
        let mut state = state.lock().expect("the state of the push service");
        (state.browsers.get(&path).cloned(), state.answers.pop_front())
    };
    let status = answer.unwrap_or(if keys.is_some() { 201 } else { 404 });
    if let Some(keys) = keys.filter(|_| status == 201) {
        let (claims, key) = check(&head, url);
        let text = decrypt(&keys, &body);
        let payload = serde_json::from_slice(&text).expect("JSON");
        let endpoint = format!("{url}{path}");
        let _nobody =
            tell.send(Arrived { endpoint, payload, claims, key, head: head.to_lowercase() });
    }
    let answer = format!("HTTP/1.1 {status} Said\r\ncontent-length: 0\r\n\r\n");
    let _gone = stream.write_all(answer.as_bytes()).await;
}

async fn read(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    loop {
        let mut part = [0; 4096];
        let read = stream.read(&mut part).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&part[..read]);
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let length: usize = header(&head, "content-length")?.parse().ok()?;
        if bytes.len() >= end + 4 + length {
            return Some((head, bytes.split_off(end + 4)));
        }
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    lines.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

/// RFC 8292: who sends, for this service, and not for ever.
fn check(head: &str, url: &str) -> (Value, String) {
    let value = header(head, "authorization").expect("who sends");
    let (token, key) = value.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
    let (signed, signature) = token.rsplit_once('.').expect("a signature");
    let public = VerifyingKey::from_sec1_bytes(&BASE64.decode(key).unwrap()).expect("a key");
    let signature = Signature::from_slice(&BASE64.decode(signature).unwrap()).unwrap();
    public.verify(signed.as_bytes(), &signature).expect("signed by that key");
    let claims = BASE64.decode(signed.split_once('.').unwrap().1).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!(claims["aud"], url, "for this service");
    let now = domain::clock::now().0 / 1000;
    let left = claims["exp"].as_i64().expect("an end") - now;
    assert!(left > 0 && left <= 86_400, "{left} seconds left");
    (claims, key.to_owned())
}

/// RFC 8291, from the browser's side.
fn decrypt(keys: &Keys, body: &[u8]) -> Vec<u8> {
    let (salt, rest) = body.split_at(16);
    let (size, rest) = rest.split_at(4);
    assert!(u32::from_be_bytes(size.try_into().unwrap()) >= 18, "the size of a record");
    let (length, rest) = rest.split_first().expect("the length of a key");
    let (point, record) = rest.split_at(usize::from(*length));
    let theirs = PublicKey::from_sec1_bytes(point).expect("a key of the sender's");
    let shared = p256::ecdh::diffie_hellman(keys.own.to_nonzero_scalar(), theirs.as_affine());
    let own_point = keys.own.public_key().to_encoded_point(false);
    let secret = mac(&keys.auth, &[shared.raw_secret_bytes()]);
    let input = mac(&secret, &[b"WebPush: info\0", own_point.as_bytes(), point, &[1]]);
    let secret = mac(salt, &[&input]);
    let key = mac(&secret, &[b"Content-Encoding: aes128gcm\0", &[1]]);
    let nonce = mac(&secret, &[b"Content-Encoding: nonce\0", &[1]]);
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key[..16]).unwrap());
    let nonce = Nonce::try_assume_unique_for_key(&nonce[..12]).unwrap();
    let mut record = record.to_vec();
    let text = key.open_in_place(nonce, Aad::empty(), &mut record).expect("for this browser");
    let (last, text) = text.split_last().expect("an end");
    assert_eq!(*last, 2, "the last record");
    text.to_vec()
}

fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut hmac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length");
    parts.iter().for_each(|part| hmac.update(part));
    hmac.finalize().into_bytes().into()
}
