//! Pages: complete HTML from the server, on every path that nothing else answers.

mod chat;
mod communities;
mod notifications;
mod posts;
mod profiles;
mod search;

use std::sync::Arc;

use app::caller;
use app::chat::pages::Waiting;
use app::content::Content;
use app::error::AppError;
use app::failure::{Failure, failure_html};
use app::notifications::NewsWaiting;
use app::page::{FormEcho, Live, Page, Theme, provide_page};
use app::profiles::OwnPicture;
use app::shell::shell;
use app::text::{Language, Texts, texts_in};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, Request, State};
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};
use domain::accounts::ResetWords;
use leptos::nonce::Nonce as PageNonce;
use leptos::prelude::{IntoView, Owner, RenderHtml, provide_context};
use leptos::server_fn::axum::get_server_fn_service;
use leptos_axum::{handle_server_fns_with_context, render_app_async_with_context};
use wire::accounts::safe_next;
use wire::{ClientId, ErrorCode, Problem};

pub(crate) use self::chat::part;
pub(crate) use self::posts::whats_new;
pub(crate) use self::profiles::card;

use crate::cross_site;
use crate::headers::Nonce;
use crate::identify::Visit;
use crate::keep::Reads;
use crate::refusal::{Refusal, Refused, say_when_to_return, status};
use crate::state::AppState;
use crate::{assets, cookies, logging, paths};

/// More than any refusal of a server function has, in bytes.
const REFUSAL_LIMIT: usize = 64 * 1024;
/// From here on a wait is told in seconds; a shorter one is over before it is read.
const LONG_WAIT_MS: u64 = 5_000;

/// Everything a handler of pages needs to know about its request.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) state: AppState,
    pub(crate) visit: Visit,
    nonce: String,
    theme: Theme,
    language: Language,
}

impl Asked {
    /// From the extensions that the middlewares have left.
    pub(crate) fn of(state: &AppState, request: &Request) -> Option<Self> {
        let (theme, language) = choices(state, request.headers());
        Some(Self {
            state: state.clone(),
            visit: request.extensions().get::<Visit>()?.clone(),
            nonce: request.extensions().get::<Nonce>()?.0.clone(),
            theme,
            language,
        })
    }

    /// The texts in the reader's language.
    pub(crate) fn texts(&self) -> Texts {
        texts_in(self.language)
    }

    pub(crate) fn language(&self) -> Language {
        self.language
    }

    /// The words for a refusal in the reader's language.
    pub(crate) fn words_for(&self, code: ErrorCode) -> String {
        texts_in(self.language).problem(code).to_owned()
    }

    /// A refusal in the reader's language: what is wrong with the field, how long to wait, or what its
    /// code means.
    pub(crate) fn words_of(&self, problem: &Problem) -> String {
        let texts = self.texts();
        match (problem.code, problem.retry_after_ms) {
            (ErrorCode::InvalidField, _) => {
                let why = problem.fields.values().flatten().next().unwrap_or(&problem.message);
                texts.translated(why).map_or_else(|| why.clone(), str::to_owned)
            }
            (ErrorCode::RateLimited, Some(wait)) if wait >= LONG_WAIT_MS => {
                let why = texts.translated(&problem.message);
                format!("{} {}", why.unwrap_or_else(|| texts.error_too_often()), texts.wait(wait))
            }
            (code, _) => self.words_for(code),
        }
    }

    pub(crate) fn page(&self, form: FormEcho, live: Live) -> Page {
        Page {
            viewer: self.visit.caller.as_ref().map(domain::Caller::viewer),
            theme: self.theme,
            language: self.language,
            public_url: self.state.config.public_url.clone(),
            form_id: self
                .visit
                .caller
                .as_ref()
                .map(|_| ClientId::new().to_string())
                .unwrap_or_default(),
            form,
            live,
        }
    }

    /// What server functions and pages find in their context.
    fn provide(&self, page: &Arc<Page>) {
        provide_page(Arc::clone(page));
        provide_context(PageNonce::from_value(self.nonce.clone()));
        provide_context(caller::Request {
            caller: self.visit.caller.clone(),
            services: self.state.services.clone(),
        });
    }

