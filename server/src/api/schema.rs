//! `/api/schema`: the interface, described for machines.

use std::sync::LazyLock;

use axum::Json;
use serde::Serialize;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    Components, ContentBuilder, InfoBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder,
    SecurityRequirement,
};
use utoipa::{PartialSchema, ToSchema};

use crate::cookies;
use crate::refusal::is_plain;

/// The one description of this program's interface.
pub(super) static SCHEMA: LazyLock<OpenApi> = LazyLock::new(super::schema);

/// Fetch this description.
#[utoipa::path(get, path = "/api/schema", tag = "about", security(()),
    responses((status = 200, description = "OpenAPI 3.1", body = serde_json::Value)))]
pub(super) async fn openapi() -> Json<&'static OpenApi> {
    Json(&SCHEMA)
}

/// Every refusal. Messages about single fields stand at top level too, under the field's name.
#[derive(Serialize, ToSchema)]
#[schema(as = Refusal)]
struct RefusalShape {
    /// A sentence for people.
    detail: String,
    /// A stable word for programs.
    code: String,
    error: RefusalError,
    /// Where waiting helps.
    retry_after_ms: Option<u64>,
}

/// A refusal of the paths that Spherespace's clients know: `error` is the sentence.
#[derive(Serialize, ToSchema)]
#[schema(as = PlainRefusal)]
struct PlainRefusalShape {
    /// A sentence for people.
    detail: String,
    /// A stable word for programs.
    code: String,
    /// The sentence again.
    error: String,
    /// Where waiting helps.
    retry_after_ms: Option<u64>,
}

#[derive(Serialize, ToSchema)]
struct RefusalError {
    status_code: u16,
    message: String,
    details: std::collections::BTreeMap<String, Vec<String>>,
}

/// What holds for every operation: who may ask, and how it says no.
pub(super) fn complete(mut openapi: OpenApi) -> OpenApi {
    openapi.info = InfoBuilder::new()
        .title("Spherespace")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Every address works with and without its trailing slash. Ids are UUIDs, but for the \
             global room's messages. Times are RFC 3339 in UTC.",
        ))
        .build();
    openapi.servers = None;
    let components = openapi.components.get_or_insert_default();
    add_security(components);
    components.schemas.insert("Refusal".into(), RefusalShape::schema());
    components.schemas.insert("PlainRefusal".into(), PlainRefusalShape::schema());
    let mut inner = Vec::new();
    RefusalShape::schemas(&mut inner);
    components.schemas.extend(inner);
    openapi.security = Some(vec![
        SecurityRequirement::new("bearer", Vec::<String>::new()),
        SecurityRequirement::new("cookie", Vec::<String>::new()),
    ]);
    for (path, item) in &mut openapi.paths.paths {
        let shape = if is_plain(path) { "PlainRefusal" } else { "Refusal" };
        operations(item).into_iter().for_each(|operation| add_refusal(operation, shape));
    }
    openapi
}

fn add_security(components: &mut Components) {
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    let cookie = ApiKeyValue::with_description(
        cookies::ACCESS,
        "The browser's. A write needs `Sec-Fetch-Site: same-origin` or an `Origin` of this site.",
    );
    components.add_security_scheme("cookie", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
}

fn operations(item: &mut PathItem) -> Vec<&mut Operation> {
    let PathItem { get, put, post, delete, patch, head, options, .. } = item;
    [get, put, post, delete, patch, head, options].into_iter().flatten().collect()
}

/// A description is required, and what an answer is says its shape.
fn describe(response: &mut RefOr<Response>) {
    if let RefOr::T(response) = response
        && response.description.is_empty()
    {
        response.description = "Done".into();
    }
}

fn add_refusal(operation: &mut Operation, shape: &str) {
    operation.responses.responses.values_mut().for_each(describe);
    let body = ContentBuilder::new().schema(Some(Ref::from_schema_name(shape))).build();
    let refusal: RefOr<Response> = ResponseBuilder::new()
        .description("Refused, and why")
        .content("application/json", body)
        .build()
        .into();
    operation.responses.responses.insert("default".into(), refusal);
}
