//! Every address works with and without its trailing slash.

use axum::extract::Request;
use axum::http::uri::PathAndQuery;
use axum::http::{Method, Uri};
use axum::response::{IntoResponse, Redirect, Response};

/// What is to be done with a request for `uri`.
#[derive(Debug, PartialEq, Eq)]
enum Slash {
    Fine,
    /// A page has one address: send readers there.
    Redirect(String),
    /// A program asked, and a write must not be redirected: answer as if it were not there.
    Rewrite(Uri),
}

/// Runs before routing: uploads take another method by the header that the tus protocol has for clients that
/// can only send `POST`. From here on it is a request of that method and of no other.
pub(crate) fn with_meant_method(mut request: Request) -> Request {
    let is_upload = request.uri().path().starts_with("/api/uploads/");
    let meant = request.headers().get("x-http-method-override").map(|meant| meant.as_bytes());
    let method = match meant.filter(|_| is_upload && request.method() == Method::POST) {
        Some(b"PATCH") => Method::PATCH,
        Some(b"DELETE") => Method::DELETE,
        Some(b"HEAD") => Method::HEAD,
        _ => return request,
    };
    *request.method_mut() = method;
    request
}

/// Runs before routing: either the request to route, or the answer.
pub(crate) fn without_trailing_slash(mut request: Request) -> Result<Request, Box<Response>> {
    let reads_page = request.method().is_safe() && !is_for_programs(request.uri().path());
    match judge(request.uri(), reads_page) {
        Slash::Fine => Ok(request),
        Slash::Redirect(to) => Err(Box::new(Redirect::permanent(&to).into_response())),
        Slash::Rewrite(uri) => {
            *request.uri_mut() = uri;
            Ok(request)
        }
    }
}

/// Whether a program reads the answer, also where the folder alone is asked for.
pub(crate) fn is_for_programs(path: &str) -> bool {
    ["/api", "/ws"].into_iter().any(|folder| {
        path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

fn judge(uri: &Uri, reads_page: bool) -> Slash {
    let path = uri.path();
    // `//host` and `/\\host` are paths too, but to a browser, and as the target of a redirect, they
    // are another site.
    let inside = path.trim_start_matches(['/', '\\']).trim_end_matches('/');
    let trimmed = format!("/{inside}");
    if path == trimmed {
        return Slash::Fine;
    }
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let target = format!("{trimmed}{query}");
    if reads_page {
        return Slash::Redirect(target);
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = PathAndQuery::try_from(target).ok();
    Uri::from_parts(parts).map_or(Slash::Fine, Slash::Rewrite)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_have_one_address_and_programs_may_write_either() {
        let uri = |text: &'static str| Uri::from_static(text);
        assert_eq!(judge(&uri("/chat/global"), true), Slash::Fine);
        assert_eq!(judge(&uri("/"), true), Slash::Fine);
        assert_eq!(
            judge(&uri("/chat/global/?a=1"), true),
            Slash::Redirect("/chat/global?a=1".into())
        );
        assert_eq!(judge(&uri("/api/x/?a=1"), false), Slash::Rewrite(uri("/api/x?a=1")));
    }

    #[test]
    fn folders_of_programs_are_theirs_and_their_namesakes_are_not() {
        for path in ["/api", "/api/", "/api/x", "/ws", "/ws/chat"] {
            assert!(is_for_programs(path), "{path}");
        }
        for path in ["/", "/apiary", "/wsx", "/chat/api"] {
            assert!(!is_for_programs(path), "{path}");
        }
    }

    #[test]
    fn a_double_slash_never_becomes_another_site() {
        let hostile = Uri::from_static("http://own.example//evil.example/");
        assert_eq!(judge(&hostile, true), Slash::Redirect("/evil.example".into()));
        let hostile = Uri::from_static("//evil.example");
        assert_eq!(judge(&hostile, true), Slash::Redirect("/evil.example".into()));
        let hostile = Uri::from_static("/\\evil.example/");
        assert_eq!(judge(&hostile, true), Slash::Redirect("/evil.example".into()));
    }
}
