//! An id in an address.

use std::str::FromStr;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use domain::chat::GLOBAL_ROOM;
use wire::{ConversationId, ErrorCode};

use crate::refusal::Refusal;

/// The one id of a path. What is no id names nothing: 404, and not a word on why.
pub(crate) struct Id<T>(pub(crate) T);

impl<S: Send + Sync, T: FromStr> FromRequestParts<S> for Id<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let text = Path::<String>::from_request_parts(parts, state).await.ok();
        let id = text.and_then(|Path(text)| text.parse().ok());
        id.map(Self).ok_or_else(not_found)
    }
}

/// The conversation of a path. The global room is none of these: its messages have an address of their
/// own, and nothing else about it is anybody's to change.
pub(crate) struct TalkId(pub(crate) ConversationId);

impl<S: Send + Sync> FromRequestParts<S> for TalkId {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let Id(id) = Id::from_request_parts(parts, state).await?;
        if id == GLOBAL_ROOM { Err(not_found()) } else { Ok(Self(id)) }
    }
}

/// The id of a path, and the name of something in it.
pub(crate) struct IdAndName<T>(pub(crate) T, pub(crate) String);

impl<S: Send + Sync, T: FromStr> FromRequestParts<S> for IdAndName<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let texts = Path::<(String, String)>::from_request_parts(parts, state).await.ok();
        let both = texts.and_then(|Path((id, name))| Some(Self(id.parse().ok()?, name)));
        both.ok_or_else(not_found)
    }
}

fn not_found() -> Refusal {
    Refusal::new(ErrorCode::NotFound, "Not found.")
}
