//! `/api/uploads/`: files in pieces, as the tus protocol 1.0 has them (creation, the first piece with it,
//! expiration, termination, checksum). <https://tus.io/protocols/resumable-upload>

#![allow(
    unused_qualifications,
    reason = "what describes an operation repeats the names of its shapes"
)]

use std::collections::BTreeMap;
use std::time::{Duration, UNIX_EPOCH};

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::{Bytes, BytesMut};
use domain::Caller;
use domain::uploads::{self, Upload};
use futures_util::StreamExt;
use serde::Serialize;
use sha1::{Digest, Sha1};
use utoipa::ToSchema;
use uuid::Uuid;
use wire::media::{PICTURE_MAX_BYTES, PictureKind, picture_address};
use wire::{ErrorCode, Problem};

use super::asker::Asker;
use super::id::Id;
use crate::refusal::Refusal;
use crate::state::AppState;
use crate::uploads::{PIECE, is_piece};

const VERSION: &str = "1.0.0";
const EXTENSIONS: &str = "creation,creation-with-upload,expiration,termination,checksum";

const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const LENGTH: HeaderName = HeaderName::from_static("upload-length");
const EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
const METADATA: HeaderName = HeaderName::from_static("upload-metadata");

/// Whatever is answered says which protocol it speaks.
fn in_protocol(answer: Result<Response, Refusal>) -> Response {
    let mut response = answer.into_response();
    response.headers_mut().insert(RESUMABLE, HeaderValue::from_static(VERSION));
    response
}

/// What can be done here.
///
/// As the tus protocol 1.0 has it.
#[utoipa::path(options, path = "/api/uploads", tag = "uploads", security(()),
    responses((status = 204, description = "`Tus-Version`, `Tus-Extension`, `Tus-Max-Size`")))]
pub(super) async fn describe() -> Response {
    let headers = [
        ("tus-version", VERSION.to_owned()),
        ("tus-extension", EXTENSIONS.to_owned()),
        ("tus-max-size", PICTURE_MAX_BYTES.to_string()),
        ("tus-checksum-algorithm", "sha1".to_owned()),
    ];
    in_protocol(Ok((StatusCode::NO_CONTENT, headers).into_response()))
}

/// An upload that can go on.
#[derive(Serialize, ToSchema)]
pub(super) struct Begun {
    id: Uuid,
}

/// Begin an upload.
///
/// `Upload-Length` says how many bytes will come, at most 10 MiB. `Upload-Metadata` may have a `filename` and a
/// `kind`: `picture` (for a text), `cover`, `icon`, `avatar` or `banner`. It can go on for 24 hours. The first
/// piece, or all of it, may come along, with `Content-Type: application/offset+octet-stream`.
#[utoipa::path(post, path = "/api/uploads", tag = "uploads",
    params(("Tus-Resumable" = String, Header), ("Upload-Length" = u64, Header), ("Upload-Metadata" = Option<String>, Header),
        ("Upload-Checksum" = Option<String>, Header)),
    responses((status = 201, body = Begun, description = "`Location`, `Upload-Expires`, `Upload-Offset`"),
        (status = 460, description = "Another checksum")))]
pub(super) async fn begin(
    State(state): State<AppState>,
    Asker(caller): Asker,
    headers: HeaderMap,
    body: Body,
) -> Response {
    in_protocol(begun(&state, &caller, &headers, body).await)
}

async fn begun(
    state: &AppState,
    caller: &Caller,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    if let Some(refused) = other_version(headers) {
        return Ok(refused);
    }
    let length = number(headers, &LENGTH)?;
    let metadata = metadata(headers)?;
    let kind = match metadata.get("kind") {
        None => PictureKind::Picture,
        Some(word) => PictureKind::from_word(word).ok_or_else(|| {
            Refusal(Problem::field("kind", "This is picture, cover, icon, avatar or banner."))
        })?,
    };
    let name = metadata.get("filename").map_or("", String::as_str);
    // A piece that cannot be its beginning makes no upload.
    let first = match is_piece(headers) {
        true => sent(headers, body, length.min(PICTURE_MAX_BYTES as u64)).await?,
        false => Ok(Bytes::new()),
    };
    let first = match first {
        Ok(first) => first,
        Err(refused) => return Ok(refused),
    };
    let begun = uploads::begin(&state.services, caller, kind, name, length).await?;
    let upload = with_first(state, caller, begun, first).await?;
    let place = [(header::LOCATION, format!("/api/uploads/{}", upload.id))];
    let answer = (StatusCode::CREATED, place, standing(&upload), Json(Begun { id: upload.id }));
    Ok(answer.into_response())
}

