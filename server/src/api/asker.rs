//! Who asks, where strangers may not: known before the body is read.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use domain::Caller;
use wire::ErrorCode;

use crate::identify::Visit;
use crate::refusal::Refusal;

/// The signed-in caller; 401 for everybody else.
pub(crate) struct Asker(pub(crate) Caller);

impl<S: Send + Sync> FromRequestParts<S> for Asker {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let visit = parts.extensions.get::<Visit>();
        let visit =
            visit.ok_or_else(|| Refusal::new(ErrorCode::NotAuthenticated, "Sign in first."))?;
        visit.caller().cloned().map(Self)
    }
}
