//! Files that arrive, in forms or in pieces, and are read into memory: as much of it as a picture may have,
//! and a few at once of each sender.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use axum::extract::multipart::{MultipartError, MultipartRejection};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::media::Crop;
use wire::media::PICTURE_MAX_BYTES;
use wire::{ErrorCode, Problem, UserId};

use crate::identify::Visit;
use crate::refusal::Refusal;
use crate::routes::BODY_LIMIT;
use crate::state::AppState;

/// Uploads of one sender at the same time: as many as a browser has connections to one place.
const AT_ONCE: usize = 6;
/// What a piece of a file says that it is, in the words of the tus protocol.
pub(crate) const PIECE: &str = "application/offset+octet-stream";

/// Whoever is signed out is known by their address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sender {
    Account(UserId),
    Address(IpAddr),
}

/// How many uploads of each sender this node is reading.
#[derive(Debug, Default)]
pub(crate) struct UnderWay(Mutex<BTreeMap<Sender, usize>>);

impl UnderWay {
    fn begin(self: &Arc<Self>, sender: Sender) -> Option<OnItsWay> {
        let mut senders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = senders.entry(sender).or_default();
        if *count >= AT_ONCE {
            return None;
        }
        *count += 1;
        Some(OnItsWay { of: self.clone(), sender })
    }
}

/// One upload, until it is dropped.
struct OnItsWay {
    of: Arc<UnderWay>,
    sender: Sender,
}

impl Drop for OnItsWay {
    fn drop(&mut self) {
        let mut senders = self.of.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(count) = senders.get_mut(&self.sender) else { return };
        *count -= 1;
        if *count == 0 {
            senders.remove(&self.sender);
        }
    }
}

/// The middleware: what a slow sender has sent lies in memory, so that nobody may send much at once.
pub(crate) async fn few_at_once(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    if !is_upload(request.headers()) && !is_piece(request.headers()) {
        return next.run(request).await;
    }
    let Some(visit) = request.extensions().get::<Visit>() else { return next.run(request).await };
    let address = Sender::Address(visit.origin.address);
    let sender = visit.caller.as_ref().map_or(address, |caller| Sender::Account(caller.user_id));
    let Some(_on_its_way) = state.uploads.begin(sender) else {
        let sentence = "Too many files are arriving at once. Wait for one of them.";
        return Refusal(Problem::new(ErrorCode::RateLimited, sentence).retry_after(1_000))
            .into_response();
    };
    next.run(request).await
}

pub(crate) fn is_piece(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.trim() == PIECE)
}

/// Of a form with one picture, in bytes: room for its other fields is left.
pub(crate) const UPLOAD_LIMIT: usize = PICTURE_MAX_BYTES + 256 * 1024;

/// The files of a form, by the names of their fields.
pub(crate) type Files = BTreeMap<String, Bytes>;

/// What a form with files holds. A field without a name, and any after the fiftieth, is left out.
#[derive(Debug, Default)]
pub(crate) struct Upload {
    pub(crate) fields: BTreeMap<String, String>,
    /// By the names of their fields; a file field that was left empty is not there.
    pub(crate) files: Files,
}

const FIELDS: usize = 50;

impl Upload {
    /// The part of the picture that the form names in `crop_x`, `crop_y`, `crop_width` and `crop_height`,
    /// where it names all of them.
    pub(crate) fn crop(&self) -> Option<Crop> {
        crop_of(|name| self.fields.get(name).map(String::as_str))
    }
}

/// What fields say of the part of a picture.
pub(crate) fn crop_of<'f>(field: impl Fn(&str) -> Option<&'f str>) -> Option<Crop> {
    let number = |name: &str| field(name)?.trim().parse().ok();
    Some(Crop {
        x: number("crop_x")?,
        y: number("crop_y")?,
        width: number("crop_width")?,
        height: number("crop_height")?,
    })
}

/// Whether a request says that it is such a form.
pub(crate) fn is_upload(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| {
        kind.trim_start().to_ascii_lowercase().starts_with("multipart/form-data")
    })
}

/// Room for a picture is only in a form with files, wherever one may come.
pub(crate) fn within_limit(mut request: Request) -> Request {
    if !is_upload(request.headers()) {
        DefaultBodyLimit::max(BODY_LIMIT).apply(&mut request);
    }
    request
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let form = Multipart::from_request(request, state).await;
        let mut form = form.map_err(|error: MultipartRejection| refusal(error.status()))?;
        let mut upload = Self::default();
        for _ in 0..FIELDS {
            let Some(field) = form.next_field().await.map_err(cut_off)? else { break };
            let Some(name) = field.name().map(str::to_owned) else { continue };
            if field.file_name().is_some() {
                let bytes = field.bytes().await.map_err(cut_off)?;
                upload.files.extend((!bytes.is_empty()).then_some((name, bytes)));
            } else {
                upload.fields.insert(name, field.text().await.map_err(cut_off)?);
            }
        }
        Ok(upload)
    }
}

fn cut_off(error: MultipartError) -> Refusal {
    refusal(error.status())
}

fn refusal(status: StatusCode) -> Refusal {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Refusal::new(ErrorCode::TooLarge, "A picture has at most 10 MB.")
        }
        _ => Refusal::new(ErrorCode::BadRequest, "The form did not arrive whole."),
    }
}