/// The upload with what has come along, as far as that could be kept: the rest can still be sent.
async fn with_first(
    state: &AppState,
    caller: &Caller,
    begun: Upload,
    first: Bytes,
) -> Result<Upload, Refusal> {
    if first.is_empty() {
        return Ok(begun);
    }
    match uploads::append(&state.services, caller, begun.id, 0, first).await {
        Ok(upload) => Ok(upload),
        // What is no picture is forgotten.
        Err(error) => {
            uploads::upload(&state.services, caller, begun.id).await.map_err(|_| error.into())
        }
    }
}

/// Ask how far an upload is.
///
/// One's own only. Of one that is whole, `Content-Location` is the picture's address.
#[utoipa::path(head, path = "/api/uploads/{id}", tag = "uploads",
    params(("id" = uuid::Uuid, Path), ("Tus-Resumable" = String, Header)),
    responses((status = 200, description = "`Upload-Offset`, `Upload-Length`, `Upload-Expires`")))]
pub(super) async fn look(
    State(state): State<AppState>,
    Asker(caller): Asker,
    id: Result<Id<Uuid>, Refusal>,
    headers: HeaderMap,
) -> Response {
    let looked = async {
        if let Some(refused) = other_version(&headers) {
            return Ok(refused);
        }
        let upload = uploads::upload(&state.services, &caller, id?.0).await?;
        let encoded = |text: &str| BASE64_STANDARD.encode(text);
        let (name, kind) = (encoded(&upload.name), encoded(upload.kind.as_str()));
        let more = [
            (header::CACHE_CONTROL, "no-store".to_owned()),
            (LENGTH, upload.length.to_string()),
            (METADATA, format!("filename {name},kind {kind}")),
        ];
        Ok((StatusCode::OK, more, standing(&upload)).into_response())
    };
    in_protocol(looked.await)
}

/// Send the next piece.
///
/// With `Content-Type: application/offset+octet-stream` and `Upload-Offset`, the end of what is there. What has
/// arrived when a connection is cut stays. The last piece makes the picture: `Content-Location` is its address.
#[utoipa::path(patch, path = "/api/uploads/{id}", tag = "uploads",
    params(("id" = uuid::Uuid, Path), ("Tus-Resumable" = String, Header), ("Upload-Offset" = u64, Header),
        ("Upload-Checksum" = Option<String>, Header)),
    request_body(content_type = "application/offset+octet-stream"),
    responses((status = 204, description = "`Upload-Offset`, `Upload-Expires`"),
        (status = 409, description = "Another offset"), (status = 460, description = "Another checksum")))]
pub(super) async fn append(
    State(state): State<AppState>,
    Asker(caller): Asker,
    id: Result<Id<Uuid>, Refusal>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let appended = async { piece(&state, &caller, id?.0, &headers, body).await };
    in_protocol(appended.await)
}

async fn piece(
    state: &AppState,
    caller: &Caller,
    id: Uuid,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    if let Some(refused) = other_version(headers) {
        return Ok(refused);
    }
    if text(headers, &header::CONTENT_TYPE) != Some(PIECE) {
        return Err(Refusal::new(ErrorCode::UnsupportedMediaType, format!("Send {PIECE}.")));
    }
    let offset = number(headers, &OFFSET)?;
    let before = uploads::upload(&state.services, caller, id).await?;
    if before.received != offset {
        return Err(uploads::UploadError::Elsewhere(before.received).into());
    }
    let bytes = match sent(headers, body, before.length - before.received).await? {
        Ok(bytes) => bytes,
        Err(refused) => return Ok(refused),
    };
    let now = uploads::append(&state.services, caller, id, offset, bytes).await?;
    Ok((StatusCode::NO_CONTENT, standing(&now)).into_response())
}

/// The bytes of a piece, for which there is so much room; or the answer to one that is not what its checksum
/// says.
async fn sent(
    headers: &HeaderMap,
    body: Body,
    room: u64,
) -> Result<Result<Bytes, Response>, Refusal> {
    let expected = checksum(headers)?;
    // Refused before any of it is read, where it says so itself.
    if number(headers, &header::CONTENT_LENGTH).is_ok_and(|length| length > room) {
        return Err(uploads::UploadError::TooLong.into());
    }
    let Arrived { bytes, is_whole } = arrived(body, room).await?;
    let is_other =
        expected.is_some_and(|expected| !is_whole || Sha1::digest(&bytes)[..] != expected[..]);
    Ok(if is_other { Err(other_checksum()) } else { Ok(bytes) })
}

/// What has come of a piece.
struct Arrived {
    bytes: Bytes,
    /// Whether the connection held until its end.
    is_whole: bool,
}

async fn arrived(body: Body, room: u64) -> Result<Arrived, Refusal> {
    let mut bytes = BytesMut::new();
    let mut stream = body.into_data_stream();
    while let Some(next) = stream.next().await {
        let Ok(more) = next else { return Ok(Arrived { bytes: bytes.freeze(), is_whole: false }) };
        if (bytes.len() + more.len()) as u64 > room {
            return Err(uploads::UploadError::TooLong.into());
        }
        bytes.extend_from_slice(&more);
    }
    Ok(Arrived { bytes: bytes.freeze(), is_whole: true })
}

