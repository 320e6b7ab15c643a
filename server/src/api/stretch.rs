//! Which stretch of a conversation's history is asked for: `?limit=&before=&after=`.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use domain::Caller;
use domain::chat;
use serde::{Deserialize, Deserializer, de};
use utoipa::IntoParams;
use wire::chat::{HISTORY_PAGE, History, Span};
use wire::conversations::UpTo;
use wire::{ConversationKey, ErrorCode};

use crate::refusal::Refusal;
use crate::state::AppState;

#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Stretch {
    /// At most 200, else 50.
    limit: Option<u64>,
    /// The last ones before this `seq` or message id.
    #[param(value_type = Option<String>)]
    before: Option<Edge>,
    /// The next ones after this `seq` or message id.
    #[param(value_type = Option<String>)]
    after: Option<Edge>,
}

struct Edge(UpTo);

impl<'de> Deserialize<'de> for Edge {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let seq = text.parse().map(UpTo::Seq);
        let edge = seq.or_else(|_| text.parse().map(UpTo::Message));
        edge.map(Self).map_err(|_| de::Error::custom("neither a seq nor a message id"))
    }
}

impl Stretch {
    /// The stretch, for a caller who may read it.
    pub(super) async fn read(
        &self,
        state: &AppState,
        caller: &Caller,
        key: ConversationKey,
    ) -> Result<History, Refusal> {
        let span = match (&self.after, &self.before) {
            (Some(edge), _) => Span::After(seq(state, caller, key, edge).await?),
            (None, Some(edge)) => Span::Before(seq(state, caller, key, edge).await?),
            (None, None) => Span::Newest,
        };
        let limit = self.limit.unwrap_or(HISTORY_PAGE);
        Ok(chat::history(&state.services, Some(caller), key, span, limit).await?)
    }
}

async fn seq(
    state: &AppState,
    caller: &Caller,
    key: ConversationKey,
    edge: &Edge,
) -> Result<i64, Refusal> {
    match edge.0 {
        UpTo::Seq(seq) => Ok(seq),
        UpTo::Message(id) => {
            Ok(chat::seq_of_message(&state.services, Some(caller), key, id).await?)
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Stretch {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let query = Query::<Self>::from_request_parts(parts, state).await;
        let Query(stretch) =
            query.map_err(|error| Refusal::new(ErrorCode::InvalidField, error.body_text()))?;
        Ok(stretch)
    }
}
