//! Pages that strangers read, rendered once for many.
//!
//! To people who are not signed in a page is the same in each language and theme, but for the nonce of its
//! scripts. When a post is passed around, thousands ask for it at once: the first is answered as ever, the
//! others wait for that answer and get its bytes, each with a nonce of their own. It is kept for [`FRESH`]
//! and never past the next thing this node writes; what another node writes is seen when the time is over.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::posts;
use tokio::sync::OnceCell;
use wire::posts::PostCard;

use crate::headers::Nonce;
use crate::state::AppState;
use crate::{api, cookies, identify, pages};

/// How old a page may be: dates on it are told in minutes, and who is here is told by the socket.
const FRESH: Duration = Duration::from_secs(1);
/// Most pages that are kept.
const PAGES: usize = 64;
/// The largest page that is kept, in bytes.
const PAGE_BYTES: usize = 256 * 1024;
/// The longest address of a page that is kept, in bytes.
const ADDRESS_BYTES: usize = 512;

/// On an answer: the post that whoever gets it reads.
#[derive(Debug, Clone)]
pub(crate) struct Reads(pub(crate) PostCard);

/// What makes strangers' pages differ.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    address: String,
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
    /// What stands before, between and after the places of the nonce.
    pieces: Vec<Bytes>,
    reads: Option<Reads>,
}

/// The pages kept on this node.
#[derive(Debug, Default)]
pub(crate) struct Keep(Mutex<HashMap<Key, Arc<Slot>>>);

impl Keep {
    /// The place of a page, new where the last one's time is over; `None` where there is no room.
    fn slot(&self, key: Key, written: u64, now: Instant) -> Option<Arc<Slot>> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slot) = slots.get(&key).filter(|slot| slot.is_fresh(written, now)) {
            return Some(slot.clone());
        }
        if slots.len() >= PAGES {
            slots.retain(|_, slot| slot.is_fresh(written, now));
        }
        if slots.len() >= PAGES {
            return None;
        }
        let slot = Slot { begun: now, written, page: OnceCell::new() };
        let slot = Arc::new(slot);
        slots.insert(key, slot.clone());
        Some(slot)
    }
}

impl Slot {
    fn is_fresh(&self, written: u64, now: Instant) -> bool {
        self.written == written && now < self.begun + FRESH
    }
}

/// The middleware.
pub(crate) async fn answer_many(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let written = state.services.store.written();
    let slot = key(&state, &request).and_then(|key| state.keep.slot(key, written, Instant::now()));
    let nonce = request.extensions().get::<Nonce>().cloned();
    let (Some(slot), Some(nonce)) = (slot, nonce) else { return next.run(request).await };
    let origin = identify::origin(request.extensions(), request.headers(), &state.config);
    let (mut asking, mut unkept) = (Some((request, next)), None);
    let allowed = &nonce;
    let page = {
        let (asking, unkept) = (&mut asking, &mut unkept);
        slot.page.get_or_init(|| async move {
            let (request, next) = asking.take()?;
            kept(next.run(request).await, allowed)
                .await
                .map_err(|answer| *unkept = Some(answer))
                .ok()
        })
    };
    match (page.await, unkept, asking) {
        (Some(page), _, asking) => {
            // Whoever asked first has been counted on the way.
            if let (Some(reads), Some(_)) = (&page.reads, asking) {
                posts::view(&state.services, &reads.0, &api::stranger(&origin));
            }
            page.answer(&nonce)
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
    let address = request.uri().path_and_query()?.as_str();
    let (theme, language) = (theme.as_str(), language.code());
    let is_short = address.len() <= ADDRESS_BYTES;
    is_short.then(|| Key { address: address.to_owned(), theme, language })
}

fn is_read_by_many(path: &str) -> bool {
    const PAGES: [&str; 4] = ["/", "/chat/global", "/communities", "/explore"];
    const FOLDERS: [&str; 4] = ["/posts/", "/u/", "/c/", "/tags/"];
    PAGES.contains(&path) || FOLDERS.iter().any(|folder| path.starts_with(folder))
}

/// # Errors
/// The answer as it was, where it is not for keeping.
async fn kept(answer: Response, nonce: &Nonce) -> Result<Kept, Response> {
    let headers = answer.headers();
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let is_page = kind.is_some_and(|kind| kind.starts_with("text/html"));
    if answer.status() != StatusCode::OK || !is_page || headers.contains_key(header::SET_COOKIE) {
        return Err(answer);
    }
    let (mut parts, body) = answer.into_parts();
    // Pages are whole before they are sent.
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return Err(StatusCode::INTERNAL_SERVER_ERROR.into_response());
    };
    let pieces = match std::str::from_utf8(&body) {
        Ok(page) if body.len() <= PAGE_BYTES => {
            page.split(&nonce.0).map(|piece| body.slice_ref(piece.as_bytes())).collect()
        }
        _ => return Err(Response::from_parts(parts, body.into())),
    };
    Ok(Kept { headers: parts.headers, pieces, reads: parts.extensions.remove() })
}

impl Kept {
    fn answer(&self, nonce: &Nonce) -> Response {
        let page = self.pieces.join(nonce.0.as_bytes());
        let mut answer = Response::new(Body::from(page));
        *answer.headers_mut() = self.headers.clone();
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: usize) -> Key {
        let address = format!("/posts/{number}");
        Key { address, theme: "dark", language: "en" }
    }

    #[test]
    fn a_page_is_kept_for_a_second_and_until_something_is_written() {
        let (keep, now) = (Keep::default(), Instant::now());
        let first = keep.slot(key(1), 7, now).unwrap();
        let later = now + FRESH - Duration::from_millis(1);
        assert!(Arc::ptr_eq(&first, &keep.slot(key(1), 7, later).unwrap()));
        assert!(!Arc::ptr_eq(&first, &keep.slot(key(2), 7, later).unwrap()), "another page");
        let written = keep.slot(key(1), 8, later).unwrap();
        assert!(!Arc::ptr_eq(&first, &written), "something was written");
        let next = keep.slot(key(1), 8, later + FRESH).unwrap();
        assert!(!Arc::ptr_eq(&written, &next), "a second has passed");
    }

    #[test]
    fn no_more_than_so_many_pages_are_kept() {
        let (keep, now) = (Keep::default(), Instant::now());
        for number in 0..PAGES {
            assert!(keep.slot(key(number), 7, now).is_some());
        }
        assert!(keep.slot(key(PAGES), 7, now).is_none(), "full");
        assert!(keep.slot(key(0), 7, now).is_some(), "one of those that are there");
        assert!(keep.slot(key(PAGES), 7, now + FRESH).is_some(), "the old ones made room");
    }
}
