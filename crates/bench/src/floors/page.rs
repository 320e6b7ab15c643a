//! F2: a page that is in memory already, with the headers it always has. No server on axum can answer
//! it for less.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, DATE, TRANSFER_ENCODING};
use axum::http::{HeaderMap, HeaderName, Response};

use crate::asker::Answer;

type Page = (HeaderMap, Bytes);

/// Answers `/NAME` with what [`keep`] has put under that name.
pub(crate) fn serve(port: u16, folder: &Path) -> Result<()> {
    let pages: HashMap<String, Page> = read(folder)?;
    let pages = Arc::new(pages);
    tokio::runtime::Runtime::new()?.block_on(async {
        let answer = move |request: Request| {
            let pages = pages.clone();
            async move { page(&pages, request.uri().path()) }
        };
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        Ok(axum::serve(listener, Router::new().fallback(answer)).await?)
    })
}

fn page(pages: &HashMap<String, Page>, path: &str) -> Response<Body> {
    let (headers, body) = pages.get(path.trim_start_matches('/')).cloned().unwrap_or_default();
    let mut response = Response::new(Body::from(body));
    *response.headers_mut() = headers;
    response
}

/// Puts an answer where [`serve`] finds it.
pub(crate) fn keep(folder: &Path, name: &str, answer: &Answer) -> Result<()> {
    std::fs::write(folder.join(format!("{name}.head")), &answer.head)?;
    Ok(std::fs::write(folder.join(format!("{name}.body")), &answer.body)?)
}

fn read(folder: &Path) -> Result<HashMap<String, Page>> {
    let mut pages = HashMap::new();
    for entry in std::fs::read_dir(folder)? {
        let head: PathBuf = entry?.path();
        if head.extension().is_some_and(|extension| extension == "head") {
            let name = head.file_stem().and_then(|name| name.to_str()).context("a name")?;
            let headers = headers(&std::fs::read_to_string(&head)?)?;
            let body = std::fs::read(head.with_extension("body"))?;
            pages.insert(name.to_owned(), (headers, body.into()));
        }
    }
    Ok(pages)
}

/// What the server says of itself, without what hyper says of the answer.
fn headers(head: &str) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, value) in head.lines().skip(1).filter_map(|line| line.split_once(": ")) {
        let name: HeaderName = name.parse()?;
        if ![CONTENT_LENGTH, DATE, TRANSFER_ENCODING].contains(&name) {
            headers.append(name, value.parse()?);
        }
    }
    Ok(headers)
}
