//! The push services of the world, over HTTPS.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use public_http::{Fault, Io, Reach, Target, Ways};
use tokio::time::timeout;

use crate::encrypt::encrypt;
use crate::{PAYLOAD_MAX, Push, PushError, PushService, Sending, Subscription, VapidKey};

/// How long the way to a push service may take.
const CONNECTING: Duration = Duration::from_secs(5);
/// How long its answer may take.
const ANSWERING: Duration = Duration::from_secs(5);

/// Asks each push service once for each push; redirects are not followed.
pub struct HttpService {
    key: VapidKey,
    subject: String,
    ways: Ways,
}

impl std::fmt::Debug for HttpService {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("HttpService(…)")
    }
}

impl HttpService {
    /// `subject` is where the people of a push service can ask, `mailto:` or `https:`.
    ///
    /// # Errors
    /// A TLS library that cannot work on this machine, as a sentence.
    pub fn new(key: VapidKey, subject: &str, reach: Reach) -> Result<Self, String> {
        Ok(Self { key, subject: subject.to_owned(), ways: Ways::new(reach)? })
    }

    async fn send(&self, to: &Subscription, push: &Push) -> Result<(), PushError> {
        let target = self.ways.target(&to.endpoint).map_err(no_way)?;
        let request = self.request(&target, to, push)?;
        let connected = timeout(CONNECTING, self.ways.open(&target)).await;
        let stream = connected.map_err(|_| PushError::Later("no connection in time".into()))?;
        let stream = stream.map_err(no_way)?;
        let status = timeout(ANSWERING, ask(stream, request)).await;
        judge(status.map_err(|_| PushError::Unknown("not in time".into()))??)
    }

    fn request(
        &self,
        target: &Target,
        to: &Subscription,
        push: &Push,
    ) -> Result<Request<Full<Bytes>>, PushError> {
        let refused = |why: &str| PushError::Refused(why.to_owned());
        if push.payload.len() > PAYLOAD_MAX {
            return Err(refused("the payload is too long"));
        }
        let body = encrypt(to, &push.payload).ok_or_else(|| refused("cannot be encrypted"))?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        Request::post(&target.path)
            .header(header::HOST, &target.authority)
            .header(
                header::AUTHORIZATION,
                self.key.authorization(&target.origin, &self.subject, now),
            )
            .header(header::CONTENT_ENCODING, "aes128gcm")
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .header(header::CONTENT_LENGTH, body.len())
            .header("ttl", push.lifetime.as_secs())
            .header("topic", &push.topic)
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| refused(&error.to_string()))
    }
}

impl PushService for HttpService {
    fn public_key(&self) -> String {
        self.key.public()
    }

    fn push<'a>(&'a self, to: &'a Subscription, push: &'a Push) -> Sending<'a> {
        Box::pin(self.send(to, push))
    }
}

/// Nobody's browser has a push service where nothing may be asked: it is gone, not to be asked again.
fn no_way(fault: Fault) -> PushError {
    match fault {
        Fault::Forbidden => PushError::Gone,
        Fault::Unreachable(why) | Fault::Refused(why) => PushError::Later(why),
    }
}

/// From the first byte on it may have been taken.
async fn ask(stream: Box<dyn Io>, request: Request<Full<Bytes>>) -> Result<StatusCode, PushError> {
    let shaken = http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = shaken.map_err(|error| PushError::Later(error.to_string()))?;
    let driving = tokio::spawn(connection);
    let response = sender.send_request(request).await;
    driving.abort();
    response.map(|answer| answer.status()).map_err(|error| PushError::Unknown(error.to_string()))
}

/// RFC 8030 §5 and §7.
fn judge(status: StatusCode) -> Result<(), PushError> {
    match status.as_u16() {
        200..=299 => Ok(()),
        404 | 410 => Err(PushError::Gone),
        408 | 425 | 429 | 500..=599 => Err(PushError::Later(status.to_string())),
        _ => Err(PushError::Refused(status.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    const KEY: &str =
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";

    fn service(reach: Reach) -> HttpService {
        let key = VapidKey::from_bytes(&[7; 32]).unwrap();
        HttpService::new(key, "mailto:us@sphere.example", reach).unwrap()
    }

    async fn push(reach: Reach, endpoint: &str) -> Result<(), PushError> {
        let to = Subscription::parse(endpoint, KEY, "BTBZMqHH6r4Tts7J_aSIgg").unwrap();
        let push =
            Push { payload: b"{}".into(), topic: "t".into(), lifetime: Duration::from_secs(9) };
        service(reach).push(&to, &push).await
    }

    #[tokio::test]
    async fn nothing_leads_into_the_own_network() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        for endpoint in [
            format!("http://127.0.0.1:{port}/"),
            format!("https://127.0.0.1:{port}/"),
            format!("https://localhost:{port}/"),
            format!("https://[::1]:{port}/"),
            format!("https://[::ffff:127.0.0.1]:{port}/"),
            "https://169.254.169.254/latest/meta-data/".to_owned(),
            "https://10.0.0.1/".to_owned(),
        ] {
            assert_eq!(push(Reach::Public, &endpoint).await, Err(PushError::Gone), "{endpoint}");
        }
        assert!(listener.accept().is_err(), "somebody was connected to");
    }

    #[tokio::test]
    async fn nobody_there_is_later_and_no_answer_is_unknown() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}/x", listener.local_addr().unwrap());
        let heard = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut bytes = [0; 64];
            stream.read_exact(&mut bytes).await.unwrap();
        });
        let cut = push(Reach::Anywhere, &endpoint).await;
        assert!(matches!(cut, Err(PushError::Unknown(_))), "{cut:?}");
        heard.await.unwrap();
        let closed = push(Reach::Anywhere, &endpoint).await;
        assert!(matches!(closed, Err(PushError::Later(_))), "{closed:?}");
    }

    #[tokio::test]
    async fn each_answer_says_what_to_do() {
        let answers = [
            ("201 Created", None),
            ("404 Gone", Some("ended")),
            ("410 Gone", Some("ended")),
            ("429 Slow", Some("not now")),
            ("503 Down", Some("not now")),
            ("403 No", Some("refused")),
            ("302 There", Some("refused")),
        ];
        for (status, expected) in answers {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let endpoint = format!("http://{}/x", listener.local_addr().unwrap());
            let answering = tokio::spawn(async move {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut bytes = vec![0; 4096];
                let _read = stream.read(&mut bytes).await.unwrap();
                let answer =
                    format!("HTTP/1.1 {status}\r\nlocation: /y\r\ncontent-length: 0\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.unwrap();
                bytes
            });
            let answer = push(Reach::Anywhere, &endpoint).await.map_err(|error| error.to_string());
            match expected {
                None => assert_eq!(answer, Ok(())),
                Some(word) => {
                    assert!(answer.as_ref().is_err_and(|why| why.contains(word)), "{answer:?}")
                }
            }
            let head = String::from_utf8_lossy(&answering.await.unwrap()).to_lowercase();
            assert!(
                head.contains("content-encoding: aes128gcm\r\n") && head.contains("ttl: 9\r\n"),
                "{head}"
            );
        }
    }
}
