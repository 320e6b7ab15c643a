//! Nobody is kept waiting for a database that has stopped in the middle of an answer.

use std::panic::resume_unwind;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};
use tracing::Instrument;
use wire::{ErrorCode, Problem};

use crate::refusal::Refusal;

/// Longest wait for an answer, from the moment at which the request has been read.
const ANSWERING: Duration = Duration::from_secs(5);

/// The middleware.
pub(crate) async fn in_good_time(request: Request, next: Next) -> Response {
    within(ANSWERING, request, next).await
}

/// Whoever only looks is told to come again. What changes something is let finish, whether or not anybody
/// waits for it; whoever sent it is told that it may have been done.
pub async fn within(limit: Duration, request: Request, next: Next) -> Response {
    if !request.method().is_safe() {
        return let_finish(limit, request, next).await;
    }
    match timeout(limit, next.run(request)).await {
        Ok(answer) => answer,
        Err(_) => late("The server cannot answer in time."),
    }
}

async fn let_finish(limit: Duration, request: Request, next: Next) -> Response {
    let (request, read) = told_when_read(request);
    let work = tokio::spawn(next.run(request).in_current_span());
    let too_late = async {
        // It ends with the body, however that ends.
        let _dropped = read.await;
        sleep(limit).await;
    };
    tokio::select! {
        done = work => match done.map_err(tokio::task::JoinError::try_into_panic) {
            Ok(answer) => return answer,
            Err(Ok(panic)) => resume_unwind(panic),
            Err(Err(_)) => {}
        },
        () = too_late => {}
    }
    late(
        "The server did not finish in time, and may still do what you asked. A message can be sent again \
         with the same client_id; look before you repeat anything else.",
    )
}

/// The sender that is dropped with the body: a slow upload is not the server's delay.
fn told_when_read(request: Request) -> (Request, oneshot::Receiver<()>) {
    let (unread, read) = oneshot::channel::<()>();
    let watched = |body: Body| {
        Body::from_stream(body.into_data_stream().inspect(move |_| {
            let _kept = &unread;
        }))
    };
    (request.map(watched), read)
}

fn late(sentence: &str) -> Response {
    let late = Problem::new(ErrorCode::Unavailable, sentence);
    Refusal(late.retry_after(1_000)).into_response()
}
