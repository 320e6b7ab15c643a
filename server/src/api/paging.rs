//! Lists by page number: `?page=&page_size=`, and the envelope around one page.

use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use wire::ErrorCode;

use crate::refusal::Refusal;

const LARGEST: u64 = 100;

/// One page of a list. `next` and `previous` are whole addresses.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Page<T> {
    /// Entries on all pages.
    pub(crate) count: u64,
    pub(crate) next: Option<String>,
    pub(crate) previous: Option<String>,
    pub(crate) results: Vec<T>,
}

/// Which page of what size is asked for; `DEFAULT` entries where nothing is said.
#[derive(Debug, Clone)]
pub(crate) struct Paging<const DEFAULT: u64> {
    page: u64,
    size: u64,
    uri: Uri,
}

/// For the documentation.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only described")]
pub(crate) struct PagingQuery {
    /// From 1; a page beyond the last is not found.
    page: Option<u64>,
    /// At most 100.
    page_size: Option<u64>,
}

impl<const DEFAULT: u64> Paging<DEFAULT> {
    pub(crate) fn skip(&self) -> u64 {
        (self.page - 1).saturating_mul(self.size)
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// The envelope. The first page may be empty, no other.
    ///
    /// # Errors
    /// 404 beyond the last page.
    pub(crate) fn page<T>(
        &self,
        public_url: &str,
        count: u64,
        results: Vec<T>,
    ) -> Result<Page<T>, Refusal> {
        let last = count.div_ceil(self.size).max(1);
        if self.page > last {
            return Err(invalid_page());
        }
        let address = |page| format!("{public_url}{}", self.address(page));
        Ok(Page {
            count,
            next: (self.page < last).then(|| address(self.page + 1)),
            previous: (self.page > 1).then(|| address(self.page - 1)),
            results,
        })
    }

    /// The same question for another page.
    fn address(&self, page: u64) -> String {
        let others = self.uri.query().unwrap_or_default().split('&');
        let others =
            others.filter(|pair| !pair.is_empty() && pair.split('=').next() != Some("page"));
        let query: Vec<_> = others.map(str::to_owned).chain([format!("page={page}")]).collect();
        format!("{}/?{}", self.uri.path(), query.join("&"))
    }
}

fn invalid_page() -> Refusal {
    Refusal::new(ErrorCode::NotFound, "Invalid page.")
}

impl<S: Send + Sync, const DEFAULT: u64> FromRequestParts<S> for Paging<DEFAULT> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let size = query_value(&parts.uri, "page_size").and_then(|size| size.parse().ok());
        let page = match query_value(&parts.uri, "page") {
            None => 1,
            Some(page) => page.parse().ok().filter(|page| *page > 0).ok_or_else(invalid_page)?,
        };
        let size = size.filter(|size| *size > 0).unwrap_or(DEFAULT).min(LARGEST);
        Ok(Self { page, size, uri: parts.uri.clone() })
    }
}

/// The decoded value of a query parameter, the first one where there are several.
pub(crate) fn query_value(uri: &Uri, name: &str) -> Option<String> {
    let query = axum::extract::Query::<Vec<(String, String)>>::try_from_uri(uri).ok()?;
    query.0.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn paging(uri: &str) -> Result<Paging<20>, Refusal> {
        let request = http::Request::builder().uri(uri).body(()).unwrap();
        Paging::from_request_parts(&mut request.into_parts().0, &()).await
    }

    #[tokio::test]
    async fn sizes_are_kept_within_their_bounds() {
        for (query, size) in [
            ("", 20),
            ("?page_size=7", 7),
            ("?page_size=100", 100),
            ("?page_size=101", 100),
            ("?page_size=0", 20),
            ("?page_size=-1", 20),
            ("?page_size=x", 20),
            ("?page_size=99999999999999999999999", 20),
        ] {
            assert_eq!(paging(&format!("/x{query}")).await.unwrap().size(), size, "{query}");
        }
    }

    #[tokio::test]
    async fn a_page_knows_its_neighbours_and_keeps_the_question() {
        let middle = paging("/api/auth/users?search=a%20b&page=2&page_size=2").await.unwrap();
        assert_eq!(middle.skip(), 2);
        let page = middle.page("http://x", 5, vec![1, 2]).unwrap();
        let address =
            |n| Some(format!("http://x/api/auth/users/?search=a%20b&page_size=2&page={n}"));
        assert_eq!((page.next, page.previous), (address(3), address(1)));
        let last = paging("/x?page=3&page_size=2").await.unwrap().page("", 5, vec![5]).unwrap();
        assert_eq!(last.next, None);
    }

    #[tokio::test]
    async fn a_page_that_is_none_is_not_found() {
        for query in ["page=0", "page=-1", "page=x", "page=", "page=99999999999999999999999"] {
            assert!(paging(&format!("/x?{query}")).await.is_err(), "{query}");
        }
        let largest = paging(&format!("/x?page={}", u64::MAX)).await.unwrap();
        assert!(largest.page("", 5, vec![0]).is_err());
        let first = paging("/x").await.unwrap();
        assert!(first.page::<u8>("", 0, Vec::new()).is_ok(), "an empty list has one page");
    }
}