    /// What the page at `uri` starts its life from, and what only the server needs to render it.
    async fn content(&self, uri: &Uri) -> Result<(Live, Content), Problem> {
        let nothing = Content::Nothing;
        match uri.path() {
            "/offline" => Ok((Live::Nothing, Content::Offline)),
            path if path.starts_with("/u/") => {
                Ok((Live::Nothing, profiles::load(self, uri).await?))
            }
            path if profiles::is_own(path) => {
                Ok((Live::Nothing, profiles::settings(self, uri).await?))
            }
            path if path == "/chat" || path.starts_with("/chat/") => chat::load(self, uri).await,
            path if communities::is_here(path) => communities::load(self, uri).await,
            path if search::is_here(path) => search::load(self, uri).await,
            path if notifications::is_here(path) => notifications::load(self, uri).await,
            "/" if self.visit.caller.is_some() => posts::load(self, uri).await,
            path if posts::is_here(path) => posts::load(self, uri).await,
            _ => Ok((Live::Nothing, nothing)),
        }
    }

    /// Unread messages, for the way to them; the pages of conversations say it themselves.
    async fn unread_elsewhere(&self, uri: &Uri) -> usize {
        let Some(caller) = self.visit.caller.as_ref().filter(|_| !uri.path().starts_with("/chat"))
        else {
            return 0;
        };
        // A page without its badge is better than none.
        let counts = domain::chat::counts(&self.state.services, caller).await;
        counts.map_or(0, |counts| usize::try_from(counts.unread_count).unwrap_or(0))
    }

    /// What happened that was not seen, for the way to it.
    async fn news_waiting(&self) -> NewsWaiting {
        let Some(caller) = self.visit.caller.as_ref() else { return NewsWaiting::default() };
        // A page without its badge is better than none.
        let unread = domain::notifications::unread(&self.state.services, caller).await;
        NewsWaiting(unread.unwrap_or_default())
    }

    /// The page of a form that was refused, with what was typed and the refusal's own status.
    pub(crate) async fn refuse(self, uri: Uri, form: FormEcho, problem: &Problem) -> Response {
        let mut response = self.render(uri, form, status(problem.code)).await;
        say_when_to_return(response.headers_mut(), problem);
        response
    }

    /// Renders the page at `uri` with what a form was refused for.
    pub(crate) async fn render(self, uri: Uri, form: FormEcho, status: StatusCode) -> Response {
        self.render_with(uri, form, status, |_| {}).await
    }