/// End an upload.
///
/// What has arrived is forgotten. A picture that it has become stays.
#[utoipa::path(delete, path = "/api/uploads/{id}", tag = "uploads",
    params(("id" = uuid::Uuid, Path), ("Tus-Resumable" = String, Header)), responses((status = 204)))]
pub(super) async fn abandon(
    State(state): State<AppState>,
    Asker(caller): Asker,
    id: Result<Id<Uuid>, Refusal>,
    headers: HeaderMap,
) -> Response {
    let ended = async {
        if let Some(refused) = other_version(&headers) {
            return Ok(refused);
        }
        uploads::abandon(&state.services, &caller, id?.0).await?;
        Ok(StatusCode::NO_CONTENT.into_response())
    };
    in_protocol(ended.await)
}

/// How far it is, until when it can go on, and what it has become.
fn standing(upload: &Upload) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(OFFSET, HeaderValue::from(upload.received));
    if let Ok(date) = HeaderValue::try_from(date(upload)) {
        headers.insert(EXPIRES, date);
    }
    let largest = upload.kind.sizes().last().copied().unwrap_or(1);
    let address = upload.picture.map(|id| picture_address(id, largest));
    if let Some(Ok(address)) = address.map(HeaderValue::try_from) {
        headers.insert(header::CONTENT_LOCATION, address);
    }
    headers
}

/// As HTTP says times.
fn date(upload: &Upload) -> String {
    let since = Duration::from_millis(upload.expires_at.0.unsigned_abs());
    httpdate::fmt_http_date(UNIX_EPOCH + since)
}

/// The refusal of whoever speaks another version.
fn other_version(headers: &HeaderMap) -> Option<Response> {
    let is_ours = text(headers, &RESUMABLE) == Some(VERSION);
    (!is_ours).then(|| {
        let refusal = Refusal::new(ErrorCode::BadRequest, "This speaks tus 1.0.0: Tus-Resumable.");
        let mut refused = refusal.with_status(StatusCode::PRECONDITION_FAILED);
        refused.headers_mut().insert("tus-version", HeaderValue::from_static(VERSION));
        refused
    })
}

/// The status that the protocol has for it.
fn other_checksum() -> Response {
    let status = StatusCode::from_u16(460).unwrap_or(StatusCode::BAD_REQUEST);
    Refusal::new(ErrorCode::BadRequest, "The piece is not what its checksum says.")
        .with_status(status)
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Result<u64, Refusal> {
    let said = text(headers, name).and_then(|text| text.parse().ok());
    said.ok_or_else(|| bad(format!("{name} is a number.")))
}

fn bad(sentence: impl Into<String>) -> Refusal {
    Refusal::new(ErrorCode::BadRequest, sentence)
}

/// `key base64, key base64`; a key may stand alone.
fn metadata(headers: &HeaderMap) -> Result<BTreeMap<String, String>, Refusal> {
    let unread = || bad("Upload-Metadata is a list of keys with values in Base64.");
    let line = match headers.get(METADATA) {
        None => return Ok(BTreeMap::new()),
        Some(line) => line.to_str().map_err(|_| unread())?,
    };
    let pairs = line.split(',').map(str::trim).filter(|pair| !pair.is_empty()).map(|pair| {
        let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
        let bytes = BASE64_STANDARD.decode(value.trim()).map_err(|_| unread())?;
        Ok((key.to_owned(), String::from_utf8_lossy(&bytes).into_owned()))
    });
    pairs.collect()
}

/// What the piece's SHA-1 has to be, where it is said.
fn checksum(headers: &HeaderMap) -> Result<Option<Vec<u8>>, Refusal> {
    let Some(line) = text(headers, &HeaderName::from_static("upload-checksum")) else {
        return Ok(None);
    };
    let (algorithm, value) = line.split_once(' ').unwrap_or((line, ""));
    let digest = BASE64_STANDARD.decode(value.trim()).ok().filter(|_| algorithm == "sha1");
    let unread = || bad("Upload-Checksum is sha1 and its value in Base64.");
    digest.map(Some).ok_or_else(unread)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(line: &str) -> HeaderMap {
        [(METADATA, HeaderValue::try_from(line).unwrap())].into_iter().collect()
    }

    #[test]
    fn metadata_is_read_or_refused() {
        let read = metadata(&said("filename YS5wbmc=, kind Y292ZXI=,is_private")).unwrap();
        let pairs: Vec<_> =
            read.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("filename", "a.png"), ("is_private", ""), ("kind", "cover")]);
        assert!(metadata(&HeaderMap::new()).unwrap().is_empty());
        assert!(metadata(&said("filename a.png")).is_err());
    }
}
