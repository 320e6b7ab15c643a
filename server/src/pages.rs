//! Pages: complete HTML from the server, on every path that nothing else answers.

use app::caller;
use app::page::{FormEcho, Page, Theme};
use app::shell::shell;
use app::text::Language;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use leptos::context::provide_context;
use leptos::nonce::Nonce as PageNonce;
use leptos_axum::{handle_server_fns_with_context, render_app_async_with_context};
use wire::ErrorCode;
use wire::accounts::safe_next;

use crate::headers::Nonce;
use crate::identify::Visit;
use crate::refusal::Refusal;
use crate::state::AppState;
use crate::{assets, cookies};

/// Everything a handler of pages needs to know about its request.
#[derive(Clone)]
pub struct Asked {
    pub state: AppState,
    pub visit: Visit,
    nonce: String,
    theme: Theme,
    language: Language,
}

impl Asked {
    /// From the extensions that the middlewares have left.
    pub fn of(state: &AppState, request: &Request) -> Option<Self> {
        let headers = request.headers();
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let chosen = cookies::read(headers, &state.config, cookies::LANGUAGE);
        let theme = cookies::read(headers, &state.config, cookies::THEME).and_then(Theme::from_word);
        Some(Self {
            state: state.clone(),
            visit: request.extensions().get::<Visit>()?.clone(),
            nonce: request.extensions().get::<Nonce>()?.0.clone(),
            theme: theme.unwrap_or_default(),
            language: Language::negotiate(chosen, accepted),
        })
    }

    fn page(&self, form: FormEcho) -> Page {
        Page {
            viewer: self.visit.caller.as_ref().map(domain::Caller::viewer),
            theme: self.theme,
            language: self.language,
            public_url: self.state.config.public_url.clone(),
            form,
        }
    }

    /// What server functions and pages find in their context.
    fn provide(&self, page: &Page) {
        provide_context(page.clone());
        provide_context(PageNonce::from_value(self.nonce.clone()));
        provide_context(caller::Request {
            caller: self.visit.caller.clone(),
            services: self.state.services.clone(),
        });
    }

    /// Renders the page at `uri` with what a form was refused for.
    pub async fn render(self, uri: Uri, form: FormEcho, status: StatusCode) -> Response {
        let page = self.page(form);
        let assets = assets::addresses(self.language);
        let shown = page.clone();
        let provide = move || self.provide(&page);
        let render = render_app_async_with_context(provide, move || shell(shown.clone(), assets.clone()));
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = uri;
        let mut response = render(request).await;
        if status != StatusCode::OK {
            *response.status_mut() = status;
        }
        let html = HeaderValue::from_static("text/html; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, html);
        response
    }
}

/// The fallback of the URL map: an embedded file, a page, or the page that says there is none.
pub async fn page_or_file(State(state): State<AppState>, request: Request) -> Response {
    let path = request.uri().path();
    if path.starts_with("/api/") || path.starts_with("/ws/") || path.starts_with("/fn/") {
        return Refusal::new(ErrorCode::NotFound, "There is nothing at this address.").into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")]).into_response();
    }
    let Some(asked) = Asked::of(&state, &request) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    if let Some(elsewhere) = elsewhere(&asked.visit, request.uri()) {
        return Redirect::to(&elsewhere).into_response();
    }
    asked.render(request.uri().clone(), FormEcho::default(), StatusCode::OK).await
}

/// Where somebody is sent instead: to sign in first, or on, because they have.
fn elsewhere(visit: &Visit, uri: &Uri) -> Option<String> {
    let path = uri.path();
    let signed_in = visit.caller.is_some();
    if path.starts_with("/settings") && !signed_in {
        return Some(format!("/login?next={path}"));
    }
    let is_door = ["/login", "/signup", "/register"].contains(&path);
    (is_door && signed_in).then(|| safe_next(&query_value(uri, "next"), "/chat/global").to_owned())
}

/// The decoded value of a query parameter, empty where there is none.
fn query_value(uri: &Uri, name: &str) -> String {
    let query: axum::extract::Query<Vec<(String, String)>> =
        axum::extract::Query::try_from_uri(uri).unwrap_or_default();
    query.0.into_iter().find(|(key, _)| key == name).map(|(_, value)| value).unwrap_or_default()
}

/// Server functions under `/fn/`.
pub async fn server_fn(State(state): State<AppState>, request: Request) -> Response {
    let Some(asked) = Asked::of(&state, &request) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let page = asked.page(FormEcho::default());
    let provide = move || asked.provide(&page);
    handle_server_fns_with_context(provide, request).await.into_response()
}
