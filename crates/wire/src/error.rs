//! How every door says no: a stable word for programs and a sentence for people.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::from_json;
use crate::json::{FromJson, Json};

macro_rules! codes {
    ($($name:ident = $word:literal, $status:literal;)*) => {
        /// The stable words of `code`, with the HTTP status each one travels under.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ErrorCode {
            $(#[serde(rename = $word)] $name,)*
            /// A word of a newer server.
            #[serde(other, rename = "unknown")]
            Unknown,
        }

        impl ErrorCode {
            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$name,)*];

            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* Self::Unknown => "unknown" }
            }

            #[must_use]
            pub fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* Self::Unknown => 500 }
            }
        }

        impl FromJson for ErrorCode {
            fn from_json<J: Json>(json: &J) -> Option<Self> {
                Some(match json.text()?.as_str() { $($word => Self::$name,)* _ => Self::Unknown })
            }
        }
    };
}

codes! {
    BadRequest = "bad_request", 400;
    InvalidJson = "invalid_json", 400;
    UnknownType = "unknown_type", 400;
    InvalidField = "invalid_field", 400;
    MessageEmpty = "message_empty", 400;
    MessageTooLong = "message_too_long", 400;
    MessageInvalidCharacter = "message_invalid_character", 400;
    NotAuthenticated = "not_authenticated", 401;
    InvalidCredentials = "invalid_credentials", 401;
    TokenInvalid = "token_not_valid", 401;
    TokenExpired = "token_expired", 401;
    CsrfFailed = "csrf_failed", 403;
    Forbidden = "forbidden", 403;
    RequestLimit = "request_limit", 403;
    CannotMessage = "cannot_message", 403;
    EditTooLate = "edit_too_late", 403;
    NotFound = "not_found", 404;
    MethodNotAllowed = "method_not_allowed", 405;
    ClientIdConflict = "client_id_conflict", 409;
    GroupFull = "group_full", 409;
    UploadConflict = "upload_conflict", 409;
    EditConflict = "edit_conflict", 409;
    MessageUnsent = "message_unsent", 409;
    TooManyReactions = "too_many_reactions", 409;
    TooLarge = "too_large", 413;
    UnsupportedMediaType = "unsupported_media_type", 415;
    RateLimited = "rate_limited", 429;
    Internal = "internal", 500;
    StorageFull = "storage_full", 503;
    Unavailable = "unavailable", 503;
}

impl ErrorCode {
    /// Whether the same request may succeed later without being changed.
    #[must_use]
    pub fn is_temporary(self) -> bool {
        matches!(
            self,
            Self::RateLimited
                | Self::StorageFull
                | Self::Unavailable
                | Self::Internal
                | Self::Unknown
        )
    }
}

/// A refusal, as domain code states it and every door translates it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    pub code: ErrorCode,
    /// One sentence for a person.
    pub message: String,
    /// Field name → sentences, for validation problems.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, Vec<String>>,
    /// How long to wait where waiting helps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

from_json!(Problem { code, message, fields, retry_after_ms });

impl Problem {
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), fields: BTreeMap::new(), retry_after_ms: None }
    }

    /// A validation problem of one field.
    pub fn field(name: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        let mut problem = Self::new(ErrorCode::InvalidField, message.clone());
        problem.fields.insert(name.to_owned(), vec![message]);
        problem
    }

    #[must_use]
    pub fn retry_after(mut self, millis: u64) -> Self {
        self.retry_after_ms = Some(millis);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_travels_as_its_word_and_an_unknown_word_is_no_failure() {
        let json = serde_json::to_string(&ErrorCode::MessageTooLong).unwrap();
        assert_eq!(json, "\"message_too_long\"");
        let newer: ErrorCode = serde_json::from_str("\"from_tomorrow\"").unwrap();
        assert_eq!(newer, ErrorCode::Unknown);
    }

    #[test]
    fn l_38_every_refusal_can_be_said_in_words_and_read_back() {
        let mut words = std::collections::BTreeSet::new();
        for code in ErrorCode::ALL {
            assert!(words.insert(code.as_str()), "{code:?} has a word of its own");
            assert!((400..600).contains(&code.status()), "{code:?}");
            for message in ["", "A sentence."] {
                let problem = Problem::new(*code, message).retry_after(1);
                assert_eq!(problem.to_string(), message);
                let json = serde_json::to_string(&problem).unwrap();
                assert_eq!(serde_json::from_str::<Problem>(&json).unwrap(), problem);
            }
        }
    }
}
