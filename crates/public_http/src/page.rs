//! One page, read as far as somebody who looks for something in its head needs it.

use std::fmt::Debug;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::time::timeout;

use crate::{Fault, Reach, Target, Ways};

/// How long a page may take, from its name to its last byte, redirects and all.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of a page that are read; the rest is left.
pub const PAGE_LIMIT: usize = 256 * 1024;
/// Redirects that are followed, each looked at like the address itself.
const REDIRECTS: usize = 3;

/// A page that is being read.
pub type Reading<'a> = Pin<Box<dyn Future<Output = Result<String, Fault>> + Send + 'a>>;

/// Reads pages of others.
pub trait PageReader: Debug + Send + Sync {
    /// The beginning of the HTML at an address, at most [`PAGE_LIMIT`] bytes of it.
    fn read<'a>(&'a self, address: &'a str) -> Reading<'a>;
}

/// Reads none.
#[derive(Debug, Clone, Copy)]
pub struct NoPages;

impl PageReader for NoPages {
    fn read<'a>(&'a self, _: &'a str) -> Reading<'a> {
        Box::pin(async { Err(Fault::Unreachable("no way to the network".into())) })
    }
}

/// Reads them over the network.
#[derive(Debug, Clone)]
pub struct Pages {
    ways: Ways,
    /// What it calls itself.
    user_agent: String,
}

impl Pages {
    /// # Errors
    /// A TLS library that cannot work on this machine, as a sentence.
    pub fn new(reach: Reach, user_agent: &str) -> Result<Self, String> {
        Ok(Self { ways: Ways::new(reach)?, user_agent: user_agent.to_owned() })
    }

    async fn page(&self, address: &str) -> Result<String, Fault> {
        let mut address = address.to_owned();
        for _ in 0..=REDIRECTS {
            let target = self.ways.target(&address)?;
            let response = self.ask(&target).await?;
            match redirect(&response, &target) {
                Some(next) => address = next,
                None => return read(response).await,
            }
        }
        Err(Fault::Refused("too many redirects".into()))
    }

    async fn ask(&self, target: &Target) -> Result<Response<Incoming>, Fault> {
        let unreachable = |error: hyper::Error| Fault::Unreachable(error.to_string());
        let request = Request::get(&target.path)
            .header(header::HOST, &target.authority)
            .header(header::USER_AGENT, &self.user_agent)
            .header(header::ACCEPT, "text/html")
            .body(Empty::<Bytes>::new())
            .map_err(|_| Fault::Forbidden)?;
        let stream = self.ways.open(target).await?;
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(unreachable)?;
        // It ends when what it brings is dropped.
        tokio::spawn(connection);
        sender.send_request(request).await.map_err(unreachable)
    }
}

impl PageReader for Pages {
    fn read<'a>(&'a self, address: &'a str) -> Reading<'a> {
        Box::pin(async move {
            let late = |_| Fault::Unreachable("not in time".into());
            timeout(PATIENCE, self.page(address)).await.map_err(late)?
        })
    }
}

/// Where an answer says that the page is. A place without its host is on the same one.
fn redirect(response: &Response<Incoming>, target: &Target) -> Option<String> {
    let place = response.headers().get(header::LOCATION)?.to_str().ok()?;
    if !response.status().is_redirection() {
        return None;
    }
    let is_path = place.starts_with('/') && !place.starts_with("//");
    let is_whole = place.contains("://");
    match (is_path, is_whole) {
        // Whatever address stands in its query.
        (true, _) => Some(format!("{}{place}", target.origin)),
        (false, true) => Some(place.to_owned()),
        // What is meant by the rest only leads further away.
        (false, false) => None,
    }
}

