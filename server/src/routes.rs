//! The URL map.

use std::convert::Infallible;

use axum::Router;
use axum::extract::Request;
use axum::extract::{DefaultBodyLimit, Path};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use tower::{Service, ServiceExt};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::timeout::RequestBodyTimeoutLayer;

use crate::good_time::in_good_time;
use crate::state::AppState;
use crate::{
    api, assets, cross_site, feeds, forms, headers, health, identify, keep, live, logging, media,
    pages, paths, refusal, uploads,
};

/// Largest body of a form or a JSON request, in bytes.
pub(crate) const BODY_LIMIT: usize = 1024 * 1024;

/// Every address of the product.
pub fn router(state: AppState) -> Router {
    Router::new()
        .merge(for_people(&state))
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/text/{name}", get(texts))
        .route("/robots.txt", get(feeds::robots))
        .route("/media/{id}/{file}", get(media::picture))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(RequestBodyTimeoutLayer::new(state.config.header_timeout))
        .layer(CatchPanicLayer::custom(logging::answer_panic))
        .layer(from_fn_with_state(state.clone(), keep::answer_many))
        .layer(from_fn_with_state(state.clone(), headers::harden))
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(state.clone(), logging::trace))
        .with_state(state)
}

/// What needs to know who asks.
fn for_people(state: &AppState) -> Router<AppState> {
    let routes = Router::new()
        .merge(api::routes().layer(from_fn_with_state(state.clone(), api::whole_addresses)))
        .merge(forms::routes())
        .route("/ws/chat", get(live::ours))
        .route("/ws/chat/global", get(live::room))
        .route("/ws/chat/private", get(live::private))
        .route("/u/{username}/feed.xml", get(feeds::atom))
        .route("/sitemap.xml", get(feeds::sitemap))
        .route("/sitemap/{part}", get(feeds::sitemap_part))
        .route("/fn/{*path}", post(pages::server_fn).get(pages::server_fn))
        .fallback(pages::page_or_file)
        .method_not_allowed_fallback(api::method_not_allowed)
        .layer(from_fn_with_state(state.clone(), uploads::few_at_once))
        .layer(from_fn_with_state(state.clone(), identify::identify))
        .layer(from_fn(in_good_time))
        .layer(from_fn_with_state(state.clone(), cross_site::refuse_cross_site));
    in_their_words(state, routes).layer(from_fn(assets_first))
}

/// Whoever refuses further in, and whatever panics there: programs get the error body that they can
/// read, people a page.
pub fn in_their_words(state: &AppState, routes: Router<AppState>) -> Router<AppState> {
    routes
        .layer(CatchPanicLayer::custom(logging::refuse_panic))
        .layer(from_fn_with_state(state.clone(), pages::in_words))
        .layer(from_fn(refusal::with_plain_error))
}

/// Files are the same for everybody: they are answered before anybody is identified.
async fn assets_first(request: Request, next: axum::middleware::Next) -> Response {
    match assets::find(request.uri(), request.headers()) {
        Some(file) if request.method().is_safe() => file,
        _ => next.run(request).await,
    }
}

/// The router behind the step that has to run before routing.
pub fn service(
    state: AppState,
) -> impl Service<Request, Response = Response, Error = Infallible, Future: Send>
+ Clone
+ Send
+ Sync
+ 'static {
    let router = router(state);
    tower::service_fn(move |request: Request| {
        let router = router.clone();
        async move {
            match paths::without_trailing_slash(paths::with_meant_method(request)) {
                Ok(request) => router.oneshot(request).await,
                Err(answer) => Ok(*answer),
            }
        }
    })
}

async fn texts(Path(name): Path<String>) -> Response {
    assets::texts(&name)
}
