//! What the page's script asks the server over HTTP: server functions and forms, by their addresses.
//!
//! One small client for all of them: the generated ones would bring a second parser and a second
//! encoder into the browser's download.

use gloo_net::http::{Request, Response};
use wire::chat::{Message, Room};
use wire::json::FromJson;
use wire::{ConversationKey, ErrorCode, Problem, from_json};

use super::timeline::Pending;

/// The newest stretch of a conversation, or the one `before` or `after` a number.
///
/// # Errors
/// Why it was refused, or `unavailable` where nobody answered.
pub(super) async fn load_room(
    key: ConversationKey,
    side: Option<(&str, i64)>,
) -> Result<Room, Problem> {
    let side = side.map(|(name, seq)| format!("&{name}={seq}")).unwrap_or_default();
    let path = format!("/fn/room?conversation={key}{side}");
    let response = Request::get(&path).send().await.map_err(|_| nobody())?;
    parse(&text_of(response).await?)
}

/// Sends a message; the same one gives the first answer again.
///
/// # Errors
/// As [`load_room`].
pub(super) async fn post_message(pending: &Pending) -> Result<Message, Problem> {
    let (key, id) = (pending.conversation.to_string(), pending.client_id.to_string());
    let mut fields = vec![
        ("conversation", key.as_str()),
        ("client_id", id.as_str()),
        ("content", pending.content.as_str()),
    ];
    let reply_to = pending.reply_to.as_ref().map(|quote| quote.id.to_string());
    if let Some(reply_to) = &reply_to {
        fields.push(("reply_to", reply_to));
    }
    parse(&post("/fn/post_message", &fields).await?)
}

/// Asks for something that changes nothing: any request renews the cookies on its way.
pub(super) async fn is_signed_out() -> bool {
    let asked = post("/fn/mark_read", &[("up_to", "0")]).await;
    asked.is_err_and(|problem| problem.code == ErrorCode::NotAuthenticated)
}

/// Sends a form; what it does comes back over the socket.
///
/// # Errors
/// As [`load_room`].
pub(super) async fn send_form(path: &str, fields: &[(&str, &str)]) -> Result<(), Problem> {
    post(path, fields).await.map(drop)
}

/// The text of an address.
///
/// # Errors
/// As [`load_room`].
pub(super) async fn fetch_text(path: &str) -> Result<String, Problem> {
    let response = Request::get(path).send().await.map_err(|_| nobody())?;
    text_of(response).await
}

async fn post(path: &str, fields: &[(&str, &str)]) -> Result<String, Problem> {
    let mut body = String::new();
    for (name, value) in fields {
        let value: String = js_sys::encode_uri_component(value).into();
        for part in [name, "=", &value, "&"] {
            body.push_str(part);
        }
    }
    let request = Request::post(path)
        .header("accept", "application/json")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    let response = request.map_err(|_| nobody())?.send().await.map_err(|_| nobody())?;
    text_of(response).await
}

async fn text_of(response: Response) -> Result<String, Problem> {
    let text = response.text().await.map_err(|_| nobody())?;
    if response.ok() { Ok(text) } else { Err(refusal(&text)) }
}

/// What both kinds of refusal say.
struct Refused {
    code: ErrorCode,
    retry_after_ms: Option<u64>,
}

from_json!(Refused { code, retry_after_ms });

fn refusal(text: &str) -> Problem {
    match crate::json::read(text) {
        Some(Refused { code, retry_after_ms }) => {
            Problem { retry_after_ms, ..Problem::new(code, "") }
        }
        None => nobody(),
    }
}

fn parse<T: FromJson>(text: &str) -> Result<T, Problem> {
    crate::json::read(text).ok_or_else(nobody)
}

fn nobody() -> Problem {
    Problem::new(ErrorCode::Unavailable, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_read_from_forms_and_server_functions_alike() {
        let problem = Problem::new(ErrorCode::RateLimited, "slower").retry_after(1200);
        let of_function = serde_json::to_string(&crate::error::AppError(problem)).unwrap();
        let of_form =
            r#"{"detail":"slower","code":"rate_limited","error":{},"retry_after_ms":1200}"#;
        for text in [of_function.as_str(), of_form] {
            let read = refusal(text);
            assert_eq!(
                (read.code, read.retry_after_ms),
                (ErrorCode::RateLimited, Some(1200)),
                "{text}"
            );
        }
        assert_eq!(refusal("<html>").code, ErrorCode::Unavailable);
    }
}