async fn read(response: Response<Incoming>) -> Result<String, Fault> {
    let refused = |why: String| Err(Fault::Refused(why));
    match response.status() {
        StatusCode::OK => {}
        status if status.is_server_error() => return Err(Fault::Unreachable(status.to_string())),
        status => return refused(status.to_string()),
    }
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if !kind.is_some_and(|kind| kind.to_ascii_lowercase().contains("html")) {
        return refused("it is no HTML".into());
    }
    let mut body = response.into_body();
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Fault::Unreachable(error.to_string()))?;
        if let Some(data) = frame.data_ref() {
            let room = PAGE_LIMIT - bytes.len();
            bytes.extend_from_slice(&data[..data.len().min(room)]);
        }
        if bytes.len() == PAGE_LIMIT {
            break;
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    fn pages(reach: Reach) -> Pages {
        Pages::new(reach, "Sphere/test").unwrap()
    }

    /// Answers each request with the next of `answers`, and says what was asked.
    async fn serve(answers: Vec<String>) -> (String, tokio::task::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let own = origin.clone();
        let serving = tokio::spawn(async move {
            let mut heads = Vec::new();
            for answer in answers {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut bytes = vec![0; 4096];
                let read = stream.read(&mut bytes).await.unwrap();
                heads.push(String::from_utf8_lossy(&bytes[..read]).to_lowercase());
                // Whoever has read enough may have gone.
                let _gone = stream.write_all(answer.replace("ORIGIN", &own).as_bytes()).await;
            }
            heads
        });
        (origin, serving)
    }

    fn html(body: &str) -> String {
        format!("HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\n\r\n{body}")
    }

    fn there(place: &str) -> String {
        format!("HTTP/1.1 302 There\r\nlocation: {place}\r\ncontent-length: 0\r\n\r\n")
    }

    #[tokio::test]
    async fn nothing_leads_into_the_own_network() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        for address in [
            format!("http://127.0.0.1:{port}/"),
            format!("https://127.0.0.1:{port}/"),
            format!("https://localhost:{port}/"),
            format!("https://[::1]:{port}/"),
            format!("https://[::ffff:127.0.0.1]:{port}/"),
            format!("https://0x7f000001:{port}/"),
            "https://169.254.169.254/latest/meta-data/".to_owned(),
            "https://10.0.0.1/".to_owned(),
            "ftp://example.org/".to_owned(),
            "nonsense".to_owned(),
        ] {
            let read = pages(Reach::Public).read(&address).await;
            assert!(matches!(read, Err(Fault::Forbidden | Fault::Unreachable(_))), "{address}");
        }
        assert!(listener.accept().is_err(), "somebody was connected to");
    }

    #[tokio::test]
    async fn a_page_is_read_under_our_own_name() {
        let (origin, serving) = serve(vec![html("<p>Zoë</p>")]).await;
        let read = pages(Reach::Anywhere).read(&format!("{origin}/me?x=1")).await.unwrap();
        assert_eq!(read, "<p>Zoë</p>");
        let head = serving.await.unwrap().remove(0);
        assert!(
            head.starts_with("get /me?x=1 http/1.1\r\n")
                && head.contains("user-agent: sphere/test")
        );
    }

    #[tokio::test]
    async fn redirects_are_followed_a_few_times_and_no_further() {
        let steps =
            vec![there("/two?from=https://x.example/"), there("ORIGIN/three"), html("here")];
        let (origin, serving) = serve(steps).await;
        assert_eq!(pages(Reach::Anywhere).read(&origin).await.unwrap(), "here");
        assert_eq!(serving.await.unwrap().len(), 3);
        let (origin, serving) = serve(vec![there("/"); 4]).await;
        let read = pages(Reach::Anywhere).read(&origin).await;
        assert!(matches!(read, Err(Fault::Refused(_))), "{read:?}");
        assert_eq!(serving.await.unwrap().len(), 4);
        // A public page that leads into the own network is no way in.
        assert_eq!(
            Ways::new(Reach::Public).unwrap().target("http://10.0.0.1/"),
            Err(Fault::Forbidden)
        );
    }

    #[tokio::test]
    async fn only_html_is_read_and_only_its_beginning() {
        let picture = "HTTP/1.1 200 OK\r\ncontent-type: image/png\r\n\r\nx".to_owned();
        for answer in [picture, "HTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n".to_owned()] {
            let (origin, serving) = serve(vec![answer]).await;
            let read = pages(Reach::Anywhere).read(&origin).await;
            assert!(matches!(read, Err(Fault::Refused(_))), "{read:?}");
            serving.await.unwrap();
        }
        let (origin, serving) = serve(vec![html(&"x".repeat(2 * PAGE_LIMIT))]).await;
        let read = pages(Reach::Anywhere).read(&origin).await.unwrap();
        assert_eq!(read.len(), PAGE_LIMIT);
        serving.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_says_nothing_is_not_waited_for() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        let _silent = tokio::spawn(async move { (listener.accept().await, pending::<()>().await) });
        let read = pages(Reach::Anywhere).read(&address).await;
        assert_eq!(read, Err(Fault::Unreachable("not in time".into())));
    }
}
