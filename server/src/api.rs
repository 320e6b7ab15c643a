//! REST: thin translations between the contract's shapes and the verbs of `domain`.

mod accounts;
mod chat;
mod id;
mod json;
mod own_account;
mod paging;
mod passwords;
mod reference;
mod schema;
mod sessions;
mod shapes;

use axum::Router;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::ErrorCode;

use crate::refusal::Refusal;
use crate::state::AppState;

pub(crate) use json::Body;

/// The addresses under `/api`, without their optional trailing slash.
pub(crate) fn routes() -> Router<AppState> {
    documented().split_for_parts().0
}

/// What they are, as OpenAPI 3.1.
#[must_use]
pub fn schema() -> OpenApi {
    schema::complete(documented().split_for_parts().1)
}

/// Each address beside its description: neither is there without the other.
fn documented() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(for_accounts())
        .merge(for_oneself())
        .merge(for_chat())
        .routes(routes!(schema::openapi))
        .routes(routes!(reference::page))
}

fn for_accounts() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(accounts::sign_up))
        .routes(routes!(accounts::register))
        .routes(routes!(accounts::sign_in))
        .routes(routes!(accounts::sign_out))
        .routes(routes!(accounts::refresh_tokens))
        .routes(routes!(accounts::csrf))
        .routes(routes!(passwords::reset))
        .routes(routes!(passwords::confirm))
}

fn for_oneself() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(own_account::current_user, own_account::change_current_user))
        .routes(routes!(own_account::users))
        .routes(routes!(passwords::change))
        .routes(routes!(sessions::list, sessions::end_others))
        .routes(routes!(sessions::one, sessions::end))
        .routes(routes!(sessions::ticket))
}

fn for_chat() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(chat::global_history, chat::post_to_global))
}

/// 405 in the API's own words; axum has already added `Allow`.
pub(crate) async fn method_not_allowed(method: Method) -> Response {
    if method == Method::HEAD {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let refusal =
        Refusal::new(ErrorCode::MethodNotAllowed, format!("{method} is not possible here."));
    let mut response = refusal.into_response();
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response
}
