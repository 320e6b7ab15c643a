//! Addresses of pictures over REST are whole, as Spherespace's clients know them; over sockets and in pages
//! they are paths.

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use wire::ErrorCode;

use crate::refusal::Refusal;
use crate::state::AppState;

/// Fields that name a picture by its path, as JSON writes them. In a text their quotes would be escaped, so
/// that nothing that somebody has said is taken for one.
const FIELDS: [&str; 3] =
    [r#""profile_image":"/media/"#, r#""image":"/media/"#, r#""banner_image":"/media/"#];

/// The middleware. Shapes that know where they are go through it unchanged.
pub(crate) async fn whole_addresses(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let response = next.run(request).await;
    let kind = response.headers().get(header::CONTENT_TYPE);
    if kind.is_none_or(|kind| kind != "application/json") {
        return response;
    }
    let (mut head, body) = response.into_parts();
    // It was written by us, and lies in memory.
    let Ok(bytes) = to_bytes(body, usize::MAX).await else {
        let sentence = "Something went wrong on the server.";
        return Refusal::new(ErrorCode::Internal, sentence).into_response();
    };
    let Some(whole) =
        str::from_utf8(&bytes).ok().and_then(|json| whole(json, &state.config.public_url))
    else {
        return Response::from_parts(head, Body::from(bytes));
    };
    head.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(head, Body::from(whole))
}

/// The same with whole addresses; nothing where there are none to change.
fn whole(json: &str, public_url: &str) -> Option<String> {
    if !json.contains(r#"mage":"/media/"#) {
        return None;
    }
    let change = |json: String, field: &str| {
        let path = "/media/";
        let start = field.strip_suffix(path).unwrap_or(field);
        json.replace(field, &format!("{start}{public_url}{path}"))
    };
    Some(FIELDS.into_iter().fold(json.to_owned(), change))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_become_whole() {
        let json = r#"{"profile_image":"/media/1/2.webp","profile":{"image":"/media/3"},"content":"\"profile_image\":\"/media/x","cover_image":"http://h/media/1"}"#;
        let whole = whole(json, "http://h").unwrap();
        assert_eq!(
            whole,
            r#"{"profile_image":"http://h/media/1/2.webp","profile":{"image":"http://h/media/3"},"content":"\"profile_image\":\"/media/x","cover_image":"http://h/media/1"}"#
        );
        assert_eq!(super::whole(r#"{"content":"/media/1"}"#, "http://h"), None);
    }
}
