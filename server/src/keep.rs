//! Pages that strangers read, rendered once for many.
//!
//! To people who are not signed in a page is the same in each language, theme and encoding. When a post
//! is passed around, thousands ask for it at once: the first is answered as ever, the others wait for
//! that answer and get its bytes. It is kept for [`FRESH`] and never past the next thing this node
//! writes; what another node writes is seen when the time is over.
//!
//! The nonce stays with the page it was drawn for. It was drawn before the page was rendered, and a page
//! that is kept does not change, so nobody who reads it there can put anything under it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::posts;
use tokio::sync::OnceCell;
use tokio::time::Instant;
use wire::posts::PostCard;

use crate::state::AppState;
use crate::{api, cookies, identify, pages};

/// How old a page may be: dates on it are told in minutes, and who is here is told by the socket.
const FRESH: Duration = Duration::from_secs(1);
/// Most pages that are kept.
const PAGES: usize = 64;
/// The largest page that is kept, as it is sent, in bytes.
const PAGE_BYTES: usize = 256 * 1024;
/// The longest address and list of encodings of a page that is kept, in bytes.
const KEY_BYTES: usize = 512;

/// On an answer: the post that whoever gets it reads.
#[derive(Debug, Clone)]
pub(crate) struct Reads(pub(crate) PostCard);

/// What makes strangers' pages differ.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    address: String,
    encodings: String,
    theme: &'static str,
    language: &'static str,
}

#[derive(Debug)]
struct Slot {
    begun: Instant,
    /// [`domain::Store::written`] when rendering began.
    written: u64,
    /// `None`: an answer that is not for keeping.
    page: OnceCell<Option<Kept>>,
}

#[derive(Debug, Clone)]
struct Kept {
    headers: HeaderMap,
    body: Bytes,
    reads: Option<Reads>,
}

/// The pages kept on this node.
#[derive(Debug, Default)]
pub(crate) struct Keep(Mutex<HashMap<Key, Arc<Slot>>>);

impl Keep {
    /// The place of a page, new where the last one's time is over; `None` where there is no room.
    fn slot(&self, key: Key, written: u64) -> Option<Arc<Slot>> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get(&key).filter(|slot| slot.is_fresh(written)) {
            return Some(slot.clone());
        }
        if slots.len() >= PAGES {
            slots.retain(|_, slot| slot.is_fresh(written));
        }
        if slots.len() >= PAGES {
            return None;
        }
        let slot = Slot { begun: Instant::now(), written, page: OnceCell::new() };
        let slot = Arc::new(slot);
        slots.insert(key, slot.clone());
        Some(slot)
    }
}

impl Slot {
    fn is_fresh(&self, written: u64) -> bool {
        self.written == written && self.begun.elapsed() < FRESH
    }
}

