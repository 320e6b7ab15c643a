//! A JSON body, or a refusal that says what is wrong with it and never repeats it.

use std::collections::BTreeMap;
use std::str::FromStr;

use axum::body::Bytes;
use axum::extract::{Form, FromRequest, OptionalFromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::error::Category;
use wire::{ErrorCode, Problem};

use crate::refusal::Refusal;
use crate::uploads::{Files, Upload, within_limit};

pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        if !is_json(request.headers()) {
            return Err(no_json());
        }
        read(&bytes(request, state).await?).map(Self).map_err(Refusal)
    }
}

/// A body that may be left out, with its `Content-Type` or without.
impl<S: Send + Sync, T: DeserializeOwned> OptionalFromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, Refusal> {
        let is_json = is_json(request.headers());
        let bytes = bytes(request, state).await?;
        match (bytes.is_empty(), is_json) {
            (true, _) => Ok(None),
            (false, true) => read(&bytes).map(|body| Some(Self(body))).map_err(Refusal),
            (false, false) => Err(no_json()),
        }
    }
}

/// A body that may also be a form, of either kind, whose values are texts; and its files.
pub(crate) struct AnyBody<T>(pub(crate) T, pub(crate) Files);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for AnyBody<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        let request = within_limit(request);
        let (fields, files) = match media_type(request.headers()).as_str() {
            "multipart/form-data" => {
                let Upload { fields, files } = Upload::from_request(request, state).await?;
                (fields, files)
            }
            "application/x-www-form-urlencoded" => {
                let form = Form::<BTreeMap<String, String>>::from_request(request, state).await;
                (form.map_err(|rejection| not_arrived(rejection.status()))?.0, Files::new())
            }
            _ => {
                let body = <Body<T> as FromRequest<S>>::from_request(request, state).await;
                return body.map(|Body(body)| Self(body, Files::new()));
            }
        };
        let json = serde_json::to_vec(&fields).unwrap_or_default();
        read(&json).map(|body| Self(body, files)).map_err(Refusal)
    }
}

/// A value that a form says as a text, as its own type or as that text; nothing where it is empty. For
/// `deserialize_with`.
pub(crate) fn told<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + FromStr,
{
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Told<T> {
        Value(T),
        Text(String),
        Nothing(()),
    }
    match Told::<T>::deserialize(deserializer)? {
        Told::Value(value) => Ok(Some(value)),
        Told::Text(text) if text.trim().is_empty() => Ok(None),
        Told::Text(text) => {
            text.trim().parse().map(Some).map_err(|_| D::Error::custom("not of the right type"))
        }
        Told::Nothing(()) => Ok(None),
    }
}

fn not_arrived(status: StatusCode) -> Refusal {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Refusal::new(ErrorCode::TooLarge, "The body is too large.")
        }
        _ => Refusal::new(ErrorCode::BadRequest, "The body did not arrive."),
    }
}

fn no_json() -> Refusal {
    let sentence = "Send JSON, with Content-Type: application/json.";
    Refusal::new(ErrorCode::UnsupportedMediaType, sentence)
}

async fn bytes<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Refusal> {
    Bytes::from_request(request, state).await.map_err(|rejection| not_arrived(rejection.status()))
}

fn media_type(headers: &HeaderMap) -> String {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default();
    kind.trim().to_ascii_lowercase()
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = media_type(headers);
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // A list would fill the fields of a shape in their order.
    if bytes.trim_ascii_start().starts_with(b"[") {
        return Err(Problem::new(ErrorCode::InvalidField, "The body must be a JSON object."));
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let body = serde_path_to_error::deserialize(&mut json).map_err(|error| problem(&error))?;
    json.end().map_err(|_| not_json())?;
    Ok(body)
}

fn problem(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    if error.inner().classify() != Category::Data {
        return not_json();
    }
    let message = error.inner().to_string();
    let missing = message.strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
    let path = error.path().to_string();
    let (field, sentence) = match missing {
        Some(field) => (field, "This field is required."),
        None => (path.as_str(), "This is not of the right type."),
    };
    if field == "." {
        return Problem::new(ErrorCode::InvalidField, "The body must be a JSON object.");
    }
    let mut problem = Problem::new(ErrorCode::InvalidField, "Some fields need another look.");
    problem.fields.insert(field.to_owned(), vec![sentence.to_owned()]);
    problem
}

fn not_json() -> Problem {
    Problem::new(ErrorCode::InvalidJson, "The body is not JSON.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only whether it can be read is asked")]
    struct Shape {
        name: String,
        #[serde(default)]
        nested: Vec<u8>,
    }

    #[test]
    fn each_mistake_is_named_by_its_field_and_never_repeated() {
        for (text, code, field) in [
            (r#"{"name": 5}"#, ErrorCode::InvalidField, Some("name")),
            (r#"{}"#, ErrorCode::InvalidField, Some("name")),
            (
                r#"{"name": "x", "nested": [1, "hunter2"]}"#,
                ErrorCode::InvalidField,
                Some("nested[1]"),
            ),
            (r#"["x"]"#, ErrorCode::InvalidField, None),
            (r#""hunter2""#, ErrorCode::InvalidField, None),
            (r#"{"name": "x"} hunter2"#, ErrorCode::InvalidJson, None),
            ("{", ErrorCode::InvalidJson, None),
            ("", ErrorCode::InvalidJson, None),
        ] {
            let problem = read::<Shape>(text.as_bytes()).unwrap_err();
            assert_eq!(problem.code, code, "{text}");
            assert_eq!(problem.fields.keys().next().map(String::as_str), field, "{text}");
            assert!(!format!("{problem:?}").contains("hunter2"), "{text}");
        }
    }
}
