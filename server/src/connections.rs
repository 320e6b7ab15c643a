//! Serving connections: HTTP/1.1, a bounded wait for each request's head, a quiet end.
//!
//! Every connection's io is a `TokioIo<TcpStream>`, which whoever takes over an upgraded one may
//! count on. `hyper_util`'s automatic server would read the first bytes before any clock runs, so
//! this is hyper's own for HTTP/1.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tower::{Service, ServiceExt};

use crate::accept::Accepted;

/// Serves what was accepted, and when nothing more is, waits for what is being answered. Upgraded
/// connections are not waited for.
pub(crate) async fn serve<S>(
    mut accepted: mpsc::UnboundedReceiver<Accepted>,
    service: S,
    header_timeout: Duration,
) where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send>,
    S: Clone + Send + Sync + 'static,
{
    let builder = builder(header_timeout);
    // Every connection holds a receiver until it ends.
    let (ending, _) = watch::channel(());
    while let Some((stream, peer)) = accepted.recv().await {
        // Only a connection that is gone already cannot be taken.
        let Ok(stream) = TcpStream::from_std(stream) else { continue };
        send_at_once(&stream);
        let service = for_peer(service.clone(), peer);
        tokio::spawn(answer(builder.clone(), stream, service, ending.subscribe()));
    }
    ending.send_replace(());
    ending.closed().await;
}

/// A client that sends its request's head a byte at a time holds its place no longer than this;
/// one that stays connected and silent between two requests neither.
fn builder(header_timeout: Duration) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(header_timeout);
    builder
}

/// Small frames must not wait for company.
fn send_at_once(stream: &TcpStream) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY");
    }
}

/// Answers what comes over one connection; after the word `ending` only what was begun.
async fn answer<S>(
    builder: http1::Builder,
    stream: TcpStream,
    service: S,
    mut ending: watch::Receiver<()>,
) where
    S: Service<hyper::Request<Incoming>, Response = Response, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send + 'static,
{
    let service = TowerToHyperService::new(service);
    let connection = builder.serve_connection(TokioIo::new(stream), service).with_upgrades();
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        // A server that is gone ends its connections too.
        _ = ending.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::trace!(%error, "a connection ended");
    }
}

/// The service as one peer meets it.
fn for_peer<S>(
    service: S,
    peer: SocketAddr,
) -> impl Service<
    hyper::Request<Incoming>,
    Response = Response,
    Error = Infallible,
    Future: Send + 'static,
> + Clone
+ Send
+ 'static
where
    S: Service<Request, Response = Response, Error = Infallible, Future: Send>,
    S: Clone + Send + Sync + 'static,
{
    tower::service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        service.clone().oneshot(request)
    })
}
