//! Logs: one line for each request with an id that the answer carries too, never a credential.

use std::any::Any;
use std::io::IsTerminal;
use std::time::Instant;

use app::page::Theme;
use app::text::Language;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::tally::{Tally, tallied};
use tracing::Instrument;
use tracing_subscriber::EnvFilter;
use uuid::Uuid;
use wire::ErrorCode;

use crate::config::{Config, LogFormat};
use crate::refusal::Refusal;
use crate::state::AppState;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

tokio::task_local! {
    static REQUEST: String;
}

/// The id of the request being answered, empty outside of one.
pub(crate) fn current_request_id() -> String {
    REQUEST.try_with(Clone::clone).unwrap_or_default()
}

/// Starts logging to standard error. `RUST_LOG` overrides what is logged.
pub fn start(config: &Config) {
    let default = if config.debug { "debug,sqlx=info,hyper=info" } else { "info,sqlx=warn" };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        // A file or a journal would keep the colours as garbage.
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let started = match config.log_format {
        LogFormat::Json => log.json().flatten_event(true).try_init(),
        LogFormat::Text => log.try_init(),
    };
    // A second start in one process (tests) keeps the first one's settings.
    drop(started);
}

/// The middleware: gives the request an id, and writes what became of it. The query string is left
/// out: it may hold a token.
///
/// While `DEBUG` is set the answer carries what it asked of the database in `server-timing`, which browsers show beside
/// it. Not for strangers: how long a question took says something about its answer.
pub(crate) async fn trace(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let id = Uuid::now_v7().simple().to_string();
    let method = request.method().clone();
    let path = without_secrets(request.uri().path()).to_owned();
    let span = tracing::info_span!("request", id, %method, path);
    let answered = tallied(REQUEST.scope(id.clone(), next.run(request)));
    async move {
        let started = Instant::now();
        let (mut response, asked) = answered.await;
        let millis = started.elapsed().as_secs_f64() * 1000.0;
        let status = response.status();
        if status.is_server_error() {
            tracing::warn!(status = status.as_u16(), millis, asked.statements, "answered");
        } else {
            tracing::debug!(status = status.as_u16(), millis, asked.statements, "answered");
        }
        if state.config.debug {
            response.headers_mut().extend(server_timing(asked));
        }
        if let Ok(id) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        response
    }
    .instrument(span)
    .await
}

/// After <https://www.w3.org/TR/server-timing/>, in milliseconds.
fn server_timing(asked: Tally) -> Option<(HeaderName, HeaderValue)> {
    let Tally { statements, time } = asked;
    let millis = time.as_secs_f64() * 1000.0;
    let words = format!("db;desc=\"{statements} statements\";dur={millis:.3}");
    Some((SERVER_TIMING, HeaderValue::from_str(&words).ok()?))
}

/// A mailed link has its token in the path, and so has an invitation.
fn without_secrets(path: &str) -> &str {
    const MAILED: &str = "/password/reset/";
    const INVITED: &str = "/join/";
    if path.starts_with(MAILED) {
        return MAILED;
    }
    let invitation = path.find(INVITED).filter(|_| path.starts_with("/c/"));
    invitation.map_or(path, |at| &path[..at + INVITED.len()])
}

/// A panic answers its own request with a refusal; everybody else goes on.
pub(crate) fn refuse_panic(panic: Box<dyn Any + Send>) -> Response {
    log_panic(&*panic);
    Refusal::new(ErrorCode::Internal, "Something went wrong on the server.").into_response()
}

/// Where the refusing itself has panicked: the plain page that needs nothing.
pub fn answer_panic(panic: Box<dyn Any + Send>) -> Response {
    log_panic(&*panic);
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    crate::pages::failure_page(
        ErrorCode::Internal,
        status,
        Theme::System,
        Language::default(),
        None,
    )
}

fn log_panic(panic: &(dyn Any + Send)) {
    let cause = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without words".to_owned());
    tracing::error!(cause, "a request panicked");
}