/// The middleware.
pub(crate) async fn answer_many(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let written = state.services.store.written();
    let slot = key(&state, &request).and_then(|key| state.keep.slot(key, written));
    let Some(slot) = slot else { return next.run(request).await };
    let origin = identify::origin(request.extensions(), request.headers(), &state.config);
    let (mut asking, mut unkept) = (Some((request, next)), None);
    let page = {
        let (asking, unkept) = (&mut asking, &mut unkept);
        slot.page.get_or_init(|| async move {
            let (request, next) = asking.take()?;
            kept(next.run(request).await).await.map_err(|answer| *unkept = Some(answer)).ok()
        })
    };
    match (page.await, unkept, asking) {
        (Some(page), _, asking) => {
            // Whoever asked first has been counted on the way.
            if let (Some(reads), Some(_)) = (&page.reads, asking) {
                posts::view(&state.services, &reads.0, &api::stranger(&origin));
            }
            page.answer()
        }
        (None, Some(answer), _) => answer,
        (None, None, Some((request, next))) => next.run(request).await,
        (None, None, None) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Of a stranger's page; `None` for everything else.
fn key(state: &AppState, request: &Request) -> Option<Key> {
    let headers = request.headers();
    let credential = [cookies::ACCESS, cookies::REFRESH]
        .iter()
        .any(|name| cookies::read(headers, &state.config, name).is_some());
    let is_known = credential || headers.contains_key(header::AUTHORIZATION);
    if is_known || request.method() != Method::GET || !is_read_by_many(request.uri().path()) {
        return None;
    }
    let (theme, language) = pages::choices(state, headers);
    let encodings = headers.get(header::ACCEPT_ENCODING).map(|value| value.to_str());
    let key = Key {
        address: request.uri().path_and_query()?.as_str().to_owned(),
        encodings: encodings.transpose().ok()?.unwrap_or_default().to_owned(),
        theme: theme.as_str(),
        language: language.code(),
    };
    (key.address.len() + key.encodings.len() <= KEY_BYTES).then_some(key)
}

fn is_read_by_many(path: &str) -> bool {
    const PAGES: [&str; 4] = ["/", "/chat/global", "/communities", "/explore"];
    const FOLDERS: [&str; 4] = ["/posts/", "/u/", "/c/", "/tags/"];
    PAGES.contains(&path) || FOLDERS.iter().any(|folder| path.starts_with(folder))
}

/// # Errors
/// The answer as it was, where it is not for keeping.
async fn kept(answer: Response) -> Result<Kept, Response> {
    let headers = answer.headers();
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let is_page = kind.is_some_and(|kind| kind.starts_with("text/html"));
    if answer.status() != StatusCode::OK || !is_page || headers.contains_key(header::SET_COOKIE) {
        return Err(answer);
    }
    let (mut parts, body) = answer.into_parts();
    // Pages are whole before they are sent; this waits for nothing but their compression.
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return Err(StatusCode::INTERNAL_SERVER_ERROR.into_response());
    };
    parts.headers.insert(header::CONTENT_LENGTH, body.len().into());
    parts.headers.remove(header::TRANSFER_ENCODING);
    if body.len() > PAGE_BYTES {
        return Err(Response::from_parts(parts, body.into()));
    }
    Ok(Kept { headers: parts.headers, body, reads: parts.extensions.remove() })
}

impl Kept {
    fn answer(&self) -> Response {
        let mut answer = Response::new(Body::from(self.body.clone()));
        *answer.headers_mut() = self.headers.clone();
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: usize) -> Key {
        let address = format!("/posts/{number}");
        Key { address, encodings: String::new(), theme: "dark", language: "en" }
    }

    #[tokio::test(start_paused = true)]
    async fn a_page_is_kept_for_a_second_and_until_something_is_written() {
        let keep = Keep::default();
        let first = keep.slot(key(1), 7).unwrap();
        tokio::time::advance(FRESH - Duration::from_millis(1)).await;
        assert!(Arc::ptr_eq(&first, &keep.slot(key(1), 7).unwrap()));
        assert!(!Arc::ptr_eq(&first, &keep.slot(key(2), 7).unwrap()), "another page");
        let written = keep.slot(key(1), 8).unwrap();
        assert!(!Arc::ptr_eq(&first, &written), "something was written");
        tokio::time::advance(FRESH).await;
        assert!(!Arc::ptr_eq(&written, &keep.slot(key(1), 8).unwrap()), "a second has passed");
    }

    #[tokio::test(start_paused = true)]
    async fn no_more_than_so_many_pages_are_kept() {
        let keep = Keep::default();
        for number in 0..PAGES {
            assert!(keep.slot(key(number), 7).is_some());
        }
        assert!(keep.slot(key(PAGES), 7).is_none(), "full");
        assert!(keep.slot(key(0), 7).is_some(), "one of those that are there");
        tokio::time::advance(FRESH).await;
        assert!(keep.slot(key(PAGES), 7).is_some(), "the old ones made room");
    }
}
