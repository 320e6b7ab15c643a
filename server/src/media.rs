//! Pictures on their way out and in.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::media::open_picture;
use wire::MediaId;

use crate::refusal::Refusal;
use crate::state::AppState;

/// A picture's id names what it shows for ever: another one has another id.
const FOREVER: &str = "public, max-age=31536000, immutable";
/// Opened by itself, a picture is a page that may do nothing.
const POLICY: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";

/// `GET /media/{id}/{size}.webp`.
pub(crate) async fn picture(
    State(state): State<AppState>,
    Path((id, file)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let Some((id, size)) = named(&id, &file) else { return Ok(nothing()) };
    let Some(blob) = open_picture(&state.services, id, size).await? else { return Ok(nothing()) };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/webp")),
        (header::CACHE_CONTROL, HeaderValue::from_static(FOREVER)),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("inline; filename=\"picture.webp\""),
        ),
        (header::CONTENT_LENGTH, HeaderValue::from(blob.length)),
    ];
    Ok((headers, Body::from_stream(blob.content)).into_response())
}

/// One picture has one address: no other spelling of its id or size leads to it.
fn named(id: &str, file: &str) -> Option<(MediaId, u32)> {
    let size = file.strip_suffix(".webp")?;
    let (id_read, size_read) = (id.parse::<MediaId>().ok()?, size.parse::<u32>().ok()?);
    let is_plain = id_read.to_string() == id && size_read.to_string() == size;
    is_plain.then_some((id_read, size_read))
}

fn nothing() -> Response {
    StatusCode::NOT_FOUND.into_response()
}
