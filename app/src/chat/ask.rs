//! What the page's script asks the server over HTTP: server functions and forms, by their addresses.
//!
//! One small client for all of them: the generated ones would bring a second parser and a second
//! encoder into the browser's download.

use js_sys::{Object, Reflect};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{RequestInit, Response};
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
    parse(&fetch_text(&path).await?)
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
    fetch(path, &RequestInit::new()).await
}

/// As [`send_form`], and it arrives although the page that sent it is left meanwhile.
///
/// # Errors
/// As [`load_room`].
pub(super) async fn send_last(path: &str, fields: &[(&str, &str)]) -> Result<(), Problem> {
    let init = form_of(fields);
    set(&init, "keepalive", &true.into());
    fetch(path, &init).await.map(drop)
}

async fn post(path: &str, fields: &[(&str, &str)]) -> Result<String, Problem> {
    fetch(path, &form_of(fields)).await
}

fn form_of(fields: &[(&str, &str)]) -> RequestInit {
    let mut body = String::new();
    for (name, value) in fields {
        let value: String = js_sys::encode_uri_component(value).into();
        for part in [name, "=", &value, "&"] {
            body.push_str(part);
        }
    }
    let headers = Object::new();
    set(&headers, "accept", &"application/json".into());
    set(&headers, "content-type", &"application/x-www-form-urlencoded".into());
    let init = RequestInit::new();
    set(&init, "method", &"POST".into());
    set(&init, "headers", &headers);
    set(&init, "body", &body.into());
    init
}

fn set(object: &JsValue, name: &str, value: &JsValue) {
    // A plain object takes every property.
    let _set = Reflect::set(object, &name.into(), value);
}

async fn fetch(path: &str, init: &RequestInit) -> Result<String, Problem> {
    let (is_ok, text) = answer(path, init).await.map_err(|_| nobody())?;
    if is_ok { Ok(text) } else { Err(refusal(&text)) }
}

async fn answer(path: &str, init: &RequestInit) -> Result<(bool, String), JsValue> {
    let response = JsFuture::from(window().fetch_with_str_and_init(path, init)).await?;
    let response: Response = response.dyn_into()?;
    let text = JsFuture::from(response.text()?).await?;
    Ok((response.ok(), text.as_string().unwrap_or_default()))
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
