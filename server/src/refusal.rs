//! The one translation of a [`Problem`] into an HTTP answer.

use axum::Json;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use wire::{ErrorCode, Problem};

/// A refused API request: the error body that clients of both old systems can read.
#[derive(Debug, Clone)]
pub(crate) struct Refusal(pub(crate) Problem);

/// Marks a response as a refusal, and which.
#[derive(Debug, Clone)]
pub(crate) struct Refused(pub(crate) Problem);

impl Refusal {
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self(Problem::new(code, message))
    }

    /// With a status that a protocol has for it.
    pub(crate) fn with_status(self, status: StatusCode) -> Response {
        let mut response = (status, Json(body(&self.0, status))).into_response();
        say_when_to_return(response.headers_mut(), &self.0);
        if status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
        }
        // A page's visitor gets words instead (`pages::in_words`), an old client the shape it knows
        // (`with_plain_error`).
        response.extensions_mut().insert(Refused(self.0));
        response
    }
}

impl<E: Into<Problem>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = status(self.0.code);
        self.with_status(status)
    }
}

/// `Retry-After` where waiting helps.
pub(crate) fn say_when_to_return(headers: &mut HeaderMap, problem: &Problem) {
    if let Some(millis) = problem.retry_after_ms {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(millis.div_ceil(1000).max(1)));
    }
}

pub(crate) fn status(code: ErrorCode) -> StatusCode {
    StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// Where `error` is a plain string, as Spherespace's clients know it.
const PLAIN: [&str; 4] =
    ["/api/conversations", "/api/messages", "/api/message-requests", "/api/payments"];

/// Whether a refusal of this path says its `error` as a plain string. Those who leave a community are
/// told so too.
pub(crate) fn is_plain(path: &str) -> bool {
    let leaves = path.trim_end_matches('/').strip_prefix("/api/communities/");
    leaves.is_some_and(|rest| rest.ends_with("/leave"))
        || PLAIN.into_iter().any(|folder| {
            path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
}

/// The middleware for them: whoever refused, however far out.
pub(crate) async fn with_plain_error(request: Request, next: Next) -> Response {
    let is_plain = is_plain(request.uri().path());
    let mut response = next.run(request).await;
    let refused = response.extensions().get::<Refused>().filter(|_| is_plain);
    if let Some(Refused(problem)) = refused {
        let mut plain = body(problem, response.status());
        plain["error"] = json!(problem.message);
        *response.body_mut() = Body::from(plain.to_string());
        response.headers_mut().remove(header::CONTENT_LENGTH);
    }
    response
}

/// `detail` and `code` always; field messages at top level and under `error.details`.
fn body(problem: &Problem, status: StatusCode) -> Value {
    let details: Map<String, Value> =
        problem.fields.iter().map(|(field, sentences)| (field.clone(), json!(sentences))).collect();
    let mut body = details.clone();
    body.insert("detail".into(), json!(problem.message));
    body.insert("code".into(), json!(problem.code.as_str()));
    let error =
        json!({"status_code": status.as_u16(), "message": problem.message, "details": details});
    body.insert("error".into(), error);
    if let Some(millis) = problem.retry_after_ms {
        body.insert("retry_after_ms".into(), json!(millis));
    }
    Value::Object(body)
}