    /// As [`Asked::render`], with something that only the sent form has.
    pub(crate) async fn render_with(
        self,
        uri: Uri,
        mut form: FormEcho,
        status: StatusCode,
        change: impl FnOnce(&mut Content),
    ) -> Response {
        let (gathered, unread, news) =
            tokio::join!(self.content(&uri), self.unread_elsewhere(&uri), self.news_waiting());
        let (live, mut content) = match gathered {
            Ok(gathered) => gathered,
            Err(problem) => return Refusal(problem).into_response(),
        };
        change(&mut content);
        let reads = content.read_post().cloned().map(Reads);
        // Where to go on to, what is to stand in the box there, and for whom it is written.
        form.values.entry("next".into()).or_insert_with(|| query_value(&uri, "next"));
        let text = query_value(&uri, "text");
        if !text.is_empty() {
            form.values.entry("content".into()).or_insert(text);
        }
        let community = query_value(&uri, "community");
        if !community.is_empty() {
            form.values.entry("community".into()).or_insert(community);
        }
        let waiting = Waiting(unread);
        let own = self.visit.caller.as_ref().and_then(|caller| caller.author().profile_image);
        let reader = self.visit.caller.as_ref().map(|caller| caller.user_id.to_string());
        let page = Arc::new(self.page(form, live));
        let content = Arc::new(content);
        let language = self.language;
        let assets = assets::addresses(language);
        let shown = Arc::clone(&page);
        let provide = move || {
            self.provide(&page);
            provide_context(Arc::clone(&content));
            provide_context(waiting);
            provide_context(news);
            provide_context(OwnPicture(own.clone()));
        };
        let render = render_app_async_with_context(provide, move || {
            shell(Arc::clone(&shown), assets.clone())
        });
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = uri;
        let mut response = render(request).await;
        if status != StatusCode::OK {
            *response.status_mut() = status;
        }
        let html = HeaderValue::from_static("text/html; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, html);
        if let Some(reads) = reads {
            response.extensions_mut().insert(reads);
        }
        name_reader(response.headers_mut(), reader.as_deref().unwrap_or("nobody"));
        say_language(response.headers_mut(), language);
        response
    }
}

/// Whose page it is: `sw.js` keeps copies for one reader alone.
fn name_reader(headers: &mut HeaderMap, reader: &str) {
    if let Ok(reader) = HeaderValue::from_str(reader) {
        headers.insert("x-reader", reader);
    }
}

/// The fallback of the URL map: an embedded file, a page, or the page that says there is none.
pub(crate) async fn page_or_file(State(state): State<AppState>, request: Request) -> Response {
    let path = request.uri().path();
    if is_for_programs(path) {
        return nothing_here();
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
    let status = search::status(request.uri());
    asked.render(request.uri().clone(), FormEcho::default(), status).await
}

fn nothing_here() -> Response {
    Refusal::new(ErrorCode::NotFound, "There is nothing at this address.").into_response()
}

fn is_for_programs(path: &str) -> bool {
    paths::is_for_programs(path) || path.starts_with("/fn/")
}

/// Where somebody is sent instead: to sign in first, or on, because they have.
fn elsewhere(visit: &Visit, uri: &Uri) -> Option<String> {
    let path = uri.path();
    let signed_in = visit.caller.is_some();
    let is_for_members = path.starts_with("/settings/")
        || path == "/notifications"
        || chat::is_for_members(path)
        || communities::is_for_members(path)
        || posts::is_for_members(path);
    if is_for_members && !signed_in {
        let whole = uri.path_and_query().map_or(path, PathAndQuery::as_str);
        return Some(format!("/login?next={}", encode(whole)));
    }
    let is_door = ["/login", "/signup", "/register"].contains(&path);
    (is_door && signed_in).then(|| safe_next(&query_value(uri, "next"), "/chat/global").to_owned())
}

/// A text as the value of a query parameter: every byte that could mean something there as `%` and its
/// number.
pub(crate) fn encode(value: &str) -> String {
    let mut encoded = String::new();
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => {
                encoded.push(char::from(byte));
            }
            other => encoded.push_str(&format!("%{other:02X}")),
        }
    }
    encoded
}

/// A step of a path as it was before it became an address; `None` where that is no text.
fn decoded(step: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(step.len());
    let mut rest = step.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next()?, rest.next()?];
        // A sign would be taken for a part of the number.
        let digits = str::from_utf8(&digits).ok().filter(|text| !text.starts_with('+'))?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// The HTML of a part, in the page that it belongs to.
fn html_of<V: IntoView>(asked: &Asked, view: impl FnOnce() -> V) -> String {
    let page = asked.page(FormEcho::default(), Live::Nothing);
    let owner = Owner::new();
    owner.with(|| {
        provide_page(page);
        view().into_view().to_html()
    })
}

/// The decoded value of a query parameter, empty where there is none.
pub(crate) fn query_value(uri: &Uri, name: &str) -> String {
    let query: axum::extract::Query<Vec<(String, String)>> =
        axum::extract::Query::try_from_uri(uri).unwrap_or_default();
    query.0.into_iter().find(|(key, _)| key == name).map(|(_, value)| value).unwrap_or_default()
}

/// The middleware that gives people a page where programs get JSON.
pub(crate) async fn in_words(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let wants_page = wants_page(&request);
    let is_elsewhere = wants_page && cross_site::is_other_name(request.headers(), &state.config);
    let (theme, language) = choices(&state, request.headers());
    let response = next.run(request).await;
    match response.extensions().get::<Refused>() {
        Some(Refused(problem)) if wants_page => {
            let address = is_elsewhere.then_some(state.config.public_url.as_str());
            let mut page = failure_page(problem.code, response.status(), theme, language, address);
            // Cookies, `Retry-After` and `Allow` are for people too.
            for (name, value) in response.headers() {
                if *name != header::CONTENT_TYPE && *name != header::CONTENT_LENGTH {
                    page.headers_mut().append(name, value.clone());
                }
            }
            page
        }
        _ => response,
    }
}

fn wants_page(request: &Request) -> bool {
    let accepted = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    !is_for_programs(request.uri().path())
        && accepted.is_some_and(|types| types.contains("text/html"))
}

pub(crate) fn failure_page(
    code: ErrorCode,
    status: StatusCode,
    theme: Theme,
    language: Language,
    address: Option<&str>,
) -> Response {
    let html = failure_html(&Failure {
        css_url: &assets::addresses(language).css,
        language,
        theme,
        status: status.as_u16(),
        code,
        address,
        request_id: &logging::current_request_id(),
    });
    let mut response = (status, Html(html)).into_response();
    say_language(response.headers_mut(), language);
    response
}

/// The language of a page, and what it was chosen by: one address has a page in each, so whoever keeps
/// pages must not give one reader's to another.
fn say_language(headers: &mut HeaderMap, language: Language) {
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.code()));
    headers.append(header::VARY, HeaderValue::from_static("accept-language, cookie"));
}

/// What the visitor has chosen, or their browser for them.
pub(crate) fn choices(state: &AppState, headers: &HeaderMap) -> (Theme, Language) {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let chosen = cookies::read(headers, &state.config, cookies::LANGUAGE);
    let theme = cookies::read(headers, &state.config, cookies::THEME).and_then(Theme::from_word);
    (theme.unwrap_or_default(), Language::negotiate(chosen, accepted))
}

/// The mail with a link to a new password, in the language of whoever asks for it.
pub(crate) fn reset_words(texts: Texts) -> ResetWords {
    ResetWords {
        subject: texts.accounts_reset_subject().to_owned(),
        text: texts.accounts_reset_text("{link}", "{site}", "{username}"),
    }
}

/// Server functions under `/fn/`.
pub(crate) async fn server_fn(State(state): State<AppState>, request: Request) -> Response {
    let Some(asked) = Asked::of(&state, &request) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    if get_server_fn_service(request.uri().path(), request.method().clone()).is_none() {
        return nothing_here();
    }
    let request = match within_limit(request).await {
        Ok(request) => request,
        Err(refusal) => return refusal.into_response(),
    };
    let page = Arc::new(asked.page(FormEcho::default(), Live::Nothing));
    let provide = move || asked.provide(&page);
    with_its_status(handle_server_fns_with_context(provide, request).await.into_response()).await
}

/// leptos would read a body to its end, however long it is.
async fn within_limit(request: Request) -> Result<Request, Refusal> {
    let (parts, body) = request.into_parts();
    let limited = Request::from_parts(parts.clone(), body);
    match Bytes::from_request(limited, &()).await {
        Ok(bytes) => Ok(Request::from_parts(parts, bytes.into())),
        Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            Err(Refusal::new(ErrorCode::TooLarge, error.body_text()))
        }
        Err(error) => Err(Refusal::new(ErrorCode::BadRequest, error.body_text())),
    }
}

/// leptos calls every refusal a fault of the server; its body says what it really was.
async fn with_its_status(response: Response) -> Response {
    if response.status() != StatusCode::INTERNAL_SERVER_ERROR {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, REFUSAL_LIMIT).await.unwrap_or_default();
    if let Ok(AppError(problem)) = serde_json::from_slice(&bytes) {
        parts.status = status(problem.code);
        say_when_to_return(&mut parts.headers, &problem);
    }
    Response::from_parts(parts, bytes.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_of_a_path_is_read_as_it_was_before_it_was_escaped() {
        for (step, text) in [
            ("ada", Some("ada")),
            ("", Some("")),
            ("zo%C3%AB", Some("zoë")),
            ("%E6%9D%B1-x", Some("東-x")),
            ("a%2Fb", Some("a/b")),
            ("a+b", Some("a+b")),
            ("%", None),
            ("%4", None),
            ("%zz", None),
            ("%+1", None),
            ("%ff", None),
        ] {
            assert_eq!(decoded(step).as_deref(), text, "{step}");
        }
    }
}
